"""What surveillance remembers: a little of everybody, and never more than a fixed amount.

Each ring has a length, and of orders, tracks and alerts the oldest are let go: the state is bounded
whatever the market does, and the journal keeps what the memory lets go.
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeVar

from messages.base import SECOND, Instant
from messages.thresholds import (
    Capacity,
    Party,
    Restriction,
    SurveillanceDefinition,
    Thresholds,
    Watched,
)

LIVE, TRACKS, TAPES, ALERTS, NEWS = 50_000, 1_000, 2_000, 5_000, 500
PAST, TRADES, ACTS, MINUTES, TAPE, HOUSE, CUSTOMERS, TIMES = 64, 64, 256, 6, 256, 64, 128, 8

ZERO = Decimal(0)
DAY: Instant = 86_400 * SECOND

T = TypeVar("T")
K = TypeVar("K")


def push(ring: deque[T], item: T, most: int) -> None:
    """The newest is last, the oldest is let go. (A deque in a snapshot forgets its length.)"""
    ring.append(item)
    if len(ring) > most:
        ring.popleft()


@dataclass(slots=True)
class Order:
    """An order as it is, or as it was when it ended (``gone_at``). ``sign``: +1 buys.

    ``most``: the largest quantity that it ever showed.
    """

    id: str
    account: str
    owner: str
    desk: str
    symbol: str
    sign: int
    qty: Decimal
    px: Decimal | None
    at: Instant
    entry: int
    filled: Decimal = ZERO
    gone_at: Instant = 0
    asked: bool = False
    gone_entry: int = 0
    most: Decimal = ZERO


class Trade(NamedTuple):
    """One fill. ``quick``: within a second of the order's entry, so it took what was there."""

    order: str
    account: str
    owner: str
    desk: str
    sign: int
    qty: Decimal
    px: Decimal
    at: Instant
    entry: int
    venue: str
    quick: bool


@dataclass(slots=True)
class Minute:
    """How many orders were entered, cancelled and filled (for the first time) in one minute."""

    number: int
    entered: int = 0
    canceled: int = 0
    filled: int = 0


@dataclass(slots=True)
class Track:
    """What one owner does in one symbol: live orders, those that ended, trades, and how often."""

    live: dict[str, bool] = field(default_factory=dict)
    past: deque[Order] = field(default_factory=deque)
    trades: deque[Trade] = field(default_factory=deque)
    acts: deque[Instant] = field(default_factory=deque)
    minutes: deque[Minute] = field(default_factory=deque)


@dataclass(slots=True)
class Tape:
    """One symbol: everybody's trades, the house's among them, open orders of customers, a quote."""

    trades: deque[Trade] = field(default_factory=deque)
    house: deque[Trade] = field(default_factory=deque)
    customers: dict[str, bool] = field(default_factory=dict)
    bid: Decimal | None = None
    offer: Decimal | None = None
    quoted_at: Instant = 0


@dataclass(slots=True)
class Habit:
    """How much money one owner's trades are, over all symbols."""

    trades: int = 0
    money: Decimal = ZERO


@dataclass(slots=True)
class Case:
    """An alert as people see it; what it says stands in the journal. ``said``: the last step."""

    status: str = "New"
    assignee: str | None = None
    said: str = ""


@dataclass(slots=True)
class SurveillanceState:
    """``tracks`` by ``owner symbol``, those that moved last at the end. ``last``: of each kind of
    alert, pattern, owner and symbol, when it was raised.
    """

    definition: SurveillanceDefinition = field(default_factory=SurveillanceDefinition)
    closes: dict[str, list[Instant]] = field(default_factory=dict)
    live: dict[str, Order] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    tapes: dict[str, Tape] = field(default_factory=dict)
    habits: dict[str, Habit] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    last: dict[str, Instant] = field(default_factory=dict)
    news: dict[str, bool] = field(default_factory=dict)
    alerts: int = 0


class Known:
    """The definition by name. Not state: made of it anew whenever it changes."""

    def __init__(self, told: SurveillanceDefinition) -> None:
        self.told = told
        self.bands = {band.Band: band for band in told.Bands}
        self.parties = {party.Account: party for party in told.Parties}
        self.watched = {one.Symbol: one for one in told.Instruments}
        self.restricted: dict[str, list[Restriction]] = {}
        for one in told.Restrictions:
            self.restricted.setdefault(one.Symbol, []).append(one)
        self._usual = Thresholds(Band="usual")

    def limits(self, symbol: str) -> Thresholds:
        """Those of the symbol's band; the usual ones where it has none."""
        watched = self.watched.get(symbol)
        band = watched.Band if watched else None
        return self.bands.get(band, self._usual) if band else self._usual

    def party(self, account: str) -> Party:
        """Who is behind the account; a customer on no wall where nobody said."""
        found = self.parties.get(account)
        if found is None:
            found = self.parties[account] = Party.model_construct(Account=account)
        return found

    def owner(self, account: str) -> str:
        """The beneficial owner."""
        return self.party(account).Owner or account

    def is_house(self, account: str) -> bool:
        """Whether the firm trades for itself, or one of its people does."""
        return self.party(account).Capacity in (Capacity.House, Capacity.Employee)

    def multiplier(self, symbol: str) -> Decimal:
        """Money per price point of one unit."""
        watched = self.watched.get(symbol)
        return watched.ContractMultiplier if watched else Decimal(1)


def key(owner: str, symbol: str) -> str:
    """The name of a track."""
    return f"{owner} {symbol}"


def next_close(state: SurveillanceState, watched: Watched, at: Instant) -> Instant | None:
    """The first close that is not before ``at``; None: nobody said when trading closes."""
    if watched.Calendar is not None:
        closes = state.closes.get(watched.Calendar, [])
        index = bisect_right(closes, at - 1)
        return closes[index] if index < len(closes) else None
    if watched.CloseAt is None:
        return None
    close = at - at % DAY + watched.CloseAt * SECOND
    return close if close >= at else close + DAY


def trim(rows: dict[K, T], most: int) -> None:
    """Let the oldest go."""
    while len(rows) > most:
        del rows[next(iter(rows))]
