"""Orders that hang together: a list of them, how they are linked, and what becomes of it.

FIX's NewOrderList (E), ListCancelRequest (K), ListStatusRequest (M) and ListStatus (N). The orders
of a list are ordinary orders; ``docs/recipes/linked-orders.md`` has examples of every link.
"""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from messages import fix, refusals, terms
from messages.base import Identifier, Instant, Message, Name, Number, UTCTimestamp

MOST_ORDERS = 100
"""Orders in one list."""


class ListOrder(terms.Terms):
    """One order of a list: the terms of a NewOrderSingle; its Account is the list's."""

    ClOrdID: Identifier
    ClOrdLinkID: Identifier | None = None
    """Which of the list's Links it belongs to, beside the list's own ContingencyType."""


class OrderLink(Message):
    """How the orders of one ClOrdLinkID hang together."""

    ClOrdLinkID: Identifier
    ContingencyType: fix.ContingencyType


class NewOrderList(Message):
    """MsgType E. All of its orders are accepted, or none is.

    ``ContingencyType`` links all orders of the list; None: only those that ``Links`` names. Of
    OneTriggersTheOther the first order works and the others wait for it.
    """

    MsgType: Literal["NewOrderList"] = "NewOrderList"
    ListID: Identifier
    Account: Name
    ContingencyType: fix.ContingencyType | None = None
    Orders: tuple[ListOrder, ...]
    Links: tuple[OrderLink, ...] = ()
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False
    SenderSubID: Name | None = None
    """Who of the desk sends it."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for fault in _faults(self):
            raise ValueError(fault)
        return self

    def members(self, link: OrderLink) -> list[ListOrder]:
        """The orders of a link, in the order of the list."""
        return [order for order in self.Orders if order.ClOrdLinkID == link.ClOrdLinkID]


def _faults(request: NewOrderList) -> Iterator[str]:
    """What does not go together; each names the field first."""
    names = [order.ClOrdID for order in request.Orders]
    if not 1 <= len(names) <= MOST_ORDERS:
        yield f"Orders has {len(names)} orders; send 1 to {MOST_ORDERS}"
    for name in names:
        if names.count(name) > 1:
            yield f"Orders has ClOrdID {name} more than once; give each order a fresh one"
    if request.ContingencyType and len(names) < 2:
        yield "ContingencyType links at least two orders; send a NewOrderSingle"
    yield from _link_faults(request)
    for order in request.Orders:
        linked = request.ContingencyType or order.ClOrdLinkID
        if linked and order.OrderQty is None:
            yield f"Orders are linked, so {order.ClOrdID} needs OrderQty; leave CashOrderQty out"


def _link_faults(request: NewOrderList) -> Iterator[str]:
    triggers = fix.ContingencyType.OneTriggersTheOther
    links = [link.ClOrdLinkID for link in request.Links]
    for link in request.Links:
        if links.count(link.ClOrdLinkID) > 1:
            yield f"Links has {link.ClOrdLinkID} more than once; send each link once"
        if len(request.members(link)) < 2:
            yield f"Links needs two orders with {link.ClOrdLinkID}; give it to them as ClOrdLinkID"
        if request.ContingencyType and link.ContingencyType is triggers:
            yield "Links may not trigger orders in a list that is linked itself; leave it out"
    for order in request.Orders:
        if order.ClOrdLinkID is not None and order.ClOrdLinkID not in links:
            yield f"Links does not have {order.ClOrdLinkID}, which {order.ClOrdID} names; add it"
    if links and request.ContingencyType not in (None, triggers):
        yield f"Links go with ContingencyType {triggers}, or with none; leave them out"
    if links and request.ContingencyType and request.Orders[0].ClOrdLinkID is not None:
        yield "Orders begins with the one that triggers the others; it takes no ClOrdLinkID"


class ListCancelRequest(Message):
    """MsgType K. Cancels what is open of the list; each order is reported as Canceled."""

    MsgType: Literal["ListCancelRequest"] = "ListCancelRequest"
    ListID: Identifier
    Account: Name
    TransactTime: UTCTimestamp | None = None


class ListStatusRequest(Message):
    """MsgType M. Answered by one ListStatus."""

    MsgType: Literal["ListStatusRequest"] = "ListStatusRequest"
    ListID: Identifier
    Account: Name


class OrderOfList(Message):
    """One order in a ListStatus, as it stands. WorkingIndicator: false while it waits here."""

    ClOrdID: str
    OrderID: str
    OrdStatus: fix.OrdStatus
    WorkingIndicator: bool
    CumQty: Number
    LeavesQty: Number
    AvgPx: Number


class ListStatus(Message):
    """MsgType N. ``Ack`` answers a NewOrderList, ``Response`` a cancel or a question."""

    MsgType: Literal["ListStatus"] = "ListStatus"
    ListID: str
    Account: str
    ListStatusType: fix.ListStatusType
    ListOrderStatus: fix.ListOrderStatus
    ContingencyType: fix.ContingencyType | None = None
    Orders: tuple[OrderOfList, ...]
    Refusal: refusals.Refusal | None = None
    Text: str | None = None
    PossResend: bool = False
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


class LinkedOrders(Message):
    """Orders of one account that hang together, as it was agreed."""

    ContingencyType: fix.ContingencyType
    OrderIDs: tuple[str, ...]


class DeskDisconnected(Message):
    """A desk lost its connection: its open orders are to be cancelled, those since ``At`` not."""

    MsgType: Literal["DeskDisconnected"] = "DeskDisconnected"
    Desk: Name
    At: Instant
    KeepGoodTillCancel: bool = False
    """Orders that may outlive the day (GoodTillCancel, GoodTillDate) stay."""
