"""Market data between a venue connection and the books that follow it.

A quote is superseded by the next one: it is never resent, and a book asks for it only while an
order of its own waits for a price.
"""

from typing import Literal

from messages import fix
from messages.base import Instant, Message, Number


class Follow(Message):
    """A book wants quotes of its symbol from this venue (``On``), or needs them no more."""

    MsgType: Literal["Follow"] = "Follow"
    Symbol: str
    On: bool


class Quote(Message):
    """Best bid and offer and the last trade, None where the venue has none. ``At``: its time."""

    MsgType: Literal["Quote"] = "Quote"
    Venue: str
    Symbol: str
    BidPx: Number | None = None
    BidSize: Number | None = None
    OfferPx: Number | None = None
    OfferSize: Number | None = None
    LastPx: Number | None = None
    LastQty: Number | None = None
    At: Instant


class QuotesLost(Message):
    """The venue's session is down: what it quoted last is not the market any more."""

    MsgType: Literal["QuotesLost"] = "QuotesLost"
    Venue: str
    Symbol: str


class TradingStatus(Message):
    """The venue halted the symbol, resumed, opened or closed it (SecurityStatus, 35=f)."""

    MsgType: Literal["TradingStatus"] = "TradingStatus"
    Venue: str
    Symbol: str
    Status: fix.SecurityTradingStatus
    Text: str | None = None
