"""What happens to an account.

Where an order moves, ``OrdStatus`` is where to, as it was decided then: a journal replays the same
when the table has changed since. (Pending states are not in it: they are shown over it.)
"""

from typing import Literal

from messages import base, fix, reference, refusals, terms
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
    Terms: terms.Terms
    ReservePx: Number
    ReceivedAt: Instant
    ExecID: str | None = None
    """Set where the desk asked for a PendingNew report."""
    ListID: str | None = None
    Trader: str | None = None
    Rules: int | None = None
    """The version of the rule book that let it through; None: there was none yet."""
    At: Instant | None = None
    """When it was judged, where a rule counts by time."""
    Watched: bool | None = None


class OrderRefused(base.Event):
    """A rule said no; the desk hears Rejected."""

    Event: Literal["OrderRefused"] = "OrderRefused"
    OrderID: str
    ClOrdID: str
    Desk: str
    Terms: terms.Terms
    OrdRejReason: fix.OrdRejReason
    Refusal: refusals.Refusal
    ReceivedAt: Instant
    ExecID: str
    ListID: str | None = None
    Trader: str | None = None


class DuplicateReceived(base.Event):
    """A ClOrdID came again. ``Same``: with the same content, so it is answered as before."""

    Event: Literal["DuplicateReceived"] = "DuplicateReceived"
    ClOrdID: str
    Desk: str
    Kind: str
    Same: bool
    ExecID: str | None = None


class OrderAdopted(base.Event):
    """The venue works an order of ours that nobody sent; the account's first desk hears of it."""

    Event: Literal["OrderAdopted"] = "OrderAdopted"
    OrderID: str
    Desk: str
    Venue: str
    Terms: terms.Terms
    ReservePx: Number
    ReceivedAt: Instant


class OrderAcknowledged(base.Event):
    """The venue works the order: the desk hears New. ``OrderQty``: of an order by cash."""

    Event: Literal["OrderAcknowledged"] = "OrderAcknowledged"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    Venue: str
    OrderQty: Number | None = None
    TradeDate: str | None = None
    ReceivedAt: Instant


class OrderFilled(base.Event):
    """Some or all of the order traded. Booked once per (Venue, VenueExecID)."""

    Event: Literal["OrderFilled"] = "OrderFilled"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    Venue: str
    VenueExecID: str
    LastQty: Number
    LastPx: Number
    Ends: fix.OrdStatus | None = None
    """The order ended with this very fill: exchanges bundle the two (FIX X.I.1.b)."""
    TradeDate: str | None = None
    ReceivedAt: Instant


class TradeCanceled(base.Event):
    """The venue took a fill back: it never happened. ``VenueExecRefID`` names what was booked."""

    Event: Literal["TradeCanceled"] = "TradeCanceled"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    Venue: str
    VenueExecID: str
    VenueExecRefID: str
    TradeDate: str | None = None


class TradeCorrected(base.Event):
    """The venue corrected a fill: quantity and price are these, from the beginning."""

    Event: Literal["TradeCorrected"] = "TradeCorrected"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    Venue: str
    VenueExecID: str
    VenueExecRefID: str
    LastQty: Number
    LastPx: Number
    TradeDate: str | None = None


class OrderMoved(base.Event):
    """The order's state changed and no quantity did: done for the day, stopped, suspended ..."""

    Event: Literal["OrderMoved"] = "OrderMoved"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    ExecType: fix.ExecType
    TradeDate: str | None = None
    Text: str | None = None


class OrderRestated(base.Event):
    """The venue changed the order by itself, or says how it stands on a new day.

    ``CumQty`` only where a corporate action restates what was filled too.
    """

    Event: Literal["OrderRestated"] = "OrderRestated"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    OrderQty: Number | None = None
    Price: Number | None = None
    CumQty: Number | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    TradeDate: str | None = None
    Text: str | None = None


class OrderCanceled(base.Event):
    """Nothing is left working. ``ClOrdID``: the cancel that asked; None where nobody did."""

    Event: Literal["OrderCanceled"] = "OrderCanceled"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    ClOrdID: str | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    TradeDate: str | None = None
    Text: str | None = None


class OrderExpired(base.Event):
    """The time in force ran out at the venue."""

    Event: Literal["OrderExpired"] = "OrderExpired"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    Text: str | None = None


class OrderRejected(base.Event):
    """The venue (or the book, for want of one) rejected the order."""

    Event: Literal["OrderRejected"] = "OrderRejected"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    OrdRejReason: fix.OrdRejReason
    Text: str | None = None
    Refusal: refusals.Refusal | None = None
    """Where a rule of the book said no."""


class CancelRequested(base.Event):
    """A cancel is on its way to the venue."""

    Event: Literal["CancelRequested"] = "CancelRequested"
    OrderID: str
    ClOrdID: str
    OrigClOrdID: str
    Desk: str
    ExecID: str | None = None
    """None: no report yet, the venue says itself when it takes the request up."""
    Content: str = ""
    """What was asked, as text: a repeat says the same."""


class ReplaceRequested(base.Event):
    """A replace is on its way to the venue; the dearer version stays reserved meanwhile."""

    Event: Literal["ReplaceRequested"] = "ReplaceRequested"
    OrderID: str
    ClOrdID: str
    OrigClOrdID: str
    Desk: str
    Terms: terms.Terms
    ReservePx: Number
    ExecID: str | None = None
    """None: no report yet, the venue says itself when it takes the request up."""
    Content: str = ""
    """What was asked, as text: a repeat says the same."""
    Trader: str | None = None
    Rules: int | None = None
    At: Instant | None = None
    """As in OrderAccepted."""


class RequestPending(base.Event):
    """The venue took up a cancel or replace: the desk hears the pending state."""

    Event: Literal["RequestPending"] = "RequestPending"
    OrderID: str
    ExecID: str
    ClOrdID: str
    TradeDate: str | None = None


class OrderReplaced(base.Event):
    """The venue took the replace named by ClOrdID; None: it replaced the order by itself.

    ``OrderQty`` and ``Price``: what the venue accepted, where it said so.
    """

    Event: Literal["OrderReplaced"] = "OrderReplaced"
    OrderID: str
    ExecID: str
    OrdStatus: fix.OrdStatus | None = None
    ClOrdID: str | None = None
    OrderQty: Number | None = None
    Price: Number | None = None
    TradeDate: str | None = None


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
    Trader: str | None = None
    Terms: terms.Terms | None = None
    """Of a replace that a rule refused."""


class CancelRejected(base.Event):
    """The venue refused a cancel or replace; the order goes on as it was."""

    Event: Literal["CancelRejected"] = "CancelRejected"
    OrderID: str
    ClOrdID: str
    CxlRejReason: fix.CxlRejReason
    Text: str | None = None
    Refusal: refusals.Refusal | None = None
    """Where a rule of the book said no."""


class MassCancelRequested(base.Event):
    """A mass cancel was taken; each order named is being cancelled."""

    Event: Literal["MassCancelRequested"] = "MassCancelRequested"
    ClOrdID: str
    Desk: str
    Type: fix.MassCancelRequestType
    Symbol: str | None = None
    OrderIDs: tuple[str, ...]
    ExecIDs: tuple[str | None, ...]


class BreakFound(base.Event):
    """The outside world contradicts us: recorded, alarmed, never silent, never a crash."""

    Event: Literal["BreakFound"] = "BreakFound"
    OrderID: str
    What: str
