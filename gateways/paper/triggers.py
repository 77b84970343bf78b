"""Orders that wait for a price to be traded: stops, orders if touched, trailing stops.

Pure. Invariant: of the orders that one price triggers, those whose own price is reached first on
its way go first, and of equals the one with the lower ``priority``.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from gateways.paper.conditions import BASIS_POINTS, Conditions
from gateways.paper.orders import EXACT, Order, OrdType

_PART = Decimal("0.0001")


class Triggers:
    """The waiting orders of one symbol, by number."""

    def __init__(self) -> None:
        self.waiting: dict[int, Order] = {}
        self._trailing: dict[int, Order] = {}
        self._followed: Decimal | None = None
        self._high: Decimal | None = None
        self._low: Decimal | None = None

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def __contains__(self, order: Order) -> bool:
        return order.number in self.waiting

    def __iter__(self) -> Iterator[Order]:
        return iter(list(self.waiting.values()))

    def add(self, order: Order) -> None:
        """Wait for its price."""
        self.waiting[order.number] = order
        if order.trails:
            self._trailing[order.number] = order
            self._followed = None
        self._forget_range()

    def remove(self, order: Order) -> None:
        """It waits no longer; KeyError where it did not."""
        del self.waiting[order.number]
        self._trailing.pop(order.number, None)
        self._forget_range()

    def follow(self, last: Decimal) -> Iterator[Order]:
        """Move the trailing stops after this price; those that moved."""
        if last == self._followed:
            return
        self._followed = last
        for order in list(self._trailing.values()):
            conditions = asked(order)
            stop = _trailed(order, conditions, last)
            if stop != conditions.stop_px:
                conditions.stop_px = stop
                self._forget_range()
                yield order

    def due(self, prices: Iterable[Decimal]) -> list[Order]:
        """Take out the orders that one of these prices triggers, in the order they go."""
        wanted = [price for price in prices if self._may_trigger(price)]
        if not wanted:
            return []
        due = sorted(
            (o for o in self.waiting.values() if any(_reached(o, p) for p in wanted)), key=_turn
        )
        for order in due:
            self.remove(order)
        return due

    def _may_trigger(self, price: Decimal) -> bool:
        """Whether a price is outside the range within which nothing can be triggered."""
        if self.waiting and self._high is None and self._low is None:
            stops = [(waits_above(o), s) for o in self.waiting.values() if (s := stop_of(o))]
            self._high = min((stop for above, stop in stops if above), default=None)
            self._low = max((stop for above, stop in stops if not above), default=None)
        return (self._high is not None and price >= self._high) or (
            self._low is not None and price <= self._low
        )

    def _forget_range(self) -> None:
        self._high = self._low = None


def asked(order: Order) -> Conditions:
    """The conditions of an order that has some."""
    assert order.conditions is not None, "a triggered or pegged order has conditions"
    return order.conditions


def stop_of(order: Order) -> Decimal | None:
    """The price that triggers it; None: a trailing stop before the first trade."""
    return asked(order).stop_px


def waits_above(order: Order) -> bool:
    """Whether the price must rise to its own: a stop to buy, or to sell if touched."""
    return order.buys is not (order.ord_type == OrdType.MARKET_IF_TOUCHED)


def _reached(order: Order, price: Decimal) -> bool:
    stop = stop_of(order)
    if stop is None:
        return False
    return price >= stop if waits_above(order) else price <= stop


def _turn(order: Order) -> tuple[Decimal, int]:
    stop = stop_of(order)
    assert stop is not None, "it was reached"
    return stop if waits_above(order) else -stop, order.priority


def _trailed(order: Order, conditions: Conditions, last: Decimal) -> Decimal:
    distance = abs(offset(conditions, last))
    stop = last + distance if order.buys else last - distance
    if conditions.stop_px is None:
        return stop
    return min(stop, conditions.stop_px) if order.buys else max(stop, conditions.stop_px)


def offset(conditions: Conditions, price: Decimal) -> Decimal:
    """PegOffsetValue(211) as a difference in price."""
    if conditions.peg_offset_type == BASIS_POINTS:
        return EXACT.multiply(EXACT.multiply(price, conditions.peg_offset), _PART)
    return conditions.peg_offset
