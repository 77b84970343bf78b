"""Which orders are traded here, and what a replacement may change. Reasons are FIX's codes."""

from gateways.paper.orders import RESTING, Order, OrdType, Side, TimeInForce
from gateways.paper.requests import NewOrder

UNSUPPORTED, INCORRECT_QUANTITY = "11", "13"
"""OrdRejReason(103)."""
BROKER_OPTION, OTHER = "2", "99"
"""CxlRejReason(102)."""

_TRADED = (
    ("Side(54)", "side", frozenset(side.value for side in Side)),
    ("OrdType(40)", "ord_type", frozenset(kind.value for kind in OrdType)),
    ("TimeInForce(59)", "time_in_force", frozenset(time.value for time in TimeInForce)),
)


def refusal(asked: NewOrder) -> tuple[str, str] | None:
    """OrdRejReason(103) and Text(58) of an order that is not traded here."""
    if asked.order_qty <= 0:
        return INCORRECT_QUANTITY, f"OrderQty(38)={asked.order_qty:f} is not positive"
    for name, attribute, traded in _TRADED:
        if (value := getattr(asked, attribute)) not in traded:
            return UNSUPPORTED, f"{name}={value} is not traded here"
    return None


def unchangeable(order: Order, asked: NewOrder) -> tuple[str, str] | None:
    """CxlRejReason(102) and Text(58) of terms that cannot replace those of an open order."""
    if asked.ord_type != order.ord_type:
        return BROKER_OPTION, f"OrdType(40)={order.ord_type} cannot be changed"
    if asked.time_in_force not in RESTING:
        return BROKER_OPTION, f"TimeInForce(59)={asked.time_in_force} is for new orders only"
    if asked.account and asked.account != order.account:
        return BROKER_OPTION, f"Account(1)={order.account} cannot be changed"
    if asked.order_qty <= 0:
        return OTHER, f"OrderQty(38)={asked.order_qty:f} is not positive"
    return None
