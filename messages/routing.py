"""What account, book and venue actors say to each other about one order.

Down the chain (account to book, book to venue) go ``NewOrder``, ``CancelOrder`` and
``ReplaceOrder``; up come ``Execution`` and ``RequestRejected``. Each hop names the order by the
id the upper hop gave it: the account's OrderID towards the book, the child's id towards the venue.
"""

from typing import Literal

from messages import fix, refusals, terms
from messages.base import Instant, Message, Number


class NewOrder(Message):
    """Work this order. ``OrderID`` is unique for ever, so a repeat can be recognised."""

    MsgType: Literal["NewOrder"] = "NewOrder"
    OrderID: str
    Account: str
    Terms: terms.Terms
    Desk: str | None = None
    """Whose it is; None: a journal of an earlier release does not say."""


class CancelOrder(Message):
    """Cancel what is left. ``RequestID`` names this request in the answer."""

    MsgType: Literal["CancelOrder"] = "CancelOrder"
    OrderID: str
    RequestID: str
    Symbol: str


class ReplaceOrder(Message):
    """Replace the terms. ``RequestID`` names this request in the answer."""

    MsgType: Literal["ReplaceOrder"] = "ReplaceOrder"
    OrderID: str
    RequestID: str
    Terms: terms.Terms


class Execution(Message):
    """What became of an order: FIX's ExecType with the quantities that go with it.

    ``VenueExecID`` is the venue's ExecID(17), unique with ``Venue``. ``RequestID`` is set where a
    cancel or replace is thereby answered, None where nobody asked. ``OrderQty``, ``Price`` and
    ``CumQty`` are set where the venue's word changes them: an order by cash, a replace, a
    restatement. ``Ends``: the order ended with this very fill (exchanges bundle the two).
    """

    MsgType: Literal["Execution"] = "Execution"
    OrderID: str
    Symbol: str
    Account: str
    ExecType: fix.ExecType
    Venue: str
    VenueExecID: str
    VenueExecRefID: str | None = None
    RequestID: str | None = None
    LastQty: Number | None = None
    LastPx: Number | None = None
    OrderQty: Number | None = None
    Price: Number | None = None
    CumQty: Number | None = None
    Ends: fix.OrdStatus | None = None
    OrdRejReason: fix.OrdRejReason | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    TradeDate: str | None = None
    Text: str | None = None
    Refusal: refusals.Refusal | None = None
    """Where a rule of the book said no."""
    TransactTime: Instant


class VenueOrder(Message):
    """The venue works an order of this account that nobody sent: a telephoned one, for example."""

    MsgType: Literal["VenueOrder"] = "VenueOrder"
    OrderID: str
    Account: str
    Venue: str
    Terms: terms.Terms


class RequestRejected(Message):
    """A cancel or replace was refused down the chain; the order goes on as it was."""

    MsgType: Literal["RequestRejected"] = "RequestRejected"
    OrderID: str
    Symbol: str
    Account: str
    RequestID: str
    CxlRejReason: fix.CxlRejReason
    Text: str | None = None
    Refusal: refusals.Refusal | None = None
    """Where a rule of the book said no."""
