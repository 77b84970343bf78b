"""How a venue connection's events change its state: the only place that does."""

from decimal import Decimal
from typing import assert_never

from actors import kills
from actors.venue import forget
from actors.venue.state import Child, Proposal, Request, Resolution, VenueState
from messages import events as ev
from messages.fix import ExecType, SecurityTradingStatus, TradSesStatus
from messages.kills import KilledState

ENDS = frozenset((ExecType.Canceled, ExecType.Rejected, ExecType.Expired))
FILLS = frozenset((ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect))
WHOLE = {
    TradSesStatus.Halted: SecurityTradingStatus.Halt,
    TradSesStatus.Open: SecurityTradingStatus.ReadyToTrade,
    TradSesStatus.Closed: SecurityTradingStatus.Closed,
    TradSesStatus.PreOpen: SecurityTradingStatus.PreOpen,
    TradSesStatus.PreClose: SecurityTradingStatus.ClosingAuction,
}
"""What the state of the whole venue is for one symbol."""

OVER = frozenset(
    (KilledState.Canceled, KilledState.Filled, KilledState.Expired, KilledState.Rejected)
)
"""Of an order in the scope of a kill nothing is left."""

PENDING = frozenset((ExecType.PendingNew, ExecType.PendingCancel, ExecType.PendingReplace))


def apply(state: VenueState, event: ev.VenueEvent) -> None:
    """Make ``event`` true of ``state``."""
    match event:
        case ev.VenueDefined(Definition=definition):
            state.definition = definition
        case ev.VenueScoped(Scope=scope):
            state.scope = scope
        case ev.SessionOpened():
            state.up = True
        case ev.SessionClosed():
            state.up = False
            state.follows = dict.fromkeys(state.follows, "")
        case ev.ChildTaken():
            _child_taken(state, event)
        case ev.VenueOrderAdopted():
            _adopted(state, event)
        case ev.RequestTaken():
            _request_taken(state, event)
        case ev.VenueMessageSent():
            request = state.requests[event.ClOrdID]
            request.sent_at = event.At
            if request.kind == "New":  # what was proposed before was about an earlier sending
                state.proposals.pop(event.ClOrdID, None)
            if request.kind != "Cancel":
                state.last_risk, state.last_risk_at = event.ClOrdID, event.At
            state.day = max(state.day, forget.day_of(event.At))
        case ev.VenueMessageHeld():
            state.requests[event.ClOrdID].sent_at = 0
        case ev.WentInDoubt():
            request = state.requests[event.ClOrdID]
            request.in_doubt, request.doubt_since = True, event.At
            _settles(state, request.ChildID, KilledState.InDoubt)
        case ev.VenueExecuted():
            _executed(state, event)
        case ev.DayBegan():
            state.day = forget.day_of(event.At)
            forget.forget(state, forget.old(state, state.day))
        case ev.VenueRequestRejected():
            _answered(state, event.ClOrdID)
            if state.closing and _last_cancel(state, event.ChildID, event.ClOrdID):
                _settles(state, event.ChildID, _refused(state, event.ChildID))
        case (
            ev.FollowChanged()
            | ev.QuotesAsked()
            | ev.QuotesRefused()
            | ev.SymbolStatusChanged()
            | ev.TradingSessionChanged()
        ):
            _market_data(state, event)
        case ev.DoubtResolutionProposed():
            state.proposals[event.ClOrdID] = Proposal(
                event.ResolutionID, event.Outcome, event.Reason, event.ProposedBy
            )
        case ev.DoubtResolved():
            _resolved(state, event)
        case ev.DuplicateExecution() | ev.BreakFound() | ev.ResolutionRefused():
            pass  # recorded for people; it changes nothing
        case ev.MassStatusAsked() | ev.OrderListed() | ev.MassStatusEnded():
            _mass_status(state, event)
        case ev.KillBegan() | ev.KillEnded():
            kills.apply(state, event)
        case ev.KillListed() | ev.KillCanceled() | ev.KillTold():
            _killed(state, event)
        case _:
            assert_never(event)


