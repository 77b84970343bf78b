"""Which orders can still trade, and which requests are in doubt, as one actor's events tell.

A projection for the eyes: nothing is decided by it. An order is kept while it can trade or while a
replace of it is under way, since a larger total opens a filled order again; of those that ended,
the latest ``KEPT``, since a fill may be taken back and opens its order again too.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy
from messages.fix import ExecType, TimeInForce
from messages.terms import Terms

ZERO = Decimal(0)

ENDED = frozenset((ExecType.Canceled, ExecType.Rejected, ExecType.Expired))
DONE = frozenset((ExecType.DoneForDay, ExecType.Calculated))
"""The end of a day order; what is good for longer stays open."""
PENDING = frozenset((ExecType.PendingNew, ExecType.PendingCancel, ExecType.PendingReplace))
FILLS = frozenset((ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect))
LASTS = frozenset((TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate))

KEPT = 500
"""So many orders that have ended are remembered; what becomes of an older one is not seen here."""


class _Order:
    """``over``: nothing re-opens it. ``done``: for the day. ``fills``: quantities by execution.

    ``quantity`` is None while only an amount of money is known.
    """

    __slots__ = ("asked", "done", "filled", "fills", "lasts", "names", "over", "quantity")

    def __init__(self, terms: Terms, name: str) -> None:
        self.quantity = terms.OrderQty
        self.lasts = terms.TimeInForce in LASTS
        self.filled = ZERO
        self.fills: dict[str, Decimal] = {}
        self.asked: dict[str, tuple[str, Terms | None]] = {}
        self.names = [name]
        self.over = self.done = False

    @property
    def working(self) -> bool:
        if self.over or (self.done and not self.lasts):
            return False
        return self.quantity is None or self.quantity > self.filled


class OpenOrders:
    """The open orders of one account, or the open children and doubts of one venue.

    ``whole``: every entry from the actor's first was seen, and of every order enough is known, so
    the numbers are exact; else they cover only what came after we began to look.
    """

    __slots__ = ("_ended", "_forgot", "_orders", "in_doubt", "open", "whole")

    def __init__(self) -> None:
        self._orders: dict[str, _Order] = {}
        self._ended: dict[str, _Order] = {}
        self._forgot = False
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

    def _take(self, order_id: str, terms: Terms, name: str) -> None:
        self._orders[order_id] = order = _Order(terms, name)
        self.open += order.working

    def _ask(self, order_id: str, request: str, name: str, terms: Terms | None) -> None:
        order = self._orders.get(order_id) or self._ended.get(order_id)
        if order is not None:
            order.asked[request] = (name, terms)
            order.names.append(name)
            self._change(order_id, lambda _: None)

    def _answer(self, order_id: str, request: str | None, *, taken: bool) -> None:
        """A request was taken or refused; with what was asked the order goes on."""

        def answer(order: _Order) -> None:
            name, terms = order.asked.pop(request or "", ("", None))
            self.in_doubt.discard(name)
            if taken:
                order.done = False
            if taken and terms is not None:
                order.quantity = terms.OrderQty
                order.lasts = terms.TimeInForce in LASTS

        if request is not None:
            self._change(order_id, answer)

    def _change(self, order_id: str, how: Callable[[_Order], None]) -> None:
        """Change an order, and count and keep it as it is then."""
        order = self._orders.get(order_id)
        was = order.working if order is not None else False
        if order is None:
            order = self._ended.pop(order_id, None)
        if order is None:
            self.whole = self.whole and not self._forgot
            return
        how(order)
        self.open += order.working - was
        if order.working or (order.asked and not order.over):
            self._orders[order_id] = order
        else:
            self._forget(order_id, order)

    def _forget(self, order_id: str, order: _Order) -> None:
        self.in_doubt.difference_update(order.names)
        self._orders.pop(order_id, None)
        self._ended[order_id] = order
        if len(self._ended) > KEPT:
            del self._ended[next(iter(self._ended))]
            self._forgot = True

    def _end(self, order_id: str) -> None:
        self._change(order_id, _over)

    # ---- account

    def _accepted(self, event: ev.OrderAccepted) -> None:
        self._take(event.OrderID, event.Terms, event.ClOrdID)

    def _adopted(self, event: ev.OrderAdopted) -> None:
        self._take(event.OrderID, event.Terms, event.OrderID)

    def _acknowledged(self, event: ev.OrderAcknowledged) -> None:
        self._change(event.OrderID, lambda order: _restate(order, event.OrderQty))

    def _filled(self, event: ev.OrderFilled) -> None:
        name = f"{event.Venue} {event.VenueExecID}"
        self._change(event.OrderID, lambda order: _fill(order, name, event.LastQty))
        if event.Ends is not None:
            self._end(event.OrderID)

    def _taken_back(self, event: ev.TradeCanceled) -> None:
        reference = f"{event.Venue} {event.VenueExecRefID}"
        self._change(event.OrderID, lambda order: _correct(order, reference, "", ZERO))

    def _corrected(self, event: ev.TradeCorrected) -> None:
        reference, name = (
            f"{event.Venue} {exec_id}" for exec_id in (event.VenueExecRefID, event.VenueExecID)
        )
        self._change(event.OrderID, lambda order: _correct(order, reference, name, event.LastQty))

    def _moved(self, event: ev.OrderMoved) -> None:
        if event.ExecType in DONE:
            self._change(event.OrderID, _done)

    def _restated(self, event: ev.OrderRestated) -> None:
        self._change(event.OrderID, lambda order: _restate(order, event.OrderQty, event.CumQty))

    def _ended_by(self, event: ev.OrderCanceled | ev.OrderExpired | ev.OrderRejected) -> None:
        self._end(event.OrderID)

    def _replace_requested(self, event: ev.ReplaceRequested) -> None:
        self._ask(event.OrderID, event.ClOrdID, event.ClOrdID, event.Terms)

    def _own_request(self, event: ev.OwnRequestMade) -> None:
        self._ask(event.OrderID, event.RequestID, event.RequestID, event.Terms)

    def _cut(self, event: ev.HeldOrderCut) -> None:
        self._change(event.OrderID, lambda order: _restate(order, event.Terms.OrderQty))

    def _replaced(self, event: ev.OrderReplaced) -> None:
        self._answer(event.OrderID, event.ClOrdID or "", taken=True)
        if event.OrderQty is not None:
            self._change(event.OrderID, lambda order: _restate(order, event.OrderQty))

    def _cancel_rejected(self, event: ev.CancelRejected) -> None:
        self._answer(event.OrderID, event.ClOrdID, taken=False)

    # ---- venue

    def _child_taken(self, event: ev.ChildTaken) -> None:
        self._take(event.ChildID, event.Terms, event.ClOrdID)

    def _child_adopted(self, event: ev.VenueOrderAdopted) -> None:
        self._take(event.ChildID, event.Terms, event.ChildID)

    def _request_taken(self, event: ev.RequestTaken) -> None:
        self._ask(event.ChildID, event.RequestID, event.ClOrdID, event.Terms)

    def _held(self, event: ev.VenueMessageHeld | ev.DoubtResolved) -> None:
        self.in_doubt.discard(event.ClOrdID)

    def _doubted(self, event: ev.WentInDoubt) -> None:
        self.in_doubt.add(event.ClOrdID)

    def _executed(self, event: ev.VenueExecuted) -> None:
        child, kind = event.ChildID, event.ExecType
        order = self._orders.get(child)
        # Any word shows that the venue has the order, be it one whose beginning was not seen.
        self.in_doubt.discard(order.names[0] if order else event.ClOrdID)
        if kind in PENDING:
            return  # taken up, and the answer is still to come
        if kind in FILLS:
            self._traded(event)
            return
        self.in_doubt.discard(event.ClOrdID)
        if kind in ENDED:
            self._end(child)
        elif kind in DONE:
            self._change(child, _done)
        if event.RequestID:
            self._answer(child, event.RequestID, taken=kind is ExecType.Replaced)
        if kind in RESTATE:
            self._change(child, lambda order: _restate(order, event.OrderQty, event.CumQty))

    def _traded(self, event: ev.VenueExecuted) -> None:
        quantity, reference = event.LastQty or ZERO, event.ExecRefID or ""
        match event.ExecType:
            case ExecType.Trade:
                self._change(event.ChildID, lambda order: _fill(order, event.ExecID, quantity))
            case ExecType.TradeCancel:
                self._change(event.ChildID, lambda order: _correct(order, reference, "", ZERO))
            case _:
                self._change(
                    event.ChildID, lambda order: _correct(order, reference, event.ExecID, quantity)
                )
        if event.Ends is not None:
            self._end(event.ChildID)

    def _request_rejected(self, event: ev.VenueRequestRejected) -> None:
        self.in_doubt.discard(event.ClOrdID)
        self._answer(event.ChildID, event.RequestID, taken=False)


RESTATE = frozenset((ExecType.New, ExecType.Replaced, ExecType.Restated))
"""A venue's word that may bring another OrderQty, and a done order back."""


