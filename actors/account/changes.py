"""Cancels, replaces and mass cancels: refused here, or sent on to the book and reported pending."""

from collections.abc import Iterator

from actors import rules
from actors.account import reports
from actors.account.answers import again, next_exec_id
from actors.account.evolve import terms_content
from actors.account.state import AccountState, Order, Spoken
from actors.actor import Send, Timer
from messages import events as ev
from messages.base import Instant
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    MassCancelRequestType,
    OrdStatus,
    PendingReports,
)
from messages.orders import (
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
)
from messages.refusals import Refusal
from messages.routing import CancelOrder, ReplaceOrder

Effects = Iterator[ev.AccountEvent | Send | Timer]


def change(
    account: str,
    state: AccountState,
    desk: str,
    request: OrderCancelRequest | OrderCancelReplaceRequest,
    now: Instant,
) -> Effects:
    content = request.OrigClOrdID or f"OrderID {request.OrderID}"
    if isinstance(request, OrderCancelReplaceRequest):
        content = f"{content} {terms_content(request)}"
    use = state.spoken.get(f"{desk} {request.ClOrdID}")
    if use and use.kind == request.MsgType and use.content == content:
        yield from again(account, state, desk, request.ClOrdID, use, now)
        return
    order = state.order_of(desk, request.OrigClOrdID, request.OrderID)
    if refused := _change_refusal(account, state, desk, order, request, use):
        reason, refusal = refused
        response_to = CxlRejResponseTo(request.MsgType)
        yield ev.CancelRefused(
            OrderID=order.OrderID if order else reports.NO_ORDER,
            ClOrdID=request.ClOrdID,
            OrigClOrdID=request.OrigClOrdID or reports.NO_ORDER,
            Desk=desk,
            ResponseTo=response_to,
            CxlRejReason=reason,
            Refusal=refusal,
            Content=content,
        )
        yield reports.cancel_reject(
            account,
            desk,
            order,
            request.ClOrdID,
            request.OrigClOrdID or reports.NO_ORDER,
            response_to,
            reason,
            now,
            refusal=refusal,
        )
        return
    assert order is not None
    exec_id = _pending_exec_id(account, state)
    if isinstance(request, OrderCancelReplaceRequest):
        yield from _replace(account, state, desk, order, request, exec_id, content, now)
    else:
        yield ev.CancelRequested(
            OrderID=order.OrderID,
            ClOrdID=request.ClOrdID,
            OrigClOrdID=order.ClOrdID,
            Desk=desk,
            ExecID=exec_id,
            Content=content,
        )
        yield from _cancel(account, order, request.ClOrdID, exec_id, now)


def _pending_exec_id(account: str, state: AccountState, ahead: int = 0) -> str | None:
    """ExecID of the report that a request is pending; None: the venue will say so itself."""
    assert state.definition is not None
    if state.definition.PendingReports is PendingReports.Venue:
        return None
    return next_exec_id(account, state, ahead)


def _cancel(account: str, order: Order, clordid: str, exec_id: str | None, now: Instant) -> Effects:
    if exec_id:
        yield reports.of_order(
            account,
            order,
            ExecType.PendingCancel,
            exec_id,
            now,
            clordid=clordid,
            orig=order.ClOrdID or None,
        )
    symbol = order.terms.Symbol
    yield Send(
        f"book/{symbol}", CancelOrder(OrderID=order.OrderID, RequestID=clordid, Symbol=symbol)
    )


def _replace(
    account: str,
    state: AccountState,
    desk: str,
    order: Order,
    request: OrderCancelReplaceRequest,
    exec_id: str | None,
    content: str,
    now: Instant,
) -> Effects:
    terms = request.terms()
    yield ev.ReplaceRequested(
        OrderID=order.OrderID,
        ClOrdID=request.ClOrdID,
        OrigClOrdID=order.ClOrdID,
        Desk=desk,
        Terms=terms,
        ReservePx=rules.reserve_px(terms, state),
        ExecID=exec_id,
        Content=content,
    )
    if exec_id:
        yield reports.of_order(
            account,
            order,
            ExecType.PendingReplace,
            exec_id,
            now,
            clordid=request.ClOrdID,
            orig=order.ClOrdID or None,
        )
    yield Send(
        f"book/{terms.Symbol}",
        ReplaceOrder(OrderID=order.OrderID, RequestID=request.ClOrdID, Terms=terms),
    )


