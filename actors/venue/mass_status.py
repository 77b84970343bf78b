"""What the venue still works for us, asked at each logon where it can tell.

All reports that were missed have been heard before the list begins: one session, in order. So what
we think is open and the list does not name has been lost or ended in silence, and is asked about;
what the list names and we do not know is adopted, or a break.
"""

from collections.abc import Iterator

from actors.actor import Send
from actors.venue.state import Child, VenueState
from messages import events as ev
from messages import venue as wire
from messages.fix import OrdRejReason, OrdStatus

NO_ORDER = "NONE"

Effects = Iterator[ev.VenueEvent | Send]


def ask(venue: str, state: VenueState) -> Effects:
    """The whole list, where the venue has such a thing."""
    able = state.definition.Native if state.definition else None
    if able is None or not able.MassStatus:
        return
    name = f"{venue}.{state.mass_asked + 1}"
    yield ev.MassStatusAsked(MassStatusReqID=name)
    yield Send(f"fix/{venue}", wire.VenueMassStatusRequest(MassStatusReqID=name))


def is_empty(said: wire.VenueExecution) -> bool:
    """The list has no order at all."""
    return said.MassStatusReqID is not None and said.OrderID == NO_ORDER


def listed(
    venue: str, state: VenueState, said: wire.VenueExecution, child: Child | None
) -> Effects:
    """One report of the list, after what it says of its order was taken."""
    if not state.mass_status or said.MassStatusReqID != state.mass_status:
        return  # of a list that an earlier session asked for
    if child is not None and child.ChildID in state.unlisted:
        yield ev.OrderListed(ChildID=child.ChildID)
    if not said.LastRptRequested:
        return
    missing = tuple(name for name in state.unlisted if not state.children[name].done)
    yield ev.MassStatusEnded(Missing=missing)
    for name in missing:
        terms = state.children[name].terms
        question = wire.VenueStatusRequest(
            ClOrdID=state.children[name].clordid, Symbol=terms.Symbol, Side=terms.Side
        )
        yield Send(f"fix/{venue}", question)


def forgotten(state: VenueState, child: Child, said: wire.VenueExecution) -> str | None:
    """The venue does not know an order that its list lacked: two people may settle it."""
    unknown = said.OrdRejReason is OrdRejReason.UnknownOrder
    asked = child.ChildID in state.unlisted and not state.mass_status
    if said.OrdStatus is OrdStatus.Rejected and unknown and asked and not child.done:
        return f"the venue does not know {child.clordid} any more, which it had acknowledged"
    return None
