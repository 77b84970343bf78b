"""The broker's half of I19: what it answers to a desk that tries to be somebody else."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError
from aiormq import (
    AMQPError,
    ChannelAccessRefused,
    ChannelLockedResource,
    ChannelPreconditionFailed,
    spec,
)

from gateways.amqp import topology
from infra.broker import PrivateBroker

pytestmark = pytest.mark.live

DELAY = 0.15  # seconds for something to arrive that must not


@pytest.fixture
async def alpha(clean_broker: PrivateBroker) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(clean_broker.url("alpha")) as connection:
        yield await connection.channel(on_return_raises=True)


def an_order(
    user: str | None = "alpha", body: bytes = b"{}", **headers: object
) -> aio_pika.Message:
    return aio_pika.Message(body, user_id=user, delivery_mode=2, headers=headers)  # type: ignore[arg-type]


async def publish(
    channel: AbstractChannel, exchange: str, key: str, message: aio_pika.Message
) -> None:
    target = await channel.get_exchange(exchange, ensure=False)
    await target.publish(message, key)


async def everything_in(
    broker: PrivateBroker, user: str, queues: list[str], expected: int
) -> list[tuple[str, AbstractIncomingMessage]]:
    """Consume until `expected` messages came and for a moment nothing more."""
    found: list[tuple[str, AbstractIncomingMessage]] = []
    enough = asyncio.Event()
    async with await aio_pika.connect(broker.url(user)) as connection:
        channel = await connection.channel()
        for name in queues:
            queue = await channel.declare_queue(name, passive=True)

            async def take(message: AbstractIncomingMessage, name: str = name) -> None:
                found.append((name, message))
                if len(found) >= expected:
                    enough.set()
                await message.ack()

            await queue.consume(take)
        if expected:
            await asyncio.wait_for(enough.wait(), timeout=5)
        await asyncio.sleep(DELAY)
    return found


def shards() -> list[str]:
    return [topology.shard_queue(shard) for shard in range(4)]


async def test_an_order_of_a_desk_reaches_exactly_one_shard_with_its_name_on_it(
    clean_broker: PrivateBroker, alpha: AbstractChannel
) -> None:
    await publish(alpha, "orders.alpha", "account-1", an_order())
    found = await everything_in(clean_broker, topology.GATEWAY, shards(), 1)
    assert [(m.user_id, m.exchange, m.routing_key) for _, m in found] == [
        ("alpha", "orders.alpha", "account-1")
    ]


async def test_an_account_stays_in_one_shard_whichever_desk_sends_and_accounts_spread(
    clean_broker: PrivateBroker, alpha: AbstractChannel
) -> None:
    accounts = [f"account-{number}" for number in range(100)]
    async with await aio_pika.connect(clean_broker.url("beta")) as connection:
        beta = await connection.channel()
        for account in accounts:
            await publish(alpha, "orders.alpha", account, an_order())
            await publish(beta, "orders.beta", account, an_order("beta"))
    found = await everything_in(clean_broker, topology.GATEWAY, shards(), 200)
    places: dict[str, set[str]] = {}
    for queue, message in found:
        places.setdefault(str(message.routing_key), set()).add(queue)
    assert len(found) == 200
    assert all(len(queues) == 1 for queues in places.values())
    assert set().union(*places.values()) == set(shards())


async def test_a_message_in_the_name_of_another_desk_closes_the_channel(
    alpha: AbstractChannel,
) -> None:
    with pytest.raises(ChannelPreconditionFailed, match="user_id"):
        await publish(alpha, "orders.alpha", "account-1", an_order("beta"))


async def test_a_message_without_a_name_passes_the_broker_so_the_gateway_must_refuse_it(
    clean_broker: PrivateBroker, alpha: AbstractChannel
) -> None:
    await publish(alpha, "orders.alpha", "account-1", an_order(None))
    found = await everything_in(clean_broker, topology.GATEWAY, shards(), 1)
    assert [message.user_id for _, message in found] == [None]


@pytest.mark.parametrize(
    "exchange", ["orders.beta", "orders.shard", "reports", "dead", "echo", "amq.topic", ""]
)
async def test_a_desk_may_not_publish_anywhere_else(alpha: AbstractChannel, exchange: str) -> None:
    with pytest.raises(ChannelAccessRefused):
        await publish(alpha, exchange, "reports.beta", an_order())


@pytest.mark.parametrize("queue", ["reports.beta", "orders.0", "dead.q", "echo.out"])
async def test_a_desk_may_not_read_anywhere_else(alpha: AbstractChannel, queue: str) -> None:
    found = await alpha.declare_queue(queue, passive=True)
    with pytest.raises(ChannelAccessRefused):
        await found.consume(print)


@pytest.mark.parametrize("queue", ["reports.beta", "orders.0"])
async def test_a_desk_may_not_get_one_message_elsewhere_either(
    alpha: AbstractChannel, queue: str
) -> None:
    found = await alpha.declare_queue(queue, passive=True)
    with pytest.raises((ChannelAccessRefused, ChannelLockedResource)):
        await found.get(fail=False)


Attempt = Callable[[AbstractChannel], Awaitable[object]]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda channel: channel.declare_queue("mine", durable=True),
        lambda channel: channel.declare_queue(exclusive=True),
        lambda channel: channel.declare_exchange("mine"),
        lambda channel: channel.queue_delete("orders.0"),
        lambda channel: channel.exchange_delete("orders.beta"),
    ],
    ids=["a queue", "an exclusive queue", "an exchange", "no shard", "no exchange"],
)
async def test_a_desk_may_not_declare_or_delete(alpha: AbstractChannel, attempt: Attempt) -> None:
    with pytest.raises(ChannelAccessRefused):
        await attempt(alpha)


async def test_a_desk_may_not_bind_its_queue_to_the_orders_of_others(
    alpha: AbstractChannel,
) -> None:
    queue = await alpha.declare_queue("reports.alpha", passive=True)
    with pytest.raises(ChannelAccessRefused):
        await queue.bind("orders.beta")


async def test_a_desk_may_not_purge_or_delete_what_it_reads_not(alpha: AbstractChannel) -> None:
    queue = await alpha.declare_queue("reports.beta", passive=True)
    with pytest.raises(ChannelAccessRefused):
        await queue.purge()


@pytest.mark.parametrize("header", ["CC", "BCC"])
async def test_a_carbon_copy_does_not_escape_the_desks_own_exchange(
    clean_broker: PrivateBroker, alpha: AbstractChannel, header: str
) -> None:
    targets = ["beta", "reports.beta", "orders.1", "echo.out", "account-2"]
    await publish(alpha, "orders.alpha", "account-1", an_order(**{header: targets}))
    assert len(await everything_in(clean_broker, topology.GATEWAY, shards(), 1)) == 1
    assert not await everything_in(clean_broker, "beta", ["reports.beta"], 0)
    bench = ["echo.in", "echo.out"]
    assert not await everything_in(clean_broker, topology.BENCH, bench, 0)


async def test_a_message_beyond_the_limit_closes_the_channel(alpha: AbstractChannel) -> None:
    body = b"x" * topology.MAX_MESSAGE_BYTES
    await publish(alpha, "orders.alpha", "account-1", an_order(body=body))
    with pytest.raises(ChannelPreconditionFailed, match="larger than configured max size"):
        await publish(alpha, "orders.alpha", "account-1", an_order(body=body + b"x"))


async def test_a_desk_has_four_connections_and_no_fifth(clean_broker: PrivateBroker) -> None:
    url = clean_broker.url("alpha")
    connections = [await aio_pika.connect(url) for _ in range(4)]
    try:
        with pytest.raises(AMQPError):
            await aio_pika.connect(url)
    finally:
        for connection in connections:
            await connection.close()


async def test_a_report_reaches_its_desk_alone(clean_broker: PrivateBroker) -> None:
    async with await aio_pika.connect(clean_broker.url("gateway")) as connection:
        gateway = await connection.channel(on_return_raises=True)
        await publish(gateway, "reports", "beta", an_order("gateway"))
    assert len(await everything_in(clean_broker, "beta", ["reports.beta"], 1)) == 1
    assert not await everything_in(clean_broker, "alpha", ["reports.alpha"], 0)


async def test_a_report_for_an_unknown_desk_is_a_dead_letter(clean_broker: PrivateBroker) -> None:
    async with await aio_pika.connect(clean_broker.url("gateway")) as connection:
        gateway = await connection.channel(on_return_raises=True)
        await publish(gateway, "reports", "nobody", an_order("gateway", b"lost"))
    found = await everything_in(clean_broker, topology.OPERATOR, ["dead.q"], 1)
    assert [message.body for _, message in found] == [b"lost"]


async def test_the_gateway_may_not_send_orders(clean_broker: PrivateBroker) -> None:
    async with await aio_pika.connect(clean_broker.url("gateway")) as connection:
        gateway = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await publish(gateway, "orders.alpha", "account-1", an_order("gateway"))


async def test_an_order_nobody_can_take_becomes_a_dead_letter_after_twenty_returns(
    clean_broker: PrivateBroker, alpha: AbstractChannel
) -> None:
    await publish(alpha, "orders.alpha", "account-1", an_order(body=b"poison"))
    deliveries = 0
    async with await aio_pika.connect(clean_broker.url("gateway")) as connection:
        channel = await connection.channel()

        async def refuse(message: AbstractIncomingMessage) -> None:
            nonlocal deliveries
            deliveries += 1
            await message.nack(requeue=True)

        for name in shards():
            await (await channel.declare_queue(name, passive=True)).consume(refuse)
        found = await everything_in(clean_broker, topology.OPERATOR, ["dead.q"], 1)
    assert deliveries == topology.DELIVERY_LIMIT + 1
    assert [message.body for _, message in found] == [b"poison"]
    deaths = found[0][1].headers["x-death"]
    assert "delivery_limit" in json.dumps(deaths, default=str)


async def test_a_full_shard_refuses_and_the_desk_hears_of_it(
    clean_broker: PrivateBroker, alpha: AbstractChannel
) -> None:
    limit = '{"max-length":3,"overflow":"reject-publish"}'
    policy = ("--vhost", "oms", "--apply-to", "queues", "--priority", "5")
    clean_broker.ctl("set_policy", *policy, "tight", r"^orders\.[0-9]+$", limit)
    taken, refusal = 0, None
    try:
        while (
            taken < 20 and refusal is None
        ):  # one by one: the broker overshoots what is on its way
            try:
                await publish(alpha, "orders.alpha", "account-1", an_order())
                taken += 1
            except DeliveryError as error:
                refusal = error
    finally:
        clean_broker.ctl("clear_policy", "--vhost", "oms", "tight")
    assert refusal is not None
    assert isinstance(refusal.frame, spec.Basic.Nack)
    found = await everything_in(clean_broker, topology.GATEWAY, shards(), taken)
    assert 3 <= len(found) == taken
