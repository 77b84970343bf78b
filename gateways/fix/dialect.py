"""What a venue dialect is: the venue messages of the product to FIX messages, and back.

A dialect keeps no state and does no I/O, so that one object serves every session and its whole
behaviour stands in a table of messages in and out.
"""

from collections.abc import Callable
from typing import Protocol

import quickfix

from gateways.fix.fields import Malformed
from messages.venue import (
    VenueCancel,
    VenueCancelReject,
    VenueExecution,
    VenueNewOrder,
    VenueReject,
    VenueReplace,
    VenueStatusRequest,
)

ToVenue = VenueNewOrder | VenueCancel | VenueReplace | VenueStatusRequest
FromVenue = VenueExecution | VenueCancelReject | VenueReject

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

    def to_fix(self, message: ToVenue) -> quickfix.Message:
        """The FIX message without session header; Unsendable where it cannot be said."""
        ...

    def from_fix(self, message: quickfix.Message, sent: Sent = nothing_sent) -> FromVenue | None:
        """What the venue says; None: a message that is about no order of ours.

        Malformed (with the reason) where a field is missing, contradictory or no legal value.
        """
        ...


__all__ = ["Dialect", "FromVenue", "Malformed", "Sent", "ToVenue", "Unsendable", "nothing_sent"]
