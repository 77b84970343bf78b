"""The records of desks, read once, and what can be looked up in them."""

from dataclasses import dataclass, field
from decimal import Decimal

from gateways.amqp.desk_record import Heard, Line, Sent
from messages.fix import ExecType, OrdRejReason
from messages.lists import NewOrderList
from messages.orders import NewOrderSingle, OrderCancelReplaceRequest, OrderMassCancelRequest
from messages.reports import ExecutionReport, OrderCancelReject, OrderMassCancelReport

Changes = NewOrderSingle | OrderCancelReplaceRequest


@dataclass
class Known:
    """One order as its desk knows it: who named it how, and its last CumQty.

    ``tried``: replaces of it that were refused.
    """

    names: dict[tuple[str, str], None] = field(default_factory=dict)
    tried: dict[tuple[str, str], None] = field(default_factory=dict)
    cum: Decimal = Decimal(0)
    seq: int = 0
    """The highest ReportSeq of those about it: what comes again says nothing new."""


class Evidence:
    """The records of all desks, read once."""

    def __init__(self, lines: dict[str, list[Line]]) -> None:
        self.lines = lines
        self.asked: dict[tuple[str, str], Changes] = {}
        self.orders: dict[str, Known] = {}
        self.mass: dict[tuple[str, str], tuple[str | None, set[str]]] = {}
        self.reports = 0
        for desk, said in lines.items():
            for line in said:
                if isinstance(line, Sent):
                    self._sent(desk, line)
                elif isinstance(line, Heard):
                    self._heard(desk, line)

    def _sent(self, desk: str, line: Sent) -> None:
        match line.request:
            case NewOrderSingle() | OrderCancelReplaceRequest() as said:
                self.asked.setdefault((desk, said.ClOrdID), said)
            case NewOrderList() as said:
                for one in said.Orders:
                    terms = one.terms().__dict__
                    single = NewOrderSingle(ClOrdID=one.ClOrdID, Account=said.Account, **terms)
                    self.asked.setdefault((desk, one.ClOrdID), single)
            case OrderMassCancelRequest() as said:
                self.mass.setdefault((desk, said.ClOrdID), (said.Account, set()))

    def _heard(self, desk: str, line: Heard) -> None:
        self.reports += 1
        match line.report:
            case ExecutionReport() as said:
                order = self.orders.setdefault(said.OrderID, Known())
                refused = said.OrdRejReason is OrdRejReason.DuplicateOrder
                if said.ClOrdID and not refused and said.ExecType is not ExecType.OrderStatus:
                    order.names[desk, said.ClOrdID] = None
                late = said.ReportSeq is not None and said.ReportSeq <= order.seq
                if not late and said.ExecType is not ExecType.OrderStatus and not said.PossResend:
                    order.cum, order.seq = said.CumQty, said.ReportSeq or order.seq
            case OrderCancelReject() as said:
                self.orders.setdefault(said.OrderID, Known()).tried[desk, said.ClOrdID] = None
            case OrderMassCancelReport() as said if (desk, said.ClOrdID) in self.mass:
                self.mass[desk, said.ClOrdID][1].add(said.Account)
