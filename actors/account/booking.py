"""What an account does with what a venue says: book it once, and tell the desk.

Whatever contradicts us is recorded as a break, booked where it is money, and never a crash.
"""

from collections.abc import Iterator

from actors import lifecycle
from actors.account import reports
from actors.account.answers import next_exec_id
from actors.account.state import AccountState, Order, Request
from actors.actor import Send, Timer
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejReason, CxlRejResponseTo, ExecType, OrdRejReason, OrdStatus
from messages.routing import Execution, RequestRejected

Effects = Iterator[ev.AccountEvent | Send | Timer]


def execution(account: str, state: AccountState, said: Execution, now: Instant) -> Effects:
    """One execution of one order, as the book hands it up."""
    order = state.orders.get(said.OrderID)
    if order is None:
        yield ev.BreakFound(OrderID=said.OrderID, What=f"{said.ExecType} for an unknown order")
        return
    leaves = order.terms.OrderQty - order.cum_qty - (said.LastQty or 0)
    if lifecycle.after(order.status, said.ExecType, leaves) is None and (
        said.ExecType is not ExecType.Trade
    ):
        what = f"{said.ExecType} from {said.Venue} while {order.status}"
        yield ev.BreakFound(OrderID=said.OrderID, What=what)
        return
    exec_id = next_exec_id(account, state)
    match said.ExecType:
        case ExecType.New:
            yield from _acknowledged(account, order, said, exec_id, now)
        case ExecType.Trade:
            yield from _filled(account, state, order, said, exec_id, now)
        case ExecType.Canceled:
            yield from _canceled(account, order, said, exec_id, now)
        case ExecType.Replaced:
            yield from _replaced(account, order, said, exec_id, now)
        case ExecType.Rejected | ExecType.Expired:
            yield from _ended(account, order, said, exec_id, now)
        case _:
            what = f"{said.ExecType} from {said.Venue} is not handled"
            yield ev.BreakFound(OrderID=said.OrderID, What=what)


def _acknowledged(
    account: str, order: Order, said: Execution, exec_id: str, now: Instant
) -> Effects:
    yield ev.OrderAcknowledged(
        OrderID=order.OrderID, ExecID=exec_id, Venue=said.Venue, ReceivedAt=order.received_at
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
    left = order.terms.OrderQty - order.cum_qty - said.LastQty
    if left < 0:
        what = f"{said.Venue} filled {said.LastQty} beyond what was left of the order"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
    elif lifecycle.after(order.status, ExecType.Trade, left) is None:
        what = f"{said.Venue} filled {said.LastQty} while {order.status}"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
    yield ev.OrderFilled(
        OrderID=order.OrderID,
        ExecID=exec_id,
        Venue=said.Venue,
        VenueExecID=said.VenueExecID,
        LastQty=said.LastQty,
        LastPx=said.LastPx,
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
    if order.status is OrdStatus.Filled:
        yield from _too_late(account, order, now)


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


def _canceled(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    request = order.request(said.RequestID) if said.RequestID else None
    others = [r for r in order.pending if r is not request]
    before = order.ClOrdID
    yield ev.OrderCanceled(
        OrderID=order.OrderID,
        ExecID=exec_id,
        ClOrdID=request.ClOrdID if request else None,
        Text=said.Text,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Canceled,
        exec_id,
        now,
        orig=before if request else None,
        last_mkt=said.Venue,
        text=said.Text,
    )
    yield from _requests_ended(account, order, others, now)


def _ended(account: str, order: Order, said: Execution, exec_id: str, now: Instant) -> Effects:
    """Rejected or expired at the venue."""
    others = list(order.pending)
    reason = None
    if said.ExecType is ExecType.Rejected:
        reason = said.OrdRejReason or OrdRejReason.Other
        yield ev.OrderRejected(
            OrderID=order.OrderID, ExecID=exec_id, OrdRejReason=reason, Text=said.Text
        )
    else:
        yield ev.OrderExpired(OrderID=order.OrderID, ExecID=exec_id, Text=said.Text)
    yield reports.of_order(
        account,
        order,
        said.ExecType,
        exec_id,
        now,
        last_mkt=said.Venue,
        reason=reason,
        text=said.Text,
    )
    yield from _requests_ended(account, order, others, now)


def _requests_ended(
    account: str, order: Order, requests: list[Request], now: Instant
) -> Iterator[Send]:
    """The order ended, and with it every request on it: each is answered."""
    for request in requests:
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
    request = order.request(said.RequestID) if said.RequestID else None
    if request is None or request.terms is None:
        what = f"{said.Venue} replaced the order and nobody had asked"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
        return
    before = order.ClOrdID
    yield ev.OrderReplaced(OrderID=order.OrderID, ExecID=exec_id, ClOrdID=request.ClOrdID)
    yield reports.of_order(
        account, order, ExecType.Replaced, exec_id, now, orig=before, last_mkt=said.Venue
    )


def request_rejected(
    account: str, state: AccountState, said: RequestRejected, now: Instant
) -> Effects:
    """The venue refused a cancel or replace."""
    order = state.orders.get(said.OrderID)
    request = order.request(said.RequestID) if order else None
    if order is None or request is None:
        return  # answered already: the order ended, and its desk was told, before this came
    yield ev.CancelRejected(
        OrderID=order.OrderID,
        ClOrdID=request.ClOrdID,
        CxlRejReason=said.CxlRejReason,
        Text=said.Text,
    )
    yield reports.cancel_reject(
        account,
        order.Desk,
        order,
        request.ClOrdID,
        request.OrigClOrdID,
        request.response_to,
        said.CxlRejReason,
        now,
        text=said.Text,
    )
