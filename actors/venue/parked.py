"""What a venue connection tells a book whose request was parked: it never left for the venue."""

from collections.abc import Iterator

from actors import parked
from actors.actor import Send
from actors.venue.state import VenueState
from messages.base import Instant
from messages.envelope import Address


def answer(
    venue: str, state: VenueState, sender: Address, body: bytes, now: Instant
) -> Iterator[Send]:
    """Reject what a book asked for. What the venue said itself is answered to nobody."""
    kind, _, symbol = sender.partition("/")
    asked = parked.read(sender, body, f"venue/{venue}", "it was not sent")
    if kind != "book" or asked is None:
        return
    child = state.children.get(asked.OrderID)
    if asked.MsgType == "NewOrder" and child is None:
        yield parked.rejected(asked, symbol, asked.Account, venue, now)
    elif asked.MsgType in ("CancelOrder", "ReplaceOrder") and asked.RequestID:
        yield parked.refused(asked, symbol, child.Account if child else "")
