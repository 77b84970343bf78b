"""One order's life as its reports tell it, recomputed: every quantity a report states must follow
from the fills reported before it.

The rules are those of FIX (Volume 4, order state changes), written down here a second time: the
ledger takes nothing from the actors, whose word it judges. What the venue does against them, and
the desk is told of, is a break: named, and neither lost nor duplicated.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from infra.ledger.fills import Fill, Tally
from infra.ledger.requests import PENDING
from infra.ledger.trades import Trades
from messages import orders
from messages.fix import (
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from messages.reports import ExecutionReport

ZERO = Decimal(0)
AVG_PX_STEP = Decimal("0.00000001")
"""AvgPx is rounded to this."""

BREAK = "break: "
"""How a sentence begins that tells of a venue's contradiction."""

ENDS = (ExecType.Canceled, ExecType.Expired, ExecType.Rejected)
DONE = (ExecType.DoneForDay, ExecType.Calculated)
FILLS = (ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect)

TERMS_CHANGE = (ExecType.New, ExecType.Replaced, ExecType.Restated)
"""With these an order may have another OrderQty; New: of an order by cash."""

BUNDLED = {OrdStatus.Canceled: ExecType.Canceled, OrdStatus.Expired: ExecType.Expired}
"""How an order may end in the same report as a fill (FIX X.I.1.b)."""

LASTS = (TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate)
"""What is done for the day only: it keeps LeavesQty, and comes back."""


