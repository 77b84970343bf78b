"""How a venue connection's events change its state: the only place that does."""

from typing import assert_never

from actors.venue.state import Child, Request, VenueState
from messages import events as ev
from messages.fix import ExecType

ENDS = frozenset((ExecType.Canceled, ExecType.Rejected, ExecType.Expired))


def apply(state: VenueState, event: ev.VenueEvent) -> None:
    """Make ``event`` true of ``state``."""
    match event:
        case ev.VenueDefined(Definition=definition):
            state.definition = definition
        case ev.SessionOpened():
            state.up = True
        case ev.SessionClosed():
            state.up = False
        case ev.ChildTaken():
            child = Child(
                event.ChildID, event.Account, event.Terms, event.ClOrdID, trace=event.Trace
            )
            state.children[event.ChildID] = child
            first = Request(event.ClOrdID, event.ChildID, "New", "", event.Terms, "")
            state.requests[event.ClOrdID] = first
            state.unanswered[event.ClOrdID] = None
        case ev.RequestTaken():
            child = state.children[event.ChildID]
            child.requests += 1
            kind = "Replace" if event.Terms else "Cancel"
            orig = _last_sent(state, child)
            request = Request(
                event.ClOrdID, event.ChildID, kind, event.RequestID, event.Terms, orig
            )
            state.requests[event.ClOrdID] = request
            state.unanswered[event.ClOrdID] = None
        case ev.VenueMessageSent():
            state.requests[event.ClOrdID].sent_at = event.At
        case ev.VenueMessageHeld():
            state.requests[event.ClOrdID].sent_at = 0
        case ev.WentInDoubt():
            state.requests[event.ClOrdID].in_doubt = True
        case ev.VenueExecuted():
            _executed(state, event)
        case ev.VenueRequestRejected():
            _answered(state, event.ClOrdID)
        case ev.DuplicateExecution() | ev.BreakFound():
            pass  # recorded for people; it changes nothing
        case _:
            assert_never(event)


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
    state.requests[clordid].in_doubt = False


def _executed(state: VenueState, event: ev.VenueExecuted) -> None:
    child = state.children[event.ChildID]
    state.exec_ids[event.ExecID] = None
    child.venue_order_id = event.VenueOrderID or child.venue_order_id
    child.acknowledged = True
    _answered(state, child.ChildID)  # any word on the order shows that the venue has it
    if event.LastQty:
        child.cum_qty += event.LastQty
    if event.ExecType is not ExecType.Trade:
        _answered(state, event.ClOrdID)
    if event.ExecType is ExecType.Replaced:
        replaced = state.requests[event.ClOrdID].terms
        child.terms = replaced or child.terms
        child.clordid = event.ClOrdID
    if event.ExecType in ENDS:
        child.ended = True
        for clordid in [c for c in state.unanswered if state.requests[c].ChildID == child.ChildID]:
            _answered(state, clordid)
