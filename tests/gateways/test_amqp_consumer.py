"""Consuming at a real broker: in order, acknowledged as far as done, and again after any loss."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest

from gateways.amqp import topology
from gateways.amqp.connection import Connection, connect
from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.publisher import BulkPublisher, Outgoing
from infra.broker import PrivateBroker

pytestmark = pytest.mark.live

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Inbox:
    """Keeps what was delivered, and lets a test wait for it."""

    def __init__(self) -> None:
        self.came: list[Delivery] = []
        self._changed = asyncio.Event()

    def __call__(self, delivery: Delivery) -> None:
        self.came.append(delivery)
        self._changed.set()

    async def wait(self, ready: Callable[[], bool], seconds: float = 15.0) -> None:
        async with asyncio.timeout(seconds):
            while not ready():
                self._changed.clear()
                await self._changed.wait()

    async def wait_for(self, count: int) -> list[Delivery]:
        await self.wait(lambda: len(self.came) >= count)
        return self.came

    def numbers(self, generation: int | None = None) -> list[int]:
        return [int(d.body) for d in self.came if generation in (None, d.generation)]


@pytest.fixture
async def connection(clean_broker: PrivateBroker) -> AsyncIterator[Connection]:
    connection = await connect(clean_broker.url("bench"), "consumer")
    yield connection
    await connection.close()


@pytest.fixture
async def publisher(clean_broker: PrivateBroker) -> AsyncIterator[BulkPublisher]:
    connection = await connect(clean_broker.url("bench"), "publisher")
    publisher = BulkPublisher(connection)
    await publisher.open()
    yield publisher
    await publisher.close()
    await connection.close()


async def send(publisher: BulkPublisher, *numbers: int) -> None:
    headers = {"traceparent": TRACE}
    await publisher.publish(
        [
            Outgoing("echo", "echo.in", b"%d" % n, "Numbered", f"c-{n}", headers, "bench")
            for n in numbers
        ]
    )


async def consuming(
    connection: Connection, inbox: Callable[[Delivery], None], *, prefetch: int = 500
) -> ShardConsumer:
    consumer = ShardConsumer(connection, "echo.in", inbox, prefetch=prefetch)
    await consumer.open()
    return consumer


async def acknowledged(consumer: ShardConsumer) -> None:
    """Return as soon as the consumer has told the broker of everything."""
    async with asyncio.timeout(10):
        while consumer.outstanding:  # noqa: ASYNC110 - a consumer announces nothing
            await asyncio.sleep(0.005)


async def left_over(connection: Connection) -> list[int]:
    """What the broker still holds, in the order in which it delivers it."""
    inbox = Inbox()
    consumer = await consuming(connection, inbox)
    await asyncio.sleep(0.3)
    for delivery in inbox.came:
        consumer.acknowledge(delivery)
    await consumer.close()
    return inbox.numbers()


async def test_deliveries_come_in_order_with_what_the_sender_said(
    connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, *range(1000))
    inbox = Inbox()
    consumer = await consuming(connection, inbox, prefetch=2000)
    await inbox.wait_for(1000)
    assert inbox.numbers() == list(range(1000))
    first = inbox.came[0]
    assert (first.exchange, first.routing_key, first.user_id) == ("echo", "echo.in", "bench")
    assert (first.type, first.correlation_id, first.traceparent) == ("Numbered", "c-0", TRACE)
    assert (first.redelivered, first.generation) == (False, 1)
    assert consumer.outstanding == 1000


async def test_bodies_longer_than_a_read_arrive_whole(
    connection: Connection, publisher: BulkPublisher
) -> None:
    bodies = [bytes([65 + n]) * topology.MAX_MESSAGE_BYTES for n in range(20)] + [b""]
    await publisher.publish([Outgoing("echo", "echo.in", body) for body in bodies])
    inbox = Inbox()
    consumer = await consuming(connection, inbox)
    assert [delivery.body for delivery in await inbox.wait_for(21)] == bodies
    assert inbox.came[0].user_id is None
    assert inbox.came[0].traceparent == ""
    await consumer.close()


async def test_what_is_acknowledged_in_any_order_is_gone(
    connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, *range(500))
    inbox = Inbox()
    consumer = await consuming(connection, inbox)
    done = list(await inbox.wait_for(500))
    random.Random(7).shuffle(done)
    for at, delivery in enumerate(done):
        consumer.acknowledge(delivery)
        if at % 50 == 0:
            await asyncio.sleep(0.006)
    await acknowledged(consumer)
    await consumer.close()
    assert await left_over(connection) == []


async def test_many_acknowledgements_travel_as_few_frames(
    connection: Connection, publisher: BulkPublisher
) -> None:
    written: list[bytes] = []
    consumer: ShardConsumer

    class Done(Inbox):
        def __call__(self, delivery: Delivery) -> None:
            super().__call__(delivery)
            consumer.acknowledge(delivery)

    inbox = Done()
    consumer = ShardConsumer(connection, "echo.in", inbox)
    write = consumer.write
    consumer.write = lambda data: written.append(data) or write(data)  # type: ignore[func-returns-value,method-assign]
    await send(publisher, *range(2000))
    await consumer.open()
    await inbox.wait_for(2000)
    await acknowledged(consumer)
    assert 4 <= len(written) <= 100
    assert all(len(data) == 21 for data in written), "one ack frame each"


async def test_nothing_beyond_a_gap_is_acknowledged_until_the_gap_closes(
    connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, *range(100))
    inbox = Inbox()
    consumer = await consuming(connection, inbox)
    await inbox.wait_for(100)
    for delivery in inbox.came[1:]:
        consumer.acknowledge(delivery)
    await asyncio.sleep(0.05)
    assert consumer.outstanding == 100
    consumer.acknowledge(inbox.came[0])
    await asyncio.sleep(0.05)
    assert consumer.outstanding == 0
    await consumer.close()
    assert await left_over(connection) == []


async def test_one_slow_delivery_does_not_stop_the_queue(
    connection: Connection, publisher: BulkPublisher
) -> None:
    consumer: ShardConsumer

    class AllButTheFirst(Inbox):
        def __call__(self, delivery: Delivery) -> None:
            super().__call__(delivery)
            if delivery.body != b"0":
                consumer.acknowledge(delivery)

    inbox = AllButTheFirst()
    consumer = ShardConsumer(connection, "echo.in", inbox, prefetch=10)
    await consumer.open()
    await send(publisher, *range(500))
    await inbox.wait_for(500)
    assert inbox.numbers() == list(range(500))
    await consumer.close()
    assert await left_over(connection) == [0]


async def test_prefetch_bounds_what_is_unacknowledged(
    connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, *range(50))
    inbox = Inbox()
    consumer = await consuming(connection, inbox, prefetch=20)
    await inbox.wait_for(20)
    await asyncio.sleep(0.1)
    assert len(inbox.came) == 20
    for delivery in inbox.came[:20]:
        consumer.acknowledge(delivery)
    await inbox.wait_for(40)
    await consumer.close()


async def test_a_rejected_delivery_is_a_dead_letter_and_its_neighbours_are_not(
    clean_broker: PrivateBroker,
) -> None:
    sender = await connect(clean_broker.url("alpha"), "desk")
    gateway = await connect(clean_broker.url("gateway"), "gateway")
    operator = await connect(clean_broker.url("operator"), "operator")
    desk = BulkPublisher(sender)
    await desk.open()
    await desk.publish(
        [Outgoing("orders.alpha", "account-1", b"%d" % n, user_id="alpha") for n in range(10)]
    )
    inbox, dead = Inbox(), Inbox()
    shards = [ShardConsumer(gateway, topology.shard_queue(n), inbox) for n in range(4)]
    for shard in shards:
        await shard.open()
    await inbox.wait_for(10)
    (busy,) = [shard for shard in shards if shard.outstanding]
    for delivery in inbox.came:
        if delivery.body in (b"3", b"4", b"9"):
            busy.reject(delivery)
        else:
            busy.acknowledge(delivery)
    letters = ShardConsumer(operator, topology.DEAD_QUEUE, dead)
    await letters.open()
    await dead.wait_for(3)
    await asyncio.sleep(0.1)
    assert sorted(dead.numbers()) == [3, 4, 9]
    assert {delivery.user_id for delivery in dead.came} == {"alpha"}
    assert busy.outstanding == 0
    for connection in (sender, gateway, operator):
        await connection.close()


async def test_a_delivery_cannot_be_settled_twice(
    connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, 1, 2)
    inbox = Inbox()
    consumer = await consuming(connection, inbox)
    await inbox.wait_for(2)
    consumer.acknowledge(inbox.came[1])
    with pytest.raises(ValueError, match=r"delivery 2 of 'echo.in' was settled before"):
        consumer.reject(inbox.came[1])
    consumer.acknowledge(inbox.came[0])
    await asyncio.sleep(0.05)
    with pytest.raises(ValueError, match="was settled before"):
        consumer.acknowledge(inbox.came[0])


async def test_a_lost_connection_brings_back_what_was_not_acknowledged(
    clean_broker: PrivateBroker, connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, *range(10))
    inbox = Inbox()
    consumer = await consuming(connection, inbox)
    await inbox.wait_for(10)
    for delivery in inbox.came[:4]:
        consumer.acknowledge(delivery)
    await asyncio.sleep(0.05)
    await asyncio.to_thread(clean_broker.ctl, "close_all_user_connections", "bench", "test")
    await inbox.wait_for(16)
    assert inbox.numbers(generation=2) == [4, 5, 6, 7, 8, 9]
    again = [delivery for delivery in inbox.came if delivery.generation == 2]
    assert all(delivery.redelivered for delivery in again)
    for delivery in inbox.came[:10]:
        consumer.acknowledge(delivery)  # of the old connection: heard too late, means nothing
        consumer.reject(delivery)
    await asyncio.sleep(0.05)
    assert consumer.outstanding == 6
    for delivery in again:
        consumer.acknowledge(delivery)
    await asyncio.sleep(0.05)
    assert consumer.outstanding == 0
    await consumer.close()
    assert await left_over(connection) == []


async def test_consuming_goes_on_by_itself_after_the_broker_was_killed(
    clean_broker: PrivateBroker, connection: Connection, publisher: BulkPublisher
) -> None:
    consumer: ShardConsumer

    class Every(Inbox):
        def __call__(self, delivery: Delivery) -> None:
            super().__call__(delivery)
            if int(delivery.body) % 2 == 0 or delivery.generation > 1:
                consumer.acknowledge(delivery)

    inbox = Every()
    consumer = ShardConsumer(connection, "echo.in", inbox)
    await consumer.open()
    await send(publisher, *range(100))
    await inbox.wait_for(100)
    clean_broker.kill()
    await asyncio.to_thread(clean_broker.start)
    await publisher.ready()
    await send(publisher, *range(100, 200))
    await inbox.wait(lambda: set(inbox.numbers(generation=consumer.generation)) >= {99, 199})
    assert consumer.generation >= 2
    assert set(inbox.numbers(consumer.generation)) >= {*range(1, 100, 2), *range(100, 200)}
    after = [n for n in inbox.numbers(consumer.generation) if n >= 100]
    assert after == list(range(100, 200))
    await asyncio.sleep(0.05)
    await consumer.close()
    assert await left_over(connection) == []


async def test_a_delivery_that_cannot_be_taken_comes_again(
    connection: Connection, publisher: BulkPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    class Fussy(Inbox):
        def __call__(self, delivery: Delivery) -> None:
            super().__call__(delivery)
            if delivery.body == b"3" and delivery.generation == 1:
                raise LookupError("not today")

    await send(publisher, *range(6))
    inbox = Fussy()
    consumer = await consuming(connection, inbox)
    await inbox.wait(lambda: 5 in inbox.numbers(generation=2))
    assert inbox.numbers(generation=1) == [0, 1, 2, 3]
    assert inbox.numbers(generation=2) == [0, 1, 2, 3, 4, 5]
    assert "not today" in caplog.text
    await consumer.close()


async def test_stopping_leaves_the_rest_to_others_but_lets_us_finish(
    clean_broker: PrivateBroker, connection: Connection, publisher: BulkPublisher
) -> None:
    await send(publisher, *range(10))
    inbox = Inbox()
    consumer = await consuming(connection, inbox, prefetch=4)
    await inbox.wait_for(4)
    await consumer.stop_consuming()
    for delivery in inbox.came:
        consumer.acknowledge(delivery)
    await send(publisher, 10)
    await asyncio.sleep(0.1)
    assert inbox.numbers() == [0, 1, 2, 3]
    assert consumer.outstanding == 0
    await consumer.close()
    assert await left_over(connection) == list(range(4, 11))


async def test_a_shard_passes_to_the_next_consumer_when_the_first_one_leaves(
    clean_broker: PrivateBroker,
) -> None:
    connections = [await connect(clean_broker.url("gateway"), f"gateway {n}") for n in range(2)]
    inboxes = [Inbox(), Inbox()]
    consumers = [
        ShardConsumer(connection, topology.shard_queue(shard), inbox)
        for connection, inbox in zip(connections, inboxes, strict=True)
        for shard in range(4)
    ]
    for consumer in consumers:
        await consumer.open()
    sender = await connect(clean_broker.url("alpha"), "desk")
    desk = BulkPublisher(sender)
    await desk.open()
    await desk.publish([Outgoing("orders.alpha", "account-1", b"%d" % n) for n in range(20)])
    await inboxes[0].wait_for(20)
    assert inboxes[1].came == []
    await connections[0].close()
    await inboxes[1].wait_for(20)
    assert inboxes[1].numbers() == list(range(20))
    for consumer in consumers[4:]:
        for delivery in inboxes[1].came:
            if consumer.outstanding:
                consumer.acknowledge(delivery)
    await asyncio.sleep(0.05)
    await connections[1].close()
    await sender.close()
