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
}
ORD_TYPE_OF = _names(ORD_TYPE)

TIME_IN_FORCE = {
    fix.TimeInForce.Day: "0",
    fix.TimeInForce.GoodTillCancel: "1",
    fix.TimeInForce.ImmediateOrCancel: "3",
    fix.TimeInForce.FillOrKill: "4",
}
TIME_IN_FORCE_OF = _names(TIME_IN_FORCE)

ORD_STATUS = {
    fix.OrdStatus.New: "0",
    fix.OrdStatus.PartiallyFilled: "1",
    fix.OrdStatus.Filled: "2",
    fix.OrdStatus.DoneForDay: "3",
    fix.OrdStatus.Canceled: "4",
    fix.OrdStatus.PendingCancel: "6",
    fix.OrdStatus.Rejected: "8",
    fix.OrdStatus.PendingNew: "A",
    fix.OrdStatus.Expired: "C",
    fix.OrdStatus.PendingReplace: "E",
}
ORD_STATUS_OF = _names(ORD_STATUS)

# Replaced (obsolete), Stopped, Suspended, Calculated, AcceptedForBidding: what is open or filled
# there is said by the quantities alone.
ORD_STATUS_BY_QUANTITY = frozenset({"5", "7", "9", "B", "D"})

EXEC_TYPE = {
    fix.ExecType.New: "0",
    fix.ExecType.DoneForDay: "3",
    fix.ExecType.Canceled: "4",
    fix.ExecType.Replaced: "5",
    fix.ExecType.PendingCancel: "6",
    fix.ExecType.Rejected: "8",
    fix.ExecType.PendingNew: "A",
    fix.ExecType.Expired: "C",
    fix.ExecType.PendingReplace: "E",
    fix.ExecType.Trade: "F",
    fix.ExecType.OrderStatus: "I",
}
EXEC_TYPE_OF = _names(EXEC_TYPE) | {
    "1": fix.ExecType.Trade,  # FIX 4.2: partial fill
    "2": fix.ExecType.Trade,  # FIX 4.2: fill
    # News of the order's state that moves no quantity by itself: read as a status.
    "7": fix.ExecType.OrderStatus,  # Stopped: LastQty is a guarantee, not a fill
    "9": fix.ExecType.OrderStatus,  # Suspended
    "B": fix.ExecType.OrderStatus,  # Calculated
    "D": fix.ExecType.OrderStatus,  # Restated
    "L": fix.ExecType.OrderStatus,  # Triggered
}

ORD_REJ_REASON = {
    fix.OrdRejReason.BrokerOption: "0",
    fix.OrdRejReason.UnknownSymbol: "1",
    fix.OrdRejReason.ExchangeClosed: "2",
    fix.OrdRejReason.OrderExceedsLimit: "3",
    fix.OrdRejReason.TooLateToEnter: "4",
    fix.OrdRejReason.UnknownOrder: "5",
    fix.OrdRejReason.DuplicateOrder: "6",
    fix.OrdRejReason.StaleOrder: "8",
    fix.OrdRejReason.UnsupportedOrderCharacteristic: "11",
    fix.OrdRejReason.IncorrectQuantity: "13",
    fix.OrdRejReason.UnknownAccounts: "15",
    fix.OrdRejReason.PriceExceedsCurrentPriceBand: "16",
    fix.OrdRejReason.InvalidPriceIncrement: "18",
    fix.OrdRejReason.NotionalExceedsThreshold: "20",
    fix.OrdRejReason.Other: "99",
}
ORD_REJ_REASON_OF = _names(ORD_REJ_REASON)

CXL_REJ_REASON = {
    fix.CxlRejReason.TooLateToCancel: "0",
    fix.CxlRejReason.UnknownOrder: "1",
    fix.CxlRejReason.BrokerOption: "2",
    fix.CxlRejReason.AlreadyPending: "3",
    fix.CxlRejReason.DuplicateClOrdID: "6",
    fix.CxlRejReason.Other: "99",
}
CXL_REJ_REASON_OF = _names(CXL_REJ_REASON)

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
