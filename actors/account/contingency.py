"""What the orders of a list do to each other: cancel, reduce, trigger (ContingencyType, 1385).

``follow`` is asked after anything that may have happened to an order. It compares what its links
say with how the orders stand, so it may be asked at any time: what was done is not done twice, and
what could not be done because another request was under way is done when that is over.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from actors.account import reports
from actors.account.answers import Effects, next_exec_id
from actors.account.linked import Link, OrderList
from actors.account.state import ZERO, AccountState, Order
from actors.actor import Send
from messages import events as ev
from messages.base import Instant
from messages.fix import ContingencyType, ExecRestatementReason, ExecType, OrdStatus
from messages.routing import CancelOrder, NewOrder, ReplaceOrder
from messages.terms import Terms

_FINEST = Decimal("1e-12")
_PROPORTIONAL = ContingencyType.OneUpdatesTheOtherProportional
WHY = ExecRestatementReason.Other
"""FIX has no ExecRestatementReason for a contingency; Text names the list and the order."""


def follow(account: str, state: AccountState, order_id: str, now: Instant) -> Effects:
    """Do what the links of this order ask for, as it stands now."""
    order = state.orders.get(order_id)
    known = state.list_of(order) if order else None
    if order is None or known is None:
        return
    for number, link in enumerate(known.links):
        if order_id not in link.OrderIDs:
            continue
        match link.kind:
            case ContingencyType.OneCancelsTheOther:
                yield from _one_cancels(account, state, known, number, order, now)
            case ContingencyType.OneTriggersTheOther:
                yield from _one_triggers(account, state, known, number, order, now)
            case _:
                yield from _one_updates(account, state, known, number, order, now)


def cancel(
    account: str,
    state: AccountState,
    order: Order,
    name: str,
    reason: ExecRestatementReason,
    text: str,
    now: Instant,
) -> Effects:
    """Cancel an open order on our own account: the desk hears Canceled when it is done."""
    if order.held:
        yield from cancel_held(account, state, order, now, reason=reason, text=text)
        return
    request_id = _request_id(state, name)
    yield ev.OwnRequestMade(
        OrderID=order.OrderID, RequestID=request_id, ExecRestatementReason=reason, Text=text
    )
    symbol = order.terms.Symbol
    down = CancelOrder(OrderID=order.OrderID, RequestID=request_id, Symbol=symbol)
    yield Send(f"book/{symbol}", down)


def cancel_held(
    account: str,
    state: AccountState,
    order: Order,
    now: Instant,
    *,
    clordid: str | None = None,
    reason: ExecRestatementReason | None = None,
    text: str | None = None,
) -> Effects:
    """An order that waits here is over at once. ``clordid``: the desk's cancel, where it asked."""
    exec_id, before = next_exec_id(account, state), order.ClOrdID
    yield ev.OrderCanceled(
        OrderID=order.OrderID,
        ExecID=exec_id,
        ClOrdID=clordid,
        ExecRestatementReason=reason,
        Text=text,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Canceled,
        exec_id,
        now,
        orig=before if clordid else None,
        restatement=reason,
        text=text,
    )
    yield from follow(account, state, order.OrderID, now)


def replace_held(
    account: str, state: AccountState, order: Order, clordid: str, now: Instant
) -> Effects:
    """The desk's replace of an order that waits here is done at once."""
    exec_id, before = next_exec_id(account, state), order.ClOrdID
    yield ev.OrderReplaced(OrderID=order.OrderID, ExecID=exec_id, ClOrdID=clordid)
    yield reports.of_order(account, order, ExecType.Replaced, exec_id, now, orig=before)


def hold(account: str, state: AccountState, order: Order, now: Instant) -> Effects:
    """The order is accepted, reserved and waits here: the desk hears New."""
    exec_id = next_exec_id(account, state)
    yield ev.OrderHeld(OrderID=order.OrderID, ExecID=exec_id)
    yield reports.of_order(account, order, ExecType.New, exec_id, now)


def reduced(terms: Terms, quantity: Decimal) -> Terms:
    """The terms for that quantity; MinQty and DisplayQty are at most that."""
    parts = {"MinQty": terms.MinQty, "DisplayQty": terms.DisplayQty}
    less = {name: min(part, quantity) for name, part in parts.items() if part is not None}
    return terms.model_copy(update={"OrderQty": quantity, **less})


def _request_id(state: AccountState, name: str) -> str:
    """Unique in this account. A ClOrdID has no space, so no desk's request is called so."""
    return f"{name} {state.request_count + 1}"


def _so(known: OrderList, order: Order) -> str:
    """Why: the list, and which of its orders did what."""
    did = "traded" if order.cum_qty else f"is {order.status}"
    return f"list {known.ListID}: {order.ClOrdID} {did}"


def _others(state: AccountState, link: Link, order_id: str) -> list[Order]:
    """The open orders of a link but one."""
    found = [state.orders[other] for other in link.OrderIDs if other != order_id]
    return [order for order in found if not order.over]


def _fired(known: OrderList, number: int, order: Order) -> ev.LinkFired:
    return ev.LinkFired(Desk=order.Desk, ListID=known.ListID, Link=number, OrderID=order.OrderID)


def _one_cancels(
    account: str, state: AccountState, known: OrderList, number: int, order: Order, now: Instant
) -> Effects:
    """The first fill or end of one order cancels the others. Their fills meanwhile are booked."""
    link = known.links[number]
    if link.fired is None:
        if not order.cum_qty and not order.over:
            return
        yield _fired(known, number, order)
    assert link.fired is not None
    first = state.orders[link.fired]
    for other in _others(state, link, link.fired):
        if not other.over and not other.canceling and other.OrderID not in known.stuck:
            text = _so(known, first)
            yield from cancel(account, state, other, known.ListID, WHY, text, now)


