"""A day in which every transition of an order happens, and the names that regulators know."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.exports import REGIMES
from infra.exports.facts import Facts
from infra.exports.parties import (
    Reporting,
    ReportingAccount,
    ReportingDesk,
    ReportingFirm,
    ReportingInstrument,
    ReportingVenue,
)
from infra.exports.regime import Export, export
from messages import fix, lists
from messages import venue as wire
from messages.orders import NewOrderSingle, OrderMassCancelRequest
from tests.infra.journaled_day import Day, cancel, new, replace

D = Decimal
E = fix.ExecType
DAY = date(2026, 11, 23)
"""Of UTC; in New York the day begins at the evening of the 22nd."""

FIRM = ReportingFirm(
    CatImid="123:OMSX", Lei="OMSEXAMPLE0000000008", Country="FR", Algorithm="ROUTER"
)


def reporting(
    *, representative: bool = False, destination: str = "E", peer: bool = False
) -> Reporting:
    """Everything that the exports need of the day's parties."""
    return Reporting(
        firm=FIRM,
        desks=(ReportingDesk(Desk="alpha", CatImid="456:ALFA" if peer else None),),
        accounts=(
            ReportingAccount(
                Account="growth", FirmDesignatedID="F-1", AccountHolderType="I",
                ClientID="GROWTHFUND0000000040", Representative=representative,
            ),
            ReportingAccount(
                Account="macro", FirmDesignatedID="F-2", AccountHolderType="A",
                ClientID="MACROFUND00000000003",
            ),
        ),
        instruments=(
            ReportingInstrument(Symbol="AAPL", Isin="US0378331005"),
            ReportingInstrument(Symbol="BRK.B", Isin="US0846707026", CatSymbol="BRK B"),
        ),
        venues=(
            ReportingVenue(
                Venue="XPAR", Mic="XPAR", DestinationType=destination,
                CatDestination="789:PARI" if destination == "F" else "XPAR",
                ReportingException="P",
            ),
        ),
    )  # fmt: skip


def eventful(data: Path) -> Day:
    """Every kind of transition that journals know, at noon in New York of DAY."""
    day = Day(data)
    day.pass_time(15 * 3600)  # so that UTC and New York have the same date
    day.says(wire.SessionUp())
    _filled(day)
    _changed(day)
    _ended(day)
    _linked(day)
    _made_there(day)
    return day


def _filled(day: Day) -> None:
    """growth-1: filled in two, one taken back, one corrected, done for the day, renewed."""
    day.desk("alpha", new("a-1", TimeInForce=fix.TimeInForce.GoodTillCancel))
    day.executes("growth-1.1", E.New)
    first = day.fills("growth-1.1", 40, "189.5")
    second = day.fills("growth-1.1", 10, "190")
    day.executes("growth-1.1", E.TradeCancel, ExecRefID=first)
    day.executes("growth-1.1", E.TradeCorrect, ExecRefID=second, LastQty=D(12), LastPx=D(189))
    day.executes("growth-1.1", E.DoneForDay)
    why = fix.ExecRestatementReason.GTRenewal
    day.executes("growth-1.1", E.Restated, ExecRestatementReason=why)
    day.fills("growth-1.1", 88, "190")


def _changed(day: Day) -> None:
    """growth-2: replaced, a replace refused, restated, canceled."""
    day.desk("alpha", new("b-1"))
    day.executes("growth-2.1", E.New)
    day.desk("alpha", replace("b-2", "b-1", 70, "181"))
    day.executes("growth-2.1.1", E.Replaced)
    day.desk("alpha", replace("b-3", "b-2", 60, "182"))
    refused = wire.VenueCancelReject(
        ClOrdID="growth-2.1.2", OrigClOrdID="growth-2.1.1", OrderID="V-growth-2.1",
        OrdStatus=fix.OrdStatus.New, CxlRejReason=fix.CxlRejReason.BrokerOption,
    )  # fmt: skip
    day.says(refused)
    why = fix.ExecRestatementReason.RepricingOfOrder
    day.executes("growth-2.1", E.Restated, ExecRestatementReason=why, OrderQty=D(50))
    day.executes("growth-2.1", E.Replaced, OrderQty=D(45))
    day.desk("alpha", cancel("b-4", "b-2"))
    day.executes("growth-2.1.3", E.Canceled)


