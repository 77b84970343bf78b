"""FIX's enumerations by their symbolic names; the codes live at the FIX border only."""

from enum import StrEnum


class Code(StrEnum):
    """A FIX value by its symbolic name. Hashes as the string it is, which is what makes it fast."""

    __hash__ = str.__hash__


class Side(Code):
    """Side(54)."""

    Buy = "Buy"
    Sell = "Sell"
    SellShort = "SellShort"

    @property
    def sign(self) -> int:
        """+1 for a purchase, -1 for a sale of either kind."""
        return 1 if self is Side.Buy else -1


class OrdType(Code):
    """OrdType(40)."""

    Market = "Market"
    Limit = "Limit"
    Stop = "Stop"
    StopLimit = "StopLimit"
    MarketIfTouched = "MarketIfTouched"
    MarketWithLeftOverAsLimit = "MarketWithLeftOverAsLimit"
    Pegged = "Pegged"


class TimeInForce(Code):
    """TimeInForce(59)."""

    Day = "Day"
    GoodTillCancel = "GoodTillCancel"
    AtTheOpening = "AtTheOpening"
    ImmediateOrCancel = "ImmediateOrCancel"
    FillOrKill = "FillOrKill"
    GoodTillCrossing = "GoodTillCrossing"
    GoodTillDate = "GoodTillDate"
    AtTheClose = "AtTheClose"


class OrdStatus(Code):
    """OrdStatus(39)."""

    PendingNew = "PendingNew"
    New = "New"
    PartiallyFilled = "PartiallyFilled"
    Filled = "Filled"
    DoneForDay = "DoneForDay"
    Canceled = "Canceled"
    PendingCancel = "PendingCancel"
    PendingReplace = "PendingReplace"
    Rejected = "Rejected"
    Expired = "Expired"
    Stopped = "Stopped"
    Suspended = "Suspended"
    Calculated = "Calculated"


class ExecType(Code):
    """ExecType(150)."""

    PendingNew = "PendingNew"
    New = "New"
    Trade = "Trade"
    Canceled = "Canceled"
    Replaced = "Replaced"
    PendingCancel = "PendingCancel"
    PendingReplace = "PendingReplace"
    Rejected = "Rejected"
    Expired = "Expired"
    DoneForDay = "DoneForDay"
    OrderStatus = "OrderStatus"
    TradeCancel = "TradeCancel"
    TradeCorrect = "TradeCorrect"
    Restated = "Restated"
    Stopped = "Stopped"
    Suspended = "Suspended"
    Calculated = "Calculated"
    Triggered = "Triggered"


class OrdRejReason(Code):
    """OrdRejReason(103)."""

    BrokerOption = "BrokerOption"
    UnknownSymbol = "UnknownSymbol"
    ExchangeClosed = "ExchangeClosed"
    OrderExceedsLimit = "OrderExceedsLimit"
    TooLateToEnter = "TooLateToEnter"
    UnknownOrder = "UnknownOrder"
    DuplicateOrder = "DuplicateOrder"
    DuplicateOfVerbalOrder = "DuplicateOfVerbalOrder"
    StaleOrder = "StaleOrder"
    TradeAlongRequired = "TradeAlongRequired"
    InvalidInvestorID = "InvalidInvestorID"
    UnsupportedOrderCharacteristic = "UnsupportedOrderCharacteristic"
    IncorrectQuantity = "IncorrectQuantity"
    IncorrectAllocatedQuantity = "IncorrectAllocatedQuantity"
    UnknownAccounts = "UnknownAccounts"
    PriceExceedsCurrentPriceBand = "PriceExceedsCurrentPriceBand"
    InvalidPriceIncrement = "InvalidPriceIncrement"
    NotionalExceedsThreshold = "NotionalExceedsThreshold"
    AlgorithmRiskThreshold = "AlgorithmRiskThreshold"
    ShortSellNotPermitted = "ShortSellNotPermitted"
    ShortSellSecurityPreBorrow = "ShortSellSecurityPreBorrow"
    ShortSellAccountPreBorrow = "ShortSellAccountPreBorrow"
    Other = "Other"


class CxlRejReason(Code):
    """CxlRejReason(102)."""

    TooLateToCancel = "TooLateToCancel"
    UnknownOrder = "UnknownOrder"
    BrokerOption = "BrokerOption"
    AlreadyPending = "AlreadyPending"
    UnableToProcessMassCancel = "UnableToProcessMassCancel"
    OrigOrdModTimeMismatch = "OrigOrdModTimeMismatch"
    DuplicateClOrdID = "DuplicateClOrdID"
    PriceExceedsCurrentPrice = "PriceExceedsCurrentPrice"
    PriceExceedsPriceBand = "PriceExceedsPriceBand"
    InvalidPriceIncrement = "InvalidPriceIncrement"
    Other = "Other"


class CxlRejResponseTo(Code):
    """CxlRejResponseTo(434)."""

    OrderCancelRequest = "OrderCancelRequest"
    OrderCancelReplaceRequest = "OrderCancelReplaceRequest"


