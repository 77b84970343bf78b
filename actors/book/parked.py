"""What the book tells an account whose order or request was parked: it goes nowhere."""

from actors import parked
from actors.book.effects import Effects
from actors.book.state import BookState
from messages import events as ev
from messages.base import Instant
from messages.envelope import Address


def answer(state: BookState, symbol: str, sender: Address, body: bytes, now: Instant) -> Effects:
    """Reject what an account asked for; what the book has heard from nobody else needs none."""
    kind, _, account = sender.partition("/")
    asked = parked.read(sender, body, f"book/{symbol}", "nothing was done")
    if kind != "account" or asked is None:
        return
    order_id = asked.OrderID
    if asked.MsgType == "NewOrder":
        if order_id not in state.parents and order_id not in state.waiting:
            yield ev.OrderUnroutable(OrderID=order_id, Text=asked.why)
            yield parked.rejected(asked, symbol, account, "NONE", now)
    elif asked.MsgType in ("CancelOrder", "ReplaceOrder") and asked.RequestID:
        yield parked.refused(asked, symbol, account)
