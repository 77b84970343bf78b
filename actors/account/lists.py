"""What an account does with a list: accepts all of its orders or none, cancels it, tells of it.

A list is judged on a trial state to which its earlier orders have happened, so what the first ones
reserve is not there for the next ones, and a refusal leaves nothing behind.
"""

from collections import ChainMap
from copy import copy
from dataclasses import replace
from typing import Any

from actors import rules
from actors.account import contingency, evolve, list_status, reports
from actors.account.answers import Effects, again, next_exec_id
from actors.account.linked import OrderList
from actors.account.state import AccountState
from actors.account.worth import Worths
from actors.actor import Send
from messages import events as ev
from messages.base import Instant
from messages.fix import ContingencyType, ExecType, ListStatusType, OrdRejReason
from messages.lists import (
    LinkedOrders,
    ListCancelRequest,
    ListOrder,
    ListStatusRequest,
    NewOrderList,
)
from messages.orders import FromDesk
from messages.refusals import Refusal
from messages.routing import NewOrder
from messages.terms import terms_content


def new(
    account: str, state: AccountState, said: FromDesk, request: NewOrderList, now: Instant
) -> Effects:
    """A list: accepted as a whole, refused as a whole, or answered again."""
    known = state.lists.get(f"{said.Desk} {request.ListID}")
    if known and known.content == _content(request):
        yield from _again(account, state, said.Desk, request, known, now)
    elif known:
        refusal = Refusal(
            Rule="duplicate_listid",
            Field="ListID",
            Given=request.ListID,
            Allowed="was used before with other content",
            Remedy="send the list with a fresh ListID and fresh ClOrdIDs",
        )
        why = [OrdRejReason.DuplicateOrder] * len(request.Orders)
        yield from _refuse(account, state, said, request, why, refusal, now)
    elif objection := _objection(account, state, said, request, now):
        yield from _refuse(account, state, said, request, *objection, now)
    else:
        yield from _accept(account, state, said, request, now)


def cancel(
    account: str, state: AccountState, desk: str, request: ListCancelRequest, now: Instant
) -> Effects:
    """Cancel what is open of a list; again where the venue refused it the first time."""
    known = state.lists.get(f"{desk} {request.ListID}")
    if known is None or known.refusal:
        yield status(account, state, desk, request, now)
        return
    found = [state.orders[order_id] for order_id in known.OrderIDs]
    if not known.canceling and any(not order.over for order in found):
        yield ev.ListCancelRequested(Desk=desk, ListID=request.ListID)
    yield list_status.of_list(account, state, desk, known, ListStatusType.Response, now)
    text = f"list {request.ListID}: canceled by the desk"
    for order in found:
        if not order.over and not order.canceling:
            yield from contingency.cancel(
                account, state, order, request.ListID, contingency.WHY, text, now
            )


def status(
    account: str,
    state: AccountState,
    desk: str,
    request: ListStatusRequest | ListCancelRequest,
    now: Instant,
) -> Send:
    """How a list stands."""
    known = state.lists.get(f"{desk} {request.ListID}")
    if known is None:
        return list_status.of_unknown(account, desk, request.ListID, now)
    return list_status.of_list(account, state, desk, known, ListStatusType.Response, now)


def _content(request: NewOrderList) -> str:
    """A list as text that is equal where the lists are, however the decimals were written."""
    links = (f"{link.ClOrdLinkID} {link.ContingencyType}" for link in request.Links)
    orders = (
        f"{order.ClOrdID} {order.ClOrdLinkID} {terms_content(order)}" for order in request.Orders
    )
    return "\n".join((str(request.ContingencyType), *links, *orders))


def _order_ids(account: str, state: AccountState, request: NewOrderList) -> tuple[str, ...]:
    first = state.order_count + 1
    return tuple(f"{account}-{first + n}" for n in range(len(request.Orders)))


