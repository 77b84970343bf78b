"""One order's life as its reports tell it, recomputed: every quantity a report states must follow
from the fills reported before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from infra.ledger.fills import Fill
from infra.ledger.requests import PENDING
from messages import orders
from messages.fix import ExecType, OrdRejReason, OrdStatus, Side
from messages.reports import ExecutionReport

ZERO = Decimal(0)
AVG_PX_STEP = Decimal("0.00000001")
"""AvgPx is rounded to this."""

_ENDS = (ExecType.Canceled, ExecType.Expired, ExecType.Rejected)


@dataclass(slots=True)
class Life:
    """``ended`` is the ExecType of the report that left nothing to trade."""

    order_id: str
    total: Decimal = ZERO
    cum: Decimal = ZERO
    value: Decimal = ZERO
    status: OrdStatus = OrdStatus.PendingNew
    ended: ExecType | None = None

    @property
    def filled(self) -> bool:
        """Whether it ended because all of it traded."""
        return self.ended is ExecType.Trade

    @property
    def stuck(self) -> bool:
        """Whether something asked for is still under way."""
        return self.status.startswith("Pending")

    def hear(self, report: ExecutionReport, repeat: bool) -> Iterator[str]:
        """Take the next report of this order; yields what is wrong with it.

        ``repeat``: this ExecID was heard before, so the report only shows the order once more.
        """
        if not (repeat or self._only_shown(report)):
            yield from self._happened(report)
        self.total, self.status = _total(report), report.OrdStatus
        yield from self._quantities(report)

    def _only_shown(self, report: ExecutionReport) -> bool:
        if report.OrdRejReason is OrdRejReason.DuplicateOrder:
            # The second use of a ClOrdID is refused with the order that has it already, if any.
            return bool(self.total) or report.OrdStatus is not OrdStatus.Rejected
        return report.ExecType is ExecType.OrderStatus

    def _happened(self, report: ExecutionReport) -> Iterator[str]:
        if self.ended and report.ExecType in (*_ENDS, ExecType.Trade):
            yield f"{self._says(report)} after it had ended with {self.ended}"
        match report.ExecType:
            case ExecType.Trade:
                yield from self._traded(report)
            case ExecType.Replaced:
                # A total at or below what has traded ends the order, a larger one re-opens it.
                self.ended = ExecType.Trade if _total(report) <= self.cum else None
            case kind if kind in _ENDS:
                self.ended = self.ended or kind
            case _:
                pass

    def _traded(self, report: ExecutionReport) -> Iterator[str]:
        if report.LastQty is None or report.LastPx is None or report.LastMkt is None:
            yield f"{self._says(report)} without LastQty, LastPx or LastMkt"
            return
        self.cum += report.LastQty
        self.value += report.LastQty * report.LastPx
        if report.Price is not None and report.Side is not None:
            worse = (report.LastPx - report.Price) * report.Side.sign
            if worse > 0:
                yield f"{self._says(report)} at {report.LastPx}, past its limit {report.Price}"
        if self.cum >= _total(report) and not self.ended:
            self.ended = ExecType.Trade

    def _quantities(self, report: ExecutionReport) -> Iterator[str]:
        if report.CumQty != self.cum:
            yield f"{self._says(report)} CumQty {report.CumQty}, its fills add up to {self.cum}"
            # Goes on from what the report says, so that one fault is named once.
            self.cum, self.value = report.CumQty, report.AvgPx * report.CumQty
        if abs(report.AvgPx * self.cum - self.value) > AVG_PX_STEP * self.cum:
            yield f"{self._says(report)} AvgPx {report.AvgPx}, its fills cost {self.value}"
            self.value = report.AvgPx * self.cum
        leaves = ZERO if self.ended else max(ZERO, _total(report) - self.cum)
        if report.LeavesQty != leaves:
            yield f"{self._says(report)} LeavesQty {report.LeavesQty}, {leaves} is left of it"

    def _says(self, report: ExecutionReport) -> str:
        return f"order {self.order_id}: {report.ExecType} ({report.ExecID}) says"


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


def unlike(report: ExecutionReport, said: orders.DeskRequest | None) -> Iterator[str]:
    """Where an accepted order differs from what its desk had asked for."""
    if report.ExecType in (*PENDING, ExecType.OrderStatus) or report.PossResend:
        return
    if report.OrdRejReason is OrdRejReason.DuplicateOrder:
        return
    if not isinstance(said, orders.NewOrderSingle | orders.OrderCancelReplaceRequest):
        return
    total = said.OrderQty
    if total is not None and isinstance(said, orders.OrderCancelReplaceRequest):
        total = max(total, report.CumQty)  # a total below what has traded means: stop
    asked = (said.Account, said.Symbol, said.Side, said.Price, total)
    told = (report.Account, report.Symbol, report.Side, report.Price, report.OrderQty)
    names = ("Account", "Symbol", "Side", "Price", "OrderQty")
    for name, wanted, got in zip(names, asked, told, strict=True):
        if wanted != got:
            yield f"order {report.OrderID}: {report.ClOrdID} asked {name} {wanted}, reported {got}"
