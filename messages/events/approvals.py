"""What happens to orders that wait for people, in an account."""

from typing import Literal

from messages import approvals, base, people, refusals, terms
from messages.base import Instant, Number


class OrderStaged(base.Event):
    """An accepted order waits here until these roles have approved it, in this order."""

    Event: Literal["OrderStaged"] = "OrderStaged"
    OrderID: str
    Steps: tuple[people.Role, ...]
    Text: str
    """Why it waits."""
    ExpiresAt: Instant
    Asked: refusals.Refusal | None = None
    """The rule that asks for approval, with what it compared; None: the desk alone wants it."""
    Trader: str | None = None


class OrderDecided(base.Event):
    """A person decided, by a role that they had then. ``ExecID``: where the desk is told."""

    Event: Literal["OrderDecided"] = "OrderDecided"
    OrderID: str
    Decision: approvals.Decision
    By: str
    Roles: tuple[people.Role, ...]
    Step: people.Role | None = None
    """The step that was decided; None: a note."""
    To: str | None = None
    Comment: str | None = None
    At: Instant
    ExecID: str | None = None


class DecisionRefused(base.Event):
    """A person's decision that changed nothing, and why."""

    Event: Literal["DecisionRefused"] = "DecisionRefused"
    OrderID: str
    Decision: approvals.Decision
    By: str
    Text: str


class StagedOrderReplaced(base.Event):
    """The desk replaced an order that waits for people: all of them decide anew."""

    Event: Literal["StagedOrderReplaced"] = "StagedOrderReplaced"
    OrderID: str
    ExecID: str
    ClOrdID: str
    Terms: terms.Terms
    ReservePx: Number
    Steps: tuple[people.Role, ...]
    Text: str
    Asked: refusals.Refusal | None = None
    Trader: str | None = None
