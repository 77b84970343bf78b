"""A request in doubt whose venue can no longer tell: two people say how it ended.

What they say then goes up like the venue's word, under an ExecID and a Text of theirs. If the venue
speaks after all and says otherwise, that is a break, and its fills are booked all the same.
"""

from collections.abc import Iterator
from typing import NamedTuple

from actors.actor import Send
from actors.venue import upward
from actors.venue.state import Child, Proposal, Request, Resolution, VenueState
from messages import events as ev
from messages import venue as wire
from messages.base import Instant
from messages.fix import CxlRejReason, ExecType, OrdRejReason, OrdStatus
from messages.operators import (
    ConfirmResolution,
    DoubtOutcome,
    FromOperator,
    ResolutionReport,
    ResolutionStatus,
    ResolveInDoubt,
)

Effects = Iterator[ev.VenueEvent | Send]

ENDS = {
    DoubtOutcome.Rejected: ExecType.Rejected,
    DoubtOutcome.NotSent: ExecType.Rejected,
    DoubtOutcome.Canceled: ExecType.Canceled,
    DoubtOutcome.Expired: ExecType.Expired,
}
"""How a new order that did not stay alive is reported up."""

AFTER_THE_FACT = frozenset((ExecType.TradeCancel, ExecType.TradeCorrect))
"""Speaks of a fill that was reported before, whatever became of the order."""
FILLS = AFTER_THE_FACT | {ExecType.Trade}

_GONE = frozenset((ExecType.New, ExecType.Canceled, ExecType.Expired))
_AGREES = {
    ExecType.Rejected: frozenset((ExecType.Rejected,)),
    ExecType.Canceled: _GONE,
    ExecType.Expired: _GONE,
}
"""What the venue may still say of an order that ended so; it may say late that it had begun."""

GONE = frozenset((OrdStatus.Rejected, OrdStatus.Canceled, OrdStatus.Expired))

POSSIBLE = {
    "New": tuple(DoubtOutcome),
    "Cancel": (DoubtOutcome.Canceled, DoubtOutcome.Rejected, DoubtOutcome.NotSent),
    "Replace": (
        DoubtOutcome.Accepted,
        DoubtOutcome.Rejected,
        DoubtOutcome.NotSent,
        DoubtOutcome.Canceled,
    ),
}
"""How each kind of request may have ended."""


def said(venue: str, state: VenueState, words: FromOperator, now: Instant) -> Effects:
    """An operator's request; each gets an answer, a repeat the same."""
    match words.Request:
        case ResolveInDoubt() as wish:
            yield from _propose(venue, state, words.Operator, wish, now)
        case ConfirmResolution() as wish:
            yield from _confirm(venue, state, words.Operator, wish, now)


def _propose(
    venue: str, state: VenueState, operator: str, wish: ResolveInDoubt, now: Instant
) -> Effects:
    fault = _not_resolvable(venue, state, wish.ClOrdID) or _impossible(state, wish)
    if fault:
        yield from _refuse(venue, operator, wish, wish.resolution_id, fault, now)
        return
    known = state.proposals.get(wish.ClOrdID)
    if known is None or known.ResolutionID != wish.resolution_id:
        yield ev.DoubtResolutionProposed(
            ClOrdID=wish.ClOrdID,
            ResolutionID=wish.resolution_id,
            Outcome=wish.Outcome,
            CumQty=wish.CumQty,
            Reason=wish.Reason,
            ProposedBy=operator,
            At=now,
        )
    yield _report(venue, wish.ClOrdID, state.proposals[wish.ClOrdID], operator, now)


