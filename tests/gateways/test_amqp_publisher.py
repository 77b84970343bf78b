"""Publishing at a real broker: every message gets its own, true outcome."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone, connect
from gateways.amqp.publisher import BulkPublisher, Failure, Fate, Outgoing, Unconfirmed
from infra.broker import PrivateBroker
from infra.broker_process import LOOPBACK

pytestmark = pytest.mark.live

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def publisher(clean_broker: PrivateBroker) -> AsyncIterator[BulkPublisher]:
    connection = await connect(clean_broker.url("bench"), "publisher")
    publisher = BulkPublisher(connection)
    await publisher.open()
    yield publisher
    await publisher.close()
    await connection.close()


def to_echo(number: int, key: str = "echo.in", user: str = "bench") -> Outgoing:
    return Outgoing("echo", key, b"%d" % number, "Numbered", "same for all", user_id=user)


def batch(*numbers: int, key: str = "echo.in") -> list[Outgoing]:
    return [to_echo(number, key) for number in numbers]


async def contents(broker: PrivateBroker, queue: str = "echo.in") -> list[AbstractIncomingMessage]:
    """What a queue holds, in order; it is empty then."""
    found: list[AbstractIncomingMessage] = []
    everything = asyncio.Event()
    async with await aio_pika.connect(broker.url("bench")) as connection:
        channel = await connection.channel()
        source = await channel.declare_queue(queue, passive=True)
        expected = source.declaration_result.message_count or 0

        async def take(message: AbstractIncomingMessage) -> None:
            found.append(message)
            if len(found) == expected:
                everything.set()

        if expected:
            await source.consume(take, no_ack=True)
            await asyncio.wait_for(everything.wait(), timeout=20)
    return found


async def numbers_in(broker: PrivateBroker, queue: str = "echo.in") -> list[int]:
    return [int(message.body) for message in await contents(broker, queue)]


async def failures(publisher: BulkPublisher, messages: Sequence[Outgoing]) -> tuple[Failure, ...]:
    """How each message failed; none if all are confirmed."""
    try:
        async with asyncio.timeout(20):
            await publisher.publish(messages)
    except Unconfirmed as unconfirmed:
        return unconfirmed.failures
    return ()


def fates(found: tuple[Failure, ...]) -> dict[int, Fate]:
    return {failure.index: failure.fate for failure in found}


async def test_a_confirmed_message_is_in_its_queue_with_everything_it_said(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    message = Outgoing(
        "echo", "echo.in", b'{"a":1}', "NewOrder", "c-1", {"traceparent": TRACE}, "bench"
    )
    before = int(time.time())
    await publisher.publish([message])
    (found,) = await contents(clean_broker)
    assert (found.body, found.type, found.correlation_id) == (b'{"a":1}', "NewOrder", "c-1")
    assert (found.user_id, found.app_id, found.content_type) == ("bench", "oms", "application/json")
    assert found.headers["traceparent"] == TRACE
    assert found.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert found.timestamp is not None
    assert before <= found.timestamp.timestamp() <= time.time()


async def test_messages_keep_the_order_of_the_calls(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    calls = [publisher.publish(batch(*range(start, start + 7))) for start in range(0, 700, 7)]
    await asyncio.gather(*calls)
    assert await numbers_in(clean_broker) == list(range(700))
    assert publisher.in_flight == 0


async def test_no_more_than_the_window_is_ever_in_flight_and_order_holds(
    clean_broker: PrivateBroker,
) -> None:
    connection = await connect(clean_broker.url("bench"), "small window")
    publisher = BulkPublisher(connection, max_in_flight=10)
    await publisher.open()
    seen = []
    confirmed = publisher.confirmed

    def watch(tag: int, multiple: bool, refused: bool) -> None:
        seen.append(publisher.in_flight)
        confirmed(tag, multiple, refused)

    publisher.confirmed = watch  # type: ignore[method-assign]
    calls = (publisher.publish(batch(*range(start, start + 35))) for start in range(0, 350, 35))
    await asyncio.gather(*calls)
    assert max(seen) == 10
    assert await numbers_in(clean_broker) == list(range(350))
    await connection.close()


async def test_a_window_of_one_still_moves(clean_broker: PrivateBroker) -> None:
    connection = await connect(clean_broker.url("bench"), "window of one")
    publisher = BulkPublisher(connection, max_in_flight=1)
    await publisher.open()
    await publisher.publish(batch(*range(5)))
    assert await numbers_in(clean_broker) == list(range(5))
    await connection.close()


async def test_every_attempt_has_its_own_message_id(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    same = to_echo(1)
    await asyncio.gather(*(publisher.publish([same, same]) for _ in range(10)))
    ids = {message.message_id for message in await contents(clean_broker)}
    assert len(ids) == 20
    assert None not in ids


async def test_only_the_unroutable_messages_of_a_batch_are_reported(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    mixed = [to_echo(n, "nowhere" if n % 3 == 0 else "echo.in") for n in range(10)]
    found = await failures(publisher, mixed)
    assert fates(found) == dict.fromkeys([0, 3, 6, 9], Fate.UNROUTABLE)
    assert {failure.reason for failure in found} == {"312 NO_ROUTE"}
    assert await numbers_in(clean_broker) == [1, 2, 4, 5, 7, 8]


async def test_two_publishes_in_flight_each_get_their_own_outcome(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    pairs = [
        (failures(publisher, [to_echo(n, "nowhere")]), failures(publisher, [to_echo(n)]))
        for n in range(50)
    ]
    outcomes = await asyncio.gather(*(one for pair in pairs for one in pair))
    assert all(fates(found) == {0: Fate.UNROUTABLE} for found in outcomes[0::2])
    assert outcomes[1::2] == [()] * 50
    assert await numbers_in(clean_broker) == list(range(50))


async def test_a_full_queue_refuses_exactly_the_messages_that_are_not_in_it(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    limit = '{"max-length":10,"overflow":"reject-publish"}'
    place = ("--vhost", "oms", "--apply-to", "queues")
    clean_broker.ctl("set_policy", *place, "full", r"^echo\.out$", limit)
    confirmed, refused = [], []
    try:
        for start in range(0, 200, 10):  # the other queue takes everything all the while
            mixed = [
                to_echo(n, "echo.in" if n % 2 else "echo.out") for n in range(start, start + 10)
            ]
            found = fates(await failures(publisher, mixed))
            assert set(found.values()) <= {Fate.REFUSED}
            refused += [start + index for index in found]
            confirmed += [n for n in range(start, start + 10) if n - start not in found]
        assert await numbers_in(clean_broker, "echo.out") == [n for n in confirmed if n % 2 == 0]
    finally:
        clean_broker.ctl("clear_policy", "--vhost", "oms", "full")
    assert await numbers_in(clean_broker, "echo.in") == list(range(1, 200, 2))
    assert len(refused) > 50
    assert all(n % 2 == 0 for n in refused)


async def test_a_message_that_is_too_long_is_refused_before_anything_is_sent(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    long = Outgoing("echo", "echo.in", b"x" * (topology.MAX_MESSAGE_BYTES + 1))
    with pytest.raises(ValueError, match="message 1 of 2 has 65537 bytes, the broker takes 65536"):
        await publisher.publish([to_echo(1), long])
    with pytest.raises(ValueError, match="AMQP allows 255"):
        await publisher.publish([to_echo(2), to_echo(3, "k" * 256)])
    longest = Outgoing("echo", "echo.in", b"x" * topology.MAX_MESSAGE_BYTES)
    await publisher.publish([longest, to_echo(4)])
    assert [m.body[:1] for m in await contents(clean_broker)] == [b"x", b"4"]
    assert publisher.generation == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (to_echo(0, user="alpha"), "406 PRECONDITION_FAILED - user_id"),
        (Outgoing("reports", "alpha", b"{}", user_id="bench"), "403 ACCESS_REFUSED"),
    ],
    ids=["another user", "a foreign exchange"],
)
async def test_a_message_that_costs_the_channel_is_reported_and_the_channel_returns(
    clean_broker: PrivateBroker, publisher: BulkPublisher, bad: Outgoing, reason: str
) -> None:
    found = await failures(publisher, [bad, to_echo(1)])
    assert fates(found)[0] is Fate.UNKNOWN
    assert found[0].reason.startswith(reason)
    async with asyncio.timeout(5):
        await publisher.ready()
    await publisher.publish(batch(2, 3))
    assert publisher.generation == 2
    assert (await numbers_in(clean_broker))[-2:] == [2, 3]


async def test_giving_up_on_a_publish_disturbs_nothing_else(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    given_up = [asyncio.create_task(publisher.publish(batch(n))) for n in range(20)]
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    await publisher.publish(batch(*range(100, 200)))
    assert publisher.in_flight == 0
    assert (await numbers_in(clean_broker))[-100:] == list(range(100, 200))


async def test_what_was_confirmed_survives_a_broker_killed_in_mid_traffic(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    confirmed: set[int] = set()
    unknown: set[int] = set()
    seen: set[Fate] = set()

    async def send(first: int) -> None:
        for start in range(first, first + 100_000, 20):
            numbers = range(start, start + 20)
            try:
                await publisher.publish(batch(*numbers))
            except BrokerGone:
                return
            except Unconfirmed as error:
                lost = {start + failure.index for failure in error.failures}
                seen.update(failure.fate for failure in error.failures)
                unknown.update(lost)
                confirmed.update(set(numbers) - lost)
                return
            confirmed.update(numbers)

    traffic = [asyncio.create_task(send(first)) for first in range(0, 400_000, 100_000)]
    await asyncio.sleep(0.5)
    clean_broker.kill()
    async with asyncio.timeout(5):  # nobody hangs
        await asyncio.gather(*traffic)
    with pytest.raises(BrokerGone, match="'publisher' has no broker"):
        await publisher.publish(batch(1))
    assert not publisher.usable
    await asyncio.to_thread(clean_broker.start)
    async with asyncio.timeout(10):
        await publisher.ready()
        await publisher.publish(batch(7_000_000))
    found = await numbers_in(clean_broker)
    assert len(found) == len(set(found))
    assert confirmed <= set(found)
    assert set(found) <= confirmed | unknown | {7_000_000}
    assert len(confirmed) > 500
    assert seen <= {Fate.UNKNOWN, Fate.UNSENT}
    assert publisher.generation == 2


async def test_a_channel_that_cannot_be_written_to_is_lost_at_once_and_comes_back(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    assert publisher._tap is not None
    assert publisher._tap.writer is not None
    publisher._tap.writer.transport.abort()  # as a failed write does: all else comes a turn later
    assert publisher.usable
    with pytest.raises(Unconfirmed) as failed:
        await publisher.publish(batch(1, 2))
    assert {failure.fate for failure in failed.value.failures} == {Fate.UNSENT}
    assert not publisher.usable  # else who tries again at once would never let that turn come
    async with asyncio.timeout(10):
        await publisher.ready()
        await publisher.publish(batch(1, 2))
    assert await numbers_in(clean_broker) == [1, 2]


async def test_a_closed_publisher_says_so(
    clean_broker: PrivateBroker, publisher: BulkPublisher
) -> None:
    await publisher.close()
    with pytest.raises(BrokerGone):
        await publisher.publish(batch(1))
    with pytest.raises(BrokerGone, match="is closed"):
        await publisher.ready()
    assert await numbers_in(clean_broker) == []


async def test_a_publisher_whose_connection_was_closed_does_not_wait_for_it(
    clean_broker: PrivateBroker,
) -> None:
    connection = await connect(clean_broker.url("bench"), "closed first")
    publisher = BulkPublisher(connection)
    await publisher.open()
    await connection.close()
    async with asyncio.timeout(2):
        with pytest.raises(BrokerGone):
            await publisher.publish(batch(1))
        with pytest.raises(BrokerGone):
            await publisher.ready()


async def test_no_broker_and_a_wrong_password_are_said_in_one_line(
    clean_broker: PrivateBroker,
) -> None:
    nobody = f"amqp://alpha:x@{LOOPBACK}:{clean_broker.port('prometheus')}/oms"
    stranger = f"amqp://alpha:s3cret@{LOOPBACK}:{clean_broker.port()}/oms"
    for url in (nobody, stranger):
        with pytest.raises(BrokerGone) as caught:
            await connect(url, "lost")
        line = str(caught.value)
        assert "\n" not in line
        assert f"cannot connect 'lost' to the broker at {LOOPBACK}:" in line
        assert "as alpha" in line
        assert "s3cret" not in line
