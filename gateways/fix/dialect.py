"""What a venue dialect is: the venue messages of the product to FIX messages, and back.

A dialect keeps no state and does no I/O, so that one object serves every session and its whole
behaviour stands in a table of messages in and out.
"""

from collections.abc import Callable
from typing import Protocol

import quickfix

from gateways.fix.dictionary import Groups
from gateways.fix.fields import Malformed
from messages import fix
from messages.venue import (
    VenueCancel,
    VenueCancelReject,
    VenueExecution,
    VenueMarketDataReject,
    VenueMarketDataRequest,
    VenueMassStatusRequest,
    VenueNewOrder,
    VenueQuotes,
    VenueReject,
    VenueReplace,
    VenueSecurityStatus,
    VenueSessionStatus,
    VenueStatusRequest,
)

Order = VenueNewOrder | VenueCancel | VenueReplace
ToVenue = Order | VenueStatusRequest | VenueMassStatusRequest | VenueMarketDataRequest
FromVenue = (
    VenueExecution
    | VenueCancelReject
    | VenueReject
    | VenueQuotes
    | VenueMarketDataReject
    | VenueSecurityStatus
    | VenueSessionStatus
)

MSG_TYPE: dict[type[ToVenue], str] = {
    VenueNewOrder: "D",
    VenueCancel: "F",
    VenueReplace: "G",
    VenueStatusRequest: "H",
    VenueMassStatusRequest: "AF",
    VenueMarketDataRequest: "V",
}
"""MsgType(35) of what is said to a venue."""


def name_of(message: ToVenue) -> str:
    """What a reject of this message names it by."""
    match message:
        case VenueMarketDataRequest():
            return message.MDReqID
        case VenueMassStatusRequest():
            return message.MassStatusReqID
        case _:
            return message.ClOrdID


Sent = Callable[[int], ToVenue | None]
"""What was sent to the venue with this MsgSeqNum(34); None: not known (any more)."""


class Unsendable(ValueError):
    """The dialect cannot say this to its venue. The message was not sent."""


def nothing_sent(_: int) -> None:
    """A ``Sent`` that knows no message."""


class Dialect(Protocol):
    """One venue's way to speak FIX."""

    name: str
    begin_string: str
    """BeginString(8) of the session."""
    groups: Groups
    """Which fields repeat in its reports; see gateways/fix/dictionary.py."""

    # What the venue works natively; a VenueDefinition may say otherwise.
    ord_types: frozenset[fix.OrdType]
    times_in_force: frozenset[fix.TimeInForce]
    exec_insts: frozenset[fix.ExecInst]
    display_qty: bool
    min_qty: bool
    cash_order_qty: bool
    market_data: bool
    mass_status: bool
    """Whether it answers OrderMassStatusRequest (AF)."""

    def to_fix(self, message: ToVenue) -> quickfix.Message:
        """The FIX message without session header; Unsendable where it cannot be said."""
        ...

    def from_fix(self, message: quickfix.Message, sent: Sent = nothing_sent) -> FromVenue | None:
        """What the venue says; None: a message that is about no order of ours.

        Malformed (with the reason) where a field is missing, contradictory or no legal value.
        """
        ...


__all__ = [
    "MSG_TYPE",
    "Dialect",
    "FromVenue",
    "Malformed",
    "Order",
    "Sent",
    "ToVenue",
    "Unsendable",
    "name_of",
    "nothing_sent",
]
