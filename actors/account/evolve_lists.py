"""How events of linked orders change an account's state; part of ``evolve``."""

from decimal import Decimal
from typing import assert_never

from actors.account.linked import Link, OrderList
from actors.account.state import ZERO, AccountState, Order, Request
from messages import events as ev
from messages.fix import ExecType, OrdStatus

ListEvent = (
    ev.ListAccepted
    | ev.ListRefused
    | ev.ListCancelRequested
    | ev.OrderHeld
    | ev.HeldOrderCut
    | ev.OrderReleased
    | ev.OwnRequestMade
    | ev.LinkFired
    | ev.LinkCounted
    | ev.DeskLost
)


def apply(state: AccountState, event: ListEvent) -> Order | None:
    """Make ``event`` true of ``state``; the order whose reservation it changes, if any."""
    match event:
        case ev.ListAccepted():
            state.lists[f"{event.Desk} {event.ListID}"] = OrderList(
                event.ListID,
                event.ContingencyType,
                event.Content,
                event.OrderIDs,
                event.ClOrdIDs,
                [Link(link.ContingencyType, link.OrderIDs) for link in event.Links],
            )
        case ev.ListRefused():
            _refused(state, event)
        case ev.ListCancelRequested():
            state.lists[f"{event.Desk} {event.ListID}"].canceling = True
        case ev.OrderHeld() | ev.HeldOrderCut() | ev.OrderReleased():
            return _waits(state, event)
        case ev.OwnRequestMade():
            return _own_request(state, event)
        case ev.LinkFired():
            link = state.lists[f"{event.Desk} {event.ListID}"].links[event.Link]
            link.fired = event.OrderID
        case ev.LinkCounted():
            link = state.lists[f"{event.Desk} {event.ListID}"].links[event.Link]
            link.counted[event.OrderID] = event.CumQty
            if event.OrderID in event.Owed:
                link.again.pop(event.OrderID, None)
            for order_id, quantity in event.Owed.items():
                link.owed[order_id] = link.owed.get(order_id, ZERO) + quantity
                link.stuck.pop(order_id, None)
        case ev.DeskLost():
            state.lost[event.Desk] = event.At
        case _:
            assert_never(event)
    return None


def _refused(state: AccountState, event: ev.ListRefused) -> None:
    key = f"{event.Desk} {event.ListID}"
    if key in state.lists:
        return  # the ListID belongs to the first list, which this one must not touch
    state.lists[key] = OrderList(
        event.ListID,
        event.ContingencyType,
        event.Content,
        event.OrderIDs,
        event.ClOrdIDs,
        refusal=event.Refusal,
        ExecIDs=event.ExecIDs,
    )


def _waits(state: AccountState, event: ev.OrderHeld | ev.HeldOrderCut | ev.OrderReleased) -> Order:
    """An order waits in the account, is cut down there, and goes out. Its status stays New."""
    state.exec_count += 1
    order = state.orders[event.OrderID]
    match event:
        case ev.OrderHeld():
            order.held, order.status = True, OrdStatus.New
            use = state.spoken[f"{order.Desk} {order.ClOrdID}"]
            use.answer, use.ExecID = ExecType.New, event.ExecID
        case ev.HeldOrderCut():
            order.terms = event.Terms
        case ev.OrderReleased():
            order.held, order.released = False, True
    return order


def _own_request(state: AccountState, event: ev.OwnRequestMade) -> Order:
    state.request_count += 1
    order = state.orders[event.OrderID]
    request = Request(
        event.RequestID,
        order.ClOrdID,
        event.Terms,
        order.reserve_px,
        reported=False,
        ours=True,
        reason=event.ExecRestatementReason,
        text=event.Text,
        cut=event.Cut or ZERO,
    )
    order.pending.append(request)
    known = state.list_of(order)
    for link in known.links if known else ():
        if event.Cut and order.OrderID in link.owed:
            link.owed[order.OrderID] -= event.Cut
    return order


def request_refused(state: AccountState, order: Order, request_id: str) -> None:
    """What a reduction of ours should have taken off is owed again; a cancel is not sent again."""
    request = order.request(request_id)
    known = state.list_of(order)
    if request is None or known is None or not request.ours:
        return
    if request.terms is None and not order.over:
        known.stuck[order.OrderID] = None
    for link in known.links:
        if order.OrderID in link.owed:
            link.owed[order.OrderID] += request.cut
            link.stuck[order.OrderID] = None


def replaced(state: AccountState, order: Order, request: Request) -> None:
    """The venue took a reduction of ours, or a replace of the desk that had not heard of one.

    The desk's total is that of the order as the desk knew it, so what was cut is cut again.
    """
    if request.cut:
        for asked in order.pending:
            if asked.terms and not asked.ours:
                asked.unaware += request.cut
    elif not request.ours and (known := state.list_of(order)):
        for link in known.links:
            if request.unaware and order.OrderID in link.owed:
                link.again[order.OrderID] = request.unaware
            else:  # said by a desk that knew
                link.again.pop(order.OrderID, None)


def unheard(state: AccountState, order_id: str) -> Decimal:
    """What is to be cut again of the order, of which its desk has not heard either."""
    known = state.list_of(state.orders[order_id])
    return (
        max((link.again.get(order_id, ZERO) for link in known.links), default=ZERO)
        if known
        else ZERO
    )
