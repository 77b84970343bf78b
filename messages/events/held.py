"""What happens to an order that a book works itself, and to the market it watches for that."""

from typing import Literal

from messages import base, fix, market, plans, sessions, terms
from messages.base import Number


class OrderPlanned(base.Event):
    """The book works the order at this venue, by this plan."""

    Event: Literal["OrderPlanned"] = "OrderPlanned"
    OrderID: str
    Account: str
    Venue: str
    Terms: terms.Terms
    Plan: plans.Plan
    Desk: str | None = None


class QuantityMeasured(base.Event):
    """So many units are what the order's money buys at ``Price``."""

    Event: Literal["QuantityMeasured"] = "QuantityMeasured"
    OrderID: str
    OrderQty: Number
    Price: Number


class WaitBegan(base.Event):
    """The book holds the order until its time or price has come: the account hears New."""

    Event: Literal["WaitBegan"] = "WaitBegan"
    OrderID: str


class TrailMoved(base.Event):
    """The market went the order's way, and its stop price went along."""

    Event: Literal["TrailMoved"] = "TrailMoved"
    OrderID: str
    StopPx: Number


class OrderTriggered(base.Event):
    """``Price`` reached the stop price. Happens at most once to an order."""

    Event: Literal["OrderTriggered"] = "OrderTriggered"
    OrderID: str
    Price: Number
    StopPx: Number


class ChildRequested(base.Event):
    """A cancel (no OrderQty) or replace of a child went to its venue."""

    Event: Literal["ChildRequested"] = "ChildRequested"
    ChildID: str
    RequestID: str
    OrderQty: Number | None = None
    Price: Number | None = None


class PlanReplaced(base.Event):
    """The book took a replace itself: nothing at the venue had to change for it."""

    Event: Literal["PlanReplaced"] = "PlanReplaced"
    OrderID: str
    RequestID: str
    Terms: terms.Terms
    Plan: plans.Plan
    OrderQty: Number | None = None
    """Units, where Terms are by cash."""


class OrderEnding(base.Event):
    """What works at the venue is being cancelled; then the order is ``ExecType``.

    ``RequestID``: the account's request that asked for it; None: the book itself.
    """

    Event: Literal["OrderEnding"] = "OrderEnding"
    OrderID: str
    ExecType: fix.ExecType
    RequestID: str | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    Text: str | None = None


class EndingWithdrawn(base.Event):
    """The order does not end: the venue would not cancel, or it was filled before."""

    Event: Literal["EndingWithdrawn"] = "EndingWithdrawn"
    OrderID: str


class OrderEnded(base.Event):
    """The book works the order no more, and nothing of it is left at the venue."""

    Event: Literal["OrderEnded"] = "OrderEnded"
    OrderID: str
    ExecType: fix.ExecType
    RequestID: str | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    Text: str | None = None


class OrderPaused(base.Event):
    """The trading day is over and the order lasts: the account hears DoneForDay."""

    Event: Literal["OrderPaused"] = "OrderPaused"
    OrderID: str
    TradeDate: str


class OrderRenewed(base.Event):
    """A new trading day: the order is worked again."""

    Event: Literal["OrderRenewed"] = "OrderRenewed"
    OrderID: str
    TradeDate: str


class DayOrderOverdue(base.Event):
    """The day is over, and the venue has not said what became of this day order."""

    Event: Literal["DayOrderOverdue"] = "DayOrderOverdue"
    OrderID: str
    TradeDate: str


class CalendarDefined(base.Event):
    """The trading days as they are known from now on."""

    Event: Literal["CalendarDefined"] = "CalendarDefined"
    Calendar: sessions.SessionCalendar


class SessionTurned(base.Event):
    """How the trading day stands, and what comes ``Next``; None: nothing to wait for.

    ``Kind`` and ``TradeDate`` of what just came; Kind None: the book looked at the calendar anew,
    and ``TradeDate`` is the day that is open, if one is. ``OpenedAt``: since when, in nanoseconds.
    """

    Event: Literal["SessionTurned"] = "SessionTurned"
    Kind: Literal["Close", "Check", "Open"] | None = None
    TradeDate: str | None = None
    OpenedAt: int | None = None
    Next: plans.SessionTurn | None = None


class VenueFollowed(base.Event):
    """The book asked a venue for its prices, or told it that it needs them no more."""

    Event: Literal["VenueFollowed"] = "VenueFollowed"
    Venue: str
    On: bool


class QuoteHeard(base.Event):
    """The prices at a venue that is followed."""

    Event: Literal["QuoteHeard"] = "QuoteHeard"
    Quote: market.Quote


class QuoteWentStale(base.Event):
    """What the venue quoted last is not the market any more. ``Lost``: its session is down."""

    Event: Literal["QuoteWentStale"] = "QuoteWentStale"
    Venue: str
    Lost: bool


class TradingStatusHeard(base.Event):
    """The venue halted trading, resumed it, opened or closed."""

    Event: Literal["TradingStatusHeard"] = "TradingStatusHeard"
    Venue: str
    Status: fix.SecurityTradingStatus
    Text: str | None = None
