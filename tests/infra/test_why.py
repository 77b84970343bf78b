"""`oms why` says why an order is in each state there is, and what it waits for."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from click.testing import CliRunner, Result

from infra.cli import main
from infra.why.decisive import WORDS
from messages import fix, lists, operators
from messages import venue as wire
from messages.events import AccountEvent
from messages.orders import FromDesk, NewOrderSingle, OrderMassCancelRequest
from tests.infra.journaled_day import Day, cancel, new, replace

D = Decimal
E = fix.ExecType


class Case(NamedTuple):
    """What happened to order a-1, its status then, why, and what it waits for ("": nothing)."""

    story: Callable[[Day], object]
    status: str
    because: str
    waits: str = ""
    order: str = "a-1"


def up(day: Day, **fields: Any) -> Day:
    """The order at the venue, unanswered."""
    day.says(wire.SessionUp())
    day.desk("alpha", new("a-1", **fields))
    return day


def working(day: Day, **fields: Any) -> Day:
    up(day, **fields).executes("growth-1.1", E.New)
    return day


def then(*steps: Callable[[Day], object], **fields: Any) -> Callable[[Day], None]:
    """The order working, and then these."""

    def story(day: Day) -> None:
        working(day, **fields)
        for step in steps:
            step(day)

    return story


def said(kind: fix.ExecType, clordid: str = "growth-1.1", **fields: Any) -> Callable[[Day], None]:
    return lambda day: day.executes(clordid, kind, **fields)


def filled(quantity: int, price: str = "190", **fields: Any) -> Callable[[Day], object]:
    return lambda day: day.fills("growth-1.1", quantity, price, **fields)


def asked(request: Any) -> Callable[[Day], object]:
    return lambda day: day.desk("alpha", request)


def doubted(day: Day) -> None:
    day.pass_time(6)


def down(day: Day) -> None:
    day.says(wire.SessionDown(Text="cut"))


def corrected(day: Day) -> None:
    ref = day.fills("growth-1.1", 40, "189")
    day.executes("growth-1.1", E.TradeCorrect, ExecRefID=ref, LastQty=D(30), LastPx=D(189))


def busted(day: Day) -> None:
    ref = day.fills("growth-1.1", 100, "189")
    day.executes("growth-1.1", E.TradeCancel, ExecRefID=ref)


def listed(day: Day) -> None:
    """An entry that triggers an exit: the exit is held."""
    day.says(wire.SessionUp())
    orders = [
        lists.ListOrder(ClOrdID=name, **new(name, Side=side).terms().__dict__)
        for name, side in (("a-0", fix.Side.Buy), ("a-1", fix.Side.Sell))
    ]
    day.desk(
        "alpha",
        lists.NewOrderList(
            ListID="L",
            Account="growth",
            ContingencyType=fix.ContingencyType.OneTriggersTheOther,
            Orders=tuple(orders),
        ),
    )


def triggered(day: Day) -> None:
    listed(day)
    day.executes("growth-1.1", E.New)
    day.fills("growth-1.1", 100, "190")


def every(day: Day) -> None:
    kind = fix.MassCancelRequestType.CancelAllOrders
    request = OrderMassCancelRequest(ClOrdID="m-1", Account="growth", MassCancelRequestType=kind)
    day.desk("alpha", request)


STOP = {"OrdType": fix.OrdType.Stop, "StopPx": D(195)}
PEG = {
    "OrdType": fix.OrdType.Pegged,
    "ExecInst": (fix.ExecInst.PrimaryPeg,),
    "TimeInForce": fix.TimeInForce.Day,
}
TRAIL = {
    "OrdType": fix.OrdType.Pegged,
    "ExecInst": (fix.ExecInst.TrailingStopPeg,),
    "PegOffsetValue": D(-1),
}
GTC = {"TimeInForce": fix.TimeInForce.GoodTillCancel}


def bought(**terms: Any) -> Callable[[Day], None]:
    """Terms that the book works, with the price left out where the type takes none."""

    def story(day: Day) -> None:
        day.says(wire.SessionUp())
        fields = dict(new("a-1")) | {"MsgType": "NewOrderSingle"} | terms
        if terms.get("OrdType") in (fix.OrdType.Stop, fix.OrdType.Pegged):
            fields["Price"] = None
        if terms.get("CashOrderQty"):
            fields["OrderQty"] = None
        day.desk("alpha", NewOrderSingle(**fields))

    return story


CASES: dict[str, Case] = {
    "PendingNew, unsent": Case(
        lambda day: day.desk("alpha", new("a-1")),
        "PendingNew",
        "it passed every rule for alpha",
        "the session with XPAR, which is down; then its New request growth-1.1 is sent",
    ),
    "PendingNew, sent": Case(up, "PendingNew", "it passed every rule", "XPAR's answer to its New"),
    "PendingNew, in doubt": Case(
        lambda day: doubted(up(day)),
        "PendingNew",
        "it passed every rule",
        "XPAR's word on its New request growth-1.1, sent",
    ),
    "PendingNew, in doubt and cut": Case(
        lambda day: (up(day), down(day), doubted(day)),
        "PendingNew",
        "it passed every rule",
        "the session with XPAR is down; if it cannot tell: oms doubt list",
    ),
    "New": Case(
        working, "New", "XPAR said New: it is being worked", "somebody to trade with: 100 work at"
    ),
    "PartiallyFilled": Case(
        then(filled(30)),
        "PartiallyFilled",
        "30 of 100 traded; the last fill was 30 at 190 on XPAR",
        "somebody to trade with: 70 work at XPAR",
    ),
    "Filled": Case(then(filled(100)), "Filled", "100 of 100 traded"),
    "Filled, overfilled": Case(
        then(filled(100), filled(5)), "Filled", "the venue filled more than was asked: 105 of 100"
    ),
    "a fill taken back": Case(
        then(busted), "New", "XPAR took the fill X-3 back", "somebody to trade with: 100"
    ),
    "a fill corrected": Case(
        then(corrected), "PartiallyFilled", "XPAR corrected the fill X-3 to 30 at 189", "70 work"
    ),
    "DoneForDay": Case(then(said(E.DoneForDay)), "DoneForDay", "the trading day is over for it"),
    "DoneForDay, good till cancel": Case(
        then(said(E.DoneForDay), **GTC), "DoneForDay", "the trading day is over", "the next trading"
    ),
    "Calculated": Case(then(said(E.Calculated)), "Calculated", "closed its books on it"),
    "Stopped": Case(
        then(said(E.Stopped)), "Stopped", "guaranteed a price", "the fill that XPAR has guaranteed"
    ),
    "Suspended": Case(
        then(said(E.Suspended)), "Suspended", "the venue has suspended it", "XPAR to release it"
    ),
    "Expired": Case(then(said(E.Expired)), "Expired", "its time in force (Day) ran out"),
    "Canceled by the desk": Case(
        then(asked(cancel("a-2", "a-1")), said(E.Canceled, "growth-1.1.1")),
        "Canceled",
        "the desk cancelled it by a-2",
    ),
    "Canceled by the venue": Case(
        then(said(E.Canceled, Text="lost its market maker")),
        "Canceled",
        "the desk had not asked: by the venue, or by its conditions: lost its market maker",
    ),
    "Canceled on a halt": Case(
        then(said(E.Canceled, ExecRestatementReason=fix.ExecRestatementReason.CancelOnTradingHalt)),
        "Canceled",
        "it was cancelled, CancelOnTradingHalt",
    ),
    "PendingCancel": Case(
        then(asked(cancel("a-2", "a-1"))),
        "PendingCancel",
        "alpha asked by a-2 to cancel it, and nobody has answered yet",
        "XPAR's answer to its Cancel request growth-1.1.1",
    ),
    "PendingCancel, in doubt": Case(
        then(asked(cancel("a-2", "a-1")), doubted),
        "PendingCancel",
        "alpha asked by a-2 to cancel it",
        "XPAR's word on its Cancel request growth-1.1.1, sent",
    ),
    "PendingCancel of all": Case(
        then(every), "PendingCancel", "alpha asked by m-1 to cancel all", "XPAR's answer"
    ),
    "PendingReplace": Case(
        then(asked(replace("a-2", "a-1", 70, "180"))),
        "PendingReplace",
        "alpha asked by a-2 for 70 at 180 instead",
        "XPAR's answer to its Replace request growth-1.1.1",
    ),
    "replaced": Case(
        then(asked(replace("a-2", "a-1", 70, "180")), said(E.Replaced, "growth-1.1.1")),
        "New",
        "it was replaced by the desk's a-2: the total is 70 at 180 now",
        "somebody to trade with: 70",
    ),
    "restated": Case(
        then(said(E.Restated, ExecRestatementReason=fix.ExecRestatementReason.RepricingOfOrder)),
        "New",
        "the venue restated it, RepricingOfOrder",
        "somebody to trade with",
    ),
    "Rejected by a rule": Case(
        lambda day: day.desk("alpha", new("a-1", 9_000)),
        "Rejected",
        "our rule order_size refused it: OrderQty was 9000, allowed is at most 5000",
    ),
    "Rejected by the venue": Case(
        lambda day: up(day).executes(
            "growth-1.1", E.Rejected, OrdRejReason=fix.OrdRejReason.UnknownSymbol, Text="who?"
        ),
        "Rejected",
        "rejected down the line: UnknownSymbol: who?",
    ),
    "Rejected, never sent": Case(
        lambda day: (day.desk("alpha", new("a-1")), day.pass_time(61)),
        "Rejected",
        "rejected down the line: StaleOrder",
    ),
    "held by a list": Case(
        listed,
        "New",
        "held in the account until the order that triggers it has traded",
        "order a-0 (PendingNew) of list L, which triggers it when it trades",
    ),
    "released": Case(
        triggered, "New", "the order that triggers it has traded", "XPAR's answer to its New"
    ),
    "held for a stop price": Case(
        bought(**STOP),
        "New",
        "XPAR said New",
        "the price at XPAR to reach its stop price 195: the book holds it; no fresh quote of XPAR",
    ),
    "held for a trailing stop": Case(
        bought(**TRAIL, Side=fix.Side.Sell),
        "New",
        "XPAR said New",
        "the price at XPAR to reach its stop price, which trails the market",
    ),
    "held for a quote": Case(
        bought(**PEG), "New", "XPAR said New", "a fresh quote of XPAR, from which the book makes"
    ),
    "held for a price of its cash": Case(
        bought(CashOrderQty=D(5_000), Currency="USD"),
        "PendingNew",
        "it passed every rule",
        "a price at XPAR that says how many units its CashOrderQty buys",
    ),
    "made at the venue": Case(
        lambda day: (day.says(wire.SessionUp()), day.made_at_the_venue("V-9", E.New)),
        "New",
        "XPAR said New",
        "somebody to trade with: 25 work at XPAR",
        order="XPAR.V-9",
    ),
}


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["why", "--data", str(data), *words])


@pytest.mark.parametrize("name", CASES)
def test_each_state_is_explained(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    with Day(tmp_path) as day:
        case.story(day)
        account = day.shell("account/growth").actor.state
    result = run(tmp_path, case.order, "--json")
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.stdout)
    assert told["OrdStatus"] == case.status, told
    assert case.because in told["Why"], told
    assert any(case.waits in wait for wait in told["WaitsFor"]) == bool(case.waits), told
    assert told["Entry"] >= 1
    assert told["Actor"] == "account/growth"
    order = account.orders.get(told["OrderID"])
    assert order is None or order.shown_status == case.status
    assert case.because in run(tmp_path, case.order).stdout


def test_every_state_of_an_order_is_in_the_table() -> None:
    shown = {case.status for case in CASES.values()}
    assert shown == {str(status) for status in fix.OrdStatus}


def test_every_event_that_moves_an_order_has_words() -> None:
    """A new event of the account needs a row, or to be named here as one that moves nothing."""
    moves_nothing = {
        *("AccountDefined", "InstrumentDefined", "DuplicateReceived", "CancelRefused", "DeskLost"),
        *("CancelRejected", "BreakFound", "ListAccepted", "ListRefused", "ListCancelRequested"),
        *("OwnRequestMade", "LinkFired", "LinkCounted"),
    }
    events = {event.__name__ for event in get_args(AccountEvent)}
    assert events - moves_nothing <= {event.__name__ for event in WORDS}


def test_the_rule_is_told_with_inputs_limit_and_remedy(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1", 9_000))
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    refusal = told["Refusal"]
    assert (refusal["Rule"], refusal["Field"], refusal["Given"]) == (
        "order_size",
        "OrderQty",
        "9000",
    )
    assert refusal["Allowed"].startswith("at most 5000")
    assert told["CausedBy"] == ["NewOrderSingle from ingress/0"]
    assert "Rule order_size, Field OrderQty, Given 9000" in run(tmp_path, "a-1").stdout


def test_the_messages_that_caused_it_are_told_back_to_the_first(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        working(day)
        day.fills("growth-1.1", 100, "190")
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    assert told["Event"] == "OrderFilled"
    first, second, third = told["CausedBy"][:3]
    assert first.startswith("Execution from book/AAPL, by entry")
    assert second.startswith("Execution from venue/XPAR, by entry")
    assert third == "VenueExecution from fix/XPAR"


def test_a_message_that_was_parked_is_the_reason(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        said_ = FromDesk(Desk="alpha", ReceivedAt=day.now, Request=new("p-1"))
        day.parks("account/growth", said_, "ZeroDivisionError: division by zero")
    (told,) = json.loads(run(tmp_path, "p-1", "--json").stdout)
    assert told["OrdStatus"] is None
    assert "could not be handled and was put aside" in told["Why"]


def test_two_operators_who_settled_it_are_in_the_trail(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        doubted(up(day))
        down(day)
        wish = operators.ResolveInDoubt(
            Venue="XPAR", ClOrdID="growth-1.1", Outcome=operators.DoubtOutcome.NotSent,
            Reason="they said so on the telephone",
        )  # fmt: skip
        wishes(day, "ann", wish)
        (proposal,) = day.shell("venue/XPAR").actor.state.proposals.values()
        confirm = operators.ConfirmResolution(
            Venue="XPAR", ClOrdID="growth-1.1", ResolutionID=proposal.ResolutionID
        )
        wishes(day, "bob", confirm)
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    assert told["OrdStatus"] == "Rejected", told
    shown = CliRunner().invoke(main, ["trail", "--data", str(tmp_path), "a-1", "--json"])
    (trail,) = json.loads(shown.stdout)
    settled = [e for e in trail["Events"] if e["event"] == "DoubtResolved"]
    assert settled[0]["persons"] == ["ann", "bob"]


def wishes(day: Day, operator: str, request: Any) -> None:
    said_ = operators.FromOperator(Operator=operator, ReceivedAt=day.now, Request=request)
    day._hear("ingress/0", "venue/XPAR", said_)


def test_an_order_that_nobody_sent_is_an_error_with_what_was_meant(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
    result = run(tmp_path, "a-11")
    assert result.exit_code == 1
    assert "did you mean a-1" in result.stderr