def _over(order: _Order) -> None:
    order.over = True


def _done(order: _Order) -> None:
    order.done = True


def _restate(order: _Order, quantity: Decimal | None, cum_qty: Decimal | None = None) -> None:
    """The venue works the order, with this quantity where it said one."""
    order.done = False
    if quantity is not None:
        order.quantity = quantity
    if cum_qty is not None:
        factor = cum_qty / order.filled if order.filled else ZERO
        order.fills = {name: qty * factor for name, qty in order.fills.items()}
        order.filled = cum_qty


def _fill(order: _Order, name: str, quantity: Decimal) -> None:
    order.fills[name] = quantity
    order.filled += quantity


def _correct(order: _Order, reference: str, name: str, quantity: Decimal) -> None:
    """The fill has this quantity from the beginning; 0: it was taken back."""
    before = order.fills.pop(reference, None)
    if before is not None:
        order.filled += quantity - before
        if quantity:
            order.fills[name] = quantity


CHANGES: dict[type[Event], Callable[[OpenOrders, Any], None]] = {
    ev.OrderAccepted: OpenOrders._accepted,
    ev.OrderAdopted: OpenOrders._adopted,
    ev.OrderAcknowledged: OpenOrders._acknowledged,
    ev.OrderFilled: OpenOrders._filled,
    ev.TradeCanceled: OpenOrders._taken_back,
    ev.TradeCorrected: OpenOrders._corrected,
    ev.OrderMoved: OpenOrders._moved,
    ev.OrderRestated: OpenOrders._restated,
    ev.OrderCanceled: OpenOrders._ended_by,
    ev.OrderExpired: OpenOrders._ended_by,
    ev.OrderRejected: OpenOrders._ended_by,
    ev.ReplaceRequested: OpenOrders._replace_requested,
    ev.OwnRequestMade: OpenOrders._own_request,
    ev.HeldOrderCut: OpenOrders._cut,
    ev.OrderReplaced: OpenOrders._replaced,
    ev.CancelRejected: OpenOrders._cancel_rejected,
    ev.ChildTaken: OpenOrders._child_taken,
    ev.VenueOrderAdopted: OpenOrders._child_adopted,
    ev.RequestTaken: OpenOrders._request_taken,
    ev.VenueMessageHeld: OpenOrders._held,
    ev.WentInDoubt: OpenOrders._doubted,
    ev.DoubtResolved: OpenOrders._held,
    ev.VenueExecuted: OpenOrders._executed,
    ev.VenueRequestRejected: OpenOrders._request_rejected,
}