def _confirm(
    venue: str, state: VenueState, operator: str, wish: ConfirmResolution, now: Instant
) -> Effects:
    done = state.resolutions.get(wish.ClOrdID)
    if done and (done.ResolutionID, done.ConfirmedBy) == (wish.ResolutionID, operator):
        yield _report(venue, wish.ClOrdID, done, operator, now)
        return
    proposal = state.proposals.get(wish.ClOrdID)
    fault = _not_resolvable(venue, state, wish.ClOrdID) or _not_confirmable(
        proposal, operator, wish
    )
    if proposal is None or fault:
        yield from _refuse(venue, operator, wish, wish.ResolutionID, fault, now)
        return
    yield ev.DoubtResolved(
        ClOrdID=wish.ClOrdID,
        ResolutionID=proposal.ResolutionID,
        Outcome=proposal.Outcome,
        Reason=proposal.Reason,
        ProposedBy=proposal.ProposedBy,
        ConfirmedBy=operator,
        Ends=_kind(state.requests[wish.ClOrdID], proposal.Outcome) in ENDS.values(),
        At=now,
    )
    resolution = state.resolutions[wish.ClOrdID]
    yield from _make_true(venue, state, state.requests[wish.ClOrdID], resolution, now)
    for person in (resolution.ProposedBy, resolution.ConfirmedBy):
        yield _report(venue, wish.ClOrdID, resolution, person, now)


def _not_resolvable(venue: str, state: VenueState, clordid: str) -> str:
    """Why nobody may speak for the venue about this request; "" where somebody may."""
    request = state.requests.get(clordid)
    if request is None:
        return f"{venue} was never sent a ClOrdID {clordid}; see: oms doubt list"
    if clordid not in state.unanswered:
        return f"{clordid} is not in doubt: it was answered"
    if not request.in_doubt:
        return f"{clordid} is not in doubt: its answer may still come"
    return ""


def _impossible(state: VenueState, wish: ResolveInDoubt) -> str:
    request = state.requests[wish.ClOrdID]
    child = state.children[request.ChildID]
    possible = POSSIBLE[request.kind]
    if wish.Outcome not in possible:
        return f"a {request.kind} request cannot end in {wish.Outcome}: {', '.join(possible)}"
    if request.kind != "New" and child.ChildID in state.unanswered:
        return f"settle the order first: {child.ChildID} is in doubt itself"
    if wish.CumQty is not None and wish.CumQty != child.cum_qty:
        return (
            f"CumQty {wish.CumQty}: the venue reported fills of {child.cum_qty}; a fill is booked "
            f"on its report alone, have it sent again"
        )
    return ""


def _not_confirmable(proposal: Proposal | None, operator: str, wish: ConfirmResolution) -> str:
    if proposal is None:
        return f"nobody has proposed anything for {wish.ClOrdID} since it was sent last"
    if proposal.ResolutionID != wish.ResolutionID:
        return (
            f"{wish.ResolutionID} is not what stands: {proposal.ProposedBy} proposed "
            f"{proposal.Outcome} as {proposal.ResolutionID}"
        )
    if proposal.ProposedBy == operator:
        return f"{operator} proposed it: it takes another person to confirm"
    return ""


def _make_true(
    venue: str, state: VenueState, request: Request, resolution: Resolution, now: Instant
) -> Effects:
    """As if the venue had said it, marked with both names."""
    child = state.children[request.ChildID]
    text = (
        f"{resolution.Outcome} as resolved by {resolution.ProposedBy} and "
        f"{resolution.ConfirmedBy}: {resolution.Reason}"
    )
    kind = _kind(request, resolution.Outcome)
    if kind is None:
        yield ev.VenueRequestRejected(
            ChildID=child.ChildID, ClOrdID=request.ClOrdID, RequestID=request.RequestID
        )
        yield upward.refused(child, request.RequestID, CxlRejReason.Other, text)
        return
    exec_id = f"{request.ClOrdID}.resolved-{resolution.ResolutionID}"
    answers = {"Cancel": ExecType.Canceled, "Replace": ExecType.Replaced}
    asked = request.RequestID if answers.get(request.kind) is kind else None
    yield from upward.by_own_word(
        venue, child, kind, exec_id, now, clordid=request.ClOrdID, request_id=asked, Text=text
    )


