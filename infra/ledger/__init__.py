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
from infra.ledger.fills import (
    Change,
    Compared,
    Fill,
    VenueChange,
    VenueFill,
    changed,
    compare,
    compare_changes,
    executed,
)
from infra.ledger.requests import Answer

__all__ = ["Ledger", "VenueChange", "VenueFill", "close"]


@dataclass(frozen=True)
class Ledger:
    """The totals over all desks. ``balanced`` when nothing is wrong.

    sent: requests (by ClOrdID) that the broker confirmed or anybody answered; the others are
    ``unconfirmed``, and may never have arrived.
    accepted, rejected: how requests of every kind were answered; ``sent = accepted + rejected``
    where none is lost.
    filled: orders that ended because all of them traded. canceled: orders that ended otherwise
    (canceled, expired, done for the day). open: orders that can still trade, today or later.
    adopted: those of all orders that a venue made, and no desk sent.
    fills: fills heard, each ExecID once. busted, corrected: how often one was taken back or got
    other values afterwards.
    gaps: missing ReportSeqs.
    lost: requests without an answer + fills that no desk heard + gaps.
    duplicated: fills heard that nobody executed.
    breaks: what venues did against the rules and the desks were told of: more than OrderQty, a
    fill of a rejected order. Booked, so neither lost nor duplicated, and among the problems.
    problems: one sentence for every single thing that is wrong.
    """

    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    filled: int = 0
    canceled: int = 0
    open: int = 0
    adopted: int = 0
    fills: int = 0
    busted: int = 0
    corrected: int = 0
    lost: int = 0
    duplicated: int = 0
    gaps: int = 0
    unconfirmed: int = 0
    breaks: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Nothing lost, nothing duplicated, and no report contradicts another."""
        return not self.problems and not self.lost and not self.duplicated

    def line(self) -> str:
        """The totals in one line."""
        names = ("sent", "accepted", "rejected", "filled", "lost", "duplicated")
        return " ".join(f"{name}={getattr(self, name)}" for name in names)


def close(
    records: Mapping[str, Iterable[Line]],
    venue_fills: Iterable[VenueFill],
    venue_changes: Iterable[VenueChange] | None = None,
) -> Ledger:
    """Close the books over the whole record of every desk and all executions of every venue.

    ``records``: desk -> its lines from the day's first ReportSeq on, read once. Both sides must
    cover the same orders: a desk or a venue left out shows as fills on one side only.
    ``venue_fills``: executions as they stand at last, without those that were taken back.
    ``venue_changes``: every bust and correction; None where the venues do not list them, and then
    only what became of the fills is compared.
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
    heard = sum((book.tally.standing for book in books), Counter[Fill]())
    fills = compare(executed(venue_fills, problems), heard)
    compared = [fills]
    if venue_changes is not None:
        changes = sum((book.tally.changes for book in books), Counter[Change]())
        compared.append(compare_changes(changed(venue_changes), changes, fills))
    return _totals(books, compared, problems)


def _totals(books: list[DeskBooks], compared: list[Compared], problems: list[str]) -> Ledger:
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
        canceled=sum(order.gone for order in orders),
        open=sum(not order.over and not order.filled for order in orders),
        adopted=sum(order.named is False for order in orders),
        fills=sum(book.tally.heard for book in books),
        busted=sum(book.tally.busted for book in books),
        corrected=sum(book.tally.corrected for book in books),
        lost=unanswered + gaps + sum(found.unheard for found in compared),
        duplicated=sum(found.unexecuted for found in compared),
        gaps=gaps,
        unconfirmed=unconfirmed,
        breaks=sum(book.tally.breaks for book in books),
        problems=problems + [what for found in compared for what in found.problems],
    )
