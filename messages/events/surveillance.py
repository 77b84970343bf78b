"""What surveillance saw, what it made of it, and what people did about it.

The ``Seen`` events come from compliance as they are: what was heard is what is journaled. ``Entry``
is the number of the account's journal entry that says it: the evidence.
"""

from typing import Annotated, Literal

from pydantic import Field

from messages import base, fix, thresholds
from messages.base import Instant, Number


class OrderSeen(base.Event):
    """An order entered the market for this account. ``Price`` None: at any price."""

    Event: Literal["OrderSeen"] = "OrderSeen"
    Account: str
    Entry: int
    At: Instant
    OrderID: str
    Desk: str
    Symbol: str
    Side: fix.Side
    OrderQty: Number
    Price: Number | None = None


class OrderRevised(base.Event):
    """A replace is on its way: from here on the order is taken to be this."""

    Event: Literal["OrderRevised"] = "OrderRevised"
    Account: str
    Entry: int
    At: Instant
    OrderID: str
    OrderQty: Number
    Price: Number | None = None


class OrderGone(base.Event):
    """The order works no more. ``Asked``: somebody of ours cancelled it."""

    Event: Literal["OrderGone"] = "OrderGone"
    Account: str
    Entry: int
    At: Instant
    OrderID: str
    Asked: bool = False


class FillSeen(base.Event):
    """A trade. One that is busted later was seen all the same: the market had seen it too."""

    Event: Literal["FillSeen"] = "FillSeen"
    Account: str
    Entry: int
    At: Instant
    OrderID: str
    Venue: str
    LastQty: Number
    LastPx: Number


class QuoteSeen(base.Event):
    """Prices at a venue that a book followed at the time; nobody else hears any."""

    Event: Literal["QuoteSeen"] = "QuoteSeen"
    Symbol: str
    At: Instant
    BidPx: Number | None = None
    OfferPx: Number | None = None


Seen = Annotated[
    OrderSeen | OrderRevised | OrderGone | FillSeen | QuoteSeen, Field(discriminator="Event")
]


class NewsHeard(base.Event):
    """An operator told of news that moved a price."""

    Event: Literal["NewsHeard"] = "NewsHeard"
    Symbol: str
    Move: Number
    At: Instant
    Headline: str
    Operator: str


class Measure(base.Message):
    """One thing that was measured, and the threshold it reached."""

    Name: str
    Value: Number
    Threshold: Number


class AlertRaised(base.Event):
    """A pattern was recognised: a case for people. ``At``: of the event that completed it."""

    Event: Literal["AlertRaised"] = "AlertRaised"
    AlertID: str
    Pattern: str
    Severity: str
    Symbol: str
    Band: str
    Owner: str
    Accounts: tuple[str, ...]
    Desks: tuple[str, ...]
    OrderIDs: tuple[str, ...]
    Entries: tuple[str, ...]
    """``account/growth 12``: the journal and the number in it."""
    Measures: tuple[Measure, ...]
    Text: str
    At: Instant


class CaseMoved(base.Event):
    """A person opened, assigned, commented or closed the case."""

    Event: Literal["CaseMoved"] = "CaseMoved"
    AlertID: str
    Step: str
    Operator: str
    CaseStatus: str
    Assignee: str | None = None
    Text: str | None = None
    At: Instant


class CaseRefused(base.Event):
    """A person's request that changed nothing, and why: it stays in the journal."""

    Event: Literal["CaseRefused"] = "CaseRefused"
    AlertID: str
    Step: str
    Operator: str
    Text: str


class SurveillanceDefined(base.Event):
    """Parties, thresholds and lists as they hold from now on."""

    Event: Literal["SurveillanceDefined"] = "SurveillanceDefined"
    Definition: thresholds.SurveillanceDefinition
