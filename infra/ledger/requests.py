"""Every request of a desk and how it was answered: each gets one accept or one reject.

A ClOrdID names one request, however often it was sent; the refusal of a second use of it leaves
the first as it was. A list is one request, and so is each order in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from gateways.amqp.desk_record import request_key
from messages import lists, orders, reports
from messages.fix import CxlRejReason, ExecType, ListStatusType, OrdRejReason

_KEYS = {
    "OrderStatusRequest": "status ",
    "OrderMassStatusRequest": "status ",
    "NewOrderList": "list ",
    "ListCancelRequest": "about list ",
    "ListStatusRequest": "about list ",
}
"""What stands before a request's name in its key, where that is not the ClOrdID alone."""
LISTS = (lists.NewOrderList, lists.ListCancelRequest, lists.ListStatusRequest)
PENDING = (ExecType.PendingNew, ExecType.PendingCancel, ExecType.PendingReplace)


class Answer(IntEnum):
    """How far the answer to a request has come."""

    Missing = 0
    Pending = 1
    Accepted = 2
    Rejected = 3


@dataclass(slots=True)
class Request:
    """One request: what was sent, whether the broker confirmed it, and its answer."""

    said: orders.DeskRequest
    confirmed: bool = False
    answer: Answer = Answer.Missing

    @property
    def settled(self) -> bool:
        """Whether it was accepted or rejected."""
        return self.answer >= Answer.Accepted


class Requests:
    """The requests of one desk."""

    def __init__(self, desk: str) -> None:
        self._desk = desk
        self._known: dict[str, Request] = {}
        self._orders: dict[str, str] = {}  # ClOrdID -> OrderID
        self._asked: list[str] = []  # keys of status requests
        self._members: dict[str, list[str]] = {}  # key of a list -> ClOrdIDs of its orders
        self._lists: dict[str, list[Request]] = {}  # ListID -> the list, and what is about it

    def sent(self, said: orders.DeskRequest) -> None:
        """A request went out."""
        key = request_key(said)
        request = self._known.setdefault(key, Request(said))
        if isinstance(said, orders.OrderStatusRequest):
            self._asked.append(key)
        elif isinstance(said, LISTS):
            self._lists.setdefault(said.ListID, []).append(request)
        if isinstance(said, lists.NewOrderList):
            self._members[key] = [order.ClOrdID for order in said.Orders]
            for order in said.Orders:
                single = orders.NewOrderSingle(
                    ClOrdID=order.ClOrdID, Account=said.Account, **order.terms().__dict__
                )
                self._known.setdefault(order.ClOrdID, Request(single))

    def confirmed(self, keys: tuple[str, ...]) -> None:
        """The broker took these requests."""
        for key in keys:
            for name in (key, *self._members.get(key, ())):
                if name in self._known:
                    self._known[name].confirmed = True

    def get(self, clordid: str) -> orders.DeskRequest | None:
        """The request of that ClOrdID, questions excepted."""
        found = self._known.get(clordid)
        return found.said if found else None

    def answered(self, report: reports.DeskReport) -> Iterator[str]:
        """Take a report for an answer; yields what is wrong with it."""
        if isinstance(report, lists.ListStatus):
            yield from self._list_answered(report)
            return
        key, answer = _meaning(report)
        if not key:
            return  # about an order that the venue made: nobody asked
        if isinstance(report, reports.ExecutionReport):
            if report.ClOrdID is not None:
                self._orders.setdefault(report.ClOrdID, report.OrderID)
            self._changed(report)
        found = self._known.get(key) or self._known.get(f"status {key}") or self._question(report)
        if found is None:
            if not isinstance(report, reports.BusinessMessageReject):  # it may quote nonsense
                yield f"{self._desk} heard {_kind(report)} for {key!r}, which it never sent"
            return
        if isinstance(found.said, orders.OrderMassCancelRequest) and not isinstance(
            report, reports.OrderMassCancelReport | reports.BusinessMessageReject
        ):
            return  # about one of the orders that it cancels
        if _duplicate(report):
            return
        if found.settled and answer is not found.answer and answer is not Answer.Pending:
            if _says_more(report, found.said, answer):
                return
            rejected_after_new = (
                isinstance(found.said, orders.NewOrderSingle) and answer is Answer.Rejected
            )
            if not rejected_after_new:
                kind = found.said.MsgType
                yield f"{kind} {key} of {self._desk} was both accepted and rejected"
                return
        found.answer = max(found.answer, answer)
        if isinstance(report, reports.BusinessMessageReject):
            for name in self._members.get(key, ()):
                self._known[name].answer = max(self._known[name].answer, answer)

    def _list_answered(self, report: lists.ListStatus) -> Iterator[str]:
        """An Ack answers the list, a Response the first cancel or question without an answer."""
        ack = report.ListStatusType is ListStatusType.Ack
        about = [
            request
            for request in self._lists.get(report.ListID, ())
            if isinstance(request.said, lists.NewOrderList) is ack
        ]
        if not about:
            yield f"{self._desk} heard ListStatus for {report.ListID!r}, which it never sent"
            return
        found = min(about, key=lambda request: request.answer)
        found.answer = max(found.answer, Answer.Rejected if report.Refusal else Answer.Accepted)

    def _changed(self, report: reports.ExecutionReport) -> None:
        """An order canceled or replaced before its venue had it was taken: no New follows."""
        first = self._known.get(report.OrigClOrdID or "")
        if first and report.ExecType in (ExecType.Canceled, ExecType.Replaced):
            first.answer = max(first.answer, Answer.Accepted)

    def _question(self, report: reports.DeskReport) -> Request | None:
        """The status request that was answered with a newer ClOrdID of the order it named."""
        if not isinstance(report, reports.ExecutionReport) or report.OrdStatusReqID:
            return None
        if report.ExecType is not ExecType.OrderStatus:
            return None
        about = [
            self._known[key]
            for key in self._asked
            if self._orders.get(key.removeprefix("status ")) == report.OrderID
        ]
        return min(about, key=lambda request: request.answer, default=None)

    def count(self, answer: Answer) -> int:
        """How many requests came to this answer."""
        return sum(1 for request in self._known.values() if request.answer is answer)

    def unconfirmed(self) -> int:
        """Requests that were neither confirmed nor answered: they may never have arrived."""
        return sum(1 for request in self._known.values() if _never_arrived(request))

    def unanswered(self) -> Iterator[str]:
        """One sentence for each request that arrived and was neither accepted nor rejected."""
        for key, request in self._known.items():
            what = f"{request.said.MsgType} {key} of {self._desk}"
            if request.answer is Answer.Pending:
                yield f"{what} was reported pending and never answered"
            elif not request.settled and not _never_arrived(request):
                yield f"{what} was confirmed by the broker and never answered"


