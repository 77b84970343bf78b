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


class TimeInForce(Code):
    """TimeInForce(59)."""

    Day = "Day"
    GoodTillCancel = "GoodTillCancel"
    ImmediateOrCancel = "ImmediateOrCancel"
    FillOrKill = "FillOrKill"


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


class OrdRejReason(Code):
    """OrdRejReason(103)."""

    BrokerOption = "BrokerOption"
    UnknownSymbol = "UnknownSymbol"
    ExchangeClosed = "ExchangeClosed"
    OrderExceedsLimit = "OrderExceedsLimit"
    TooLateToEnter = "TooLateToEnter"
    UnknownOrder = "UnknownOrder"
    DuplicateOrder = "DuplicateOrder"
    StaleOrder = "StaleOrder"
    UnsupportedOrderCharacteristic = "UnsupportedOrderCharacteristic"
    IncorrectQuantity = "IncorrectQuantity"
    UnknownAccounts = "UnknownAccounts"
    PriceExceedsCurrentPriceBand = "PriceExceedsCurrentPriceBand"
    InvalidPriceIncrement = "InvalidPriceIncrement"
    NotionalExceedsThreshold = "NotionalExceedsThreshold"
    Other = "Other"


class CxlRejReason(Code):
    """CxlRejReason(102)."""

    TooLateToCancel = "TooLateToCancel"
    UnknownOrder = "UnknownOrder"
    BrokerOption = "BrokerOption"
    AlreadyPending = "AlreadyPending"
    DuplicateClOrdID = "DuplicateClOrdID"
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
