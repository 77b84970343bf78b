"""What happens to an instrument book."""

from typing import Literal

from messages import base, fix, terms
from messages.base import Number


class OrderRouted(base.Event):
    """The parent order went out as one child order to a venue."""

    Event: Literal["OrderRouted"] = "OrderRouted"
    OrderID: str
    ChildID: str
    Account: str
    Venue: str
    Terms: terms.Terms


class ChildAdopted(base.Event):
    """A venue works an order that nobody routed: parent and child from now on."""

    Event: Literal["ChildAdopted"] = "ChildAdopted"
    OrderID: str
    Account: str
    Venue: str
    Terms: terms.Terms


class OrderUnroutable(base.Event):
    """No venue for this order."""

    Event: Literal["OrderUnroutable"] = "OrderUnroutable"
    OrderID: str
    Text: str


class RequestRouted(base.Event):
    """A cancel (no Terms) or replace went on to the child's venue."""

    Event: Literal["RequestRouted"] = "RequestRouted"
    OrderID: str
    RequestID: str
    Terms: terms.Terms | None = None


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
    """The venue refused a cancel or replace of a child."""

    Event: Literal["ChildRequestRejected"] = "ChildRequestRejected"
    ChildID: str
    RequestID: str