class MassCancelRequestType(Code):
    """MassCancelRequestType(530)."""

    CancelOrdersForASecurity = "CancelOrdersForASecurity"
    CancelAllOrders = "CancelAllOrders"


class MassStatusReqType(Code):
    """MassStatusReqType(585)."""

    StatusForOrdersForASecurity = "StatusForOrdersForASecurity"
    StatusForAllOrders = "StatusForAllOrders"


class SecurityType(Code):
    """SecurityType(167), by the product's name for the class."""

    CommonStock = "CommonStock"
    CorporateBond = "CorporateBond"
    ForeignExchange = "ForeignExchange"
    Future = "Future"
    Option = "Option"
    Commodity = "Commodity"
    Loan = "Loan"
    Cash = "Cash"


class ExecInst(Code):
    """ExecInst(18), the instructions that a venue or the book acts on."""

    NotHeld = "NotHeld"
    Work = "Work"
    Held = "Held"
    ParticipateDontInitiate = "ParticipateDontInitiate"
    DoNotIncrease = "DoNotIncrease"
    DoNotReduce = "DoNotReduce"
    AllOrNone = "AllOrNone"
    ReinstateOnSystemFailure = "ReinstateOnSystemFailure"
    ReinstateOnTradingHalt = "ReinstateOnTradingHalt"
    CancelOnTradingHalt = "CancelOnTradingHalt"
    MidPricePeg = "MidPricePeg"
    MarketPeg = "MarketPeg"
    CancelOnSystemFailure = "CancelOnSystemFailure"
    PrimaryPeg = "PrimaryPeg"
    Suspend = "Suspend"
    CancelIfNotBest = "CancelIfNotBest"
    TrailingStopPeg = "TrailingStopPeg"


class PegOffsetType(Code):
    """PegOffsetType(836): what PegOffsetValue(211) is counted in."""

    Price = "Price"
    BasisPoints = "BasisPoints"


class HandlInst(Code):
    """HandlInst(21): whether an order goes out by itself, or when people say so."""

    AutomatedExecution = "AutomatedExecution"
    ManualOrder = "ManualOrder"


class ExecRestatementReason(Code):
    """ExecRestatementReason(378)."""

    GTCorporateAction = "GTCorporateAction"
    GTRenewal = "GTRenewal"
    VerbalChange = "VerbalChange"
    RepricingOfOrder = "RepricingOfOrder"
    BrokerOption = "BrokerOption"
    PartialDeclineOfOrderQty = "PartialDeclineOfOrderQty"
    CancelOnTradingHalt = "CancelOnTradingHalt"
    CancelOnSystemFailure = "CancelOnSystemFailure"
    MarketOption = "MarketOption"
    CanceledNotBest = "CanceledNotBest"
    WarehouseRecap = "WarehouseRecap"
    PegRefresh = "PegRefresh"
    CancelOnConnectionLoss = "CancelOnConnectionLoss"
    CancelOnLogout = "CancelOnLogout"
    Other = "Other"


class ContingencyType(Code):
    """ContingencyType(1385)."""

    OneCancelsTheOther = "OneCancelsTheOther"
    OneTriggersTheOther = "OneTriggersTheOther"
    OneUpdatesTheOtherAbsolute = "OneUpdatesTheOtherAbsolute"
    OneUpdatesTheOtherProportional = "OneUpdatesTheOtherProportional"


class ListStatusType(Code):
    """ListStatusType(429)."""

    Ack = "Ack"
    Response = "Response"


class ListOrderStatus(Code):
    """ListOrderStatus(431)."""

    ReceivedForExecution = "ReceivedForExecution"
    Executing = "Executing"
    Cancelling = "Cancelling"
    AllDone = "AllDone"
    Reject = "Reject"


class PendingReports(Code):
    """Whose word a pending state is: ours at once, or the venue's when it comes."""

    OMS = "OMS"
    Venue = "Venue"


class SecurityTradingStatus(Code):
    """SecurityTradingStatus(326)."""

    OpeningDelay = "OpeningDelay"
    Halt = "Halt"
    Resume = "Resume"
    ReadyToTrade = "ReadyToTrade"
    Closed = "Closed"
    PreOpen = "PreOpen"
    OpeningAuction = "OpeningAuction"
    ClosingAuction = "ClosingAuction"


class TradSesStatus(Code):
    """TradSesStatus(340)."""

    Unknown = "Unknown"
    Halted = "Halted"
    Open = "Open"
    Closed = "Closed"
    PreOpen = "PreOpen"
    PreClose = "PreClose"
    RequestRejected = "RequestRejected"


class TradingPhase(Code):
    """Part of a trading day: TradingSessionSubID(625) by its name."""

    PreOpen = "PreOpen"
    OpeningAuction = "OpeningAuction"
    Continuous = "Continuous"
    ClosingAuction = "ClosingAuction"
    PostClose = "PostClose"
    Closed = "Closed"
