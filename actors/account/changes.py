"""Cancels and replaces: refused here, or sent on to the book and reported pending."""

from typing import Any

from actors import kills, rules
from actors.account import approvals, contingency, reports
from actors.account.answers import Effects, again, next_exec_id
from actors.account.state import AccountState, Order, Spoken
from actors.actor import Send
from messages import events as ev
from messages.base import Instant
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrdStatus,
    PendingReports,
)
from messages.orders import OrderCancelReplaceRequest, OrderCancelRequest
from messages.refusals import Refusal
from messages.routing import CancelOrder, ReplaceOrder, RequestRejected
from messages.terms import terms_content


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
    if refused := _change_refusal(account, state, desk, order, request, use, now):
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
            **_of_replace(request),
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
    exec_id = pending_exec_id(account, state)
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
        yield from send_cancel(account, state, order, request.ClOrdID, exec_id, now)


def _of_replace(request: OrderCancelRequest | OrderCancelReplaceRequest) -> dict[str, Any]:
    """What of a replace is kept where it was refused: enough to judge it again by other rules."""
    if isinstance(request, OrderCancelRequest):
        return {}
    return {"Trader": request.SenderSubID, "Terms": request.terms()}


def pending_exec_id(account: str, state: AccountState, ahead: int = 0) -> str | None:
    """ExecID of the report that a request is pending; None: the venue will say so itself."""
    assert state.definition is not None
    if state.definition.PendingReports is PendingReports.Venue:
        return None
    return next_exec_id(account, state, ahead)


def send_cancel(
    account: str, state: AccountState, order: Order, clordid: str, exec_id: str | None, now: Instant
) -> Effects:
    """Report a cancel that was taken as pending, and send it on; what is held is over at once."""
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
    if order.held:
        yield from contingency.cancel_held(account, state, order, now, clordid=clordid)
        return
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
    terms, trader = request.terms(), request.SenderSubID
    proposal = rules.proposed(account, state, desk, request.ClOrdID, terms, now, trader, order)
    yield ev.ReplaceRequested(
        OrderID=order.OrderID,
        ClOrdID=request.ClOrdID,
        OrigClOrdID=order.ClOrdID,
        Desk=desk,
        Terms=terms,
        ReservePx=rules.reserve_px(terms, state, proposal.limits),
        ExecID=exec_id,
        Content=content,
        **rules.marks(proposal, state),
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
    if order.OrderID in state.staged:
        yield from approvals.replaced(proposal, state, order, now)
        return
    if order.held:
        yield from contingency.replace_held(account, state, order, request.ClOrdID, now)
        return
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
    now: Instant,
) -> tuple[CxlRejReason, Refusal] | None:
    field = "OrigClOrdID" if request.OrigClOrdID else "OrderID"
    name = request.OrigClOrdID or request.OrderID or ""
    if use is not None:
        return CxlRejReason.DuplicateClOrdID, no(
            "duplicate_clordid", "ClOrdID", request.ClOrdID, "was used before with other content",
            "send a fresh ClOrdID"
        )  # fmt: skip
    if order is None:
        return CxlRejReason.UnknownOrder, no(
            "known_order", field, name, "names no order of this desk",
            f"ask with OrderMassStatusRequest what is open in {account}"
        )  # fmt: skip
    if any(pending.status is OrdStatus.PendingCancel for pending in order.pending):
        return CxlRejReason.AlreadyPending, no(
            "one_cancel", field, name, "is being canceled already",
            "wait for the answer to the first cancel"
        )  # fmt: skip
    reopen = (
        isinstance(request, OrderCancelReplaceRequest)
        and order.status is OrdStatus.Filled
        and request.quantity > order.cum_qty
    )
    if order.over and not reopen:
        return CxlRejReason.TooLateToCancel, no(
            "open_order", field, name, f"is {order.status}",
            "nothing is left to cancel or replace"
        )  # fmt: skip
    for fixed in ("Symbol", "Side", "ExDestination"):
        given, known = getattr(request, fixed, None), getattr(order.terms, fixed)
        if given is not None and given != known:
            return CxlRejReason.BrokerOption, no(
                "same_order", fixed, str(given),
                f"the order has {known or 'none'}, which cannot change",
                "cancel the order and send a new one"
            )  # fmt: skip
    if isinstance(request, OrderCancelReplaceRequest):
        terms, trader = request.terms(), request.SenderSubID
        proposal = rules.proposed(account, state, desk, request.ClOrdID, terms, now, trader, order)
        if objection := rules.first_objection(proposal, state):
            return CxlRejReason.BrokerOption, objection[1]
        if asked := unapproved(proposal, state, order):
            return CxlRejReason.BrokerOption, asked
    return None


def unapproved(proposal: rules.Proposal, state: AccountState, order: Order) -> Refusal | None:
    """More of an order that is out already does not go round those who approve."""
    if order.OrderID in state.staged or not kills.adds_risk(order.terms, proposal.terms):
        return None
    asked = rules.asks_approval(proposal, state)
    remedy = "cancel the order and send a new one, which waits for approval"
    return asked and asked.model_copy(update={"Remedy": remedy})


def no(rule: str, field: str, given: str, allowed: str, remedy: str) -> Refusal:
    """A refusal that no pre-trade rule made."""
    return Refusal(Rule=rule, Field=field, Given=given, Allowed=allowed, Remedy=remedy)


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
        Refusal=said.Refusal,
    )
    if request.ours:
        if not order.over and said.CxlRejReason is not CxlRejReason.TooLateToCancel:
            what = f"the venue refused what was due, {request.text}: {said.Text or 'no reason'}"
            yield ev.BreakFound(OrderID=order.OrderID, What=what)
        return
    yield reports.cancel_reject(
        account,
        order.Desk,
        order,
        request.ClOrdID,
        request.OrigClOrdID,
        request.response_to,
        said.CxlRejReason,
        now,
        refusal=said.Refusal,
        text=said.Text,
    )