def _trial(state: AccountState, request: NewOrderList) -> AccountState:
    """A state of its own that reads through to the real one; only what an order changes is new."""
    exposures = dict(state.exposures)
    for order in request.Orders:
        if order.Symbol in state.exposures:
            exposures[order.Symbol] = copy(state.exposures[order.Symbol])
    over: Any = ChainMap  # reads like the dict below it, and writes above it
    return replace(
        state,
        orders=over({}, state.orders),
        open=over({}, state.open),
        spoken=over({}, state.spoken),
        reserved=dict(state.reserved),
        exposures=exposures,
        worths=state.worths and Worths(dict(state.worths.symbols), state.worths.total),
        buckets=dict(state.buckets),
        recent=dict(state.recent),
    )


def _objection(
    account: str, state: AccountState, said: FromDesk, request: NewOrderList, now: Instant
) -> tuple[list[OrdRejReason], Refusal] | None:
    """The first objection to any order, with a reason for each order and a text that names it."""
    trial = _trial(state, request)
    for place, order in enumerate(request.Orders):
        proposal = rules.proposed(
            account, trial, said.Desk, order.ClOrdID, order.terms(), now, request.SenderSubID
        )
        objection = rules.first_objection(proposal, trial)
        asked = None if objection else rules.asks_approval(proposal, trial)
        if asked:
            remedy = "send it as an order of its own, which waits for approval"
            objection = OrdRejReason.BrokerOption, asked.model_copy(update={"Remedy": remedy})
        if objection:
            reason, refusal = objection
            why = [OrdRejReason.Other] * len(request.Orders)
            why[place] = reason
            named = f"{refusal.Allowed} (order {order.ClOrdID} of list {request.ListID})"
            remedy = f"{refusal.Remedy}; no order of the list was accepted"
            return why, refusal.model_copy(update={"Allowed": named, "Remedy": remedy})
        evolve.apply(trial, _accepted(trial, said, request, order, f"trial {place}", now))
    return None


def _accepted(
    state: AccountState,
    said: FromDesk,
    request: NewOrderList,
    order: ListOrder,
    order_id: str,
    now: Instant,
) -> ev.OrderAccepted:
    terms, trader = order.terms(), request.SenderSubID
    proposal = rules.proposed("", state, said.Desk, order.ClOrdID, terms, now, trader)
    return ev.OrderAccepted(
        OrderID=order_id,
        ClOrdID=order.ClOrdID,
        Desk=said.Desk,
        Terms=terms,
        ReservePx=rules.reserve_px(terms, state, proposal.limits),
        ReceivedAt=said.ReceivedAt,
        ListID=request.ListID,
        **rules.marks(proposal, state),
    )


def _accept(
    account: str, state: AccountState, said: FromDesk, request: NewOrderList, now: Instant
) -> Effects:
    order_ids = _order_ids(account, state, request)
    links = _links(request, order_ids)
    yield ev.ListAccepted(
        Desk=said.Desk,
        ListID=request.ListID,
        ContingencyType=request.ContingencyType,
        OrderIDs=order_ids,
        ClOrdIDs=tuple(order.ClOrdID for order in request.Orders),
        Links=links,
        Content=_content(request),
    )
    for order_id, order in zip(order_ids, request.Orders, strict=True):
        yield _accepted(state, said, request, order, order_id, now)
    known = state.lists[f"{said.Desk} {request.ListID}"]
    yield list_status.of_list(account, state, said.Desk, known, ListStatusType.Ack, now)
    wait = {
        order_id
        for link in links
        if link.ContingencyType is ContingencyType.OneTriggersTheOther
        for order_id in link.OrderIDs[1:]
    }
    for order_id in order_ids:
        if order_id in wait:
            yield from contingency.hold(account, state, state.orders[order_id], now)
        else:
            terms = state.orders[order_id].terms
            down = NewOrder(OrderID=order_id, Account=account, Terms=terms, Desk=said.Desk)
            yield Send(f"book/{terms.Symbol}", down)


