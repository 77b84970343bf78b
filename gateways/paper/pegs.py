"""Pegged orders: what they follow, and the price that gives them now.

Pure. Invariant: the reference is the best price of orders that are not pegged themselves, so that
pegged orders never follow each other.
"""

from collections.abc import Iterator
from decimal import Decimal

from gateways.paper.conditions import MID, PRIMARY
from gateways.paper.orders import EXACT, Order
from gateways.paper.queues import Queues
from gateways.paper.triggers import asked, offset

TWO = Decimal(2)


class Pegs:
    """The pegged orders of one symbol; those that have a price now also stand in the queues."""

    def __init__(self, bids: Queues, offers: Queues) -> None:
        self._bids = bids
        self._offers = offers
        self.following: dict[int, Order] = {}

    def __bool__(self) -> bool:
        return bool(self.following)

    def __contains__(self, order: Order) -> bool:
        return order.number in self.following

    def __iter__(self) -> Iterator[Order]:
        return iter(sorted(self.following.values(), key=lambda order: order.priority))

    def add(self, order: Order) -> None:
        """Let it follow."""
        self.following[order.number] = order

    def remove(self, order: Order) -> None:
        """It follows no longer."""
        self.following.pop(order.number, None)

    def astray(self) -> tuple[Order, Decimal | None] | None:
        """The first order whose price is not what it should be, and that price."""
        for order in list(self.following.values()):
            if not order.is_open:
                self.remove(order)
        bid, offer = _best(self._bids), _best(self._offers)
        for order in self:
            price = _price(order, bid, offer)
            if price != order.price:
                return order, price
        return None


def _best(queues: Queues) -> Decimal | None:
    first = queues.best()
    if first is None or not first.is_pegged:
        return first.price if first else None
    return next((order.price for order in queues.in_order() if not order.is_pegged), None)


def _price(order: Order, bid: Decimal | None, offer: Decimal | None) -> Decimal | None:
    conditions = asked(order)
    own, other = (bid, offer) if order.buys else (offer, bid)
    match conditions.peg:
        case str(peg) if peg == MID:
            followed = None if bid is None or offer is None else EXACT.divide(bid + offer, TWO)
        case str(peg) if peg == PRIMARY:
            followed = own
        case _:
            followed = other
    if followed is None:
        return None
    price = followed + offset(conditions, followed)
    if conditions.limit is not None:
        price = min(price, conditions.limit) if order.buys else max(price, conditions.limit)
    return price if price > 0 else None
