"""What two people decide about a request in doubt: each step is an event like any other."""

from typing import Literal

from messages import base, operators
from messages.base import Instant, Number


class DoubtResolutionProposed(base.Event):
    """An operator says how the request ended; nothing changes before another confirms it."""

    Event: Literal["DoubtResolutionProposed"] = "DoubtResolutionProposed"
    ClOrdID: str
    ResolutionID: str
    Outcome: operators.DoubtOutcome
    CumQty: Number | None = None
    Reason: str
    ProposedBy: str
    At: Instant


class DoubtResolved(base.Event):
    """Two people said the same, which stands for the venue's word from now on."""

    Event: Literal["DoubtResolved"] = "DoubtResolved"
    ClOrdID: str
    ResolutionID: str
    Outcome: operators.DoubtOutcome
    Reason: str
    ProposedBy: str
    ConfirmedBy: str
    Ends: bool = False
    """The child is no more."""
    At: Instant


class ResolutionRefused(base.Event):
    """An operator's request that changed nothing, and why: it stays in the journal."""

    Event: Literal["ResolutionRefused"] = "ResolutionRefused"
    ClOrdID: str
    Operator: str
    Text: str
