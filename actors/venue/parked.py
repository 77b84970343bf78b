"""What a venue connection tells a book whose request was parked: it never left for the venue."""

from collections.abc import Iterator

from actors.actor import Send
from actors.label import fields_of, text
from actors.venue.state import VenueState
from messages.base import Instant
from messages.envelope import Address
from messages.fix import CxlRejReason, ExecType, OrdRejReason
from messages.routing import Execution, RequestRejected


def answer(
    venue: str, state: VenueState, sender: Address, body: bytes, now: Instant
) -> Iterator[Send]:
    """Reject what a book asked for. What the venue said itself is answered to nobody."""
    kind, _, symbol = sender.partition("/")
    said = fields_of(body)
    asked, child_id, request_id = (text(said, f) for f in ("MsgType", "OrderID", "RequestID"))
    if kind != "book" or not child_id:
        return
    why = f"venue/{venue} failed on this {asked} and set it aside (MessageParked); it was not sent"
    child = state.children.get(child_id)
    if asked == "NewOrder" and child is None:
        rejected = Execution(
            OrderID=child_id,
            Symbol=symbol,
            Account=text(said, "Account"),
            ExecType=ExecType.Rejected,
            Venue=venue,
            VenueExecID=f"{child_id}.parked",
            OrdRejReason=OrdRejReason.Other,
            Text=why,
            TransactTime=now,
        )
        yield Send(sender, rejected)
    elif asked in ("CancelOrder", "ReplaceOrder") and request_id:
        refused = RequestRejected(
            OrderID=child_id,
            Symbol=symbol,
            Account=child.Account if child else "",
            RequestID=request_id,
            CxlRejReason=CxlRejReason.Other,
            Text=why,
        )
        yield Send(sender, refused)
