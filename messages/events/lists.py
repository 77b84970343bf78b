"""What happens to an account's linked orders, and to a desk's orders when it is gone."""

from typing import Literal

from messages import base, fix, lists, refusals, terms
from messages.base import Instant, Number


class ListAccepted(base.Event):
    """Every order of the list passed every rule. ``Content``: a repeat says the same."""

    Event: Literal["ListAccepted"] = "ListAccepted"
    Desk: str
    ListID: str
    ContingencyType: fix.ContingencyType | None = None
    OrderIDs: tuple[str, ...]
    ClOrdIDs: tuple[str, ...]
    Links: tuple[lists.LinkedOrders, ...] = ()
    Content: str


class ListRefused(base.Event):
    """A rule said no to one order, so none of the list exists."""

    Event: Literal["ListRefused"] = "ListRefused"
    Desk: str
    ListID: str
    ContingencyType: fix.ContingencyType | None = None
    OrderIDs: tuple[str, ...]
    ClOrdIDs: tuple[str, ...]
    ExecIDs: tuple[str, ...]
    Refusal: refusals.Refusal
    Content: str


class ListCancelRequested(base.Event):
    """The desk cancels the list; the cancels of its orders are requests of our own."""

    Event: Literal["ListCancelRequested"] = "ListCancelRequested"
    Desk: str
    ListID: str


class OrderHeld(base.Event):
    """The order waits in the account for the one that triggers it; the desk hears New."""

    Event: Literal["OrderHeld"] = "OrderHeld"
    OrderID: str
    ExecID: str


class HeldOrderCut(base.Event):
    """What triggers the order ended partly filled: the order is for that part; Restated."""

    Event: Literal["HeldOrderCut"] = "HeldOrderCut"
    OrderID: str
    ExecID: str
    Terms: terms.Terms


class OrderReleased(base.Event):
    """The order goes to its book; the desk hears Triggered."""

    Event: Literal["OrderReleased"] = "OrderReleased"
    OrderID: str
    ExecID: str


class OwnRequestMade(base.Event):
    """The account itself cancels (no Terms) or replaces an order; the desk hears what comes of it.

    ``Cut``: by how much a replace reduces OrderQty.
    """

    Event: Literal["OwnRequestMade"] = "OwnRequestMade"
    OrderID: str
    RequestID: str
    Terms: terms.Terms | None = None
    Cut: Number | None = None
    ExecRestatementReason: fix.ExecRestatementReason
    Text: str


class LinkFired(base.Event):
    """The link did its work, by reason of this order; it does it once. ``Link``: which, from 0."""

    Event: Literal["LinkFired"] = "LinkFired"
    Desk: str
    ListID: str
    Link: int
    OrderID: str


class LinkCounted(base.Event):
    """The order traded up to CumQty; ``Owed``: by how much OrderQty of others is to be reduced.

    Of the order itself: its desk's replace undid a reduction that the desk had not heard of.
    """

    Event: Literal["LinkCounted"] = "LinkCounted"
    Desk: str
    ListID: str
    Link: int
    OrderID: str
    CumQty: Number
    Owed: dict[str, Number]


class DeskLost(base.Event):
    """The desk's connection was lost; what it had open is being cancelled."""

    Event: Literal["DeskLost"] = "DeskLost"
    Desk: str
    At: Instant
