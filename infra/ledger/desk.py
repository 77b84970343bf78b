"""The books of one desk, kept from its record alone."""

from collections.abc import Generator, Iterator

from gateways.amqp.desk_record import Confirmed, Heard, Line, Sent
from infra.ledger.fills import Tally
from infra.ledger.life import Life
from infra.ledger.requests import Requests
from infra.ledger.sequence import Repeat, Sequence, Sequenced, content_of
from messages.fix import ExecType
from messages.reports import (
    DeskReport,
    ExecutionReport,
    OrderCancelReject,
)

NO_ORDER = "NONE"


class DeskBooks:
    """Feed it every line with ``take``, then ``close`` it, then read what it found."""

    def __init__(self, desk: str, exec_ids: dict[str, int]) -> None:
        """``exec_ids``: ExecID -> content, shared by all desks."""
        self.requests = Requests(desk)
        self.orders: dict[str, Life] = {}
        self.tally = Tally()
        self.gaps = 0
        self._desk = desk
        self._exec_ids = exec_ids
        self._sequences: dict[str, Sequence] = {}

    def take(self, line: Line) -> Iterator[str]:
        """The next line of the record; yields what is wrong with it."""
        match line:
            case Sent(request=request):
                self.requests.sent(request)
            case Confirmed(keys=keys):
                self.requests.confirmed(keys)
            case Heard(report=report):
                yield from self._hear(report)

    def close(self) -> Iterator[str]:
        """After the last line: what never came; yields a sentence for each."""
        for account, sequence in self._sequences.items():
            for first, last in sequence.missing():
                self.gaps += last - first + 1
                yield f"{self._desk} never heard ReportSeq {first} to {last} of {account}"
            for report in sequence.rest():
                yield from self._next(report)
        yield from self.requests.unanswered()
        for order in self.orders.values():
            if order.stuck:
                yield f"order {order.order_id} was left {order.status}"

    def _hear(self, report: DeskReport) -> Iterator[str]:
        if report.Account is None:
            yield from self.requests.answered(report)  # the ingress's word, which has no number
            return
        sequence = self._sequences.setdefault(report.Account, Sequence())
        for due in sequence.hear(report):
            if not isinstance(due, Repeat):
                yield from self._next(due)
            elif not due.same:
                where = f"ReportSeq {due.seq} of {report.Account}"
                yield f"{self._desk} heard two different reports as {where}"

    def _next(self, report: Sequenced) -> Iterator[str]:
        yield from self.requests.answered(report)
        if isinstance(report, OrderCancelReject):
            if report.OrderID in self.orders:
                self.orders[report.OrderID].status = report.OrdStatus
        elif isinstance(report, ExecutionReport) and report.OrderID != NO_ORDER:
            yield from self._execution(report)

    def _execution(self, report: ExecutionReport) -> Iterator[str]:
        repeat = yield from self._repeats(report)
        order = self.orders.get(report.OrderID)
        if order is None:
            order = self.orders[report.OrderID] = Life(report.OrderID, self.tally)
        yield from order.hear(report, repeat)
        yield from order.unlike(report, self.requests.get(report.ClOrdID or ""))

    def _repeats(self, report: ExecutionReport) -> Generator[str, None, bool]:
        """Whether this ExecID was heard before, which is fine only where the report says so."""
        if report.ExecType is ExecType.OrderStatus:
            return False  # answers a question: its ExecID means nothing
        content = content_of(report, numbered=False)
        known = self._exec_ids.get(report.ExecID)
        if known is None:
            self._exec_ids[report.ExecID] = content
            return False
        if not report.PossResend:
            what = "two contents" if known != content else "two ReportSeqs"
            yield f"{self._desk} heard ExecID {report.ExecID} with {what}"
        return True