def _kind(request: Request, outcome: DoubtOutcome) -> ExecType | None:
    """What is reported up; None: that the cancel or replace was refused."""
    if outcome is DoubtOutcome.Accepted:
        return ExecType.New if request.kind == "New" else ExecType.Replaced
    kind = ENDS[outcome]
    return None if request.kind != "New" and kind is ExecType.Rejected else kind


class Verdict(NamedTuple):
    """What two people's word makes of the venue's. ``known``: all above have heard it."""

    broken: str = ""
    known: bool = False


def verdict(state: VenueState, child: Child, request: Request, kind: ExecType) -> Verdict | None:
    """The venue speaks of a child about which two people spoke; None: they did not."""
    resolution = state.resolutions.get(child.resolved or request.ClOrdID)
    if resolution is None:
        return None
    outcome = resolution.Outcome
    if child.resolved:
        agrees = kind in _AGREES[ENDS[outcome]] or kind in AFTER_THE_FACT
        known = kind not in FILLS
    elif request.kind == "New":
        agrees, known = kind is not ExecType.Rejected, False
    elif outcome is DoubtOutcome.Accepted:
        agrees, known = True, kind is ExecType.Replaced
    else:
        done = ExecType.Canceled if request.kind == "Cancel" else ExecType.Replaced
        agrees, known = kind is not done, False
    return Verdict("" if agrees else _against(resolution, request, f"{kind}"), known)


def status(state: VenueState, child: Child, request: Request, said: wire.VenueExecution) -> str:
    """The venue answers a question after all: what contradicts it, "" if nothing."""
    resolution = state.resolutions.get(child.resolved or request.ClOrdID)
    if resolution is None:
        return ""
    unknown = said.OrdRejReason is OrdRejReason.UnknownOrder
    gone = unknown or said.OrdStatus in GONE
    if child.resolved:
        contradicts = not gone
    else:
        accepted = request.kind == "New" and resolution.Outcome is DoubtOutcome.Accepted
        contradicts = accepted and (unknown or said.OrdStatus is OrdStatus.Rejected)
    what = "that it does not know" if unknown else f"{said.OrdStatus}"
    return _against(resolution, request, what) if contradicts else ""


def refusal(state: VenueState, request: Request) -> str:
    """The venue refuses a cancel or replace after all: what contradicts it, "" if nothing."""
    resolution = state.resolutions.get(request.ClOrdID)
    if resolution is None or _kind(request, resolution.Outcome) is None:
        return ""
    return _against(resolution, request, "a refusal")


def _against(resolution: Resolution, request: Request, said: str) -> str:
    return (
        f"the venue says {said} of {request.ClOrdID}, which {resolution.ProposedBy} and "
        f"{resolution.ConfirmedBy} had resolved as {resolution.Outcome}"
    )


def _refuse(
    venue: str,
    operator: str,
    wish: ResolveInDoubt | ConfirmResolution,
    name: str,
    text: str,
    now: Instant,
) -> Effects:
    yield ev.ResolutionRefused(ClOrdID=wish.ClOrdID, Operator=operator, Text=text)
    report = ResolutionReport(
        Venue=venue,
        ClOrdID=wish.ClOrdID,
        ResolutionID=name,
        ResolutionStatus=ResolutionStatus.Refused,
        Text=text,
        TransactTime=now,
    )
    yield Send(f"desk/{operator}", report)


def _report(
    venue: str, clordid: str, what: Proposal | Resolution, operator: str, now: Instant
) -> Send:
    done = isinstance(what, Resolution)
    report = ResolutionReport(
        Venue=venue,
        ClOrdID=clordid,
        ResolutionID=what.ResolutionID,
        ResolutionStatus=ResolutionStatus.Resolved if done else ResolutionStatus.Proposed,
        Outcome=what.Outcome,
        Reason=what.Reason,
        ProposedBy=what.ProposedBy,
        ConfirmedBy=what.ConfirmedBy if isinstance(what, Resolution) else None,
        TransactTime=now,
    )
    return Send(f"desk/{operator}", report)
