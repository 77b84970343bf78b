"""The closing ledger: what the desks sent and heard against what the venues executed.

Computed from the outside alone, never from a journal, so it holds against the whole system the
same evidence that its users and its venues hold. It speaks of a system that came to rest: whatever
is still under way when the records end has not been answered, and counts as lost.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateways.amqp.desk_record import Line
from infra.ledger.desk import DeskBooks
from infra.ledger.fills import Fill, VenueFill, compare, executed
from infra.ledger.requests import Answer
from messages.fix import ExecType

__all__ = ["Ledger", "VenueFill", "close"]


@dataclass(frozen=True)
class Ledger:
    """The totals over all desks. ``balanced`` when nothing is wrong.

    sent: requests (by ClOrdID) that the broker confirmed or anybody answered; the others are
    ``unconfirmed``, and may never have arrived.
    accepted, rejected: how requests of every kind were answered; ``sent = accepted + rejected``
    where none is lost.
    filled: orders that ended because all of them traded. canceled: orders that ended otherwise
    (canceled, expired). open: orders that can still trade.
    fills: fills heard, each ExecID once.
    gaps: missing ReportSeqs.
    lost: requests without an answer + fills that no desk heard + gaps.
    duplicated: fills heard that nobody executed + orders filled beyond their OrderQty.
    problems: one sentence for every single thing that is wrong.
    """

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    filled: int = 0
    canceled: int = 0
    open: int = 0
    fills: int = 0
    lost: int = 0
    duplicated: int = 0
    gaps: int = 0
    unconfirmed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Nothing lost, nothing duplicated, and no report contradicts another."""
        return not self.problems and not self.lost and not self.duplicated

    def line(self) -> str:
        """The totals in one line."""
        names = ("sent", "accepted", "rejected", "filled", "lost", "duplicated")
        return " ".join(f"{name}={getattr(self, name)}" for name in names)


def close(records: Mapping[str, Iterable[Line]], venue_fills: Iterable[VenueFill]) -> Ledger:
    """Close the books over the whole record of every desk and all executions of every venue.

    ``records``: desk -> its lines from the day's first ReportSeq on, read once. Both sides must
    cover the same orders: a desk or a venue left out shows as fills on one side only.
    """
    problems: list[str] = []
    exec_ids: dict[str, int] = {}
    books: list[DeskBooks] = []
    for desk, lines in records.items():
        book = DeskBooks(desk, exec_ids)
        for line in lines:
            problems += book.take(line)
        problems += book.close()
        books.append(book)
    heard = sum((book.fills for book in books), Counter[Fill]())
    fills = compare(executed(venue_fills, problems), heard)
    return _totals(books, fills.unheard, fills.unexecuted, problems + fills.problems)


def _totals(books: list[DeskBooks], unheard: int, unexecuted: int, problems: list[str]) -> Ledger:
    def answered(answer: Answer) -> int:
        return sum(book.requests.count(answer) for book in books)

    orders = [order for book in books for order in book.orders.values()]
    unconfirmed = sum(book.requests.unconfirmed() for book in books)
    unanswered = answered(Answer.Missing) + answered(Answer.Pending) - unconfirmed
    gaps = sum(book.gaps for book in books)
    accepted, rejected = answered(Answer.Accepted), answered(Answer.Rejected)
    return Ledger(
        sent=accepted + rejected + unanswered,
        accepted=accepted,
        rejected=rejected,
        filled=sum(order.filled for order in orders),
        canceled=sum(order.ended in (ExecType.Canceled, ExecType.Expired) for order in orders),
        open=sum(order.ended is None for order in orders),
        fills=sum(book.fills.total() for book in books),
        lost=unanswered + unheard + gaps,
        duplicated=unexecuted + sum(book.overfilled for book in books),
        gaps=gaps,
        unconfirmed=unconfirmed,
        problems=problems,
    )