def _ended(day: Day) -> None:
    """Refused by a rule, rejected by the venue, expired, suspended, canceled by the venue."""
    day.desk("alpha", new("c-1", 9_000))  # growth-3
    day.desk("alpha", new("c-2"))
    day.executes("growth-4.1", E.Rejected, OrdRejReason=fix.OrdRejReason.UnknownSymbol)
    day.desk("alpha", new("c-3", Symbol="BRK.B", Side=fix.Side.SellShort))
    day.executes("growth-5.1", E.New)
    day.executes("growth-5.1", E.Expired)
    day.desk("alpha", new("c-4"))
    day.executes("growth-6.1", E.New)
    day.executes("growth-6.1", E.Suspended)
    day.executes("growth-6.1", E.New)
    day.executes("growth-6.1", E.Canceled)
    day.desk("alpha", new("c-5"))
    day.executes("growth-7.1", E.New)
    kind = fix.MassCancelRequestType.CancelAllOrders
    every = OrderMassCancelRequest(ClOrdID="m-1", Account="growth", MassCancelRequestType=kind)
    day.desk("alpha", every)
    day.executes("growth-7.1.1", E.Canceled)


def _linked(day: Day) -> None:
    """growth-8 triggers growth-9, for what it traded only; growth-9 is then canceled by growth-8's
    list; a stop order of the book's own is triggered in the market."""
    orders = [
        lists.ListOrder(ClOrdID=name, **new(name, Side=side).terms().__dict__)
        for name, side in (("d-1", fix.Side.Buy), ("d-2", fix.Side.Sell))
    ]
    kind = fix.ContingencyType.OneTriggersTheOther
    wish = lists.NewOrderList(
        ListID="L", Account="growth", ContingencyType=kind, Orders=tuple(orders)
    )
    day.desk("alpha", wish)
    day.executes("growth-8.1", E.New)
    day.fills("growth-8.1", 30, "190")
    day.desk("alpha", cancel("d-3", "d-1"))
    day.executes("growth-8.1.1", E.Canceled)
    day.executes("growth-9.1", E.New)
    day.fills("growth-9.1", 30, "191")
    fields = dict(new("d-4")) | {"OrdType": fix.OrdType.Stop, "StopPx": D(195), "Price": None}
    day.desk("alpha", NewOrderSingle(**fields))  # growth-10, held by the book
    peers = {"OneCancelsTheOther": ("e-1", "e-2")}
    for name, clordids in peers.items():
        pair = [lists.ListOrder(ClOrdID=c, **new(c).terms().__dict__) for c in clordids]
        wish = lists.NewOrderList(
            ListID="M", Account="growth", ContingencyType=fix.ContingencyType(name),
            Orders=tuple(pair),
        )  # fmt: skip
        day.desk("alpha", wish)
    day.executes("growth-11.1", E.New)
    day.executes("growth-12.1", E.New)
    day.fills("growth-11.1", 100, "190")
    day.executes("growth-12.1.1", E.Canceled)


def _made_there(day: Day) -> None:
    """An order that the venue made, and one in doubt that is sent again."""
    day.made_at_the_venue("V-9", E.New)
    day.made_at_the_venue("V-9", E.Trade, LastQty=D(5), LastPx=D(189))


def exported(data: Path, regime: str, about: Reporting | None = None) -> Export:
    """What the regime makes of the day."""
    return export(REGIMES[regime](), Facts(data), about or reporting(), DAY)


def of_type(found: Export, kind: str, name: str = "type") -> list[dict[str, Any]]:
    """Its records of that type."""
    return [record for record in found.records if record[name] == kind]


def clordids(day: Day) -> Iterator[str]:
    """What the venue was asked, by ClOrdID."""
    for asked in day.asked:
        yield getattr(asked, "ClOrdID", "")
