"""What happens to an account."""

from typing import Literal

from messages import base, fix, orders, reference, refusals
from messages.base import Instant, Number


class AccountDefined(base.Event):
    """The account's definition as it holds from now on."""

    Event: Literal["AccountDefined"] = "AccountDefined"
    Definition: reference.AccountDefinition


class InstrumentDefined(base.Event):
    """An instrument's definition as it holds from now on (account and book)."""

    Event: Literal["InstrumentDefined"] = "InstrumentDefined"
    Definition: reference.InstrumentDefinition


class OrderAccepted(base.Event):
    """The order passed every rule; ``ReservePx`` is held back per unit of LeavesQty."""

    Event: Literal["OrderAccepted"] = "OrderAccepted"
    OrderID: str
    ClOrdID: str
    Desk: str
    Terms: orders.Terms
    ReservePx: Number
    ReceivedAt: Instant
    ExecID: str | None = None
    """Set where the desk asked for a PendingNew report."""


class OrderRefused(base.Event):
    """A rule said no; the desk hears Rejected."""

    Event: Literal["OrderRefused"] = "OrderRefused"
    OrderID: str
    ClOrdID: str
    Desk: str
    Terms: orders.Terms
    OrdRejReason: fix.OrdRejReason
    Refusal: refusals.Refusal
    ReceivedAt: Instant
    ExecID: str


class DuplicateReceived(base.Event):
    """A ClOrdID came again. ``Same``: with the same content, so it is answered as before."""

    Event: Literal["DuplicateReceived"] = "DuplicateReceived"
    ClOrdID: str
    Desk: str
    Kind: str
    Same: bool
    ExecID: str | None = None


class OrderAcknowledged(base.Event):
    """The venue works the order: the desk hears New."""

    Event: Literal["OrderAcknowledged"] = "OrderAcknowledged"
    OrderID: str
    ExecID: str
    Venue: str
    ReceivedAt: Instant


class OrderFilled(base.Event):
    """Some or all of the order traded. Booked once per (Venue, VenueExecID)."""

    Event: Literal["OrderFilled"] = "OrderFilled"
    OrderID: str
    ExecID: str
    Venue: str
    VenueExecID: str
    LastQty: Number
    LastPx: Number
    ReceivedAt: Instant


class OrderCanceled(base.Event):
    """Nothing is left working. ``ClOrdID``: the cancel that asked; None where nobody did."""

    Event: Literal["OrderCanceled"] = "OrderCanceled"
    OrderID: str
    ExecID: str
    ClOrdID: str | None = None
    Text: str | None = None


class OrderExpired(base.Event):
    """The time in force ran out at the venue."""

    Event: Literal["OrderExpired"] = "OrderExpired"
    OrderID: str
    ExecID: str
    Text: str | None = None


class OrderRejected(base.Event):
    """The venue (or the book, for want of one) rejected the order."""

    Event: Literal["OrderRejected"] = "OrderRejected"
    OrderID: str
    ExecID: str
    OrdRejReason: fix.OrdRejReason
    Text: str | None = None


class CancelRequested(base.Event):
    """A cancel is on its way to the venue."""

    Event: Literal["CancelRequested"] = "CancelRequested"
    OrderID: str
    ClOrdID: str
    OrigClOrdID: str
    Desk: str
    ExecID: str
    Content: str = ""
    """What was asked, as text: a repeat says the same."""


class ReplaceRequested(base.Event):
    """A replace is on its way to the venue; the dearer version stays reserved meanwhile."""

    Event: Literal["ReplaceRequested"] = "ReplaceRequested"
    OrderID: str
    ClOrdID: str
    OrigClOrdID: str
    Desk: str
    Terms: orders.Terms
    ReservePx: Number
    ExecID: str
    Content: str = ""
    """What was asked, as text: a repeat says the same."""


class OrderReplaced(base.Event):
    """The venue took the replace named by ClOrdID."""

    Event: Literal["OrderReplaced"] = "OrderReplaced"
    OrderID: str
    ExecID: str
    ClOrdID: str


class CancelRefused(base.Event):
    """We refused a cancel or replace without asking the venue."""

    Event: Literal["CancelRefused"] = "CancelRefused"
    OrderID: str
    ClOrdID: str
    OrigClOrdID: str
    Desk: str
    ResponseTo: fix.CxlRejResponseTo
    CxlRejReason: fix.CxlRejReason
    Refusal: refusals.Refusal
    Content: str = ""
    """What was asked, as text: a repeat says the same."""


class CancelRejected(base.Event):
    """The venue refused a cancel or replace; the order goes on as it was."""

    Event: Literal["CancelRejected"] = "CancelRejected"
    OrderID: str
    ClOrdID: str
    CxlRejReason: fix.CxlRejReason
    Text: str | None = None


class MassCancelRequested(base.Event):
    """A mass cancel was taken; each order named is being cancelled."""

    Event: Literal["MassCancelRequested"] = "MassCancelRequested"
    ClOrdID: str
    Desk: str
    Type: fix.MassCancelRequestType
    Symbol: str | None = None
    OrderIDs: tuple[str, ...]
    ExecIDs: tuple[str, ...]


class BreakFound(base.Event):
    """The outside world contradicts us: recorded, alarmed, never silent, never a crash."""

    Event: Literal["BreakFound"] = "BreakFound"
    OrderID: str
    What: str
