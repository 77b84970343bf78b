"""The trades of one order as its reports tell them: booked, taken back, corrected, restated.

Invariant: ``cum`` and ``value`` are the sums over ``fills``, ``day_cum`` over those of today.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from infra.ledger.fills import Fill
from messages.fix import ExecRestatementReason
from messages.reports import ExecutionReport

ZERO = Decimal(0)
SPLIT_STEP = Decimal("1e-12")
"""Each fill's share of a restated CumQty is rounded to this; the last one has the rest."""


@dataclass(slots=True)
class Trade:
    """One fill. ``fill`` is what the venue calls it, ``qty`` what it counts for since a split."""

    fill: Fill
    qty: Decimal
    value: Decimal
    day: int


@dataclass(slots=True)
class Trades:
    """``fills`` by ExecID: of its last correction, where it was corrected (FIX, ExecRefID)."""

    fills: dict[str, Trade] = field(default_factory=dict)
    cum: Decimal = ZERO
    value: Decimal = ZERO
    day: int = 0
    day_cum: Decimal = ZERO
    trade_date: str | None = None

    def begin_day(self, report: ExecutionReport) -> None:
        """A later TradeDate, or a renewal, begins another day of the order."""
        date, known = report.TradeDate, self.trade_date
        later = bool(date and known and date > known)
        if later or report.ExecRestatementReason is ExecRestatementReason.GTRenewal:
            self.day += 1
            self.day_cum = ZERO
        if date and (later or known is None):
            self.trade_date = date

    def book(self, exec_id: str, fill: Fill) -> None:
        """A fill."""
        self.fills[exec_id] = trade = Trade(fill, ZERO, ZERO, self.day)
        self._count(trade, fill.qty, fill.qty * fill.px)

    def take_back(self, exec_ref: str) -> Fill | None:
        """The fill of that ExecID never happened; None: there is none that counts."""
        trade = self.fills.pop(exec_ref, None)
        if trade is None:
            return None
        self._count(trade, ZERO, ZERO)
        return trade.fill

    def correct(
        self, exec_ref: str, exec_id: str, qty: Decimal, px: Decimal
    ) -> tuple[Fill, Fill] | None:
        """The fill had these values from the beginning: it before and after, None: no such fill."""
        trade = self.fills.pop(exec_ref, None)
        if trade is None:
            return None
        before, trade.fill = trade.fill, trade.fill._replace(qty=qty, px=px)
        self.fills[exec_id] = trade
        self._count(trade, qty, qty * px)
        return before, trade.fill

    def split(self, cum: Decimal) -> None:
        """A corporate action makes other quantities of the fills; their money stays the same."""
        before, left = self.cum, cum
        if not before:
            return
        last = len(self.fills)
        for number, trade in enumerate(self.fills.values(), 1):
            share = (trade.qty * cum / before).quantize(SPLIT_STEP)
            trade.qty = left if number == last else share
            left -= trade.qty
        self.cum, self.day_cum = cum, self.day_cum * cum / before

    def believe(self, report: ExecutionReport) -> None:
        """Go on from what a report says, so that one fault is named once."""
        self.cum, self.value = report.CumQty, report.AvgPx * report.CumQty

    def _count(self, trade: Trade, qty: Decimal, value: Decimal) -> None:
        """Let the trade stand for so much from now on."""
        self.cum += qty - trade.qty
        self.value += value - trade.value
        if trade.day == self.day:
            self.day_cum += qty - trade.qty
        trade.qty, trade.value = qty, value
