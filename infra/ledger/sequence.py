"""ReportSeq of one desk and account: 1, 2, 3 ... each once. Reports are handed on in that order."""

from collections.abc import Iterator
from typing import NamedTuple

from messages import lists, reports

Sequenced = (
    reports.ExecutionReport
    | reports.OrderCancelReject
    | reports.OrderMassCancelReport
    | lists.ListStatus
    | reports.BusinessMessageReject
)


class Repeat(NamedTuple):
    """A number that came before; ``same`` when it said the same."""

    seq: int
    same: bool


class Sequence:
    """Early reports are held until those before them have come; after a gap, until the close."""

    def __init__(self, first: int = 1) -> None:
        self._next = first
        self._early: dict[int, Sequenced] = {}
        self._contents: dict[int, int] = {}

    def hear(self, report: Sequenced) -> Iterator[Sequenced | Repeat]:
        """The reports that are due now, in order, or the Repeat that this one is."""
        seq = report.ReportSeq
        if seq is None:
            yield report
            return
        content = content_of(report)
        known = self._contents.setdefault(seq, content)
        if seq < self._next or seq in self._early:
            yield Repeat(seq, same=known == content)
            return
        self._early[seq] = report
        while self._next in self._early:
            yield self._early.pop(self._next)
            self._next += 1

    def rest(self) -> Iterator[Sequenced]:
        """What was held back behind a gap."""
        for seq in sorted(self._early):
            yield self._early[seq]

    def missing(self) -> list[tuple[int, int]]:
        """The gaps as (first, last) missing number."""
        found, expected = [], self._next
        for seq in sorted(self._early):
            if seq > expected:
                found.append((expected, seq - 1))
            expected = seq + 1
        return found


def content_of(report: Sequenced, *, numbered: bool = True) -> int:
    """A number that differs where two reports say different things (PossResend apart)."""
    leave_out = {"PossResend"} if numbered else {"PossResend", "ReportSeq"}
    return hash(report.model_dump_json(exclude=leave_out))
