"""What happens to a venue connection."""

from typing import Literal

from messages import base, fix, reference, terms
from messages.base import Instant, Number


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
    Terms: terms.Terms
    At: Instant = 0
    Trace: str = ""
    Desk: str | None = None


class RequestTaken(base.Event):
    """A cancel (no Terms) or replace of a child is ours to place.

    ``Text``: why the connection itself asks for it; None: the book does.
    """

    Event: Literal["RequestTaken"] = "RequestTaken"
    ChildID: str
    RequestID: str
    ClOrdID: str
    Terms: terms.Terms | None = None
    Text: str | None = None


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
    At: Instant = 0


class VenueExecuted(base.Event):
    """The venue's word on a child, taken once per ExecID."""

    Event: Literal["VenueExecuted"] = "VenueExecuted"
    ChildID: str
    ClOrdID: str
    VenueOrderID: str
    ExecID: str
    ExecRefID: str | None = None
    ExecType: fix.ExecType
    RequestID: str | None = None
    LastQty: Number | None = None
    LastPx: Number | None = None
    OrderQty: Number | None = None
    CumQty: Number | None = None
    Ends: fix.OrdStatus | None = None
    TransactTime: Instant


class VenueScoped(base.Event):
    """For whom the venue may report orders that we did not send."""

    Event: Literal["VenueScoped"] = "VenueScoped"
    Scope: reference.VenueScope


class VenueOrderAdopted(base.Event):
    """The venue reports an order that we did not send: a child from now on, cancellable."""

    Event: Literal["VenueOrderAdopted"] = "VenueOrderAdopted"
    ChildID: str
    VenueOrderID: str
    Account: str
    Terms: terms.Terms
    Trace: str = ""


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


class FollowChanged(base.Event):
    """The book of the symbol wants its quotes, or wants them no more."""

    Event: Literal["FollowChanged"] = "FollowChanged"
    Symbol: str
    On: bool


class QuotesAsked(base.Event):
    """The venue is asked for quotes of the symbol, by this MDReqID from now on."""

    Event: Literal["QuotesAsked"] = "QuotesAsked"
    Symbol: str
    MDReqID: str


class QuotesRefused(base.Event):
    """The venue gives no quotes of the symbol; it is asked again after the next logon."""

    Event: Literal["QuotesRefused"] = "QuotesRefused"
    Symbol: str
    Text: str


class TradingSessionChanged(base.Event):
    """The venue as a whole, or one of its sessions, opened, closed or halted."""

    Event: Literal["TradingSessionChanged"] = "TradingSessionChanged"
    TradingSessionID: str
    TradSesStatus: fix.TradSesStatus
    Text: str | None = None


class SymbolStatusChanged(base.Event):
    """The venue halted, resumed, opened or closed one symbol."""

    Event: Literal["SymbolStatusChanged"] = "SymbolStatusChanged"
    Symbol: str
    SecurityTradingStatus: fix.SecurityTradingStatus


class DayBegan(base.Event):
    """The first step of a new day (UTC): what ended long ago is forgotten."""

    Event: Literal["DayBegan"] = "DayBegan"
    At: Instant


class MassStatusAsked(base.Event):
    """The venue was asked for all open orders; those we think it works are to be in its answer."""

    Event: Literal["MassStatusAsked"] = "MassStatusAsked"
    MassStatusReqID: str


class OrderListed(base.Event):
    """The venue's list of open orders has this child."""

    Event: Literal["OrderListed"] = "OrderListed"
    ChildID: str


class MassStatusEnded(base.Event):
    """The list is complete. What it lacks is asked about one by one."""

    Event: Literal["MassStatusEnded"] = "MassStatusEnded"
    Missing: tuple[str, ...] = ()