def _change_refusal(
    account: str,
    state: AccountState,
    desk: str,
    order: Order | None,
    request: OrderCancelRequest | OrderCancelReplaceRequest,
    use: Spoken | None,
) -> tuple[CxlRejReason, Refusal] | None:
    field = "OrigClOrdID" if request.OrigClOrdID else "OrderID"
    name = request.OrigClOrdID or request.OrderID or ""
    if use is not None:
        return CxlRejReason.DuplicateClOrdID, _no(
            "duplicate_clordid", "ClOrdID", request.ClOrdID, "was used before with other content",
            "send a fresh ClOrdID"
        )  # fmt: skip
    if order is None:
        return CxlRejReason.UnknownOrder, _no(
            "known_order", field, name, "names no order of this desk",
            f"ask with OrderMassStatusRequest what is open in {account}"
        )  # fmt: skip
    if any(pending.status is OrdStatus.PendingCancel for pending in order.pending):
        return CxlRejReason.AlreadyPending, _no(
            "one_cancel", field, name, "is being canceled already",
            "wait for the answer to the first cancel"
        )  # fmt: skip
    reopen = (
        isinstance(request, OrderCancelReplaceRequest)
        and order.status is OrdStatus.Filled
        and request.quantity > order.cum_qty
    )
    if order.over and not reopen:
        return CxlRejReason.TooLateToCancel, _no(
            "open_order", field, name, f"is {order.status}",
            "nothing is left to cancel or replace"
        )  # fmt: skip
    for fixed in ("Symbol", "Side", "ExDestination"):
        given, known = getattr(request, fixed, None), getattr(order.terms, fixed)
        if given is not None and given != known:
            return CxlRejReason.BrokerOption, _no(
                "same_order", fixed, str(given),
                f"the order has {known or 'none'}, which cannot change",
                "cancel the order and send a new one"
            )  # fmt: skip
    if isinstance(request, OrderCancelReplaceRequest):
        proposal = rules.Proposal(account, desk, request.ClOrdID, request.terms(), order)
        if objection := rules.first_objection(proposal, state):
            return CxlRejReason.BrokerOption, objection[1]
    return None


def _no(rule: str, field: str, given: str, allowed: str, remedy: str) -> Refusal:
    return Refusal(Rule=rule, Field=field, Given=given, Allowed=allowed, Remedy=remedy)


def mass_cancel(
    account: str, state: AccountState, desk: str, request: OrderMassCancelRequest, now: Instant
) -> Effects:
    use = state.spoken.get(f"{desk} {request.ClOrdID}")
    if use:
        content = f"{request.MassCancelRequestType} {request.Symbol}"
        same = use.kind == request.MsgType and use.content == content
        yield ev.DuplicateReceived(
            ClOrdID=request.ClOrdID, Desk=desk, Kind=request.MsgType, Same=same
        )
        if same:
            affected = len(use.OrderID.split(",")) if use.OrderID else 0
            yield reports.mass_cancel(account, desk, request, affected, now, poss_resend=True)
        else:
            refusal = _no(
                "duplicate_clordid", "ClOrdID", request.ClOrdID,
                "was used before with other content", "send a fresh ClOrdID"
            )  # fmt: skip
            yield reports.mass_cancel(account, desk, request, 0, now, refusal=refusal)
        return
    symbol = (
        request.Symbol
        if request.MassCancelRequestType is MassCancelRequestType.CancelOrdersForASecurity
        else None
    )
    targets = [
        order
        for order in state.open_orders(desk, symbol)
        if not any(p.status is OrdStatus.PendingCancel for p in order.pending)
    ]
    exec_ids = tuple(_pending_exec_id(account, state, n) for n in range(len(targets)))
    yield ev.MassCancelRequested(
        ClOrdID=request.ClOrdID,
        Desk=desk,
        Type=request.MassCancelRequestType,
        Symbol=request.Symbol,
        OrderIDs=tuple(order.OrderID for order in targets),
        ExecIDs=exec_ids,
    )
    yield reports.mass_cancel(account, desk, request, len(targets), now)
    for order, exec_id in zip(targets, exec_ids, strict=True):
        yield from _cancel(account, order, request.ClOrdID, exec_id, now)
