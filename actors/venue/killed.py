"""The last place before the venue: what a kill stops there, and the cancels it makes.

Every message to the venue goes through ``Venue._send``, which asks ``over``; so from the entry that
journals the kill on, nothing in its scope that adds risk leaves. Cancels leave a chunk at a time
from the next turn on, so that neither the kill nor anything else waits for thousands of them. What
may have reached the venue before is over on its word alone, as ever.
"""

from collections.abc import Generator, Iterator

from actors import kills
from actors.actor import Send, Timer
from actors.venue import upward
from actors.venue.state import Child, Request, VenueState
from messages import events as ev
from messages import venue as wire
from messages.base import Instant
from messages.fix import CxlRejReason, ExecType, OrdRejReason
from messages.kills import (
    KILLSWITCH,
    CancelKilled,
    EndedKill,
    KilledOrder,
    KilledState,
    KillHeard,
    KillOrders,
    KillSequence,
    StandingKill,
)

CHUNK = 200
"""Orders cancelled in one step."""

Effects = Iterator[ev.VenueEvent | Send | Timer]


def heard(venue: str, state: VenueState, said: StandingKill | EndedKill, now: Instant) -> Effects:
    """A kill, or its release; what was heard before changes nothing."""
    new = list(kills.news(state, said))
    yield from new
    if not new or isinstance(said, EndedKill):
        return
    yield Send(
        KILLSWITCH,
        KillHeard(
            KillID=said.KillID,
            By=f"venue/{venue}",
            At=now,
            LastClOrdID=state.last_risk or None,
            LastSentAt=state.last_risk_at or None,
        ),
    )
    yield Send(f"fix/{venue}", wire.SequenceAsked(KillID=said.KillID))
    yield Timer("kill", now, CancelKilled())


def over(venue: str, state: VenueState, request: Request) -> StandingKill | None:
    """The kill that forbids to send this request; None: it may go. Cancels always may."""
    if request.kind == "Cancel":
        return None
    child = state.children[request.ChildID]
    kill = _standing(venue, state.kills, child)
    if kill is None or request.kind == "New" or request.terms is None:
        return kill
    return kill if kills.adds_risk(child.terms, request.terms) else None


def stop(
    venue: str, state: VenueState, request: Request, kill: StandingKill | None, now: Instant
) -> Effects:
    """End a request that never reached the venue: the order is rejected, the replace refused.

    ``kill``: None where it was released meanwhile; what it has ended does not come back.
    """
    child = state.children[request.ChildID]
    text = f"stopped by {kill.text()}" if kill else "stopped by a kill that was released since"
    if request.kind != "New":
        yield ev.VenueRequestRejected(
            ChildID=child.ChildID, ClOrdID=request.ClOrdID, RequestID=request.RequestID
        )
        yield upward.refused(child, request.RequestID, CxlRejReason.BrokerOption, text)
        return
    exec_id = f"{child.ChildID}.killed"
    yield from upward.by_own_word(
        venue,
        child,
        ExecType.Rejected,
        exec_id,
        now,
        OrdRejReason=OrdRejReason.BrokerOption,
        Text=text,
    )


def cancel(
    venue: str, state: VenueState, now: Instant
) -> Generator[ev.VenueEvent | Send | Timer, None, list[str]]:
    """List what is open under kills that are new, and cancel the next of it.

    Returns the ClOrdIDs of cancels to be sent.
    """
    for kill in [k for k in state.kills.values() if k.KillID not in state.listed]:
        yield from _list(venue, state, kill, now)
    chunk = list(state.to_cancel)[:CHUNK]
    waiting: dict[str, list[Request]] = {name: [] for name in chunk}
    for clordid in list(state.unanswered):
        request = state.requests[clordid]
        if request.ChildID in waiting:
            waiting[request.ChildID].append(request)
    made: list[str] = []
    for name in chunk:
        child = state.children[name]
        kill_now = _standing(venue, state.kills, child)
        again = any(request.kind == "Replace" for request in waiting[name])
        if child.ended or (child.done and not again) or kill_now is None:
            continue  # it is over, or the kill was released meanwhile
        for request in [r for r in waiting[name] if r.sent_at == 0 and r.kind != "Cancel"]:
            yield from stop(venue, state, request, kill_now, now)
        if child.ended or any(r.kind == "Cancel" for r in waiting[name]):
            continue
        clordid = f"{name}.{child.requests + 1}"
        yield ev.RequestTaken(
            ChildID=name,
            RequestID=f"{kill_now.KillID} {clordid}",  # a ClOrdID has no space: no desk's
            ClOrdID=clordid,
            Text=f"canceled by {kill_now.text()}",
        )
        made.append(clordid)
    if chunk:
        yield ev.KillCanceled(ChildIDs=tuple(chunk))
    if state.to_cancel:
        yield Timer("kill", now, CancelKilled())
    return made


def _list(venue: str, state: VenueState, kill: StandingKill, now: Instant) -> Effects:
    alone = {kill.KillID: kill}
    waiting = [state.requests[clordid] for clordid in state.unanswered]
    doubtful = {request.ChildID for request in waiting if request.in_doubt}
    again = {request.ChildID for request in waiting if request.kind == "Replace"}
    found = [  # a replace that is under way makes an order that has filled work again
        child
        for child in state.children.values()
        if not (child.ended if child.ChildID in again else child.done)
        and _standing(venue, alone, child)
    ]
    yield ev.KillListed(KillID=kill.KillID, ChildIDs=tuple(child.ChildID for child in found))
    orders = tuple(
        _told(child, KilledState.InDoubt if child.ChildID in doubtful else KilledState.Open)
        for child in found
    )
    by = f"venue/{venue}"
    said = KillOrders(KillID=kill.KillID, By=by, At=now, Orders=orders, Listed=True)
    yield Send(KILLSWITCH, said)


def tell(venue: str, state: VenueState, now: Instant) -> Effects:
    """What became of orders in scope since the last time."""
    news: dict[str, list[KilledOrder]] = {}
    for name, how in state.settled.items():
        for kill_id in state.closing.get(name, ()):
            news.setdefault(kill_id, []).append(_told(state.children[name], how))
    yield ev.KillTold()
    for kill_id, orders in news.items():
        said = KillOrders(KillID=kill_id, By=f"venue/{venue}", At=now, Orders=tuple(orders))
        yield Send(KILLSWITCH, said)


def sequence(venue: str, said: wire.SequenceTold) -> Send:
    """What the session counted when the kill was durable."""
    told = KillSequence(KillID=said.KillID, By=f"venue/{venue}", MsgSeqNum=said.MsgSeqNum)
    return Send(KILLSWITCH, told)


def _standing(venue: str, known: dict[str, StandingKill], child: Child) -> StandingKill | None:
    return kills.standing(
        known, desk=child.desk, account=child.Account, symbol=child.terms.Symbol, venue=venue
    )


def _told(child: Child, how: KilledState) -> KilledOrder:
    return KilledOrder(
        OrderID=child.ChildID, Account=child.Account, Symbol=child.terms.Symbol, State=how
    )
