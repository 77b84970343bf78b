"""What is said to whoever asked for an order, a cancel or a replace that was parked.

An actor that fails on a message sets it aside; one that waits for its answer must hear that
nothing was done.
"""

from typing import NamedTuple

from actors.actor import Send
from actors.label import fields_of, text
from messages.base import Instant
from messages.envelope import Address
from messages.fix import CxlRejReason, ExecType, OrdRejReason
from messages.routing import Execution, RequestRejected


class Asked(NamedTuple):
    """What can be read of a request that was parked; "" for what cannot.

    ``why``: what happened to it, for people.
    """

    sender: Address
    MsgType: str
    OrderID: str
    RequestID: str
    Account: str
    why: str


def read(sender: Address, body: bytes, by: Address, what_then: str) -> Asked | None:
    """None: it is about no order, so nobody waits. ``what_then``: that nothing came of it."""
    said = fields_of(body)
    names = ("MsgType", "OrderID", "RequestID", "Account")
    asked, order_id, request_id, account = (text(said, name) for name in names)
    if not order_id:
        return None
    why = f"{by} failed on this {asked} and set it aside (MessageParked); {what_then}"
    return Asked(sender, asked, order_id, request_id, account, why)


def rejected(asked: Asked, symbol: str, account: str, venue: str, now: Instant) -> Send:
    """The order goes nowhere."""
    said = Execution(
        OrderID=asked.OrderID,
        Symbol=symbol,
        Account=account,
        ExecType=ExecType.Rejected,
        Venue=venue,
        VenueExecID=f"{asked.OrderID}.parked",
        OrdRejReason=OrdRejReason.Other,
        Text=asked.why,
        TransactTime=now,
    )
    return Send(asked.sender, said)


def refused(asked: Asked, symbol: str, account: str) -> Send:
    """The cancel or replace changes nothing."""
    said = RequestRejected(
        OrderID=asked.OrderID,
        Symbol=symbol,
        Account=account,
        RequestID=asked.RequestID,
        CxlRejReason=CxlRejReason.Other,
        Text=asked.why,
    )
    return Send(asked.sender, said)
