"""Reference data as messages: accounts with their limits, instruments, venues.

An actor is told its definition when it is activated and journals it where it differs from what it
knew, so the limits that were in force at any decision stand in the journal.
"""

from typing import Literal

from messages import fix
from messages.approvals import ApprovalPolicy
from messages.base import Message, Name, Number, Quantity


class Limits(Message):
    """Every parameter a pre-trade rule may read. None: no limit of that kind."""

    MaxOrderQty: Quantity | None = None
    MaxNotional: Quantity | None = None
    PriceCollar: Quantity | None = None
    """Largest distance of Price from ReferencePx as a fraction of it: "0.10" is 10 %."""
    MaxPosition: Quantity | None = None
    """Largest absolute position per symbol, open orders included."""


class AccountDefinition(Message):
    """Who may trade the account, its opening cash by currency, its limits and restrictions."""

    MsgType: Literal["AccountDefinition"] = "AccountDefinition"
    Account: Name
    Desks: tuple[Name, ...]
    Cash: dict[str, Number]
    Limits: "Limits"
    RestrictedSymbols: tuple[Name, ...] = ()
    PendingReports: fix.PendingReports = fix.PendingReports.OMS
    """Venue: the desk hears PendingCancel and PendingReplace when the venue says so, not before."""
    Approval: ApprovalPolicy | None = None
    """Read as the account's level of the rule book, like Limits and RestrictedSymbols."""


class DeskSettings(Message):
    """What is agreed with a desk beyond its name."""

    Desk: Name
    CancelOnDisconnect: int | None = None
    """Seconds without a consumer of its reports after which its open orders are cancelled."""
    KeepGoodTillCancel: bool = False
    """Orders that may outlive the day (GoodTillCancel, GoodTillDate) stay then."""
    PackReports: bool = False
    """Reports of an account that wait together come as one message: a JSON list of them."""
    ThrottleNoMsgs: int | None = None
    """Requests (1612) that it may send in each ``ThrottleTimeInterval``; as many again of cancels.
    None: no limit. An order of a list is one request."""
    ThrottleTimeInterval: int = 1
    """Seconds (1614)."""


class InstrumentDefinition(Message):
    """One security: what it is, its price steps, and where it trades (the first is the default)."""

    MsgType: Literal["InstrumentDefinition"] = "InstrumentDefinition"
    Symbol: Name
    SecurityType: fix.SecurityType = fix.SecurityType.CommonStock
    Currency: str = "USD"
    ReferencePx: Number
    TickSize: Quantity
    LotSize: Quantity
    ContractMultiplier: Quantity
    Venues: tuple[Name, ...]
    Calendar: Name | None = None
    """The exchange calendar it trades by, e.g. XNYS; None: open at any time."""
    MaxQuoteAge: int | None = None
    """Seconds after which a quote is stale; None: it holds while the session to the venue is up."""


class Capabilities(Message):
    """What a venue works natively; what is not here the book does, or refuses."""

    OrdTypes: tuple[fix.OrdType, ...]
    TimesInForce: tuple[fix.TimeInForce, ...]
    ExecInsts: tuple[fix.ExecInst, ...] = ()
    DisplayQty: bool = False
    MinQty: bool = False
    CashOrderQty: bool = False
    MarketData: bool = False
    MassStatus: bool = False


class VenueDefinition(Message):
    """One FIX session to one venue."""

    MsgType: Literal["VenueDefinition"] = "VenueDefinition"
    Venue: Name
    Dialect: Name
    SenderCompID: str
    TargetCompID: str
    Host: str
    Port: int
    StaleAfter: int = 60
    """Seconds a new order may wait here for the session, then it is rejected; 0: for ever."""
    Native: "Capabilities | None" = None
    """What the venue does by itself; None: what its dialect says."""


class VenueScope(Message):
    """For whom a venue may report orders that we did not send: telephoned ones, for example."""

    MsgType: Literal["VenueScope"] = "VenueScope"
    Venue: Name
    Accounts: tuple[Name, ...]
    Symbols: tuple[Name, ...]
