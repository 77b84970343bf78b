"""A broker that is in trouble but not gone: short of memory, or hung."""

import asyncio
import os
import signal
import time

import pytest

from gateways.amqp import topology
from gateways.amqp.connection import connect
from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.publisher import BulkPublisher, Fate, Outgoing, Unconfirmed
from infra.broker import PrivateBroker

pytestmark = pytest.mark.live


def to_echo(number: int) -> Outgoing:
    return Outgoing(topology.ECHO_EXCHANGE, topology.ECHO_IN, b"%d" % number)


async def test_a_broker_short_of_memory_holds_publishers_back_while_consumers_go_on(
    clean_broker: PrivateBroker,
) -> None:
    sends, hears = [await connect(clean_broker.url("bench"), name) for name in ("s", "h")]
    publisher = BulkPublisher(sends)
    await publisher.open()
    await publisher.publish([to_echo(n) for n in range(10)])
    heard: list[int] = []

    def take(delivery: Delivery) -> None:
        heard.append(int(delivery.body))
        consumer.acknowledge(delivery)

    consumer = ShardConsumer(hears, topology.ECHO_IN, take)
    watermark = "set_vm_memory_high_watermark"
    await asyncio.to_thread(clean_broker.ctl, watermark, "absolute", "1MiB")
    try:
        blocked = asyncio.create_task(publisher.publish([to_echo(n) for n in range(10, 20)]))
        await consumer.open()
        await asyncio.sleep(1.0)
        assert heard == list(range(10))
        assert consumer.outstanding == 0
        assert not blocked.done()
    finally:
        await asyncio.to_thread(clean_broker.ctl, watermark, "absolute", "1024MiB")
    async with asyncio.timeout(10):
        await blocked
    await asyncio.sleep(0.2)
    assert heard == list(range(20))
    assert (publisher.generation, consumer.generation) == (1, 1)
    await sends.close()
    await hears.close()


async def test_a_hung_broker_is_given_up_after_three_heartbeats_and_used_again_when_it_wakes(
    clean_broker: PrivateBroker,
) -> None:
    connection = await connect(clean_broker.url("bench"), "patient", heartbeat=1)
    publisher = BulkPublisher(connection)
    await publisher.open()
    await publisher.publish([to_echo(0)])
    assert clean_broker.pid is not None
    os.kill(clean_broker.pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(Unconfirmed) as caught:
            await publisher.publish([to_echo(1)])
        took = time.monotonic() - begun
    finally:
        os.kill(clean_broker.pid, signal.SIGCONT)
    assert {failure.fate for failure in caught.value.failures} == {Fate.UNKNOWN}
    assert 2 < took < 12
    async with asyncio.timeout(15):
        await publisher.ready()
        await publisher.publish([to_echo(2)])
    assert publisher.generation >= 2
    await connection.close()
