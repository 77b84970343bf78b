"""How an order comes into each state there is, why it is in it then, and what it waits for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from messages import fix, lists
from messages import venue as wire
from messages.orders import NewOrderSingle, OrderMassCancelRequest
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
    "Canceled, and filled late": Case(
        then(said(E.Canceled, Text="enough"), filled(10)),
        "Canceled",
        "the desk had not asked: by the venue, or by its conditions: enough",
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
        "our rule order_size refused it: OrderQty was 9000, at most 5000",
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
