"""What the venues executed against what the desks heard of, fill by fill.

Names differ on the two sides (a venue knows child orders and its own ExecIDs), so fills are
compared as sets: as many of each (venue, symbol, side, price, quantity) here as there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from messages import fix


@dataclass(frozen=True, slots=True)
class VenueFill:
    """One execution in a venue's own books. ``clordid`` is the child order's name there."""

    venue: str
    exec_id: str
    clordid: str
    symbol: str
    side: fix.Side
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


class Compared(NamedTuple):
    """``unheard``: executed and heard by no desk. ``unexecuted``: heard and executed by nobody."""

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


def compare(at_venues: Counter[Fill], at_desks: Counter[Fill]) -> Compared:
    """Which fills are on one side only."""
    unheard, unexecuted = at_venues - at_desks, at_desks - at_venues
    return Compared(
        unheard.total(),
        unexecuted.total(),
        [
            *_sentences(unheard, "was executed and no desk heard of it"),
            *_sentences(unexecuted, "was heard by a desk and never executed"),
        ],
    )


def _sentences(fills: Counter[Fill], what: str) -> Iterator[str]:
    for fill, count in fills.items():
        yield f"{fill} {what}" + (f", {count} times" if count > 1 else "")
