"""What the venue's words mean: effects, and a ClOrdID (str) where a request must be resent."""

from collections.abc import Iterator
from decimal import Decimal

from actors.actor import Send, Timer
from actors.venue import adopt, doubts, evolve, mass_status, upward
from actors.venue.state import Child, Request, VenueState
from messages import events as ev
from messages import venue as wire
from messages.base import Instant
from messages.fix import CxlRejReason, ExecRestatementReason, ExecType, OrdRejReason, OrdStatus
from messages.routing import CancelOrder, ReplaceOrder, RequestRejected

Effects = Iterator[ev.VenueEvent | Send | Timer | str]
Own = Iterator[ev.VenueEvent | Send | Timer]

ENDS = {
    OrdStatus.Canceled: ExecType.Canceled,
    OrdStatus.Rejected: ExecType.Rejected,
    OrdStatus.Expired: ExecType.Expired,
}
"""How a child that a status report says has ended is reported up."""

MSG_TYPE = {"New": "D", "Cancel": "F", "Replace": "G"}
"""RefMsgType(372) of a reject that is about the request, and not about our question after it."""

GONE = (CxlRejReason.TooLateToCancel, CxlRejReason.UnknownOrder)
"""Nothing is there that could be cancelled."""

SPLIT = ExecRestatementReason.GTCorporateAction

BUNDLED = frozenset((OrdStatus.Canceled, OrdStatus.Expired))
"""How an order may end in the same report as a fill (FIX X.I.1.b)."""

RESTATES = frozenset((ExecType.New, ExecType.Replaced, ExecType.Restated))
"""What may say that the order has another quantity or price than was asked for."""


def heard(
    venue: str,
    state: VenueState,
    said: wire.VenueExecution | wire.VenueCancelReject | wire.VenueReject,
    now: Instant,
    trace: str,
) -> Effects:
    """One application message of the venue."""
    if isinstance(said, wire.VenueExecution):
        yield from _execution(venue, state, said, trace)
    elif isinstance(said, wire.VenueCancelReject):
        yield from _cancel_reject(state, said.ClOrdID, said.CxlRejReason, said.Text)
    else:
        yield from _reject(venue, state, said, now)


def too_late(child: Child, request_id: str) -> Send:
    """The child ended before the request could be placed."""
    return upward.refused(child, request_id, CxlRejReason.TooLateToCancel, "the order had ended")


def forgotten(message: CancelOrder | ReplaceOrder) -> Send:
    """A request on a child that ended so long ago that nothing is known of it any more."""
    symbol = message.Symbol if isinstance(message, CancelOrder) else message.Terms.Symbol
    return Send(
        f"book/{symbol}",
        RequestRejected(
            OrderID=message.OrderID,
            Symbol=symbol,
            Account="",
            RequestID=message.RequestID,
            CxlRejReason=CxlRejReason.TooLateToCancel,
            Text="the order ended days ago",
        ),
    )


def never_sent(venue: str, child: Child, request_id: str, now: Instant) -> Own:
    """Cancel of a child that never left us: over at once, and no venue needs to be asked."""
    exec_id = f"{child.ChildID}.unsent"
    yield from upward.by_own_word(
        venue, child, ExecType.Canceled, exec_id, now, request_id=request_id
    )


def stale(venue: str, child: Child, now: Instant) -> Own:
    """The order never left us and waited for too long: rejected, and no venue needs to be asked."""
    exec_id, text = f"{child.ChildID}.stale", f"the session to {venue} was down for too long"
    yield from upward.by_own_word(
        venue,
        child,
        ExecType.Rejected,
        exec_id,
        now,
        OrdRejReason=OrdRejReason.StaleOrder,
        Text=text,
    )


