"""The order book of one symbol: the best price first, and within a price who came first.

Pure: no I/O, no FIX, no clock; a sequence number is the time. Invariant: while trading is
continuous the best bid is below the best offer between two calls, every order in a queue has
LeavesQty, and of two orders at one price the one with the lower ``priority`` is ahead. An order
that may only trade whole stands beside the queues until there is enough for it.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count

from gateways.paper.auction import rank
from gateways.paper.conditions import Conditions
from gateways.paper.counterparts import available, better, crosses
from gateways.paper.orders import AT_ONCE, ZERO, Order, OrdStatus, OrdType, TimeInForce
from gateways.paper.outcomes import (
    Canceled,
    Executed,
    Moved,
    Outcome,
    Phase,
    Repriced,
    Requoted,
    Triggered,
)
from gateways.paper.pegs import Pegs
from gateways.paper.queues import Queues
from gateways.paper.triggers import Triggers, asked

__all__ = ["Book", "Canceled", "Executed", "Outcome", "Phase", "crosses"]

FOR_AUCTION = (TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE)
NOT_WHOLE = "it could not be filled whole at once"
NO_REST = "what is not filled at once does not rest"
AT_A_TIME = Decimal("1e15")
"""What an order of the house trades when it comes in, again and again until nobody is left."""


class Book:
    """The orders of one symbol, and what happens to those that come.

    Methods that yield tell what happened, one at a time and as it happens: both orders of an
    ``Executed`` stand as they are right after that execution. Run them to the end. ``last`` is the
    price of the last trade; ``whole`` and ``waiting`` are the orders beside the queues, by number:
    the all-or-none ones, and those for an auction; ``resumes`` is what a halt interrupted;
    ``house`` are the orders of the house, by number.
    """

    def __init__(self, next_priority: Callable[[], int] | None = None) -> None:
        self.bids = Queues(bids=True)
        self.offers = Queues(bids=False)
        self.phase = Phase.CONTINUOUS
        self.resumes = Phase.CONTINUOUS
        self.last: Decimal | None = None
        self.triggers = Triggers()
        self.pegs = Pegs(self.bids, self.offers)
        self.whole: dict[int, Order] = {}
        self.waiting: dict[int, Order] = {}
        self._next_priority = next_priority or count(1).__next__
        self.house: dict[int, Order] = {}
        self._traded: list[Decimal] = []
        self._drawn: list[Order] = []

    @property
    def is_plain(self) -> bool:
        """Whether an ordinary order can have no other consequence than its own executions."""
        return self.phase is Phase.CONTINUOUS and not (
            self.whole or self.triggers.waiting or self.pegs.following or self._drawn
        )

    def restore(self, order: Order) -> None:
        """Put back an order that was here before, in the order of ``priority``."""
        if order.is_house:
            self.house[order.number] = order
            if self.phase is not Phase.CONTINUOUS:
                return
        if order.conditions is None and order.price is not None:
            self.own(order).add(order)
        elif order.waits_for_price:
            self.triggers.add(order)
        elif order.is_whole:
            self.whole[order.number] = order
        elif (order.price is None and not order.is_pegged) or order.time_in_force in FOR_AUCTION:
            self.waiting[order.number] = order
        else:
            if order.is_pegged:
                self.pegs.add(order)
            if order.price is not None:
                self.own(order).add(order)

    def enter(self, order: Order) -> Iterator[Outcome]:
        """Match an order that is not in the book; what may rest of it then rests."""
        if order.conditions is None and self.is_plain:
            yield from self._work(order)
            if self._drawn:
                yield from self._refill()
            return
        order.show()
        yield from self._place(order)
        yield from self.settle()

    def settle(self) -> Iterator[Outcome]:
        """What follows from the last change: quotes again, triggers, whole fills, pegged prices."""
        while self.phase is Phase.CONTINUOUS and not self.is_plain:
            changed = bool(self._drawn)
            yield from self._refill()
            for order in self._trigger():
                yield Triggered(order)
                yield from self._place(order)
                changed = True
            if self.last is not None:
                for order in self.triggers.follow(self.last):
                    yield Moved(order)
            for order in sorted(self.whole.values(), key=rank):
                if self.available(order) == order.leaves_qty:
                    del self.whole[order.number]
                    yield from self._match(order)
                    changed = True
                    break
            if astray := self.pegs.astray():
                yield from self._reprice(*astray)
                changed = True
            if not changed:
                return

    def requote(self, order: Order) -> Iterator[Outcome]:
        """Let an order of the house come in: it trades with all that it can, then it rests."""
        order.leaves_qty = ZERO
        while not order.leaves_qty:
            order.leaves_qty = AT_A_TIME
            yield from self._match(order)
        order.refill()
        order.priority = self._next_priority()
        self.own(order).add(order)
        yield Requoted(order)

    def withdraw(self, order: Order) -> None:
        """Take an order of the house out, if it is in."""
        if self.own(order).holds(order):
            self.own(order).remove(order)

    def cancel(self, order: Order) -> None:
        """Take an order out; ``settle`` tells what follows."""
        self.take_out(order)
        order.end(OrdStatus.CANCELED)

    def take_out(self, order: Order) -> None:
        """Take an order out of wherever it waits; KeyError where it is not in."""
        if order.price is not None and self.own(order).holds(order):
            self.own(order).remove(order)
            self.pegs.remove(order)
        elif order in self.triggers:
            self.triggers.remove(order)
        elif order in self.pegs:
            self.pegs.remove(order)
        else:
            del (self.whole if order.number in self.whole else self.waiting)[order.number]

    def amend(
        self,
        order: Order,
        order_qty: Decimal,
        price: Decimal | None,
        conditions: Conditions | None = None,
    ) -> bool:
        """Give an order another total quantity, price and conditions.

        Only less of it and nothing else changed keeps its place in time. True: it lost the place
        and is out of the book; give it a new ``priority`` and ``enter`` it again.
        """
        before = order.conditions
        same = before is None or conditions is None or before.asks_as(conditions)
        stays = (
            (order.is_pegged or price == order.price)
            and order_qty <= order.order_qty
            and same
            and (before is None) == (conditions is None)
        )
        if not stays or order_qty <= order.cum_qty:
            self.take_out(order)
        if not stays:
            if conditions is not None and before is not None:
                conditions.succeed(before)
            order.conditions = conditions
        if not order.is_pegged:
            order.price = price
        elif not stays:
            order.price = None
        order.resize(order_qty)
        return not stays and order.is_open

    def own(self, order: Order) -> Queues:
        """The side of the order."""
        return self.bids if order.buys else self.offers

    def opposite(self, order: Order) -> Queues:
        """The side that it trades with."""
        return self.offers if order.buys else self.bids

    def available(self, order: Order) -> Decimal:
        """How much of the order would be filled if it came now."""
        return available(order, self.opposite(order), self.whole.values())

    def _place(self, order: Order) -> Iterator[Outcome]:
        """To where an order belongs that is not in the book."""
        conditions = order.conditions
        if order.waits_for_price:
            self.triggers.add(order)
        elif self.phase is not Phase.CONTINUOUS:
            yield from self._collect(order)
        elif order.time_in_force in FOR_AUCTION:
            self.waiting[order.number] = order
        elif order.is_pegged:
            order.price = None
            self.pegs.add(order)
        elif order.is_whole and self.available(order) < order.leaves_qty:
            if order.rests:
                self.whole[order.number] = order
            else:
                yield self._canceled(order, NOT_WHOLE)
        elif conditions is not None and self._too_little(order, conditions):
            yield self._canceled(order, f"less than MinQty(110)={conditions.min_qty:f} is there")
        else:
            yield from self._work(order)

    def _collect(self, order: Order) -> Iterator[Outcome]:
        conditions = order.conditions
        at_once = order.time_in_force in AT_ONCE or (order.is_whole and order.price is None)
        if at_once or (conditions is not None and conditions.min_qty):
            yield self._canceled(order, f"nothing is filled at once in {self.phase}")
        elif order.is_pegged:
            order.price = None
            self.pegs.add(order)
        elif order.is_whole:
            self.whole[order.number] = order
        elif order.price is None or order.time_in_force in FOR_AUCTION:
            self.waiting[order.number] = order
        else:
            self.own(order).add(order)

    def _work(self, order: Order) -> Iterator[Outcome]:
        if order.time_in_force == TimeInForce.FILL_OR_KILL and (
            self.available(order) < order.leaves_qty
        ):
            yield self._canceled(order, NOT_WHOLE)
            return
        filled = order.cum_qty
        yield from self._match(order)
        if not order.leaves_qty:
            return
        if order.rests:
            self._rest(order)
        elif (
            order.ord_type == OrdType.MARKET_WITH_LEFT_OVER_AS_LIMIT
            and order.time_in_force not in AT_ONCE
            and order.cum_qty > filled
        ):
            order.price = self.last
            self._rest(order)
            yield Repriced(order)
        else:
            yield self._canceled(order, NO_REST)

    def _rest(self, order: Order) -> None:
        order.show()
        self.own(order).add(order)

    def _match(self, order: Order) -> Iterator[Executed]:
        other = self.opposite(order)
        while order.leaves_qty:
            resting = other.best()
            if self.whole:
                resting = better(order, resting, self.whole.values())
            if resting is None or not crosses(order, resting):
                return
            assert resting.price is not None
            price, quantity = resting.price, min(order.leaves_qty, resting.shown)
            order.fill(quantity, price)
            resting.fill(quantity, price)
            if resting.is_house and resting not in self._drawn:
                self._drawn.append(resting)
            if resting.number in self.whole:
                del self.whole[resting.number]
            elif not resting.leaves_qty:
                other.remove(resting)
            elif not resting.shown:
                self._refresh(resting)
            self.last = price
            if self.triggers:
                self._traded.append(price)
            yield Executed(order, resting, quantity, price)

    def _refill(self) -> Iterator[Outcome]:
        """Give the orders of the house that were traded with their sizes again."""
        while self._drawn:
            order = self._drawn.pop(0)
            if order.leaves_qty:
                order.refill()
            else:
                yield from self.requote(order)

    def _refresh(self, resting: Order) -> None:
        """Show an iceberg's next part, at the end of the queue."""
        resting.show()
        resting.priority = self._next_priority()
        self.own(resting).refresh(resting)

    def _trigger(self) -> list[Order]:
        prices, self._traded = self._traded, []
        if self.last is not None:
            prices.append(self.last)
        due = self.triggers.due(prices)
        for order in due:
            asked(order).triggered = True
            order.priority = self._next_priority()
        return due

    def _reprice(self, order: Order, price: Decimal | None) -> Iterator[Outcome]:
        if order.price is not None:
            self.own(order).remove(order)
        order.price = price
        order.priority = self._next_priority()
        yield Repriced(order)
        if price is not None:
            yield from self._work(order)

    def _too_little(self, order: Order, conditions: Conditions) -> bool:
        """MinQty(110) holds for the first execution alone."""
        if conditions.min_qty is None or order.cum_qty:
            return False
        return self.available(order) < min(conditions.min_qty, order.leaves_qty)

    @staticmethod
    def _canceled(order: Order, reason: str) -> Canceled:
        order.end(OrdStatus.CANCELED)
        return Canceled(order, reason)