@dataclass(slots=True)
class Life:
    """``ended``: the ExecType of the report that left nothing to trade; ``done``: for today.

    ``named``: it had a ClOrdID at first; else the venue made the order. ``restated``: the
    venue has changed what a desk had asked for.
    """

    order_id: str
    tally: Tally = field(default_factory=Tally)
    total: Decimal = ZERO
    trades: Trades = field(default_factory=Trades)
    status: OrdStatus = OrdStatus.PendingNew
    ended: ExecType | None = None
    done: ExecType | None = None
    lasts: bool = False
    named: bool | None = None
    restated: bool = False
    loosest: Decimal | None = None
    """The widest limit it ever had."""
    limitless: bool = False
    """It had none for a while."""
    reopened: bool = False
    """A fill was taken back, so the venue may trade once more under the terms of that time."""

    @property
    def over(self) -> bool:
        """Whether nothing of it works any more, today or later."""
        return self.ended is not None or (self.done is not None and not self.lasts)

    @property
    def filled(self) -> bool:
        """Whether all of it traded."""
        if self.ended is None and self.done is not None:
            return self.trades.cum >= self.total > 0
        return self.ended is ExecType.Trade

    @property
    def gone(self) -> bool:
        """Whether it ended otherwise, and was not rejected."""
        return self.over and not self.filled and self.ended is not ExecType.Rejected

    @property
    def stuck(self) -> bool:
        """Whether something asked for is still under way."""
        return self.status.startswith("Pending")

    def hear(self, report: ExecutionReport, repeat: bool) -> Iterator[str]:
        """Take the next report of this order; yields what is wrong with it.

        ``repeat``: this ExecID was heard before, so the report only shows the order once more.
        """
        self.lasts = report.TimeInForce in LASTS
        if self.named is None:
            if report.ExecType not in PENDING:  # these have the name of a request
                self.named = report.ClOrdID is not None
        elif self.named and report.ClOrdID is None:
            yield f"{self._says(report)} no ClOrdID, and a desk had named it"
        self._note_limit(report)
        if not (repeat or self._only_shown(report)):
            yield from self._happened(report)
        self.total, self.status = _total(report), report.OrdStatus
        yield from self._quantities(report)

    def _note_limit(self, report: ExecutionReport) -> None:
        if report.Side is None or report.ExecType in PENDING:
            return
        limit = report.Price
        if limit is None:
            self.limitless = True
        elif self.loosest is None or (limit - self.loosest) * report.Side.sign > 0:
            self.loosest = limit

    def _only_shown(self, report: ExecutionReport) -> bool:
        if report.OrdRejReason is OrdRejReason.DuplicateOrder:
            # The second use of a ClOrdID is refused with the order that has it already, if any.
            return bool(self.total) or report.OrdStatus is not OrdStatus.Rejected
        return report.ExecType is ExecType.OrderStatus

    def _happened(self, report: ExecutionReport) -> Iterator[str]:
        kind = report.ExecType
        if self._too_late(kind):
            yield f"{self._says(report)} after it had ended with {self.ended}"
            return
        self.trades.begin_day(report)
        if self.total and kind not in TERMS_CHANGE and _total(report) != self.total:
            yield f"{self._says(report)} OrderQty {_total(report)}, it was {self.total}"
        match kind:
            case ExecType.Trade:
                yield from self._traded(report)
            case ExecType.TradeCancel | ExecType.TradeCorrect:
                yield from self._after_the_fact(report)
            case ExecType.New | ExecType.Replaced | ExecType.Restated:
                self._renewed(report)
            case ExecType.DoneForDay | ExecType.Calculated:
                self.done = kind
            case ExecType.Canceled | ExecType.Expired | ExecType.Rejected:
                self.ended = kind
            case _:
                pass  # Stopped is a promise and no fill (L.1.a); the others move no quantity

    def _too_late(self, kind: ExecType) -> bool:
        """Nothing re-opens an order that was canceled; fills come late, and are taken back."""
        if self.ended is None or kind in PENDING or kind in FILLS:
            return False
        if self.ended is ExecType.Trade:
            return kind in ENDS or kind is ExecType.DoneForDay
        return True

    def _renewed(self, report: ExecutionReport) -> None:
        """The quantities decide again: a total at what has traded ends it, a larger re-opens it."""
        unasked = report.ExecType is ExecType.Replaced and report.OrigClOrdID is None
        if report.ExecType is not ExecType.New:
            self.restated = (
                unasked
                or report.ExecType is ExecType.Restated
                or report.ExecRestatementReason is not None
            )
        if report.ExecRestatementReason is ExecRestatementReason.GTCorporateAction:
            self.trades.split(report.CumQty)
        self.done = None
        self.ended = ExecType.Trade if self.trades.cum >= _total(report) > 0 else None

    def _traded(self, report: ExecutionReport) -> Iterator[str]:
        fill = fill_of(report)
        if fill is None or report.LastMkt is None:
            yield f"{self._says(report)} without LastQty, LastPx or LastMkt"
        if fill is None:
            return
        self.tally.filled(fill)
        self.trades.book(report.ExecID, fill)
        limit = report.Price
        if self.reopened and limit is not None:
            limit = None if self.limitless else self.loosest
        if limit is not None and report.Side is not None:
            worse = (fill.px - limit) * report.Side.sign
            if worse > 0:
                yield f"{self._says(report)} at {fill.px}, past its limit {report.Price}"
        if self.ended is ExecType.Rejected:
            yield self._broken(f"order {self.order_id} was rejected, and filled {fill.qty}")
        yield from self._beyond(report)
        if self.ended is None:
            self.ended = BUNDLED.get(report.OrdStatus)
        self._close_or_open(report)

    def _after_the_fact(self, report: ExecutionReport) -> Iterator[str]:
        """A fill is taken back or corrected, whatever has become of the order (J.1)."""
        reference = report.ExecRefID or ""
        if report.ExecType is ExecType.TradeCancel:
            fill = self.trades.take_back(reference)
            self.reopened = True
            if fill:
                self.tally.took_back(fill)
            found = fill is not None
        else:
            qty, px = report.LastQty, report.LastPx
            if qty is None or px is None:
                yield f"{self._says(report)} without LastQty or LastPx"
                return
            fills = self.trades.correct(reference, report.ExecID, qty, px)
            if fills:
                self.tally.replaced(*fills)
            found = fills is not None
        if not found:
            yield f"{self._says(report)} ExecRefID {reference or 'nothing'}, no fill that counts"
            return
        if report.ExecType is ExecType.TradeCorrect:
            yield from self._beyond(report)
        self._close_or_open(report)

    def _close_or_open(self, report: ExecutionReport) -> None:
        """By its fills alone: what is taken back of a Filled order is left to do again (J.1.a)."""
        total = _total(report)
        if self.ended is ExecType.Trade and self.trades.cum < total:
            self.ended = None
        elif self.ended is None and self.done is None and self.trades.cum >= total > 0:
            self.ended = ExecType.Trade

    def _beyond(self, report: ExecutionReport) -> Iterator[str]:
        total = _total(report)
        if self.trades.cum > total > 0:
            what = f"order {self.order_id} of {total} was filled {self.trades.cum}"
            yield self._broken(f"{what} ({report.ExecType} {report.ExecID})")

    def _quantities(self, report: ExecutionReport) -> Iterator[str]:
        known = self.trades
        if report.CumQty != known.cum:
            yield f"{self._says(report)} CumQty {report.CumQty}, its fills add up to {known.cum}"
            known.believe(report)
        if abs(report.AvgPx * known.cum - known.value) > AVG_PX_STEP * known.cum:
            yield f"{self._says(report)} AvgPx {report.AvgPx}, its fills cost {known.value}"
            known.value = report.AvgPx * known.cum
        leaves = ZERO if self.over else max(ZERO, _total(report) - known.cum)
        if report.LeavesQty != leaves:
            yield f"{self._says(report)} LeavesQty {report.LeavesQty}, {leaves} is left of it"
        if report.DayCumQty is not None:
            yield from self._day(report, report.DayCumQty)

    def _day(self, report: ExecutionReport, day_cum: Decimal) -> Iterator[str]:
        known = self.trades
        if day_cum != known.day_cum:
            yield f"{self._says(report)} DayCumQty {day_cum}, today's fills are {known.day_cum}"
            known.day_cum = day_cum
        today = _total(report) - (known.cum - known.day_cum)
        if report.DayOrderQty != today:
            yield f"{self._says(report)} DayOrderQty {report.DayOrderQty}, {today} is for today"

    def _broken(self, what: str) -> str:
        self.tally.breaks += 1
        return f"{BREAK}{what}"

    def _says(self, report: ExecutionReport) -> str:
        return f"order {self.order_id}: {report.ExecType} ({report.ExecID}) says"

    def unlike(self, report: ExecutionReport, said: orders.DeskRequest | None) -> Iterator[str]:
        """Where an accepted order differs from what its desk had asked for."""
        if report.ExecType in (*PENDING, ExecType.OrderStatus) or report.PossResend:
            return
        if report.OrdRejReason is OrdRejReason.DuplicateOrder:
            return
        if not isinstance(said, orders.NewOrderSingle | orders.OrderCancelReplaceRequest):
            return
        names = ["Account", "Symbol", "Side", "OrdType", "TimeInForce", "CashOrderQty"]
        if not self.restated and said.OrdType not in _PRICED_BY_THE_VENUE:
            names.append("Price")
        for name in names:
            wanted, got = getattr(said, name), getattr(report, name)
            if wanted != got and not (name in _OPTIONAL and got is None):
                yield self._asked(report, name, wanted, got)
        if not self.restated and said.OrderQty is not None:
            yield from self._total_as_asked(report, said, said.OrderQty)

    def _total_as_asked(
        self,
        report: ExecutionReport,
        said: orders.NewOrderSingle | orders.OrderCancelReplaceRequest,
        total: Decimal,
    ) -> Iterator[str]:
        if isinstance(said, orders.OrderCancelReplaceRequest):
            if report.ExecType is not ExecType.Replaced:
                return  # a fill may be taken back later: CumQty then no longer tells the total
            total = max(total, report.CumQty)  # a total below what has traded means: stop
        if report.OrderQty != total:
            yield self._asked(report, "OrderQty", total, report.OrderQty)

    def _asked(self, report: ExecutionReport, name: str, wanted: object, got: object) -> str:
        return f"order {self.order_id}: {report.ClOrdID} asked {name} {wanted}, reported {got}"


_PRICED_BY_THE_VENUE = (OrdType.Pegged, OrdType.MarketWithLeftOverAsLimit)
_OPTIONAL = ("OrdType", "TimeInForce")
"""A report need not repeat these."""


def _total(report: ExecutionReport) -> Decimal:
    return report.OrderQty or ZERO  # an order by cash has none before its New


def fill_of(report: ExecutionReport) -> Fill | None:
    """The fill that a report tells of, where it tells of one."""
    if report.ExecType is not ExecType.Trade or report.LastQty is None or report.LastPx is None:
        return None
    return Fill(
        venue=report.LastMkt or "an unnamed venue",
        symbol=report.Symbol or "an unnamed symbol",
        side=report.Side or Side.Buy,
        px=report.LastPx,
        qty=report.LastQty,
    )