def _links(request: NewOrderList, order_ids: tuple[str, ...]) -> tuple[LinkedOrders, ...]:
    """What the list links as a whole, and then each of its Links."""
    found = []
    if request.ContingencyType:
        found.append(LinkedOrders(ContingencyType=request.ContingencyType, OrderIDs=order_ids))
    for link in request.Links:
        members = tuple(
            order_id
            for order_id, order in zip(order_ids, request.Orders, strict=True)
            if order.ClOrdLinkID == link.ClOrdLinkID
        )
        found.append(LinkedOrders(ContingencyType=link.ContingencyType, OrderIDs=members))
    return tuple(found)


def _refuse(
    account: str,
    state: AccountState,
    said: FromDesk,
    request: NewOrderList,
    why: list[OrdRejReason],
    refusal: Refusal,
    now: Instant,
) -> Effects:
    refused = OrderList(
        request.ListID,
        request.ContingencyType,
        _content(request),
        OrderIDs=_order_ids(account, state, request),
        ClOrdIDs=tuple(order.ClOrdID for order in request.Orders),
        refusal=refusal,
        ExecIDs=tuple(next_exec_id(account, state, n) for n in range(len(request.Orders))),
    )
    orders = list(zip(request.Orders, refused.OrderIDs, refused.ExecIDs, why, strict=True))
    for order, order_id, exec_id, reason in orders:
        yield ev.OrderRefused(
            OrderID=order_id,
            ClOrdID=order.ClOrdID,
            Desk=said.Desk,
            Terms=order.terms(),
            OrdRejReason=reason,
            Refusal=refusal,
            ReceivedAt=said.ReceivedAt,
            ExecID=exec_id,
            ListID=request.ListID,
            Trader=request.SenderSubID,
        )
    yield ev.ListRefused(
        Desk=said.Desk,
        ListID=request.ListID,
        ContingencyType=request.ContingencyType,
        OrderIDs=refused.OrderIDs,
        ClOrdIDs=refused.ClOrdIDs,
        ExecIDs=refused.ExecIDs,
        Refusal=refusal,
        Content=refused.content,
    )
    yield list_status.of_list(account, state, said.Desk, refused, ListStatusType.Ack, now)
    for place, reason in enumerate(why):
        yield _rejected(account, state, said.Desk, request, refused, place, reason, now)


def _rejected(
    account: str,
    state: AccountState,
    desk: str,
    request: NewOrderList,
    refused: OrderList,
    place: int,
    reason: OrdRejReason,
    now: Instant,
    *,
    poss_resend: bool = False,
) -> Send:
    """Rejected; where the ClOrdID is another order's, with how that one stands (FIX F.1.a)."""
    order, refusal = request.Orders[place], refused.refusal
    assert refusal is not None
    if first := state.named(desk, order.ClOrdID):
        return reports.of_order(
            account,
            first,
            ExecType.Rejected,
            refused.ExecIDs[place],
            now,
            clordid=order.ClOrdID,
            reason=OrdRejReason.DuplicateOrder,
            refusal=refusal,
            poss_resend=poss_resend,
        )
    return reports.of_refused(
        account,
        desk,
        order.ClOrdID,
        refused.OrderIDs[place],
        refused.ExecIDs[place],
        order.terms(),
        reason,
        refusal,
        now,
        poss_resend=poss_resend,
        list_id=request.ListID,
    )


def _again(
    account: str,
    state: AccountState,
    desk: str,
    request: NewOrderList,
    known: OrderList,
    now: Instant,
) -> Effects:
    yield list_status.of_list(
        account, state, desk, known, ListStatusType.Ack, now, poss_resend=True
    )
    for place, order in enumerate(request.Orders):
        use = state.spoken[f"{desk} {order.ClOrdID}"]
        if not known.refusal:
            yield from again(account, state, desk, order.ClOrdID, use, now)
            continue
        yield ev.DuplicateReceived(
            ClOrdID=order.ClOrdID, Desk=desk, Kind=request.MsgType, Same=True
        )
        reason = use.ord_rej_reason or OrdRejReason.DuplicateOrder
        yield _rejected(account, state, desk, request, known, place, reason, now, poss_resend=True)
