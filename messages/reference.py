"""Reference data as messages: accounts with their limits, instruments, venues.

An actor is told its definition when it is activated and journals it where it differs from what it
knew, so the limits that were in force at any decision stand in the journal.
"""

from typing import Literal

from messages import fix
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


class VenueDefinition(Message):
    """One FIX session to one venue."""

    MsgType: Literal["VenueDefinition"] = "VenueDefinition"
    Venue: Name
    Dialect: Name
    SenderCompID: str
    TargetCompID: str
    Host: str
    Port: int


class VenueScope(Message):
    """For whom a venue may report orders that we did not send: telephoned ones, for example."""

    MsgType: Literal["VenueScope"] = "VenueScope"
    Venue: Name
    Accounts: tuple[Name, ...]
    Symbols: tuple[Name, ...]
