"""FIX codes and the product's symbolic names for them: one table each, the only place with codes.

Out: ``SIDE[fix.Side.Buy]`` is ``"1"``; every name has exactly one code. In: ``SIDE_OF["1"]`` is
``fix.Side.Buy``; there may be more codes than names where a venue may say what decisions do not
tell apart. A code that is in no table is a KeyError, except for reasons, where it is ``Other``.

SecurityType(167) has no table: no order carries it, and commodities have no code there.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from messages import fix

Name = TypeVar("Name", bound=Enum)


def _names(codes: Mapping[Name, str]) -> dict[str, Name]:
    return {code: name for name, code in codes.items()}


SIDE = {
    fix.Side.Buy: "1",
    fix.Side.Sell: "2",
    fix.Side.SellShort: "5",
}
SIDE_OF = _names(SIDE)

ORD_TYPE = {
    fix.OrdType.Market: "1",
    fix.OrdType.Limit: "2",
    fix.OrdType.Stop: "3",
    fix.OrdType.StopLimit: "4",
    fix.OrdType.MarketIfTouched: "J",
    fix.OrdType.MarketWithLeftOverAsLimit: "K",
    fix.OrdType.Pegged: "P",
}
ORD_TYPE_OF = _names(ORD_TYPE)

TIME_IN_FORCE = {
    fix.TimeInForce.Day: "0",
    fix.TimeInForce.GoodTillCancel: "1",
    fix.TimeInForce.AtTheOpening: "2",
    fix.TimeInForce.ImmediateOrCancel: "3",
    fix.TimeInForce.FillOrKill: "4",
    fix.TimeInForce.GoodTillCrossing: "5",
    fix.TimeInForce.GoodTillDate: "6",
    fix.TimeInForce.AtTheClose: "7",
}
TIME_IN_FORCE_OF = _names(TIME_IN_FORCE)

EXEC_INST = {
    fix.ExecInst.NotHeld: "1",
    fix.ExecInst.Work: "2",
    fix.ExecInst.Held: "5",
    fix.ExecInst.ParticipateDontInitiate: "6",
    fix.ExecInst.DoNotIncrease: "E",
    fix.ExecInst.DoNotReduce: "F",
    fix.ExecInst.AllOrNone: "G",
    fix.ExecInst.ReinstateOnSystemFailure: "H",
    fix.ExecInst.ReinstateOnTradingHalt: "J",
    fix.ExecInst.CancelOnTradingHalt: "K",
    fix.ExecInst.MidPricePeg: "M",
    fix.ExecInst.MarketPeg: "P",
    fix.ExecInst.CancelOnSystemFailure: "Q",
    fix.ExecInst.PrimaryPeg: "R",
    fix.ExecInst.Suspend: "S",
    fix.ExecInst.CancelIfNotBest: "Z",
    fix.ExecInst.TrailingStopPeg: "a",
}
EXEC_INST_OF = _names(EXEC_INST)

PEG_OFFSET_TYPE = {
    fix.PegOffsetType.Price: "0",
    fix.PegOffsetType.BasisPoints: "1",
}
PEG_OFFSET_TYPE_OF = _names(PEG_OFFSET_TYPE)

EXEC_RESTATEMENT_REASON = {
    fix.ExecRestatementReason.GTCorporateAction: "0",
    fix.ExecRestatementReason.GTRenewal: "1",
    fix.ExecRestatementReason.VerbalChange: "2",
    fix.ExecRestatementReason.RepricingOfOrder: "3",
    fix.ExecRestatementReason.BrokerOption: "4",
    fix.ExecRestatementReason.PartialDeclineOfOrderQty: "5",
    fix.ExecRestatementReason.CancelOnTradingHalt: "6",
    fix.ExecRestatementReason.CancelOnSystemFailure: "7",
    fix.ExecRestatementReason.MarketOption: "8",
    fix.ExecRestatementReason.CanceledNotBest: "9",
    fix.ExecRestatementReason.WarehouseRecap: "10",
    fix.ExecRestatementReason.PegRefresh: "11",
    fix.ExecRestatementReason.CancelOnConnectionLoss: "12",
    fix.ExecRestatementReason.CancelOnLogout: "13",
    fix.ExecRestatementReason.Other: "99",
}
EXEC_RESTATEMENT_REASON_OF = _names(EXEC_RESTATEMENT_REASON)

ORD_STATUS = {
    fix.OrdStatus.New: "0",
    fix.OrdStatus.PartiallyFilled: "1",
    fix.OrdStatus.Filled: "2",
    fix.OrdStatus.DoneForDay: "3",
    fix.OrdStatus.Canceled: "4",
    fix.OrdStatus.PendingCancel: "6",
    fix.OrdStatus.Stopped: "7",
    fix.OrdStatus.Rejected: "8",
    fix.OrdStatus.Suspended: "9",
    fix.OrdStatus.PendingNew: "A",
    fix.OrdStatus.Calculated: "B",
    fix.OrdStatus.Expired: "C",
    fix.OrdStatus.PendingReplace: "E",
}
ORD_STATUS_OF = _names(ORD_STATUS)

# Replaced (obsolete) and AcceptedForBidding: what is open or filled there the quantities say.
ORD_STATUS_BY_QUANTITY = frozenset({"5", "D"})

EXEC_TYPE = {
    fix.ExecType.New: "0",
    fix.ExecType.DoneForDay: "3",
    fix.ExecType.Canceled: "4",
    fix.ExecType.Replaced: "5",
    fix.ExecType.PendingCancel: "6",
    fix.ExecType.Stopped: "7",
    fix.ExecType.Rejected: "8",
    fix.ExecType.Suspended: "9",
    fix.ExecType.PendingNew: "A",
    fix.ExecType.Calculated: "B",
    fix.ExecType.Expired: "C",
    fix.ExecType.Restated: "D",
    fix.ExecType.PendingReplace: "E",
    fix.ExecType.Trade: "F",
    fix.ExecType.TradeCorrect: "G",
    fix.ExecType.TradeCancel: "H",
    fix.ExecType.OrderStatus: "I",
    fix.ExecType.Triggered: "L",
}
EXEC_TYPE_OF = _names(EXEC_TYPE) | {
    "1": fix.ExecType.Trade,  # FIX 4.2: partial fill
    "2": fix.ExecType.Trade,  # FIX 4.2: fill
}

ORD_REJ_REASON = {
    fix.OrdRejReason.BrokerOption: "0",
    fix.OrdRejReason.UnknownSymbol: "1",
    fix.OrdRejReason.ExchangeClosed: "2",
    fix.OrdRejReason.OrderExceedsLimit: "3",
    fix.OrdRejReason.TooLateToEnter: "4",
    fix.OrdRejReason.UnknownOrder: "5",
    fix.OrdRejReason.DuplicateOrder: "6",
    fix.OrdRejReason.DuplicateOfVerbalOrder: "7",
    fix.OrdRejReason.StaleOrder: "8",
    fix.OrdRejReason.TradeAlongRequired: "9",
    fix.OrdRejReason.InvalidInvestorID: "10",
    fix.OrdRejReason.UnsupportedOrderCharacteristic: "11",
    fix.OrdRejReason.IncorrectQuantity: "13",
    fix.OrdRejReason.IncorrectAllocatedQuantity: "14",
    fix.OrdRejReason.UnknownAccounts: "15",
    fix.OrdRejReason.PriceExceedsCurrentPriceBand: "16",
    fix.OrdRejReason.InvalidPriceIncrement: "18",
    fix.OrdRejReason.NotionalExceedsThreshold: "20",
    fix.OrdRejReason.AlgorithmRiskThreshold: "21",
    fix.OrdRejReason.ShortSellNotPermitted: "22",
    fix.OrdRejReason.ShortSellSecurityPreBorrow: "23",
    fix.OrdRejReason.ShortSellAccountPreBorrow: "24",
    fix.OrdRejReason.Other: "99",
}
ORD_REJ_REASON_OF = _names(ORD_REJ_REASON)

CXL_REJ_REASON = {
    fix.CxlRejReason.TooLateToCancel: "0",
    fix.CxlRejReason.UnknownOrder: "1",
    fix.CxlRejReason.BrokerOption: "2",
    fix.CxlRejReason.AlreadyPending: "3",
    fix.CxlRejReason.UnableToProcessMassCancel: "4",
    fix.CxlRejReason.OrigOrdModTimeMismatch: "5",
    fix.CxlRejReason.DuplicateClOrdID: "6",
    fix.CxlRejReason.PriceExceedsCurrentPrice: "7",
    fix.CxlRejReason.PriceExceedsPriceBand: "8",
    fix.CxlRejReason.InvalidPriceIncrement: "18",
    fix.CxlRejReason.Other: "99",
}
CXL_REJ_REASON_OF = _names(CXL_REJ_REASON)

SECURITY_TRADING_STATUS = {
    fix.SecurityTradingStatus.OpeningDelay: "1",
    fix.SecurityTradingStatus.Halt: "2",
    fix.SecurityTradingStatus.Resume: "3",
    fix.SecurityTradingStatus.ReadyToTrade: "17",
    fix.SecurityTradingStatus.Closed: "18",
    fix.SecurityTradingStatus.PreOpen: "21",
    fix.SecurityTradingStatus.OpeningAuction: "22",
}
"""A closing auction has no code of its own."""

SECURITY_TRADING_STATUS_OF = _names(SECURITY_TRADING_STATUS) | {
    "4": fix.SecurityTradingStatus.Closed,  # no open, no resume
    "19": fix.SecurityTradingStatus.Closed,  # not traded on this market
    "23": fix.SecurityTradingStatus.ReadyToTrade,  # fast market
    "26": fix.SecurityTradingStatus.Closed,  # FIX 5.0: post-close
}

TRAD_SES_STATUS = {
    fix.TradSesStatus.Unknown: "0",
    fix.TradSesStatus.Halted: "1",
    fix.TradSesStatus.Open: "2",
    fix.TradSesStatus.Closed: "3",
    fix.TradSesStatus.PreOpen: "4",
    fix.TradSesStatus.PreClose: "5",
    fix.TradSesStatus.RequestRejected: "6",
}
TRAD_SES_STATUS_OF = _names(TRAD_SES_STATUS)

CXL_REJ_RESPONSE_TO = {
    fix.CxlRejResponseTo.OrderCancelRequest: "1",
    fix.CxlRejResponseTo.OrderCancelReplaceRequest: "2",
}
CXL_REJ_RESPONSE_TO_OF = _names(CXL_REJ_RESPONSE_TO)

MASS_CANCEL_REQUEST_TYPE = {
    fix.MassCancelRequestType.CancelOrdersForASecurity: "1",
    fix.MassCancelRequestType.CancelAllOrders: "7",
}
MASS_CANCEL_REQUEST_TYPE_OF = _names(MASS_CANCEL_REQUEST_TYPE)

MASS_STATUS_REQ_TYPE = {
    fix.MassStatusReqType.StatusForOrdersForASecurity: "1",
    fix.MassStatusReqType.StatusForAllOrders: "7",
}
MASS_STATUS_REQ_TYPE_OF = _names(MASS_STATUS_REQ_TYPE)


def ord_rej_reason(code: str) -> fix.OrdRejReason:
    """OrdRejReason(103); ``Other`` for a code without a name here."""
    return ORD_REJ_REASON_OF.get(code, fix.OrdRejReason.Other)


def cxl_rej_reason(code: str) -> fix.CxlRejReason:
    """CxlRejReason(102); ``Other`` for a code without a name here."""
    return CXL_REJ_REASON_OF.get(code, fix.CxlRejReason.Other)


def ord_status(code: str, cum_qty: Decimal, leaves_qty: Decimal) -> fix.OrdStatus:
    """OrdStatus(39); for the states in ORD_STATUS_BY_QUANTITY what the quantities say."""
    if code not in ORD_STATUS_BY_QUANTITY:
        return ORD_STATUS_OF[code]
    if cum_qty == 0:
        return fix.OrdStatus.New
    return fix.OrdStatus.PartiallyFilled if leaves_qty else fix.OrdStatus.Filled
