"""What an account does with what a desk says: accept, refuse, or answer again.

Every request gets at least one report. The same ClOrdID with the same content is answered as it
was the first time and changes nothing; with other content it is refused and the first stays.
"""

from collections.abc import Iterator
from typing import assert_never

from actors import rules
from actors.account import approvals, changes, lists, mass_cancel, questions, reports
from actors.account.answers import again, next_exec_id
from actors.account.state import AccountState
from actors.actor import Send, Timer
from messages import events as ev
from messages.base import Instant
from messages.fix import ExecType, OrdRejReason
from messages.lists import ListCancelRequest, ListStatusRequest, NewOrderList
from messages.orders import (
    FromDesk,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from messages.refusals import Refusal
from messages.routing import NewOrder
from messages.terms import terms_content

Effects = Iterator[ev.AccountEvent | Send | Timer]


def take(account: str, state: AccountState, said: FromDesk, now: Instant) -> Effects:
    """One request of one desk."""
    request = said.Request
    match request:
        case NewOrderSingle():
            yield from _new(account, state, said, request, now)
        case OrderCancelRequest() | OrderCancelReplaceRequest():
            yield from changes.change(account, state, said.Desk, request, now)
        case OrderMassCancelRequest():
            yield from mass_cancel.mass_cancel(account, state, said.Desk, request, now)
        case OrderStatusRequest():
            yield questions.status(account, state, said.Desk, request, now)
        case OrderMassStatusRequest():
            yield from questions.mass_status(account, state, said.Desk, request, now)
        case NewOrderList():
            yield from lists.new(account, state, said, request, now)
        case ListCancelRequest():
            yield from lists.cancel(account, state, said.Desk, request, now)
        case ListStatusRequest():
            yield lists.status(account, state, said.Desk, request, now)
        case _:
            assert_never(request)


def _new(
    account: str, state: AccountState, said: FromDesk, request: NewOrderSingle, now: Instant
) -> Effects:
    use = state.spoken.get(f"{said.Desk} {request.ClOrdID}")
    if use and use.kind == request.MsgType and use.content == terms_content(request):
        yield from again(
            account, state, said.Desk, request.ClOrdID, use, now, poss_resend=request.PossResend
        )
        return
    terms = request.terms()
    order_id = f"{account}-{state.order_count + 1}"
    trader = request.SenderSubID
    proposal = rules.proposed(account, state, said.Desk, request.ClOrdID, terms, now, trader)
    if objection := rules.first_objection(proposal, state):
        yield from _refuse(account, state, said, order_id, terms, *objection, now=now)
        return
    limits = proposal.limits
    wait = approvals.wanted(proposal, state, request.HandlInst)
    exec_id = next_exec_id(account, state) if request.ReportPendingNew or wait else None
    yield ev.OrderAccepted(
        OrderID=order_id,
        ClOrdID=request.ClOrdID,
        Desk=said.Desk,
        Terms=terms,
        ReservePx=rules.reserve_px(terms, state, limits),
        ReceivedAt=said.ReceivedAt,
        ExecID=exec_id,
        **rules.marks(proposal, state),
    )
    if exec_id and wait:
        order = state.orders[order_id]
        yield from approvals.stage(state, order, wait, proposal, exec_id, now)
        return
    if exec_id:
        order = state.orders[order_id]
        yield reports.of_order(account, order, ExecType.PendingNew, exec_id, now)
    down = NewOrder(OrderID=order_id, Account=account, Terms=terms, Desk=said.Desk)
    yield Send(f"book/{terms.Symbol}", down)


def _refuse(
    account: str,
    state: AccountState,
    said: FromDesk,
    order_id: str,
    terms: rules.Terms,
    reason: OrdRejReason,
    refusal: Refusal,
    *,
    now: Instant,
) -> Effects:
    clordid = said.Request.ClOrdID  # type: ignore[union-attr]  # a NewOrderSingle
    exec_id = next_exec_id(account, state)
    first = state.named(said.Desk, clordid)
    yield ev.OrderRefused(
        OrderID=order_id,
        ClOrdID=clordid,
        Desk=said.Desk,
        Terms=terms,
        OrdRejReason=reason,
        Refusal=refusal,
        ReceivedAt=said.ReceivedAt,
        ExecID=exec_id,
        Trader=said.Request.SenderSubID,  # type: ignore[union-attr]
    )
    if reason is OrdRejReason.DuplicateOrder and first:
        yield reports.of_order(
            account,
            first,
            ExecType.Rejected,
            exec_id,
            now,
            clordid=clordid,
            reason=reason,
            refusal=refusal,
        )
    else:
        yield reports.of_refused(
            account, said.Desk, clordid, order_id, exec_id, terms, reason, refusal, now
        )
