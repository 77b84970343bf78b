"""Limits that accounts share, one row each: what is lent of it, and what an account uses.

A pool is such a limit of the firm or of a desk, named ``firm`` or ``desk alpha``, with the kind of
its row after that. What an account uses of a pool never is less than nothing, so no account's
orders make room for another's: what all use together is within what is lent.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from actors.account import rates
from actors.account.worth import NOTHING, ZERO, Worth
from messages.base import Instant
from messages.rulebook import RuleBook

if TYPE_CHECKING:
    from actors.account.state import AccountState

RATE = "rate"

Measure = Callable[["AccountState", str, Instant], Decimal]
"""What an account uses of the pool of that name."""


class Shared(NamedTuple):
    """``parameter``: the field of RuleLimits. ``word``: how rules name what an order needs of it.

    ``of``: what an exposure uses; None: it is no exposure, and counts for the desk that sends.
    """

    kind: str
    parameter: str
    word: str
    of: Callable[[Worth], Decimal] | None
    used: Measure


def _exposure(kind: str, parameter: str, word: str, of: Callable[[Worth], Decimal]) -> Shared:
    def used(state: "AccountState", pool: str, now: Instant) -> Decimal:
        del pool, now
        return of(state.worths.total if state.worths else NOTHING)

    return Shared(kind, parameter, word, of, used)


def _long(worth: Worth) -> Decimal:
    return max(ZERO, worth.up)


def _short(worth: Worth) -> Decimal:
    return max(ZERO, -worth.down)


SHARED = {
    row.kind: row
    for row in (
        _exposure("", "SharedGross", "Gross", lambda worth: worth.gross),
        _exposure("long", "SharedNet", "Long", _long),
        _exposure("short", "SharedNet", "Short", _short),
        Shared(RATE, "SharedRate", "Rate", None, rates.spent),
    )
}
"""By kind. Net is lent in two parts: the sum of what accounts are long, and of what short."""


def name_of(level: str, kind: str) -> str:
    """The pool of that kind at a level."""
    return f"{level} {kind}" if kind else level


def kind_of(pool: str) -> str:
    """The kind of a pool, by its name."""
    return _parts(pool)[1]


def limit_of(rules: RuleBook | None, pool: str) -> Decimal:
    """How much of a pool there is; 0 where it is not shared."""
    desk, kind = _parts(pool)
    if rules is None or kind not in SHARED:
        return ZERO
    level = rules.Firm if desk is None else rules.Desks.get(desk)
    found = getattr(level, SHARED[kind].parameter) if level else None
    return Decimal(found) if found is not None else ZERO


def _parts(pool: str) -> tuple[str | None, str]:
    """Desk (None: the firm) and kind."""
    first, *rest = pool.split(" ")
    desk = None if first == "firm" else rest.pop(0)
    return desk, rest[0] if rest else ""
