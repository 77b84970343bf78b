"""Orders that wait for people: who must approve, what persons decide, and what they are answered.

A staged order (HandlInst ManualOrder) is approved by compliance and then released by a trader; an
order for which a rule of the rule book asks for approval needs compliance alone.
"""

from enum import StrEnum
from typing import Literal, Self

from pydantic import model_validator

from messages import base, fix
from messages.base import Identifier, Message, Quantity, UTCTimestamp
from messages.people import Reason, Role


class ApprovalPolicy(Message):
    """What reference data say of the account's level of the rule book about approval."""

    Over: Quantity | None = None
    """``ApproveNotional``."""
    WatchSymbols: tuple[base.Name, ...] = ()
    """``Watch``, with ``ApproveWatched``."""
    ExpireAfter: int = 3600
    """``ApproveWithin``, in seconds."""


class Decision(StrEnum):
    """What a person says of an order."""

    Approve = "Approve"
    Refuse = "Refuse"
    Return = "Return"
    """Back to its desk, which may replace it or cancel it."""
    HandOver = "HandOver"
    """Another trader is to release it."""
    Note = "Note"


class DecideOrder(Message):
    """A person decides on an order. ``Comment``: why; ``To``: whose it is from now on."""

    MsgType: Literal["DecideOrder"] = "DecideOrder"
    Account: base.Name
    OrderID: Identifier
    Decision: "Decision"
    To: base.Name | None = None
    Comment: Reason | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if (self.Decision is Decision.HandOver) != (self.To is not None):
            raise ValueError("To goes with Decision HandOver, and only with it")
        silent = (Decision.Approve, Decision.HandOver)
        if self.Comment is None and self.Decision not in silent:
            raise ValueError(f"Comment is missing; a {self.Decision} needs one")
        return self


class DecisionStatus(StrEnum):
    """Whether it was taken."""

    Taken = "Taken"
    Refused = "Refused"


class DecisionReport(Message):
    """The answer to a person. ``Awaits``: who is to decide next; None: nobody."""

    MsgType: Literal["DecisionReport"] = "DecisionReport"
    Account: str
    OrderID: str
    Decision: "Decision"
    DecisionStatus: "DecisionStatus"
    OrdStatus: fix.OrdStatus | None = None
    Awaits: Role | None = None
    Text: str | None = None
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


class ExpireApprovals(Message):
    """The account's own timer: an order may have waited too long for a decision."""

    MsgType: Literal["ExpireApprovals"] = "ExpireApprovals"
