"""What a venue connection need not know any more: orders that ended days ago.

A late fill, a bust or a correction comes within days. What comes later is about an order that is
not known here: it is a break, is booked by nobody, and people decide.
"""

from actors.venue.state import VenueState
from messages.base import SECOND, Instant

DAY: Instant = 86_400 * SECOND

KEPT_DAYS = 7
"""Five trading days, and a weekend."""


def day_of(at: Instant) -> int:
    """Days since 1970, UTC."""
    return at // DAY


def old(state: VenueState, today: int) -> list[str]:
    """Children that are done, unanswered by nothing, and of which nothing was heard for long.

    Never those that the venue made: they have no name but the venue's, by which a late word on one
    of them would be taken for a new order.
    """
    waiting = {state.requests[clordid].ChildID for clordid in state.unanswered}
    return [
        child.ChildID
        for child in state.children.values()
        if child.done
        and not child.adopted
        and child.ChildID not in waiting
        and child.day < today - KEPT_DAYS
    ]


def forget(state: VenueState, names: list[str]) -> None:
    """Drop these children and all that is known of them."""
    gone = set(names)
    for name in names:
        child = state.children.pop(name)
        state.by_venue_id.pop(child.venue_order_id, None)
        for exec_id in child.exec_ids:
            state.exec_ids.pop(exec_id, None)
    for clordid in [r.ClOrdID for r in state.requests.values() if r.ChildID in gone]:
        del state.requests[clordid]
        state.resolutions.pop(clordid, None)
