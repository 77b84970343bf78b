"""What a row of the order types says: what the order waits for, and as what it goes to a venue.

Everything here is a function of the order's terms and the market, so a type has no state of its
own but the stop price that trails and the price of the last fill.
"""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from messages import fix
from messages.fix import PegOffsetType, Side
from messages.market import Quote
from messages.terms import Terms

_BASIS = Decimal(10_000)


class Market(NamedTuple):
    """What a price may be made of. ``quote`` is fresh, or None; ``last_px`` is the order's own."""

    quote: Quote | None
    tick: Decimal
    last_px: Decimal | None


class Watch(NamedTuple):
    """When the order fires: ``level`` is its stop price while the market is at a price.

    ``level(terms, price, before, tick)``; ``before`` is what it was so far, None at first.
    ``rising``: whether an order of that side fires at or above the level; else at or below.
    """

    level: Callable[[Terms, Decimal, Decimal | None, Decimal], Decimal]
    rising: Callable[[Side], bool]


class Leg(NamedTuple):
    """One kind of child. ``price`` gives None where it cannot be known yet."""

    OrdType: fix.OrdType | None = None
    """None: the order's own, which the venue then knows."""
    price: Callable[[Terms, Market], Decimal | None] | None = None
    """None: a market order, which has no price."""
    TimeInForce: fix.TimeInForce | None = None
    """None: the order's own."""
    moves: bool = False
    """Whether the price follows the market while the child works."""
    near: bool = False
    """Whether it follows the side that the child itself is on."""


class OrderType(NamedTuple):
    """Legs come one after the other; the last one is repeated while something is left."""

    legs: tuple[Leg, ...]
    watch: Watch | None = None

    @property
    def quoted(self) -> bool:
        """Whether it needs to hear prices."""
        return self.watch is not None or any(leg.moves for leg in self.legs)


def own_price(terms: Terms, market: Market) -> Decimal | None:
    """Price(44) as it was given."""
    del market
    return terms.Price


def offset(terms: Terms, price: Decimal) -> Decimal:
    """PegOffsetValue(211) at ``price``, in units of price, with its sign."""
    value = terms.PegOffsetValue or Decimal(0)
    if terms.PegOffsetType is PegOffsetType.BasisPoints:
        return price * value / _BASIS
    return value


def to_tick(price: Decimal, tick: Decimal, *, down: bool) -> Decimal:
    """The next whole tick at or below (``down``), or at or above."""
    ticks = (price / tick).to_integral_value(ROUND_FLOOR if down else ROUND_CEILING)
    return int(ticks) * tick  # of an integer, so that it is written in plain digits
