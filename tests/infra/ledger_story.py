"""A desk's day in twenty lines, right in every respect, for tests to spoil one thing at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from gateways.amqp.desk_record import Confirmed, Heard, Line, Sent, request_key
from infra.ledger import VenueChange, VenueFill
from messages import orders
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from messages.reports import DeskReport, ExecutionReport, OrderCancelReject

D = Decimal
ZERO = D(0)
ACCOUNT, SYMBOL, VENUE = "alpha", "TEST", "PAPER"


@dataclass
class Told:
    """An order as the story goes on."""

    order_id: str
    clordid: str
    side: Side
    qty: Decimal
    price: Decimal
    cum: Decimal = ZERO
    value: Decimal = ZERO
    named: bool = True


@dataclass
class Story:
    """Lines of one desk's record and the venue's fills; ``seq`` is the last ReportSeq used.

    ``fills`` are as they stand, ``changes`` what the venue did to them; ``booked`` has the venue's
    fill by the ExecID of the report.
    """

    desk: str = "desk-a"
    account: str = ACCOUNT
    lines: list[Line] = field(default_factory=list)
    fills: list[VenueFill] = field(default_factory=list)
    changes: list[VenueChange] = field(default_factory=list)
    booked: dict[str, VenueFill] = field(default_factory=dict)
    seq: int = 0
    execs: int = 0
    executions: int = 0

    def send(self, request: orders.DeskRequest) -> None:
        self.lines.append(Sent(len(self.lines), request))
        self.lines.append(Confirmed(len(self.lines), (request_key(request),)))

    def hear(self, report: DeskReport) -> None:
        self.lines.append(Heard(len(self.lines), report, False))

    def new(self, clordid: str, side: Side, qty: int, price: str, **terms: Any) -> Told:
        self.send(
            orders.NewOrderSingle(
                ClOrdID=clordid,
                Account=self.account,
                Symbol=SYMBOL,
                Side=side,
                OrderQty=D(qty),
                OrdType=OrdType.Limit,
                Price=D(price),
                **terms,
            )
        )
        return Told(f"{self.account}-{clordid}", clordid, side, D(qty), D(price))

    def cancel(self, order: Told, clordid: str) -> None:
        self.send(
            orders.OrderCancelRequest(
                ClOrdID=clordid, OrigClOrdID=order.clordid, Account=self.account
            )
        )

    def replace(self, order: Told, clordid: str, qty: int) -> None:
        self.send(
            orders.OrderCancelReplaceRequest(
                ClOrdID=clordid,
                OrigClOrdID=order.clordid,
                Account=self.account,
                Symbol=SYMBOL,
                Side=order.side,
                OrderQty=D(qty),
                OrdType=OrdType.Limit,
                Price=order.price,
            )
        )

    def report(
        self, order: Told, exec_type: ExecType, status: OrdStatus, **changed: Any
    ) -> ExecutionReport:
        self.seq += 1
        self.execs += 1
        ended = status in (OrdStatus.Canceled, OrdStatus.Rejected, OrdStatus.Expired)
        fields: dict[str, Any] = {
            "OrderID": order.order_id,
            "ClOrdID": order.clordid if order.named else None,
            "ExecID": f"{self.account}-E{self.execs}",
            "ExecType": exec_type,
            "OrdStatus": status,
            "Account": self.account,
            "Symbol": SYMBOL,
            "Side": order.side,
            "OrdType": OrdType.Limit,
            "TimeInForce": TimeInForce.Day,
            "Price": order.price,
            "OrderQty": order.qty,
            "CumQty": order.cum,
            "LeavesQty": ZERO if ended else max(ZERO, order.qty - order.cum),
            "AvgPx": order.value / order.cum if order.cum else D(0),
            "TransactTime": self.seq,
            "ReportSeq": self.seq,
        }
        report = ExecutionReport(**{**fields, **changed})
        self.hear(report)
        return report

    def trade(self, order: Told, qty: int, price: str, status: OrdStatus, **changed: Any) -> str:
        """A fill on both sides; returns the ExecID of its report."""
        order.cum += D(qty)
        order.value += D(qty) * D(price)
        last = {"LastQty": D(qty), "LastPx": D(price), "LastMkt": VENUE}
        report = self.report(order, ExecType.Trade, status, **{**last, **changed})
        self.executions += 1
        name = f"{self.account}-X{self.executions}"
        fill = VenueFill(VENUE, name, f"child-{name}", SYMBOL, order.side, D(qty), D(price))
        self.fills.append(fill)
        self.booked[report.ExecID] = fill
        return report.ExecID

    def bust(self, order: Told, exec_ref: str, status: OrdStatus, **changed: Any) -> None:
        """The venue takes a fill back, and the desk hears of it."""
        fill = self.booked.pop(exec_ref)
        self.fills.remove(fill)
        self.changes.append(VenueChange(VENUE, fill.exec_id, ZERO, ZERO))
        order.cum -= fill.last_qty
        order.value -= fill.last_qty * fill.last_px
        last = {"LastQty": ZERO, "LastPx": ZERO, "LastMkt": VENUE, "ExecRefID": exec_ref}
        self.report(order, ExecType.TradeCancel, status, **{**last, **changed})

    def correct(
        self, order: Told, exec_ref: str, qty: int, price: str, status: OrdStatus, **changed: Any
    ) -> str:
        """The venue corrects a fill, and the desk hears of it; returns the new ExecID."""
        fill = self.booked.pop(exec_ref)
        by = replace(fill, last_qty=D(qty), last_px=D(price))
        self.fills[self.fills.index(fill)] = by
        self.changes.append(VenueChange(VENUE, fill.exec_id, D(qty), D(price)))
        order.cum += by.last_qty - fill.last_qty
        order.value += by.last_qty * by.last_px - fill.last_qty * fill.last_px
        last = {"LastQty": D(qty), "LastPx": D(price), "LastMkt": VENUE, "ExecRefID": exec_ref}
        report = self.report(order, ExecType.TradeCorrect, status, **{**last, **changed})
        self.booked[report.ExecID] = by
        return report.ExecID

    def cancel_reject(self, order: Told, clordid: str, status: OrdStatus) -> None:
        self.seq += 1
        self.hear(
            OrderCancelReject(
                OrderID=order.order_id,
                ClOrdID=clordid,
                OrigClOrdID=order.clordid,
                OrdStatus=status,
                Account=self.account,
                CxlRejResponseTo=CxlRejResponseTo.OrderCancelRequest,
                CxlRejReason=CxlRejReason.TooLateToCancel,
                TransactTime=self.seq,
                ReportSeq=self.seq,
            )
        )

    def heard(self, seq: int) -> int:
        """The place in ``lines`` of the report with this ReportSeq."""
        return next(place for place, found in self.reports() if found.ReportSeq == seq)

    def reports(self) -> Iterator[tuple[int, Any]]:
        for place, line in enumerate(self.lines):
            if isinstance(line, Heard):
                yield place, line.report

    def edit(self, seq: int, **changed: Any) -> None:
        """Make the report with this ReportSeq say something else."""
        place = self.heard(seq)
        report = self.lines[place].report  # type: ignore[union-attr]
        self.lines[place] = Heard(place, report.model_copy(update=changed), False)

    def again(self, seq: int, **changed: Any) -> None:
        """Let the report with this ReportSeq be heard once more, as the last line."""
        report = self.lines[self.heard(seq)].report  # type: ignore[union-attr]
        self.lines.append(Heard(0, report.model_copy(update=changed), True))


def a_good_day(desk: str = "desk-a", account: str = ACCOUNT) -> Story:
    """Seven requests: two orders filled, one canceled, one rejected, a cancel that came too late.

    ReportSeq: 1-3 c1, 4-6 c2, 7 c4, 8-11 c5, 12 c7.
    """
    story = Story(desk, account)
    c1 = story.new("c1", Side.Buy, 100, "10.00")
    story.report(c1, ExecType.New, OrdStatus.New)
    story.trade(c1, 40, "10.00", OrdStatus.PartiallyFilled)
    story.trade(c1, 60, "9.99", OrdStatus.Filled)
    c2 = story.new("c2", Side.Sell, 50, "11.00")
    story.report(c2, ExecType.New, OrdStatus.New)
    story.cancel(c2, "c3")
    asked = {"ClOrdID": "c3", "OrigClOrdID": "c2"}
    story.report(c2, ExecType.PendingCancel, OrdStatus.PendingCancel, **asked)
    story.report(c2, ExecType.Canceled, OrdStatus.Canceled, **asked)
    c4 = story.new("c4", Side.Buy, 7, "10.00")
    story.report(c4, ExecType.Rejected, OrdStatus.Rejected)
    c5 = story.new("c5", Side.Buy, 10, "10.00")
    story.report(c5, ExecType.New, OrdStatus.New)
    story.replace(c5, "c6", 20)
    asked = {"ClOrdID": "c6", "OrigClOrdID": "c5"}
    story.report(c5, ExecType.PendingReplace, OrdStatus.PendingReplace, **asked)
    c5.qty, c5.clordid = D(20), "c6"
    story.report(c5, ExecType.Replaced, OrdStatus.New, OrigClOrdID="c5")
    story.trade(c5, 20, "10.00", OrdStatus.Filled)
    story.cancel(c1, "c7")
    story.cancel_reject(c1, "c7", OrdStatus.Filled)
    return story