def _execution(venue: str, state: VenueState, said: wire.VenueExecution, trace: str) -> Effects:
    if said.ExecType is ExecType.PendingNew:
        return  # a courtesy: the answer is still to come
    if mass_status.is_empty(said):
        yield from mass_status.listed(venue, state, said, None)
        return
    request = _request_of(state, said)
    if request is None:
        if not adopt.possible(state, said):
            what = f"{said.ExecType} {said.ExecID} for {_named(said)}, which is not ours"
            yield ev.BreakFound(OrderID=said.ClOrdID or said.OrderID, What=what)
            return
        yield from adopt.adopted(venue, said, trace)
        request = state.requests[adopt.child_id(venue, said)]
    child = state.children[request.ChildID]
    if said.ExecType is ExecType.OrderStatus:
        yield from _status(venue, state, child, request, said)
        yield from mass_status.listed(venue, state, said, child)
        return
    if said.ExecID in state.exec_ids:
        yield ev.DuplicateExecution(ExecID=said.ExecID)
        return
    if said.OrdRejReason is OrdRejReason.DuplicateOrder:
        yield from _duplicate(state, child, request, said)
        return
    if said.ExecType in evolve.PENDING and request.ClOrdID not in state.unanswered:
        return  # it was answered already
    measures = child.terms.OrderQty is None  # by cash: New says how many units it is, ever so late
    silent = said.ExecType is ExecType.New and child.acknowledged and not measures
    if verdict := doubts.verdict(state, child, request, said.ExecType):
        silent = silent or verdict.known
        if verdict.broken:
            yield ev.BreakFound(OrderID=child.ChildID, What=verdict.broken)
    ends = said.OrdStatus if _bundled(state, child, said) else None
    yield from _taken(
        venue, child, request, said, said.ExecType, said.ExecID, silent=silent, ends=ends
    )


def _request_of(state: VenueState, said: wire.VenueExecution) -> Request | None:
    """Our request that the report is about: by its names, or by the venue's OrderID."""
    for name in (said.ClOrdID, said.OrigClOrdID):
        if name and name in state.requests:
            return state.requests[name]
    return state.requests.get(state.by_venue_id.get(said.OrderID, ""))


def _named(said: wire.VenueExecution) -> str:
    return f"ClOrdID {said.ClOrdID}" if said.ClOrdID else f"OrderID {said.OrderID}"


def _bundled(state: VenueState, child: Child, said: wire.VenueExecution) -> bool:
    """A fill that ends the order too, and not a late one or one beside a cancel of ours."""
    if said.ExecType is not ExecType.Trade or said.OrdStatus not in BUNDLED or child.ended:
        return False
    return not any(
        state.requests[c].ChildID == child.ChildID and state.requests[c].kind == "Cancel"
        for c in state.unanswered
    )


def _taken(
    venue: str,
    child: Child,
    request: Request,
    said: wire.VenueExecution,
    exec_type: ExecType,
    exec_id: str,
    *,
    silent: bool = False,
    ends: OrdStatus | None = None,
) -> Effects:
    fill = exec_type in evolve.FILLS  # of anything else LastQty means nothing
    asked = request.RequestID if request.kind != "New" and not fill else None
    reason, text = said.ExecRestatementReason, said.Text
    if request.text:  # nobody above asked, so they are told why
        asked = None
        if exec_type is ExecType.Canceled:
            reason, text = ExecRestatementReason.BrokerOption, request.text
    order_qty, price = _restated(child, request, said, exec_type)
    yield ev.VenueExecuted(
        ChildID=child.ChildID,
        ClOrdID=request.ClOrdID,
        VenueOrderID=said.OrderID,
        ExecID=exec_id,
        ExecRefID=said.ExecRefID,
        ExecType=exec_type,
        RequestID=asked,
        LastQty=said.LastQty if fill else None,
        LastPx=said.LastPx if fill else None,
        OrderQty=order_qty,
        CumQty=said.CumQty if said.ExecRestatementReason is SPLIT else None,
        Ends=ends,
        TransactTime=said.TransactTime,
    )
    if silent:
        return
    yield upward.executed(
        venue,
        child,
        exec_type,
        exec_id,
        said.TransactTime,
        VenueExecRefID=said.ExecRefID,
        RequestID=asked,
        LastQty=said.LastQty if fill or exec_type is ExecType.Stopped else None,
        LastPx=said.LastPx if fill or exec_type is ExecType.Stopped else None,
        OrderQty=order_qty,
        Price=price,
        CumQty=said.CumQty if exec_type is ExecType.Restated else None,
        Ends=ends,
        OrdRejReason=said.OrdRejReason,
        ExecRestatementReason=reason,
        TradeDate=said.TradeDate,
        Text=text,
    )


