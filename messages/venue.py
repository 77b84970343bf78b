"""What a venue actor says to its FIX session, and what the session says back.

These are FIX messages cut down to what decisions need; a dialect turns them into tags and back.
"""

from typing import Literal

from messages import fix, terms
from messages.base import Instant, Message, Number


class VenueNewOrder(Message):
    """NewOrderSingle (D) to the venue. ``PossResend`` (97): the venue may have it already."""

    MsgType: Literal["VenueNewOrder"] = "VenueNewOrder"
    ClOrdID: str
    Account: str
    Terms: terms.Terms
    TransactTime: Instant
    PossResend: bool = False


class VenueCancel(Message):
    """OrderCancelRequest (F) to the venue. ``OrderID``: the venue's own, where it is known."""

    MsgType: Literal["VenueCancel"] = "VenueCancel"
    ClOrdID: str
    OrigClOrdID: str
    OrderID: str | None = None
    Terms: terms.Terms
    TransactTime: Instant
    PossResend: bool = False


class VenueReplace(Message):
    """OrderCancelReplaceRequest (G) to the venue. ``OrderID``: the venue's own, where known."""

    MsgType: Literal["VenueReplace"] = "VenueReplace"
    ClOrdID: str
    OrigClOrdID: str
    OrderID: str | None = None
    Account: str
    Terms: terms.Terms
    TransactTime: Instant
    PossResend: bool = False


class VenueStatusRequest(Message):
    """OrderStatusRequest (H): do you know this order?"""

    MsgType: Literal["VenueStatusRequest"] = "VenueStatusRequest"
    ClOrdID: str
    Symbol: str
    Side: fix.Side


class VenueMarketDataRequest(Message):
    """MarketDataRequest (V): best bid, best offer and last trade of these symbols.

    A venue forgets at the end of a session who listens, so it is asked anew at each SessionUp.
    """

    MsgType: Literal["VenueMarketDataRequest"] = "VenueMarketDataRequest"
    MDReqID: str
    Symbols: tuple[str, ...]
    Subscribe: bool
    """False: no more of what was asked for with this MDReqID."""


class VenueMassStatusRequest(Message):
    """OrderMassStatusRequest (AF) for all open orders: what does the venue still work for us?"""

    MsgType: Literal["VenueMassStatusRequest"] = "VenueMassStatusRequest"
    MassStatusReqID: str


class VenueExecution(Message):
    """ExecutionReport (8) from the venue. Without ClOrdID it names an order of the venue's own."""

    MsgType: Literal["VenueExecution"] = "VenueExecution"
    ClOrdID: str | None = None
    OrigClOrdID: str | None = None
    OrderID: str
    ExecID: str
    ExecRefID: str | None = None
    ExecType: fix.ExecType
    OrdStatus: fix.OrdStatus
    Account: str | None = None
    Symbol: str
    Side: fix.Side
    OrdType: fix.OrdType | None = None
    Price: Number | None = None
    TimeInForce: fix.TimeInForce | None = None
    OrderQty: Number
    CumQty: Number
    LeavesQty: Number
    LastQty: Number | None = None
    LastPx: Number | None = None
    OrdRejReason: fix.OrdRejReason | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    TradeDate: str | None = None
    MassStatusReqID: str | None = None
    LastRptRequested: bool | None = None
    Text: str | None = None
    TransactTime: Instant


class VenueCancelReject(Message):
    """OrderCancelReject (9) from the venue."""

    MsgType: Literal["VenueCancelReject"] = "VenueCancelReject"
    ClOrdID: str
    OrigClOrdID: str
    OrderID: str
    OrdStatus: fix.OrdStatus
    CxlRejReason: fix.CxlRejReason
    Text: str | None = None


class VenueReject(Message):
    """Reject (3) or BusinessMessageReject (j): the venue did not understand our message."""

    MsgType: Literal["VenueReject"] = "VenueReject"
    ClOrdID: str
    RefMsgType: str
    Text: str


class VenueQuote(Message):
    """What a venue tells of one symbol; None where it did not tell.

    A side that is gone has the size 0 and no price. ``LastPx`` and ``LastQty``: the latest trade.
    """

    Symbol: str
    BidPx: Number | None = None
    BidSize: Number | None = None
    OfferPx: Number | None = None
    OfferSize: Number | None = None
    LastPx: Number | None = None
    LastQty: Number | None = None
    At: Instant
    """When it was so at the venue."""


class VenueQuotes(Message):
    """MarketDataSnapshotFullRefresh (W) or MarketDataIncrementalRefresh (X), a quote a symbol.

    What is new supersedes what was, so nothing of it is worth keeping or hearing again.
    """

    MsgType: Literal["VenueQuotes"] = "VenueQuotes"
    MDReqID: str | None = None
    Quotes: tuple[VenueQuote, ...]


class VenueMarketDataReject(Message):
    """MarketDataRequestReject (Y), or a reject of our request: there will be no quotes."""

    MsgType: Literal["VenueMarketDataReject"] = "VenueMarketDataReject"
    MDReqID: str
    Text: str


class VenueSecurityStatus(Message):
    """SecurityStatus (f): the venue halts, resumes, opens or closes one symbol."""

    MsgType: Literal["VenueSecurityStatus"] = "VenueSecurityStatus"
    Symbol: str
    SecurityTradingStatus: fix.SecurityTradingStatus
    Text: str | None = None
    TransactTime: Instant


class VenueSessionStatus(Message):
    """TradingSessionStatus (h): the whole venue, or one of its sessions, opens or closes."""

    MsgType: Literal["VenueSessionStatus"] = "VenueSessionStatus"
    TradingSessionID: str
    TradSesStatus: fix.TradSesStatus
    Text: str | None = None
    TransactTime: Instant


class SequenceAsked(Message):
    """What was the last MsgSeqNum(34) that went out? Answered by the session, not by the venue."""

    MsgType: Literal["SequenceAsked"] = "SequenceAsked"
    KillID: str


class SequenceTold(Message):
    """MsgSeqNum(34) of the last message that went out, and 0 before the first."""

    MsgType: Literal["SequenceTold"] = "SequenceTold"
    KillID: str
    MsgSeqNum: int


class SessionUp(Message):
    """The FIX session is logged on; what was unanswered may now be asked about."""

    MsgType: Literal["SessionUp"] = "SessionUp"


class SessionDown(Message):
    """The FIX session is logged out or cut; nothing may be sent until it is up again."""

    MsgType: Literal["SessionDown"] = "SessionDown"
    Text: str = ""


class NotSent(Message):
    """The session was down when this message reached it, so the venue never saw it."""

    MsgType: Literal["NotSent"] = "NotSent"
    ClOrdID: str


class CheckStale(Message):
    """The venue actor's own timer: look for new orders that waited too long for the session."""

    MsgType: Literal["CheckStale"] = "CheckStale"


class CheckDoubt(Message):
    """The venue actor's own timer: look for what was sent and is still unanswered."""

    MsgType: Literal["CheckDoubt"] = "CheckDoubt"
