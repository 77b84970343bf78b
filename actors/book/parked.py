"""What the book tells an account whose order or request was parked: it goes nowhere."""

from actors.actor import Send
from actors.book.effects import Effects
from actors.book.state import BookState
from actors.label import fields_of, text
from messages import events as ev
from messages.base import Instant
from messages.envelope import Address
from messages.fix import CxlRejReason, ExecType, OrdRejReason
from messages.routing import Execution, RequestRejected


def answer(state: BookState, symbol: str, sender: Address, body: bytes, now: Instant) -> Effects:
    """Reject what an account asked for; what the book has heard from nobody else needs none."""
    kind, _, account = sender.partition("/")
    said = fields_of(body)
    asked, order_id, request_id = (text(said, f) for f in ("MsgType", "OrderID", "RequestID"))
    if kind != "account" or not order_id:
        return
    why = f"book/{symbol} failed on this {asked} and set it aside (MessageParked); nothing was done"
    if asked == "NewOrder" and order_id not in state.parents and order_id not in state.waiting:
        yield ev.OrderUnroutable(OrderID=order_id, Text=why)
        rejected = Execution(
            OrderID=order_id,
            Symbol=symbol,
            Account=account,
            ExecType=ExecType.Rejected,
            Venue="NONE",
            VenueExecID=f"{order_id}.parked",
            OrdRejReason=OrdRejReason.Other,
            Text=why,
            TransactTime=now,
        )
        yield Send(sender, rejected)
    elif asked in ("CancelOrder", "ReplaceOrder") and request_id:
        refused = RequestRejected(
            OrderID=order_id,
            Symbol=symbol,
            Account=account,
            RequestID=request_id,
            CxlRejReason=CxlRejReason.Other,
            Text=why,
        )
        yield Send(sender, refused)