def _child_taken(state: VenueState, event: ev.ChildTaken) -> None:
    child = Child(event.ChildID, event.Account, event.Terms, event.ClOrdID, trace=event.Trace)
    child.desk = event.Desk or ""
    state.children[event.ChildID] = child
    first = Request(event.ClOrdID, event.ChildID, "New", "", event.Terms, "")
    first.taken_at = event.At
    state.requests[event.ClOrdID] = first
    state.unanswered[event.ClOrdID] = None


def _last_cancel(state: VenueState, child_id: str, clordid: str) -> bool:
    """Whether that was a cancel, and no other is under way or to come for a kill."""
    cancels = [
        request
        for request in map(state.requests.__getitem__, state.unanswered)
        if request.ChildID == child_id and request.kind == "Cancel"
    ]
    kind = state.requests[clordid].kind
    return kind == "Cancel" and not cancels and child_id not in state.to_cancel


def _request_taken(state: VenueState, event: ev.RequestTaken) -> None:
    child = state.children[event.ChildID]
    child.requests += 1
    kind = "Replace" if event.Terms else "Cancel"
    orig = _last_sent(state, child)
    request = Request(event.ClOrdID, event.ChildID, kind, event.RequestID, event.Terms, orig)
    request.text = event.Text or ""
    state.requests[event.ClOrdID] = request
    state.unanswered[event.ClOrdID] = None


def _killed(state: VenueState, event: ev.KillListed | ev.KillCanceled | ev.KillTold) -> None:
    match event:
        case ev.KillListed():
            state.listed[event.KillID] = None
            for name in event.ChildIDs:
                state.closing.setdefault(name, []).append(event.KillID)
                state.to_cancel[name] = None
        case ev.KillCanceled():
            for name in event.ChildIDs:
                state.to_cancel.pop(name, None)
        case ev.KillTold():
            for name in [n for n, how in state.settled.items() if how in OVER]:
                state.closing.pop(name, None)
            state.settled = {}


def _settles(state: VenueState, child_id: str, how: KilledState) -> None:
    """News of a child that was open when a kill came. What is over is not open again."""
    if child_id in state.closing and state.settled.get(child_id) not in OVER:
        state.settled[child_id] = how


def _refused(state: VenueState, child_id: str) -> KilledState:
    """What is known of an order whose cancel the venue refused."""
    if state.children[child_id].done:
        return KilledState.Filled
    unanswered = child_id in state.unanswered  # the venue may not have it at all
    return KilledState.InDoubt if unanswered else KilledState.CancelRefused


def _resolved(state: VenueState, event: ev.DoubtResolved) -> None:
    state.resolutions[event.ClOrdID] = Resolution(
        event.ResolutionID, event.Outcome, event.Reason, event.ProposedBy, event.ConfirmedBy
    )
    if event.Ends:
        child = state.children[state.requests[event.ClOrdID].ChildID]
        child.resolved = event.ClOrdID


def _mass_status(
    state: VenueState, event: ev.MassStatusAsked | ev.OrderListed | ev.MassStatusEnded
) -> None:
    match event:
        case ev.MassStatusAsked():
            state.mass_status = event.MassStatusReqID
            state.mass_asked += 1
            state.unlisted = {
                child.ChildID: None
                for child in state.children.values()
                if child.acknowledged and not child.done
            }
        case ev.OrderListed():
            state.unlisted.pop(event.ChildID, None)
        case ev.MassStatusEnded():
            state.mass_status = ""
            state.unlisted = dict.fromkeys(event.Missing)