def _one_triggers(
    account: str, state: AccountState, known: OrderList, number: int, order: Order, now: Instant
) -> Effects:
    """The first order, filled completely, releases the others; what it does not fill, they lack."""
    link = known.links[number]
    if link.fired or order.OrderID != link.OrderIDs[0] or not order.over:
        return
    yield _fired(known, number, order)
    total, part = order.terms.quantity, order.cum_qty
    for other in _others(state, link, order.OrderID):
        if other.over:
            continue  # another one of them has cancelled it meanwhile
        if part and order.status is not OrdStatus.Filled and part < total:
            yield from _cut(account, state, other, part / total, _so(known, order), now)
        if part and other.leaves_qty:
            yield from _release(account, state, other, now)
        elif not other.over:
            yield from cancel(account, state, other, known.ListID, WHY, _so(known, order), now)


def _cut(
    account: str, state: AccountState, order: Order, share: Decimal, text: str, now: Instant
) -> Effects:
    """What triggers the order ended partly filled: it is for the same part, in whole lots."""
    lot = state.instruments[order.terms.Symbol].LotSize
    lots = (order.terms.quantity * share / lot).quantize(_FINEST).to_integral_value(ROUND_FLOOR)
    quantity = lots * lot
    if not quantity:
        yield from cancel_held(account, state, order, now, reason=WHY, text=text)
        return
    exec_id = next_exec_id(account, state)
    terms = reduced(order.terms, quantity)
    yield ev.HeldOrderCut(OrderID=order.OrderID, ExecID=exec_id, Terms=terms)
    yield reports.of_order(
        account, order, ExecType.Restated, exec_id, now, restatement=WHY, text=text
    )


def _release(account: str, state: AccountState, order: Order, now: Instant) -> Effects:
    exec_id = next_exec_id(account, state)
    yield ev.OrderReleased(OrderID=order.OrderID, ExecID=exec_id)
    yield reports.of_order(account, order, ExecType.Triggered, exec_id, now)
    down = NewOrder(OrderID=order.OrderID, Account=account, Terms=order.terms, Desk=order.Desk)
    yield Send(f"book/{order.terms.Symbol}", down)


def _one_updates(
    account: str, state: AccountState, known: OrderList, number: int, order: Order, now: Instant
) -> Effects:
    """What one order fills, the others are reduced by; nothing is given back for a bust."""
    link = known.links[number]
    before = link.counted.get(order.OrderID, ZERO)
    if order.cum_qty > before:
        yield ev.LinkCounted(
            Desk=order.Desk,
            ListID=known.ListID,
            Link=number,
            OrderID=order.OrderID,
            CumQty=order.cum_qty,
            Owed={
                other.OrderID: _owed(link, order, before, other)
                for other in _others(state, link, order.OrderID)
            },
        )
    again = link.again.get(order.OrderID)
    if again and not order.pending:  # else what is under way may say another total
        yield ev.LinkCounted(
            Desk=order.Desk,
            ListID=known.ListID,
            Link=number,
            OrderID=order.OrderID,
            CumQty=link.counted.get(order.OrderID, ZERO),
            Owed={order.OrderID: again},
        )
    for other in _others(state, link, ""):
        if not other.over:
            yield from _reduce(account, state, known, link, other, now)


def _owed(link: Link, order: Order, before: Decimal, other: Order) -> Decimal:
    """By how much ``order``'s fills since ``before`` reduce ``other``."""
    filled = order.cum_qty - before
    if link.kind is not _PROPORTIONAL:
        return filled
    left = order.terms.quantity - before - _under_way(link, order)
    rest = max(ZERO, other.leaves_qty - _under_way(link, other))
    return rest if filled >= left else (rest * filled / left).quantize(_FINEST).normalize()


def _under_way(link: Link, order: Order) -> Decimal:
    """By how much the order is going to be smaller than the venue has it."""
    asked = sum((request.cut for request in order.pending), ZERO)
    return asked + max(ZERO, link.owed.get(order.OrderID, ZERO))


def _reduce(
    account: str, state: AccountState, known: OrderList, link: Link, order: Order, now: Instant
) -> Effects:
    """Take off what is owed, in whole lots, unless something else is under way on the order."""
    owed = link.owed.get(order.OrderID, ZERO)
    if owed <= 0 or order.canceling:
        return
    lot = state.instruments[order.terms.Symbol].LotSize
    cut = (owed / lot).to_integral_value(ROUND_CEILING) * lot
    quantity = order.terms.quantity - cut
    text = f"list {known.ListID}: other orders of it traded"
    if quantity <= order.cum_qty:
        if order.OrderID not in known.stuck:
            yield from cancel(account, state, order, known.ListID, WHY, text, now)
        return
    if order.pending or order.OrderID in link.stuck:
        return
    request_id = _request_id(state, known.ListID)
    terms = reduced(order.terms, quantity)
    yield ev.OwnRequestMade(
        OrderID=order.OrderID,
        RequestID=request_id,
        Terms=terms,
        Cut=cut,
        ExecRestatementReason=WHY,
        Text=text,
    )
    down = ReplaceOrder(OrderID=order.OrderID, RequestID=request_id, Terms=terms)
    yield Send(f"book/{terms.Symbol}", down)
