"""What the venues executed against what the desks heard of, fill by fill.

Names differ on the two sides (a venue knows child orders and its own ExecIDs), so fills are
compared as sets: as many of each (venue, symbol, side, price, quantity) here as there, as they
stand at the end: what was taken back is on neither side, what was corrected has its last values.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from messages import fix


@dataclass(frozen=True, slots=True)
class VenueFill:
    """One execution in a venue's own books, as it stands. ``clordid`` is the child order's name
    there; empty where the venue made the order.
    """

    venue: str
    exec_id: str
    clordid: str
    symbol: str
    side: fix.Side
    last_qty: Decimal
    last_px: Decimal


@dataclass(frozen=True, slots=True)
class VenueChange:
    """What a venue did to an execution afterwards: other values, or quantity 0: taken back."""

    venue: str
    exec_id: str
    last_qty: Decimal
    last_px: Decimal


class Fill(NamedTuple):
    """What one fill looks like from either side."""

    venue: str
    symbol: str
    side: fix.Side
    px: Decimal
    qty: Decimal

    def __str__(self) -> str:
        return f"{self.side} {self.qty} {self.symbol} at {self.px} on {self.venue}"


class Change(NamedTuple):
    """What one bust (quantity and price 0) or correction looks like from either side."""

    venue: str
    px: Decimal
    qty: Decimal

    def __str__(self) -> str:
        what = f"a correction to {self.qty} at {self.px}" if self.qty else "a bust"
        return f"{what} on {self.venue}"


@dataclass(slots=True)
class Tally:
    """What one desk heard of fills. ``standing``: those that count, with their last values."""

    standing: Counter[Fill] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)
    heard: int = 0
    busted: int = 0
    corrected: int = 0
    breaks: int = 0

    def filled(self, fill: Fill) -> None:
        """A fill was heard for the first time."""
        self.heard += 1
        self.standing[fill] += 1

    def took_back(self, fill: Fill) -> None:
        """A fill that counted is no longer one."""
        self.busted += 1
        self.standing[fill] -= 1
        self.changes[Change(fill.venue, Decimal(0), Decimal(0))] += 1

    def replaced(self, fill: Fill, by: Fill) -> None:
        """A fill that counted has other values."""
        self.corrected += 1
        self.standing[fill] -= 1
        self.standing[by] += 1
        self.changes[Change(by.venue, by.px, by.qty)] += 1


class Compared(NamedTuple):
    """``unheard``: done and heard by no desk. ``unexecuted``: heard and done by nobody."""

    unheard: int
    unexecuted: int
    problems: list[str]


def executed(fills: Iterable[VenueFill], problems: list[str]) -> Counter[Fill]:
    """The venues' fills, each (venue, ExecID) once; a second content of one is a problem."""
    known: dict[tuple[str, str], VenueFill] = {}
    for fill in fills:
        first = known.setdefault((fill.venue, fill.exec_id), fill)
        if first != fill:
            problems.append(f"{fill.venue} used ExecID {fill.exec_id} for two executions")
            known[fill.venue, f"{fill.exec_id} {len(known)}"] = fill
    return Counter(
        Fill(fill.venue, fill.symbol, fill.side, fill.last_px, fill.last_qty)
        for fill in known.values()
    )


def changed(changes: Iterable[VenueChange]) -> Counter[Change]:
    """The venues' busts and corrections."""
    return Counter(
        Change(one.venue, one.last_px if one.last_qty else Decimal(0), one.last_qty)
        for one in changes
    )


def compare(at_venues: Counter[Fill], at_desks: Counter[Fill]) -> Compared:
    """Which fills are on one side only.

    A bust that a desk did not hear leaves a fill that nobody executed; one that the venue did not
    make, a fill that no desk counts.
    """
    unheard, unexecuted = at_venues - at_desks, at_desks - at_venues
    return Compared(
        unheard.total(),
        unexecuted.total(),
        [
            *_sentences(unheard, "was executed and no desk heard of it"),
            *_sentences(unexecuted, "was heard by a desk and never executed"),
        ],
    )


def compare_changes(
    at_venues: Counter[Change], at_desks: Counter[Change], fills: Compared
) -> Compared:
    """Which busts and corrections are on one side only; counted where the fills do not show it.

    A fill that nobody heard of, and was then taken back, is not missing among the fills.
    """
    unheard, unexecuted = at_venues - at_desks, at_desks - at_venues
    seen = fills.unheard + fills.unexecuted
    return Compared(
        0 if seen else unheard.total(),
        0 if seen else unexecuted.total(),
        [
            *_sentences(unheard, "was made by the venue and no desk heard of it"),
            *_sentences(unexecuted, "was heard by a desk and never made by the venue"),
        ],
    )


def _sentences(found: Counter[Fill] | Counter[Change], what: str) -> Iterator[str]:
    for one, count in found.items():
        yield f"{one} {what}" + (f", {count} times" if count > 1 else "")
