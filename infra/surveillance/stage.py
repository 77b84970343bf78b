"""A market in which cases are played: prices that wander, a crowd that trades, and one who acts.

Plain data from a seed. What is written here knows nothing of patterns or thresholds: a case says
what a trader does, and the sightings that follow are those that compliance would send.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple

from actors.surveillance.sight import Sighting
from messages import events as ev
from messages.base import SECOND, Instant
from messages.cases import NewsReported
from messages.fix import Side
from messages.operators import FromOperator
from messages.people import Reason
from messages.thresholds import Capacity, Party, Restriction

NOON: Instant = 1_795_435_200 * SECOND
"""A Monday, 12:00 UTC."""

CLOSE_S = 9_000
"""Trading closes so long after noon."""

VENUES = ("XPAR", "XLON")
CROWD = (
    *("ada", "ben", "cem", "dot", "eve", "fay"),
    *("gus", "hal", "ida", "jon", "kai", "lea"),
)
"""A dozen others: customers of other desks, each for themselves."""


class Security(NamedTuple):
    """``usual``: how far its price moves in an ordinary minute, as a fraction."""

    symbol: str
    band: str
    px: float
    adv: int
    usual: float


SECURITIES = (
    Security("BIG", "large", 180.0, 20_000_000, 0.0006),
    Security("MID", "mid", 45.0, 1_500_000, 0.0010),
    Security("TINY", "small", 12.0, 200_000, 0.0020),
)


Row = Sighting | FromOperator
"""What surveillance hears of it."""


@dataclass
class Case:
    """``owner``: who should be found, or should not. ``over``: when the last of it has happened."""

    pattern: str
    guilty: bool
    what: str
    owner: str
    over: Instant
    rows: list[tuple[Instant, Row]]
    parties: tuple[Party, ...]
    restrictions: tuple[Restriction, ...]


@dataclass
class Stage:
    """One security on one afternoon. Times are seconds after noon, prices and sizes plain floats:
    they become decimals on the tick grid when they are written down.
    """

    random: Random
    security: Security
    start: float = 600.0
    end: float = 2_400.0
    crowd_every: float = 18.0
    moves: list[tuple[float, float]] = field(default_factory=list)
    rows: list[tuple[Instant, Row]] = field(default_factory=list)
    parties: dict[str, Party] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    orders: dict[str, tuple[str, float]] = field(default_factory=dict)
    _entries: dict[str, int] = field(default_factory=dict)
    _phases: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self._phases = tuple(self.random.uniform(0, 6.28) for _ in range(3))

    # ---- the market

    def move(self, at: float, by: float) -> None:
        """From then on prices are higher by this fraction (lower where it is negative)."""
        self.moves.append((at, by))

    def px(self, at: float) -> float:
        """What one unit is worth: it wanders a little around where it was moved to."""
        usual, (a, b, c) = self.security.usual, self._phases
        wander = usual * (
            math.sin(at / 97 + a) + math.sin(at / 211 + b) + 0.5 * math.sin(at / 23 + c)
        )
        level = self.security.px * (1 + 0.7 * wander)
        for since, by in self.moves:
            if at >= since:
                level *= 1 + by
        return level

    def crowd(self, begin: float, end: float, every: float) -> None:
        """Others trade: limit orders around the price, filled, cancelled or left."""
        at = begin + self.random.expovariate(1 / every)
        while at < end:
            self._somebody(at)
            at += self.random.expovariate(1 / every)

    def _somebody(self, at: float) -> None:
        draw = self.random
        account, sign = draw.choice(CROWD), draw.choice((1, -1))
        qty = 100 * draw.randint(1, 6)
        px = self.px(at) * (1 + draw.gauss(0, 0.3) * self.security.usual)
        fate = draw.random()
        if fate < 0.6:
            self.trade(account, sign, qty, at, px=px)
            return
        order = self.order(account, sign, qty, at, px * (1 - sign * self.security.usual))
        if fate < 0.85:
            self.cancel(order, at + draw.uniform(2, 90))
        elif fate < 0.95:
            later = at + draw.uniform(5, 60)
            self.fill(order, qty, later, self.px(later))

    # ---- what a trader does

    def party(
        self,
        account: str,
        capacity: Capacity = Capacity.Customer,
        *,
        owner: str | None = None,
        wall: str | None = None,
        institutional: bool = False,
    ) -> str:
        """Somebody is known; the account."""
        self.parties[account] = Party(
            Account=account, Owner=owner, Capacity=capacity, Wall=wall, Institutional=institutional
        )
        return account

    def order(self, account: str, sign: int, qty: float, at: float, px: float | None) -> str:
        """A new order; its OrderID. ``px`` None: at any price."""
        entry = self._entry(account)
        name = f"{account}-{entry}"
        self.orders[name] = (account, qty)
        self._add(
            at,
            ev.OrderSeen(
                Account=account, Entry=entry, At=_instant(at), OrderID=name, Desk=f"{account}.desk",
                Symbol=self.security.symbol, Side=Side.Buy if sign > 0 else Side.Sell,
                OrderQty=_shares(qty), Price=None if px is None else _price(px),
            ),
        )  # fmt: skip
        return name

    def revise(self, order: str, qty: float, at: float, px: float) -> None:
        """It is replaced."""
        account, _ = self.orders[order]
        self._add(
            at,
            ev.OrderRevised(
                Account=account, Entry=self._entry(account), At=_instant(at), OrderID=order,
                OrderQty=_shares(qty), Price=_price(px),
            ),
        )  # fmt: skip

    def fill(self, order: str, qty: float, at: float, px: float, venue: str = "XPAR") -> None:
        """Some of it trades."""
        account, _ = self.orders[order]
        self._add(
            at,
            ev.FillSeen(
                Account=account, Entry=self._entry(account), At=_instant(at), OrderID=order,
                Venue=venue, LastQty=_shares(qty), LastPx=_price(px),
            ),
        )  # fmt: skip

    def cancel(self, order: str, at: float, *, asked: bool = True) -> None:
        """It is cancelled; not ``asked``: it expired."""
        account, _ = self.orders[order]
        self._add(
            at,
            ev.OrderGone(
                Account=account, Entry=self._entry(account), At=_instant(at), OrderID=order,
                Asked=asked,
            ),
        )  # fmt: skip

    def trade(
        self,
        account: str,
        sign: int,
        qty: float,
        at: float,
        px: float | None = None,
        venue: str = "XPAR",
    ) -> str:
        """An order that takes what is there, at once."""
        px = self.px(at) if px is None else px
        order = self.order(account, sign, qty, at, px)
        self.fill(order, qty, at + 0.05, px, venue)
        return order

    def quote(self, at: float) -> None:
        """A book hears bid and offer."""
        mid, half = self.px(at), 0.3 * self.security.usual
        bid, offer = _price(mid * (1 - half)), _price(mid * (1 + half))
        symbol = self.security.symbol
        self._add(at, ev.QuoteSeen(Symbol=symbol, At=_instant(at), BidPx=bid, OfferPx=offer))

    def news(self, at: float, move: float, headline: Reason = "results are out") -> None:
        """A person tells of news."""
        said = NewsReported(
            Symbol=self.security.symbol, Move=_fraction(move), At=_instant(at), Headline=headline
        )
        words = FromOperator(Operator="ann", ReceivedAt=_instant(at), Request=said)
        self._add(at, words)

    def restrict(self, begin: float, end: float | None, *accounts: str, symbol: str = "") -> None:
        """The security goes on the restricted list."""
        self.restrictions.append(
            Restriction(
                Symbol=symbol or self.security.symbol, Accounts=accounts, From=_instant(begin),
                Until=None if end is None else _instant(end), Reason="a bid is being prepared",
            )
        )  # fmt: skip

    def ends(self, pattern: str, guilty: bool, what: str, owner: str, over: float) -> Case:
        """The whole case, with the crowd around it."""
        self.crowd(self.start, self.end, self.crowd_every)
        rows = sorted(self.rows, key=lambda row: row[0])
        return Case(
            pattern, guilty, what, owner, _instant(over), rows, tuple(self.parties.values()),
            tuple(self.restrictions),
        )  # fmt: skip

    def _entry(self, account: str) -> int:
        self._entries[account] = number = self._entries.get(account, 0) + 1
        return number

    def _add(self, at: float, row: Row) -> None:
        self.rows.append((_instant(at), row))


def spread(random: Random, begin: float, end: float, count: int) -> Iterator[float]:
    """So many instants in order, about evenly."""
    step = (end - begin) / max(1, count)
    for index in range(count):
        yield begin + step * (index + random.uniform(0.1, 0.9))


def _instant(at: float) -> Instant:
    return NOON + int(at * 1e6) * 1_000


def _price(px: float) -> Decimal:
    return Decimal(f"{px:.3f}")


def _shares(qty: float) -> Decimal:
    return Decimal(max(1, round(qty)))


def _fraction(value: float) -> Decimal:
    return Decimal(f"{value:.4f}")
