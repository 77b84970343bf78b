"""What a desk sends again, in which order, and when it gives up: against a broker by script."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk_outbox import Outbox, Prepared, Refused, prepare
from gateways.amqp.desk_record import Confirmed, DeskRecord
from gateways.amqp.ingress_items import split
from gateways.amqp.publisher import Failure, Fate, Outgoing, Unconfirmed
from gateways.amqp.topology import MAX_MESSAGE_BYTES
from messages.fix import OrdType, Side
from messages.orders import DESK_REQUEST, NewOrderSingle

OK = None
QUEUE_FULL = Unconfirmed([Failure(1, Fate.REFUSED, "basic.nack: is its queue full?")])
CUT = Unconfirmed([Failure(0, Fate.UNKNOWN, "the connection broke")])
NO_RIGHT = Unconfirmed([Failure(0, Fate.UNKNOWN, "403 ACCESS_REFUSED")])
NO_QUEUE = Unconfirmed([Failure(0, Fate.UNROUTABLE, "312 NO_ROUTE")])
AWAY = BrokerGone("no broker")


class Script:
    """A broker that meets each publish with the next line of its script, then takes all."""

    def __init__(self, *fates: Exception | None) -> None:
        self.published: list[list[str]] = []
        self.messages: list[Outgoing] = []
        self.back = asyncio.Event()
        self.back.set()
        self._fates = list(fates)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        self.published.append([message.correlation_id for message in messages])
        self.messages += messages
        await asyncio.sleep(0)
        fate = self._fates.pop(0) if self._fates else OK
        if fate is not None:
            raise fate

    async def ready(self) -> None:
        await self.back.wait()


def requests(*names: str) -> list[Prepared]:
    return [Prepared(name, "alpha", "NewOrderSingle", b"{}") for name in names]


async def test_only_what_was_not_confirmed_is_sent_again() -> None:
    script = Script(QUEUE_FULL)
    outbox = Outbox(script, "desk-a")
    await outbox.send(requests("c1", "c2", "c3"))
    assert script.published == [["c1", "c2", "c3"], ["c2"]]
    assert outbox.resent == 1


async def test_sending_goes_on_until_the_broker_is_back() -> None:
    script = Script(AWAY, CUT, AWAY)
    script.back.clear()
    sending = asyncio.create_task(Outbox(script, "desk-a").send(requests("c1")))
    await asyncio.sleep(0.05)
    assert script.published == [["c1"]]
    script.back.set()
    await sending
    assert script.published == [["c1"]] * 4


async def test_a_later_send_waits_for_an_earlier_one_that_is_being_sent_again() -> None:
    script = Script(CUT, CUT)  # the second failure makes c1 pause with the broker there
    outbox = Outbox(script, "desk-a")
    first = asyncio.create_task(outbox.send(requests("c1")))
    await asyncio.sleep(0.005)
    second = asyncio.create_task(outbox.send(requests("c2")))
    third = asyncio.create_task(outbox.send(requests("c3")))
    await asyncio.gather(first, second, third)
    assert script.published == [["c1"], ["c1"], ["c1"], ["c2"], ["c3"]]


async def test_an_earlier_send_that_was_given_up_holds_up_nobody() -> None:
    script = Script(AWAY)
    script.back.clear()
    outbox = Outbox(script, "desk-a")
    first = asyncio.create_task(outbox.send(requests("c1")))
    await asyncio.sleep(0)
    second = asyncio.create_task(outbox.send(requests("c2")))
    await asyncio.sleep(0.01)
    first.cancel()
    script.back.set()
    await second
    assert script.published == [["c1"], ["c2"]]


@pytest.mark.parametrize("fate", [NO_RIGHT, NO_QUEUE])
async def test_what_the_broker_will_never_take_is_not_sent_again(fate: Exception) -> None:
    script, record = Script(fate), DeskRecord()
    with pytest.raises(Refused, match="desk-a"):
        await Outbox(script, "desk-a", record).send(requests("c1"))
    assert script.published == [["c1"]]


async def test_packed_requests_of_one_account_travel_together_in_their_order() -> None:
    script, record = Script(), DeskRecord()
    batch = [
        prepare(
            NewOrderSingle(
                ClOrdID=f"c{number}",
                Account="alpha" if number % 3 else "beta",
                Symbol="TEST",
                Side=Side.Buy,
                OrderQty=Decimal(number + 1),
                OrdType=OrdType.Market,
            ),
            trace,
        )
        for number, trace in zip(range(1200), [*[""] * 1199, "00-x"], strict=True)
    ]
    await Outbox(script, "desk-a", record).send(batch, packed=True)
    assert len(script.messages) < 12
    arrived = list[str]()
    for message in script.messages:
        assert len(message.body) <= MAX_MESSAGE_BYTES
        items = split(message.body)
        assert isinstance(items, list)
        told = [DESK_REQUEST.validate_json(text) for text, _ in items]
        assert {request.Account for request in told} == {message.routing_key}
        arrived += [request.ClOrdID for request in told if isinstance(request, NewOrderSingle)]
    for account in ("alpha", "beta"):
        wanted = [one.key for one in batch if one.account == account]
        assert [name for name in arrived if name in set(wanted)] == wanted
    assert script.messages[-1].headers == {"traceparent": "00-x"}
    *sent, confirmed = record.lines()
    assert len(sent) == 1200
    assert isinstance(confirmed, Confirmed)
    assert confirmed.keys == tuple(one.key for one in batch)


async def test_packed_requests_with_traces_of_their_own_keep_their_order() -> None:
    script = Script()
    batch = [
        Prepared(f"c{number}", "alpha", "NewOrderSingle", b"%d" % number, {"traceparent": trace})
        for number, trace in enumerate("aabab")
    ]
    await Outbox(script, "desk-a").send(batch, packed=True)
    assert [message.body for message in script.messages] == [b"[0,1]", b"[2]", b"[3]", b"[4]"]
    assert [message.headers["traceparent"] for message in script.messages] == list("abab")


async def test_nothing_to_send_is_not_sent() -> None:
    script = Script()
    await Outbox(script, "desk-a").send([])
    assert script.published == []
