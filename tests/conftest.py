"""One real broker for all tests that want one: started on first use, stopped at the end."""

from collections.abc import Iterator

import aio_pika
import pytest
from hypothesis import settings

from gateways.amqp import topology
from infra.broker import BrokerUnavailable, PrivateBroker

settings.register_profile("oms", deadline=None)  # how long a thing takes is no test
settings.load_profile("oms")

DESKS = ("alpha", "beta")
SHARDS = 4


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    """A broker with the desks alpha and beta, four shards and the bench queues.

    Tests share it, so they may find what others left in its queues; see `clean_broker`.
    """
    broker = PrivateBroker(tmp_path_factory.mktemp("broker"), DESKS, SHARDS, bench=True)
    try:
        broker.start()
    except BrokerUnavailable as error:
        pytest.skip(str(error))
    try:
        yield broker
    finally:
        broker.stop()


@pytest.fixture
async def clean_broker(broker: PrivateBroker) -> PrivateBroker:
    """The shared broker, running and with empty queues."""
    if not broker.running:
        broker.start()
    readers = {
        topology.BENCH: (topology.ECHO_IN, topology.ECHO_OUT),
        topology.OPERATOR: (topology.DEAD_QUEUE,),
        topology.GATEWAY: tuple(map(topology.shard_queue, range(SHARDS))),
        **{desk: (topology.reports_queue(desk),) for desk in DESKS},
    }
    for user, queues in readers.items():
        async with await aio_pika.connect(broker.url(user)) as connection:
            channel = await connection.channel()
            for name in queues:
                await (await channel.declare_queue(name, passive=True)).purge()
    return broker
