"""Which orders can still trade, and which requests are in doubt, as one actor's events tell.

A projection for the eyes: nothing is decided by it. An order is kept while it can trade or while a
replace of it is under way, since a larger total opens a filled order again.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy
from messages.fix import ExecType

ENDED = frozenset((ExecType.Canceled, ExecType.Rejected, ExecType.Expired))


class _Order:
    __slots__ = ("asked", "filled", "names", "quantity")

    def __init__(self, quantity: Decimal, name: str) -> None:
        self.quantity = quantity
        self.filled = Decimal(0)
        self.asked: dict[str, tuple[str, Decimal | None]] = {}
        self.names = [name]

    @property
    def working(self) -> bool:
        return self.quantity > self.filled


class OpenOrders:
    """The open orders of one account, or the open children and doubts of one venue.

    ``whole``: every entry from the actor's first was seen, so the numbers are exact; else they
    cover only what came after we began to look.
    """

    __slots__ = ("_orders", "in_doubt", "open", "whole")

    def __init__(self) -> None:
        self._orders: dict[str, _Order] = {}
        self.open = 0
        self.in_doubt: set[str] = set()
        self.whole = False

    def __bool__(self) -> bool:
        return bool(self._orders or self.in_doubt)

    def observe(self, entry: EntryCopy) -> None:
        """Take one entry's events, in the order of the actor's journal."""
        if entry.Number == 1:
            self.whole = True
        for event in entry.Events:
            change = CHANGES.get(type(event))
            if change is not None:
                change(self, event)

    def _take(self, order_id: str, quantity: Decimal, name: str) -> None:
        self._orders[order_id] = _Order(quantity, name)
        self.open += 1

    def _ask(self, order_id: str, request: str, name: str, quantity: Decimal | None) -> None:
        order = self._orders.get(order_id)
        if order is not None:
            order.asked[request] = (name, quantity)
            order.names.append(name)

    def _answer(self, order_id: str, request: str | None, *, taken: bool) -> None:
        order = self._orders.get(order_id)
        if order is None or request is None:
            return
        name, quantity = order.asked.pop(request, (None, None))
        if name is not None:
            self.in_doubt.discard(name)
        was = order.working
        if taken and quantity is not None:
            order.quantity = quantity
        self._settle(order_id, order, was)

    def _fill(self, order_id: str, quantity: Decimal | None) -> None:
        order = self._orders.get(order_id)
        if order is not None and quantity is not None:
            was = order.working
            order.filled += quantity
            self._settle(order_id, order, was)

    def _settle(self, order_id: str, order: _Order, was_working: bool) -> None:
        self.open += order.working - was_working
        if not order.working and not order.asked:
            self._forget(order_id)

    def _end(self, order_id: str) -> None:
        order = self._orders.get(order_id)
        if order is not None:
            self.open -= order.working
            self._forget(order_id)

    def _forget(self, order_id: str) -> None:
        self.in_doubt.difference_update(self._orders.pop(order_id).names)

    # ---- account

    def _accepted(self, event: ev.OrderAccepted) -> None:
        self._take(event.OrderID, event.Terms.quantity, event.ClOrdID)

    def _filled(self, event: ev.OrderFilled) -> None:
        self._fill(event.OrderID, event.LastQty)

    def _ended(self, event: ev.OrderCanceled | ev.OrderExpired | ev.OrderRejected) -> None:
        self._end(event.OrderID)

    def _replace_requested(self, event: ev.ReplaceRequested) -> None:
        self._ask(event.OrderID, event.ClOrdID, event.ClOrdID, event.Terms.OrderQty)

    def _replaced(self, event: ev.OrderReplaced) -> None:
        self._answer(event.OrderID, event.ClOrdID or "", taken=True)

    def _cancel_rejected(self, event: ev.CancelRejected) -> None:
        self._answer(event.OrderID, event.ClOrdID, taken=False)

    # ---- venue

    def _child_taken(self, event: ev.ChildTaken) -> None:
        self._take(event.ChildID, event.Terms.quantity, event.ClOrdID)

    def _request_taken(self, event: ev.RequestTaken) -> None:
        quantity = event.Terms.OrderQty if event.Terms else None
        self._ask(event.ChildID, event.RequestID, event.ClOrdID, quantity)

    def _held(self, event: ev.VenueMessageHeld) -> None:
        self.in_doubt.discard(event.ClOrdID)

    def _doubted(self, event: ev.WentInDoubt) -> None:
        self.in_doubt.add(event.ClOrdID)

    def _executed(self, event: ev.VenueExecuted) -> None:
        order = self._orders.get(event.ChildID)
        if order is not None:
            self.in_doubt.discard(order.names[0])  # any word shows that the venue has the order
        if event.ExecType is ExecType.Trade:
            self._fill(event.ChildID, event.LastQty)
            return
        self.in_doubt.discard(event.ClOrdID)
        if event.ExecType in ENDED:
            self._end(event.ChildID)
        self._answer(event.ChildID, event.RequestID, taken=event.ExecType is ExecType.Replaced)

    def _request_rejected(self, event: ev.VenueRequestRejected) -> None:
        self.in_doubt.discard(event.ClOrdID)
        self._answer(event.ChildID, event.RequestID, taken=False)


CHANGES: dict[type[Event], Callable[[OpenOrders, Any], None]] = {
    ev.OrderAccepted: OpenOrders._accepted,
    ev.OrderFilled: OpenOrders._filled,
    ev.OrderCanceled: OpenOrders._ended,
    ev.OrderExpired: OpenOrders._ended,
    ev.OrderRejected: OpenOrders._ended,
    ev.ReplaceRequested: OpenOrders._replace_requested,
    ev.OrderReplaced: OpenOrders._replaced,
    ev.CancelRejected: OpenOrders._cancel_rejected,
    ev.ChildTaken: OpenOrders._child_taken,
    ev.RequestTaken: OpenOrders._request_taken,
    ev.VenueMessageHeld: OpenOrders._held,
    ev.WentInDoubt: OpenOrders._doubted,
    ev.VenueExecuted: OpenOrders._executed,
    ev.VenueRequestRejected: OpenOrders._request_rejected,
}
