"""The order book of one symbol: the best price first, and within a price who came first.

Pure: no I/O, no FIX, no clock; a sequence number is the time. Invariant: between two calls the
best bid is below the best offer, every order in the book has LeavesQty, and of two orders at one
price the one with the lower ``priority`` is ahead.
"""

from collections import OrderedDict
from collections.abc import Iterator
from decimal import Decimal
from heapq import heappop, heappush
from typing import NamedTuple

from gateways.paper.orders import Order, OrdStatus, OrdType, TimeInForce


class Executed(NamedTuple):
    """Both orders were filled by ``quantity`` at ``price``, the resting order's price."""

    incoming: Order
    resting: Order
    quantity: Decimal
    price: Decimal


class Canceled(NamedTuple):
    """What is left of ``order`` may not rest (Market, IOC) or could not be filled whole (FOK)."""

    order: Order
    reason: str


Outcome = Executed | Canceled


class Queues:
    """One side of the book: a queue per price, and a heap of the prices.

    A price stays in the heap, with its queue, until it is found empty at the top, so it is never
    in there twice and a cancellation costs O(1).
    """

    def __init__(self, *, bids: bool) -> None:
        self._bids = bids
        self._queues: dict[Decimal, OrderedDict[int, Order]] = {}
        self._prices: list[Decimal] = []

    def add(self, order: Order) -> None:
        """To the end of its price's queue."""
        key = self._key(order)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = OrderedDict()
            heappush(self._prices, key)
        queue[order.number] = order

    def remove(self, order: Order) -> None:
        """Take it out; KeyError where it is not in."""
        del self._queues[self._key(order)][order.number]

    def best(self) -> Order | None:
        """The order that is executed next; None where the side is empty."""
        while self._prices:
            queue = self._queues[self._prices[0]]
            if queue:
                return next(iter(queue.values()))
            del self._queues[heappop(self._prices)]
        return None

    def in_order(self) -> Iterator[Order]:
        """All orders, the next to be executed first."""
        for key in sorted(self._queues):
            yield from self._queues[key].values()

    def _key(self, order: Order) -> Decimal:
        """Smallest is best on either side."""
        assert order.price is not None, "only an order with a price rests"
        return order.price.copy_negate() if self._bids else order.price


class Book:
    """The resting orders of one symbol, and what happens to those that come.

    ``enter`` yields what happened, one at a time and as it happens: both orders of an ``Executed``
    stand as they are right after that execution. Run it to the end.
    """

    def __init__(self) -> None:
        self.bids = Queues(bids=True)
        self.offers = Queues(bids=False)

    def restore(self, order: Order) -> None:
        """Put back an order that rested before, in the order of ``priority``."""
        self._own(order).add(order)

    def enter(self, order: Order) -> Iterator[Outcome]:
        """Match an order that is not in the book; what may rest of it then rests."""
        if order.time_in_force == TimeInForce.FILL_OR_KILL and not self._fills_whole(order):
            order.end(OrdStatus.CANCELED)
            yield Canceled(order, "it could not be filled whole at once")
            return
        yield from self._match(order)
        if not order.leaves_qty:
            return
        if order.rests:
            self._own(order).add(order)
        else:
            order.end(OrdStatus.CANCELED)
            yield Canceled(order, "what is not filled at once does not rest")

    def cancel(self, order: Order) -> None:
        """Take a resting order out."""
        self._own(order).remove(order)
        order.end(OrdStatus.CANCELED)

    def amend(self, order: Order, order_qty: Decimal, price: Decimal) -> bool:
        """Give a resting order a new total quantity and price.

        Only less of it at the same price keeps its place in time. True: it lost the place and is
        out of the book; give it a new ``priority`` and ``enter`` it again.
        """
        stays = price == order.price and order_qty <= order.order_qty
        if not stays or order_qty <= order.cum_qty:
            self._own(order).remove(order)
        order.price = price
        order.resize(order_qty)
        return not stays and order.is_open

    def _match(self, order: Order) -> Iterator[Executed]:
        other = self.offers if order.buys else self.bids
        while order.leaves_qty and (resting := other.best()) and crosses(order, resting):
            assert resting.price is not None
            price, quantity = resting.price, min(order.leaves_qty, resting.leaves_qty)
            order.fill(quantity, price)
            resting.fill(quantity, price)
            if not resting.leaves_qty:
                other.remove(resting)
            yield Executed(order, resting, quantity, price)

    def _fills_whole(self, order: Order) -> bool:
        wanted = order.leaves_qty
        for resting in (self.offers if order.buys else self.bids).in_order():
            if not crosses(order, resting):
                return False
            wanted -= resting.leaves_qty
            if wanted <= 0:
                return True
        return False

    def _own(self, order: Order) -> Queues:
        return self.bids if order.buys else self.offers


def crosses(order: Order, resting: Order) -> bool:
    """Whether the incoming order may trade at the resting order's price."""
    if order.ord_type == OrdType.MARKET:
        return True
    assert order.price is not None, "a limit order has a price"
    assert resting.price is not None, "only an order with a price rests"
    return order.price >= resting.price if order.buys else order.price <= resting.price
