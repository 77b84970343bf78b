"""What an account does with what a venue says: book it once, and tell the desk.

Whatever contradicts us is recorded as a break, booked where it is money, and never a crash.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from actors import lifecycle, rules
from actors.account import after_the_fact, reports
from actors.account.answers import Effects, next_exec_id
from actors.account.state import AccountState, Order, Request
from actors.actor import Send
from messages import events as ev
from messages.base import Instant
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
)
from messages.routing import Execution, VenueOrder


def execution(account: str, state: AccountState, said: Execution, now: Instant) -> Effects:
    """One execution of one order, as the book hands it up."""
    order = state.orders.get(said.OrderID)
    if order is None:
        yield ev.BreakFound(OrderID=said.OrderID, What=f"{said.ExecType} for an unknown order")
        return
    exec_id = next_exec_id(account, state)
    match said.ExecType:
        case ExecType.Trade:
            yield from _filled(account, state, order, said, exec_id, now)
        case ExecType.TradeCancel | ExecType.TradeCorrect:
            yield from after_the_fact.take(account, state, order, said, exec_id, now)
        case ExecType.PendingCancel | ExecType.PendingReplace:
            yield from _pending(account, order, said, exec_id, now)
        case ExecType.New if order.released and order.status in AT_WORK:
            return  # the desk heard New when the order was held here, and Triggered since
        case _ if said.ExecType not in WORDS:
            what = f"{said.ExecType} from {said.Venue} is not handled"
            yield ev.BreakFound(OrderID=said.OrderID, What=what)
        case _ if not lifecycle.TABLE[order.status_on(said.TradeDate)].get(said.ExecType):
            what = f"{said.ExecType} from {said.Venue} while {order.status}"
            yield ev.BreakFound(OrderID=said.OrderID, What=what)
        case _:
            yield from WORDS[said.ExecType](account, order, said, exec_id, now)


def adopt(state: AccountState, said: VenueOrder, now: Instant) -> Effects:
    """An order that the venue made for this account: its first desk is told what becomes of it."""
    if said.OrderID in state.orders:
        return
    assert state.definition is not None
    yield ev.OrderAdopted(
        OrderID=said.OrderID,
        Desk=state.definition.Desks[0],
        Venue=said.Venue,
        Terms=said.Terms,
        ReservePx=rules.reserve_px(said.Terms, state, state.limits_of(state.definition.Desks[0])),
        ReceivedAt=now,
    )


def _acknowledged(
    account: str, order: Order, said: Execution, exec_id: str, now: Instant
) -> Effects:
    yield ev.OrderAcknowledged(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said, said.OrderQty),
        Venue=said.Venue,
        OrderQty=said.OrderQty if order.terms.OrderQty is None else None,
        TradeDate=said.TradeDate,
        ReceivedAt=order.received_at,
    )
    yield reports.of_order(account, order, ExecType.New, exec_id, now, last_mkt=said.Venue)


def _filled(
    account: str, state: AccountState, order: Order, said: Execution, exec_id: str, now: Instant
) -> Effects:
    assert said.LastQty is not None
    assert said.LastPx is not None
    if f"{said.Venue} {said.VenueExecID}" in state.booked:
        what = f"ExecID {said.VenueExecID} of {said.Venue} came twice and was booked once"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
        return
    if contradiction := _contradiction(order, said):
        yield ev.BreakFound(OrderID=order.OrderID, What=contradiction)
    moved = _next(order, said, cum_qty=order.cum_qty + said.LastQty)
    others = list(order.pending)
    yield ev.OrderFilled(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=said.Ends or moved or order.status,
        Venue=said.Venue,
        VenueExecID=said.VenueExecID,
        LastQty=said.LastQty,
        LastPx=said.LastPx,
        Ends=said.Ends,
        TradeDate=said.TradeDate,
        ReceivedAt=order.received_at,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Trade,
        exec_id,
        now,
        last_qty=said.LastQty,
        last_px=said.LastPx,
        last_mkt=said.Venue,
    )
    if said.Ends:
        yield from _requests_ended(account, order, others, now)
    elif order.status is OrdStatus.Filled:
        yield from _too_late(account, order, now)


def _next(
    order: Order,
    said: Execution,
    order_qty: Decimal | None = None,
    cum_qty: Decimal | None = None,
) -> OrdStatus | None:
    """Where the table leads, with quantities as they will be; a total below CumQty means: stop."""
    before = order.status_on(said.TradeDate)
    traded = order.cum_qty if cum_qty is None else cum_qty
    total = order.terms.quantity if order_qty is None else max(order_qty, traded)
    return lifecycle.after(before, said.ExecType, total, traded)


def _contradiction(order: Order, said: Execution) -> str | None:
    assert said.LastQty is not None
    cum_qty = order.cum_qty + said.LastQty
    if order.terms.OrderQty is not None and cum_qty > order.terms.OrderQty:
        return f"{said.Venue} filled {said.LastQty} beyond what was left of the order"
    if _next(order, said, cum_qty=cum_qty) is None:
        return f"{said.Venue} filled {said.LastQty} while {order.status}"
    return None


def _too_late(account: str, order: Order, now: Instant) -> Effects:
    """The last fill overtook the cancel: it ends with a cancel reject (FIX B.1.c)."""
    for request in list(order.pending):
        if request.terms is None:
            text = "the order was filled before the cancel reached the venue"
            yield ev.CancelRejected(
                OrderID=order.OrderID,
                ClOrdID=request.ClOrdID,
                CxlRejReason=CxlRejReason.TooLateToCancel,
                Text=text,
            )
            if request.ours:
                continue
            yield reports.cancel_reject(
                account,
                order.Desk,
                order,
                request.ClOrdID,
                request.OrigClOrdID,
                CxlRejResponseTo.OrderCancelRequest,
                CxlRejReason.TooLateToCancel,
                now,
                text=text,
            )


def _pending(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    """The venue took a request up. Where the desk was told by us already, it is no news."""
    request = order.request(said.RequestID) if said.RequestID else None
    if request is None or request.reported or request.ours:
        return
    yield ev.RequestPending(
        OrderID=order.OrderID,
        ExecID=exec_id,
        ClOrdID=request.ClOrdID,
        TradeDate=said.TradeDate,
    )
    yield reports.of_order(
        account,
        order,
        request.pending_type,
        exec_id,
        now,
        clordid=request.ClOrdID,
        orig=order.ClOrdID or None,
        last_mkt=said.Venue,
    )


def _canceled(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    request = order.request(said.RequestID) if said.RequestID else None
    others = [r for r in order.pending if r is not request]
    before = order.ClOrdID or None
    reason, text = said.ExecRestatementReason, said.Text
    if request and request.ours:  # the desk did not ask, so it is told why
        reason, text, request = request.reason, request.text, None
    yield ev.OrderCanceled(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said),
        ClOrdID=request.ClOrdID if request else None,
        ExecRestatementReason=reason,
        TradeDate=said.TradeDate,
        Text=text,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Canceled,
        exec_id,
        now,
        orig=before if request else None,
        last_mkt=said.Venue,
        restatement=reason,
        text=text,
    )
    yield from _requests_ended(account, order, others, now)


def _ended(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    """Rejected or expired at the venue."""
    others = list(order.pending)
    reason, moved = None, _next(order, said)
    if said.ExecType is ExecType.Rejected:
        reason = said.OrdRejReason or OrdRejReason.Other
        yield ev.OrderRejected(
            OrderID=order.OrderID,
            ExecID=exec_id,
            OrdStatus=moved,
            OrdRejReason=reason,
            Text=said.Text,
            Refusal=said.Refusal,
        )
    else:
        yield ev.OrderExpired(
            OrderID=order.OrderID, ExecID=exec_id, OrdStatus=moved, Text=said.Text
        )
    yield reports.of_order(
        account,
        order,
        said.ExecType,
        exec_id,
        now,
        last_mkt=said.Venue,
        reason=reason,
        refusal=said.Refusal,
        text=said.Text,
    )
    yield from _requests_ended(account, order, others, now)


def _moved(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    """Done for the day, stopped, suspended, calculated, triggered: no quantity changes.

    LastQty and LastPx of Stopped are what is guaranteed, and not a fill (FIX L.1.a).
    """
    yield ev.OrderMoved(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said),
        ExecType=said.ExecType,
        TradeDate=said.TradeDate,
        Text=said.Text,
    )
    yield reports.of_order(
        account,
        order,
        said.ExecType,
        exec_id,
        now,
        last_qty=said.LastQty,
        last_px=said.LastPx,
        last_mkt=said.Venue,
        text=said.Text,
    )


def _requests_ended(
    account: str, order: Order, requests: list[Request], now: Instant
) -> Iterator[Send]:
    """The order ended, and with it every request on it: each is answered."""
    for request in requests:
        if request.ours:
            continue
        yield reports.cancel_reject(
            account,
            order.Desk,
            order,
            request.ClOrdID,
            request.OrigClOrdID,
            request.response_to,
            CxlRejReason.TooLateToCancel,
            now,
            text=f"the order is {order.status}",
        )


def _replaced(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    """The replace that was asked for, or one that the venue made by itself."""
    request = order.request(said.RequestID) if said.RequestID else None
    asked = request is not None and request.terms is not None
    ours = request if request and request.ours else None
    before = order.ClOrdID or None
    total = said.OrderQty or (request.terms.OrderQty if request and request.terms else None)
    yield ev.OrderReplaced(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said, total),
        ClOrdID=request.ClOrdID if asked and request else None,
        OrderQty=said.OrderQty,
        Price=said.Price,
        TradeDate=said.TradeDate,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Replaced,
        exec_id,
        now,
        orig=before if asked and not ours else None,
        last_mkt=said.Venue,
        restatement=ours.reason if ours else said.ExecRestatementReason,
        text=ours.text if ours else said.Text,
    )


def _restated(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    split = said.ExecRestatementReason is ExecRestatementReason.GTCorporateAction
    other = said.CumQty if said.CumQty is not None and said.CumQty != order.cum_qty else None
    if other is not None and not (split and order.cum_qty):
        what = f"{said.Venue} restates CumQty {other}, reports for {order.cum_qty} came"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
        other = None
    yield ev.OrderRestated(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said, said.OrderQty, other),
        OrderQty=said.OrderQty,
        Price=said.Price,
        CumQty=other,
        ExecRestatementReason=said.ExecRestatementReason,
        TradeDate=said.TradeDate,
        Text=said.Text,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Restated,
        exec_id,
        now,
        last_mkt=said.Venue,
        restatement=said.ExecRestatementReason,
        text=said.Text,
    )


AT_WORK = (OrdStatus.New, OrdStatus.PartiallyFilled, OrdStatus.Filled)
"""Where the venue's New is no news of an order that was held here."""

WORDS: dict[ExecType, Callable[[str, Order, Execution, str, Instant], Effects]] = {
    ExecType.New: _acknowledged,
    ExecType.Canceled: _canceled,
    ExecType.Replaced: _replaced,
    ExecType.Rejected: _ended,
    ExecType.Expired: _ended,
    ExecType.Restated: _restated,
    ExecType.DoneForDay: _moved,
    ExecType.Stopped: _moved,
    ExecType.Suspended: _moved,
    ExecType.Calculated: _moved,
    ExecType.Triggered: _moved,
}
"""What a venue may say of an order's state, and how the account takes it."""
