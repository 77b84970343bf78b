"""What happened: the journaled facts of each actor. They live for years, so new fields have
defaults, and nothing here is ever renamed.

``Event`` names the kind; each actor's closed union stands at the end.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from messages import base, fix, orders, reference, refusals
from messages.base import Instant, Number

# ---- account


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


# ---- instrument book


class OrderRouted(base.Event):
    """The parent order went out as one child order to a venue."""

    Event: Literal["OrderRouted"] = "OrderRouted"
    OrderID: str
    ChildID: str
    Account: str
    Venue: str
    Terms: orders.Terms


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
    Terms: orders.Terms | None = None


class ChildExecuted(base.Event):
    """The venue reported on a child: one ExecType, with the quantities that go with it."""

    Event: Literal["ChildExecuted"] = "ChildExecuted"
    ChildID: str
    ExecType: fix.ExecType
    VenueExecID: str
    RequestID: str | None = None
    LastQty: Number | None = None
    LastPx: Number | None = None


class ChildRequestRejected(base.Event):
    """The venue refused a cancel or replace of a child."""

    Event: Literal["ChildRequestRejected"] = "ChildRequestRejected"
    ChildID: str
    RequestID: str


# ---- venue connection


class VenueDefined(base.Event):
    """The venue's definition as it holds from now on."""

    Event: Literal["VenueDefined"] = "VenueDefined"
    Definition: reference.VenueDefinition


class SessionOpened(base.Event):
    """The FIX session logged on."""

    Event: Literal["SessionOpened"] = "SessionOpened"


class SessionClosed(base.Event):
    """The FIX session is down."""

    Event: Literal["SessionClosed"] = "SessionClosed"
    Text: str = ""


class ChildTaken(base.Event):
    """A child order is ours to place; ``ClOrdID`` is its name at the venue."""

    Event: Literal["ChildTaken"] = "ChildTaken"
    ChildID: str
    ClOrdID: str
    Account: str
    Terms: orders.Terms


class RequestTaken(base.Event):
    """A cancel (no Terms) or replace of a child is ours to place."""

    Event: Literal["RequestTaken"] = "RequestTaken"
    ChildID: str
    RequestID: str
    ClOrdID: str
    Terms: orders.Terms | None = None


class VenueMessageSent(base.Event):
    """This request is being sent; until the venue answers we do not know whether it arrived."""

    Event: Literal["VenueMessageSent"] = "VenueMessageSent"
    ClOrdID: str
    At: Instant


class VenueMessageHeld(base.Event):
    """The session turned out to be down: this request was not sent and waits for the session."""

    Event: Literal["VenueMessageHeld"] = "VenueMessageHeld"
    ClOrdID: str


class WentInDoubt(base.Event):
    """Sent and unanswered for too long, or over a cut of the session: exposure is kept."""

    Event: Literal["WentInDoubt"] = "WentInDoubt"
    ClOrdID: str


class VenueExecuted(base.Event):
    """The venue's word on a child, taken once per ExecID."""

    Event: Literal["VenueExecuted"] = "VenueExecuted"
    ChildID: str
    ClOrdID: str
    VenueOrderID: str
    ExecID: str
    ExecType: fix.ExecType
    RequestID: str | None = None
    LastQty: Number | None = None
    LastPx: Number | None = None
    TransactTime: Instant


class VenueRequestRejected(base.Event):
    """The venue refused the cancel or replace named by ClOrdID."""

    Event: Literal["VenueRequestRejected"] = "VenueRequestRejected"
    ChildID: str
    ClOrdID: str
    RequestID: str


class DuplicateExecution(base.Event):
    """The venue said again what it had said before (same ExecID)."""

    Event: Literal["DuplicateExecution"] = "DuplicateExecution"
    ExecID: str


# ---- compliance


class EntryAudited(base.Event):
    """An actor's entry was heard, in its place; ``Counts`` adds to the running totals."""

    Event: Literal["EntryAudited"] = "EntryAudited"
    Actor: str
    Number: int
    Epoch: int
    Counts: dict[str, int]


class ViolationFound(base.Event):
    """An entry breaks a rule that no entry may break: an alarm."""

    Event: Literal["ViolationFound"] = "ViolationFound"
    Actor: str
    Number: int
    What: str


# ---- any actor


class MessageParked(base.Event):
    """``receive`` raised: the message is kept here with the reason, and changed nothing."""

    Event: Literal["MessageParked"] = "MessageParked"
    Kind: str
    Reason: str
    Body: str


AccountEvent = (
    AccountDefined
    | InstrumentDefined
    | OrderAccepted
    | OrderRefused
    | DuplicateReceived
    | OrderAcknowledged
    | OrderFilled
    | OrderCanceled
    | OrderExpired
    | OrderRejected
    | CancelRequested
    | ReplaceRequested
    | OrderReplaced
    | CancelRefused
    | CancelRejected
    | MassCancelRequested
    | BreakFound
)
BookEvent = (
    InstrumentDefined
    | OrderRouted
    | OrderUnroutable
    | RequestRouted
    | ChildExecuted
    | ChildRequestRejected
    | BreakFound
)
VenueEvent = (
    VenueDefined
    | SessionOpened
    | SessionClosed
    | ChildTaken
    | RequestTaken
    | VenueMessageSent
    | VenueMessageHeld
    | WentInDoubt
    | VenueExecuted
    | VenueRequestRejected
    | DuplicateExecution
    | BreakFound
)
ComplianceEvent = EntryAudited | ViolationFound

AnyEvent = Annotated[
    AccountEvent | BookEvent | VenueEvent | ComplianceEvent | MessageParked,
    Field(discriminator="Event"),
]
ANY_EVENTS: TypeAdapter[tuple[AnyEvent, ...]] = TypeAdapter(tuple[AnyEvent, ...])