def _market_data(
    state: VenueState,
    event: ev.FollowChanged
    | ev.QuotesAsked
    | ev.QuotesRefused
    | ev.SymbolStatusChanged
    | ev.TradingSessionChanged,
) -> None:
    match event:
        case ev.SymbolStatusChanged():
            state.statuses[event.Symbol] = event.SecurityTradingStatus
        case ev.TradingSessionChanged():
            if status := WHOLE.get(event.TradSesStatus):
                state.statuses = {"": status}  # it is said of every symbol
        case ev.FollowChanged(On=True):
            state.follows[event.Symbol] = ""
        case ev.FollowChanged():
            state.follows.pop(event.Symbol, None)
        case ev.QuotesAsked():
            state.asked += 1
            state.follows[event.Symbol] = event.MDReqID
        case ev.QuotesRefused():
            state.follows[event.Symbol] = ""


def _adopted(state: VenueState, event: ev.VenueOrderAdopted) -> None:
    child = Child(
        event.ChildID,
        event.Account,
        event.Terms,
        event.ChildID,
        venue_order_id=event.VenueOrderID,
        trace=event.Trace,
        adopted=True,
    )
    state.children[event.ChildID] = child
    state.by_venue_id[event.VenueOrderID] = event.ChildID
    request = Request(event.ChildID, event.ChildID, "New", "", event.Terms, "", sent_at=1)
    state.requests[event.ChildID] = request


def _last_sent(state: VenueState, child: Child) -> str:
    """OrigClOrdID by FIX's optimistic chaining: the last replace under way, else the accepted."""
    under_way = [
        r.ClOrdID
        for r in (state.requests[c] for c in state.unanswered)
        if r.ChildID == child.ChildID and r.kind == "Replace"
    ]
    return under_way[-1] if under_way else child.clordid


def _answered(state: VenueState, clordid: str) -> None:
    state.unanswered.pop(clordid, None)
    state.proposals.pop(clordid, None)
    state.requests[clordid].in_doubt = False


def _executed(state: VenueState, event: ev.VenueExecuted) -> None:
    child = state.children[event.ChildID]
    traded = _quantity(state, event)
    child.cum_qty += traded
    state.exec_ids[event.ExecID] = event.LastQty or Decimal(0)
    child.exec_ids.append(event.ExecID)
    child.day = max(child.day, forget.day_of(event.TransactTime))
    if event.VenueOrderID:
        child.venue_order_id = event.VenueOrderID
        state.by_venue_id[event.VenueOrderID] = child.ChildID
    _answered(state, child.ChildID)  # any word on the order shows that the venue has it
    if event.ExecType in PENDING:
        return  # the answer is still to come
    child.acknowledged = event.ExecType is not ExecType.Suspended  # its release is New again
    if event.ExecType not in FILLS:
        _answered(state, event.ClOrdID)
    if event.ExecType is ExecType.Replaced and event.RequestID:
        replaced = state.requests[event.ClOrdID].terms
        child.terms = replaced or child.terms
        child.clordid = event.ClOrdID
    if event.CumQty is not None:
        child.cum_qty = event.CumQty
    if event.OrderQty is not None:
        child.terms = child.terms.model_copy(update={"OrderQty": event.OrderQty})
    if event.ExecType in ENDS or event.Ends is not None:
        child.ended = True
        for clordid in [c for c in state.unanswered if state.requests[c].ChildID == child.ChildID]:
            _answered(state, clordid)
        _settles(state, child.ChildID, KilledState((event.Ends or event.ExecType).value))
    elif child.done:
        _settles(state, child.ChildID, KilledState.Filled)


def _quantity(state: VenueState, event: ev.VenueExecuted) -> Decimal:
    """By how much the execution changes what was traded."""
    match event.ExecType:
        case ExecType.Trade:
            return event.LastQty or Decimal(0)
        case ExecType.TradeCancel:
            return -state.exec_ids.get(event.ExecRefID or "", Decimal(0))
        case ExecType.TradeCorrect:
            before = state.exec_ids.get(event.ExecRefID or "", Decimal(0))
            return (event.LastQty or Decimal(0)) - before
        case _:
            return Decimal(0)
