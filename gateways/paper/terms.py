"""Which orders are traded here, and what a replacement may change. Reasons are FIX's codes."""

from gateways.paper.conditions import ALL_OR_NONE, Conditions
from gateways.paper.orders import AT_ONCE, RESTING, Order, OrdType, Side, TimeInForce
from gateways.paper.outcomes import Phase
from gateways.paper.phases import BEFORE_OPENING
from gateways.paper.reports import day_of
from gateways.paper.requests import NewOrder

BROKER_OPTION_REJECT, EXCHANGE_CLOSED, TOO_LATE_TO_ENTER = "0", "2", "4"
UNSUPPORTED, INCORRECT_QUANTITY, OTHER_REJECT = "11", "13", "99"
"""OrdRejReason(103)."""
BROKER_OPTION, OTHER = "2", "99"
"""CxlRejReason(102)."""

Refusal = tuple[str, str] | None

_TRADED = (
    ("Side(54)", "side", frozenset(side.value for side in Side)),
    ("OrdType(40)", "ord_type", frozenset(kind.value for kind in OrdType)),
    ("TimeInForce(59)", "time_in_force", frozenset(time.value for time in TimeInForce)),
)
_AUCTIONS = (TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE)


def refusal(asked: NewOrder) -> Refusal:
    """OrdRejReason(103) and Text(58) of an order that is not traded here."""
    if asked.order_qty <= 0:
        return INCORRECT_QUANTITY, f"OrderQty(38)={asked.order_qty:f} is not positive"
    for name, attribute, traded in _TRADED:
        if (value := getattr(asked, attribute)) not in traded:
            return UNSUPPORTED, f"{name}={value} is not traded here"
    return None if asked.conditions is None else _unfit(asked, asked.conditions)


def _unfit(asked: NewOrder, conditions: Conditions) -> Refusal:
    """Conditions that have no sense, or none together."""
    for name, value in (
        ("MinQty(110)", conditions.min_qty),
        ("DisplayQty(1138)", conditions.display_qty),
        ("StopPx(99)", conditions.stop_px),
    ):
        if value is not None and value <= 0:
            return INCORRECT_QUANTITY, f"{name}={value:f} is not positive"
    if conditions.min_qty is not None and conditions.min_qty > asked.order_qty:
        text = f"MinQty(110)={conditions.min_qty:f} is more than OrderQty(38)={asked.order_qty:f}"
        return INCORRECT_QUANTITY, text
    pegged, whole = asked.ord_type == OrdType.PEGGED, conditions.has(ALL_OR_NONE)
    others = conditions.display_qty is not None or conditions.min_qty is not None
    if whole and (others or pegged):
        text = "ExecInst(18)=G cannot be with MaxFloor(111), MinQty(110) or OrdType(40)=P"
        return UNSUPPORTED, text
    if pegged and (conditions.min_qty is not None or asked.time_in_force in AT_ONCE):
        return UNSUPPORTED, "a pegged order rests: leave out MinQty(110), TimeInForce(59) 3 and 4"
    if conditions.peg == "a" and not conditions.peg_offset:
        return UNSUPPORTED, "PegOffsetValue(211)=0 is no distance for a trailing stop"
    plain = asked.ord_type in (OrdType.MARKET, OrdType.LIMIT) and not (whole or others)
    if asked.time_in_force in _AUCTIONS and not plain:
        return UNSUPPORTED, f"TimeInForce(59)={asked.time_in_force} is for market and limit orders"
    return None


def untimely(asked: NewOrder, phase: Phase, now: int) -> Refusal:
    """OrdRejReason(103) and Text(58) of an order that comes at the wrong time."""
    if phase is Phase.CLOSED:
        return EXCHANGE_CLOSED, f"trading in {asked.symbol} is closed"
    conditions = asked.conditions
    if conditions is None:
        return None
    if asked.time_in_force == TimeInForce.AT_THE_OPENING and phase not in BEFORE_OPENING:
        return TOO_LATE_TO_ENTER, f"TimeInForce(59)=2 is too late: {asked.symbol} is in {phase}"
    if asked.time_in_force == TimeInForce.GOOD_TILL_CROSSING and phase is Phase.CLOSING_AUCTION:
        return TOO_LATE_TO_ENTER, f"TimeInForce(59)=5 is too late: {asked.symbol} is in {phase}"
    if asked.time_in_force == TimeInForce.GOOD_TILL_DATE:
        if conditions.expires and conditions.expires <= now:
            return TOO_LATE_TO_ENTER, f"ExpireTime(126)={conditions.expire_time} is over"
        if conditions.expire_date and conditions.expire_date < day_of(now):
            return TOO_LATE_TO_ENTER, f"ExpireDate(432)={conditions.expire_date} is over"
    return None


def unchangeable(order: Order, asked: NewOrder) -> Refusal:
    """CxlRejReason(102) and Text(58) of terms that cannot replace those of an open order."""
    if asked.ord_type != order.ord_type:
        return BROKER_OPTION, f"OrdType(40)={order.ord_type} cannot be changed"
    if asked.time_in_force not in RESTING:
        return BROKER_OPTION, f"TimeInForce(59)={asked.time_in_force} is for new orders only"
    if asked.time_in_force != order.time_in_force and (
        asked.time_in_force in _AUCTIONS or order.time_in_force in _AUCTIONS
    ):
        return BROKER_OPTION, f"TimeInForce(59)={order.time_in_force} cannot be changed"
    if asked.account and asked.account != order.account:
        return BROKER_OPTION, f"Account(1)={order.account} cannot be changed"
    if asked.order_qty <= 0:
        return OTHER, f"OrderQty(38)={asked.order_qty:f} is not positive"
    if asked.conditions is not None and (trouble := _unfit(asked, asked.conditions)):
        return OTHER, trouble[1]
    return None