def _never_arrived(request: Request) -> bool:
    return request.answer is Answer.Missing and not request.confirmed


def _duplicate(report: reports.DeskReport) -> bool:
    return (
        isinstance(report, reports.ExecutionReport)
        and report.OrdRejReason is OrdRejReason.DuplicateOrder
    ) or (
        isinstance(report, reports.OrderCancelReject)
        and report.CxlRejReason is CxlRejReason.DuplicateClOrdID
    )


def _says_more(report: reports.DeskReport, said: orders.DeskRequest, answer: Answer) -> bool:
    """Whether a settled request is only named: by a repeat of its answer, or by what became of the
    order since. An order is rejected under its newest name, a replace by OrderCancelReject.
    """
    if not isinstance(report, reports.ExecutionReport):
        return False
    replaced = isinstance(said, orders.OrderCancelReplaceRequest) and answer is Answer.Rejected
    return replaced or report.PossResend


def _meaning(
    report: reports.ExecutionReport
    | reports.OrderCancelReject
    | reports.OrderMassCancelReport
    | reports.BusinessMessageReject,
) -> tuple[str, Answer]:
    """Which request the report answers, and how."""
    match report:
        case reports.BusinessMessageReject():
            before = _KEYS.get(report.RefMsgType or "", "")
            return f"{before}{report.BusinessRejectRefID or ''}", Answer.Rejected
        case reports.OrderMassCancelReport():
            return report.ClOrdID, Answer.Accepted
        case reports.OrderCancelReject():
            return report.ClOrdID, Answer.Rejected
        case reports.ExecutionReport(ExecType=ExecType.OrderStatus):
            asked = report.OrdStatusReqID or report.MassStatusReqID or report.ClOrdID
            return f"status {asked}" if asked else "", Answer.Accepted
        case reports.ExecutionReport(ExecType=exec_type):
            if exec_type in PENDING:
                return report.ClOrdID or "", Answer.Pending
            rejected = exec_type is ExecType.Rejected
            return report.ClOrdID or "", Answer.Rejected if rejected else Answer.Accepted


def _kind(report: reports.DeskReport) -> str:
    exec_type = report.ExecType if isinstance(report, reports.ExecutionReport) else ""
    return f"{report.MsgType} {exec_type}".strip()