def _restated(
    child: Child, request: Request, said: wire.VenueExecution, exec_type: ExecType
) -> tuple[Decimal | None, Decimal | None]:
    """Quantity and price where the venue took others than were asked for."""
    if exec_type not in RESTATES:
        return None, None
    terms = request.terms if exec_type is ExecType.Replaced and request.terms else child.terms
    if exec_type is ExecType.New:  # says how many units an order by cash is
        return said.OrderQty if terms.OrderQty is None else None, None
    order_qty = said.OrderQty if said.OrderQty and said.OrderQty != terms.OrderQty else None
    changed = said.Price is not None and said.Price != terms.Price
    return order_qty, said.Price if changed else None


def _status(
    venue: str, state: VenueState, child: Child, request: Request, said: wire.VenueExecution
) -> Effects:
    """The answer to what we asked. All reports before it have been heard: one session, in order."""
    if broken := doubts.status(state, child, request, said):
        yield ev.BreakFound(OrderID=child.ChildID, What=broken)
        return
    if said.OrdStatus is OrdStatus.Rejected and said.OrdRejReason is OrdRejReason.UnknownOrder:
        if request.ClOrdID in state.unanswered:
            yield request.ClOrdID
        elif what := mass_status.forgotten(state, child, said):
            yield ev.BreakFound(OrderID=child.ChildID, What=what)
        return
    exec_id = f"{request.ClOrdID}.status-{said.OrdStatus}"
    if exec_id in state.exec_ids:
        return
    if said.CumQty > child.cum_qty:
        what = f"the venue has {said.CumQty} filled, reports for {child.cum_qty} came"
        yield ev.BreakFound(OrderID=child.ChildID, What=what)
    if said.OrdStatus in ENDS and not child.ended:
        yield from _taken(venue, child, request, said, ENDS[said.OrdStatus], exec_id)
    elif not child.acknowledged:
        yield from _taken(venue, child, request, said, ExecType.New, exec_id)
    elif request.ClOrdID in state.unanswered and request.kind != "New":
        yield from _cancel_reject(
            state, request.ClOrdID, CxlRejReason.Other, "the venue knows it and has not acted on it"
        )


def _duplicate(
    state: VenueState, child: Child, request: Request, said: wire.VenueExecution
) -> Effects:
    """A reject as duplicate speaks of the repeat; the first order stands (FIX F.1.a)."""
    yield ev.DuplicateExecution(ExecID=said.ExecID)
    if request.ClOrdID in state.unanswered:
        what = (
            f"ClOrdID {request.ClOrdID} is a duplicate at the venue, whose first is {child.clordid}"
        )
        yield ev.BreakFound(OrderID=child.ChildID, What=what)


def _cancel_reject(
    state: VenueState, clordid: str, reason: CxlRejReason, text: str | None
) -> Effects:
    request = state.requests.get(clordid)
    if request is None or request.kind == "New":
        yield ev.BreakFound(OrderID=clordid, What="a cancel reject for a request we never made")
        return
    if clordid not in state.unanswered:
        if broken := doubts.refusal(state, request):
            yield ev.BreakFound(OrderID=request.ChildID, What=broken)
        else:
            yield ev.DuplicateExecution(ExecID=f"reject-{clordid}")
        return
    child = state.children[request.ChildID]
    yield ev.VenueRequestRejected(
        ChildID=child.ChildID, ClOrdID=clordid, RequestID=request.RequestID
    )
    if request.text:  # ours
        if not child.done and reason not in GONE:
            what = f"the venue refused the cancel of a kill: {text or reason}"
            yield ev.BreakFound(OrderID=child.ChildID, What=what)
        return
    yield upward.refused(child, request.RequestID, reason, text)


def _reject(venue: str, state: VenueState, said: wire.VenueReject, now: Instant) -> Effects:
    """The venue did not understand a message of ours, so it did not act on it."""
    request = state.requests.get(said.ClOrdID)
    about_it = request is not None and said.RefMsgType in ("", MSG_TYPE[request.kind])
    if request is None or said.ClOrdID not in state.unanswered or not about_it:
        yield ev.BreakFound(OrderID=said.ClOrdID, What=f"the venue did not understand: {said.Text}")
        return
    if request.kind != "New":
        yield from _cancel_reject(state, said.ClOrdID, CxlRejReason.Other, said.Text)
        return
    child = state.children[request.ChildID]
    name = request.ClOrdID
    yield from upward.by_own_word(
        venue, child, ExecType.Rejected, f"{name}.not-understood", now, clordid=name, Text=said.Text
    )
