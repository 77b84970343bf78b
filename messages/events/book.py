"""What happens to an instrument book."""

from typing import Literal

from messages import base, fix, plans, refusals, terms
from messages.base import Number


class OrderRouted(base.Event):
    """A child order went to a venue: the parent as it is, or what the book makes of it."""

    Event: Literal["OrderRouted"] = "OrderRouted"
    OrderID: str
    ChildID: str
    Account: str
    Venue: str
    Terms: terms.Terms
    Desk: str | None = None


class ChildAdopted(base.Event):
    """A venue works an order that nobody routed: parent and child from now on."""

    Event: Literal["ChildAdopted"] = "ChildAdopted"
    OrderID: str
    Account: str
    Venue: str
    Terms: terms.Terms


class OrderUnroutable(base.Event):
    """No venue for this order, or none that a rule lets it go to."""

    Event: Literal["OrderUnroutable"] = "OrderUnroutable"
    OrderID: str
    Text: str
    Refusal: refusals.Refusal | None = None
    """Where a rule said no."""


class RequestRouted(base.Event):
    """A cancel (no Terms) or replace went on to the child's venue."""

    Event: Literal["RequestRouted"] = "RequestRouted"
    OrderID: str
    RequestID: str
    Terms: terms.Terms | None = None
    Plan: plans.Plan | None = None
    """How the book works the order once the venue has taken the replace; None: it does not."""
    OrderQty: Number | None = None
    """Units, where the book works an order whose Terms are by cash."""


class ChildExecuted(base.Event):
    """The venue reported on a child: one ExecType, with the quantities that go with it."""

    Event: Literal["ChildExecuted"] = "ChildExecuted"
    ChildID: str
    ExecType: fix.ExecType
    VenueExecID: str
    RequestID: str | None = None
    VenueExecRefID: str | None = None
    LastQty: Number | None = None
    LastPx: Number | None = None
    OrderQty: Number | None = None
    Price: Number | None = None
    CumQty: Number | None = None
    Ends: fix.OrdStatus | None = None


class ChildRequestRejected(base.Event):
    """The venue refused a cancel or replace of a child. ``Ended``: there is no such child."""

    Event: Literal["ChildRequestRejected"] = "ChildRequestRejected"
    ChildID: str
    RequestID: str
    Ended: bool = False
