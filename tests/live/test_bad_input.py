"""Bad input over real AMQP: whoever sent it hears what is wrong, and nobody else notices."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed

from gateways.amqp import topology
from infra import endpoints
from infra.broker import PrivateBroker
from infra.settings import Settings
from messages import fix
from messages.orders import OrderMassStatusRequest
from tests.live.stage import Talk, an_order, replayed, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

GOOD: dict[str, Any] = {
    "MsgType": "NewOrderSingle", "ClOrdID": "x", "Account": "growth", "Symbol": "AAPL",
    "Side": "Buy", "OrderQty": "100", "OrdType": "Limit", "Price": "180.5", "TimeInForce": "Day",
}  # fmt: skip
REFUSED_AT_THE_BORDER: list[tuple[str, dict[str, Any] | bytes, tuple[str, str, str]]] = [
    ("text", b"buy me some apples", ("body", "buy me some apples", "send one JSON object")),
    ("half", b'{"MsgType":"NewOrderSingle",', ("body", "end", "send one JSON object")),
    ("latin", b'{"ClOrdID":"caf\xe9"}', ("body", "byte 0xe9", "send JSON in UTF-8")),
    ("misspelt", {"Price": None, "Pirce": "180.5"}, ("Pirce", "180.5", "did you mean Price")),
    ("number", {"OrderQty": 100}, ("OrderQty", "100", 'send a string, e.g. "OrderQty":"100"')),
    ("nothing", {"OrderQty": "0"}, ("OrderQty", "0", "send a quantity above 0")),
    ("side", {"Side": "buy"}, ("Side", "buy", "did you mean Buy?")),
    ("no-price", {"Price": None}, ("Price", "missing", "add it")),
    (
        "kind",
        {"MsgType": "NewOrder"},
        ("MsgType", "NewOrder", "did you mean NewOrderList or NewOrderSingle?"),
    ),
    ("id", {"ClOrdID": "two words"}, ("ClOrdID", "two words", '"ClOrdID":"order-000002"')),
    ("when", {"TransactTime": "yesterday"}, ("TransactTime", "yesterday", "send RFC 3339")),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("bad")) as folder:
        yield folder


def an_item(**changed: Any) -> dict[str, Any]:
    """A good order with these fields changed, or left out where None."""
    return {name: value for name, value in (GOOD | changed).items() if value is not None}


async def publish(
    data: Path, body: bytes, *, desk: str = "alpha", key: str = "growth", user: str | None = "alpha"
) -> None:
    """As a desk whose client is not ours, with whatever it likes."""
    async with await aio_pika.connect(endpoints.desk(Settings.of(data), desk)) as connection:
        channel = await connection.channel(on_return_raises=True)
        exchange = await channel.get_exchange(topology.orders_exchange(desk), ensure=False)
        await exchange.publish(aio_pika.Message(body, user_id=user), key)


async def growth_is_as_it_was(data: Path, talk: Talk, before: bytes) -> None:
    """The account decided nothing; and it still answers."""
    assert replayed(data, "account/growth").state_digest() == before
    await talk.session.quiet(0.2)
    assert talk.heard["beta"] == []


@pytest.fixture
async def talk(data: Path) -> Any:
    """Desks connected, account growth awake."""
    async with Talk(data) as talk:
        question = OrderMassStatusRequest(
            MassStatusReqID=f"awake-{secrets.token_hex(4)}",
            Account="growth",
            MassStatusReqType=fix.MassStatusReqType.StatusForAllOrders,
        )
        await talk.send(question)
        await talk.execution(MassStatusReqID=question.MassStatusReqID, LastRptRequested=True)
        for heard in talk.heard.values():
            heard.clear()
        yield talk


@pytest.mark.parametrize(
    ("bad", "told"),
    [(bad, told) for _, bad, told in REFUSED_AT_THE_BORDER],
    ids=[name for name, _, _ in REFUSED_AT_THE_BORDER],
)
async def test_what_makes_no_sense_is_rejected_with_field_value_and_remedy(
    data: Path, talk: Talk, bad: dict[str, Any] | bytes, told: tuple[str, str, str]
) -> None:
    before = replayed(data, "account/growth").state_digest()
    await publish(data, bad if isinstance(bad, bytes) else json.dumps(an_item(**bad)).encode())
    reject = await talk.reject()
    field, given, remedy = told
    assert reject.Refusal.Field == field
    assert given in reject.Refusal.Given
    assert remedy in reject.Refusal.Remedy
    assert reject.Text == reject.Refusal.text()
    await growth_is_as_it_was(data, talk, before)


async def test_without_user_id_the_owner_of_the_exchange_is_told_and_nothing_is_done(
    data: Path, talk: Talk
) -> None:
    before = replayed(data, "account/growth").state_digest()
    await publish(data, json.dumps(an_item(ClOrdID="nobody")).encode(), user=None)
    reject = await talk.reject(BusinessRejectRefID="nobody")
    assert reject.BusinessRejectReason == "NotAuthorized"
    assert (reject.Refusal.Field, reject.Refusal.Given) == ("user_id", "missing")
    assert "user_id to alpha" in reject.Refusal.Remedy
    await growth_is_as_it_was(data, talk, before)


async def test_a_routing_key_that_is_not_the_account_is_rejected(data: Path, talk: Talk) -> None:
    before = replayed(data, "account/growth").state_digest()
    await publish(data, json.dumps(an_item(ClOrdID="key")).encode(), key="income")
    reject = await talk.reject(BusinessRejectRefID="key")
    assert (reject.Refusal.Field, reject.Refusal.Given) == ("Account", "growth")
    assert "routing key" in reject.Refusal.Remedy
    await growth_is_as_it_was(data, talk, before)


async def test_an_account_that_does_not_exist_is_named(data: Path, talk: Talk) -> None:
    item = an_item(ClOrdID="who", Account="grwoth")
    await publish(data, json.dumps(item).encode(), key="grwoth")
    report = await talk.execution(ClOrdID="who", ExecType=fix.ExecType.Rejected)
    assert report.OrdRejReason is fix.OrdRejReason.UnknownAccounts
    assert report.Text
    assert "Account grwoth" in report.Text


async def test_an_account_of_another_desk_refuses_and_tells_whoever_asked(
    data: Path, talk: Talk
) -> None:
    await talk.send(an_order("not-mine", Account="global"))
    report = await talk.execution(ClOrdID="not-mine", ExecType=fix.ExecType.Rejected)
    assert report.Refusal
    assert (report.Refusal.Field, report.Refusal.Given) == ("Account", "global")
    assert "desk alpha may not trade it" in report.Refusal.Allowed
    await talk.session.quiet(0.2)
    assert talk.heard["beta"] == []
    assert replayed(data, "account/global").actor.state.orders == {}


async def test_a_message_of_65_kib_is_refused_by_the_broker_and_stops_nobody(
    data: Path, talk: Talk
) -> None:
    before = replayed(data, "account/growth").state_digest()
    with pytest.raises(ChannelPreconditionFailed, match="65536"):
        await publish(data, json.dumps(an_item(ClOrdID="y" * 65 * 1024)).encode())
    await growth_is_as_it_was(data, talk, before)
    await talk.send(an_order("still-here"))
    await talk.execution(ClOrdID="still-here", ExecType=fix.ExecType.New)


async def test_one_bad_item_of_a_list_is_rejected_and_its_neighbours_are_accepted(
    data: Path, talk: Talk
) -> None:
    items = [an_item(ClOrdID="l-1"), an_item(ClOrdID="l-2", OrderQty="-1"), an_item(ClOrdID="l-3")]
    await publish(data, json.dumps(items, indent=2).encode())
    reject = await talk.reject(BusinessRejectRefID="l-2")
    assert (reject.Refusal.Field, reject.Refusal.Given) == ("OrderQty", "-1")
    for name in ("l-1", "l-3"):
        await talk.execution(ClOrdID=name, ExecType=fix.ExecType.New)
    names = [o.ClOrdID for o in replayed(data, "account/growth").actor.state.orders.values()]
    assert [name for name in names if name.startswith("l-")] == ["l-1", "l-3"]


async def test_another_desks_exchange_and_queue_are_closed(data: Path) -> None:
    url = endpoints.desk(Settings.of(data), "alpha")
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(topology.orders_exchange("beta"), ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await exchange.publish(aio_pika.Message(b"{}", user_id="alpha"), "global")
        channel = await connection.channel()
        queue = await channel.get_queue(topology.reports_queue("beta"), ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await queue.get(no_ack=True)


async def test_what_no_desk_can_be_told_of_is_a_dead_letter_that_the_operator_can_read(
    data: Path, talk: Talk
) -> None:
    broker = PrivateBroker(data / "rabbitmq", talk.session.reference.desks, 4)
    # No desk can send such a thing: it takes somebody with rights that nobody should have.
    rights = ("set_permissions", "-p", topology.VHOST, topology.GATEWAY, "^$", ".*", ".*")
    await asyncio.to_thread(broker.ctl, *rights)
    body = json.dumps(an_item(ClOrdID="stray")).encode()
    async with await aio_pika.connect(broker.url(topology.GATEWAY)) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(topology.SHARD_EXCHANGE, ensure=False)
        await exchange.publish(aio_pika.Message(body, user_id=topology.GATEWAY), "growth")
    async with await aio_pika.connect(broker.url(topology.OPERATOR)) as connection:
        queue = await (await connection.channel()).get_queue(topology.DEAD_QUEUE, ensure=False)
        async with queue.iterator() as letters:
            dead = await asyncio.wait_for(anext(letters), 10)
            await dead.ack()
        assert dead.body == body
        assert dead.headers["x-first-death-reason"] == "rejected"
    log = (data / "logs" / "ingress.0.log").read_text()
    assert "is no known desk" in log
    await talk.send(an_order("after-the-stray"))
    await talk.execution(ClOrdID="after-the-stray", ExecType=fix.ExecType.New)
