"""One side of an order book: a queue for each price, who came first ahead."""

from collections import OrderedDict
from collections.abc import Iterator
from decimal import Decimal
from heapq import heappop, heappush

from gateways.paper.orders import ZERO, Order


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

    def refresh(self, order: Order) -> None:
        """To the end of its queue."""
        self._queues[self._key(order)].move_to_end(order.number)

    def holds(self, order: Order) -> bool:
        """Whether the order rests here."""
        return order.price is not None and order.number in self._queues.get(self._key(order), ())

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

    def top(self) -> tuple[Decimal, Decimal] | None:
        """The best price and what is shown at it."""
        best = self.best()
        if best is None or best.price is None:
            return None
        queue = self._queues[self._key(best)]
        return best.price, sum((order.shown for order in queue.values()), ZERO)

    def depth(self) -> Iterator[tuple[Decimal, Decimal]]:
        """Prices and what is shown at each, the best first."""
        for key in sorted(self._queues):
            if queue := self._queues[key]:
                shown = sum((order.shown for order in queue.values()), ZERO)
                yield (key.copy_negate() if self._bids else key), shown

    def _key(self, order: Order) -> Decimal:
        """Smallest is best on either side."""
        assert order.price is not None, "only an order with a price rests"
        return order.price.copy_negate() if self._bids else order.price
