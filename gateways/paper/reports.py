"""What the exchange says, as the text of FIX messages without what the session adds.

A report is text from the moment it is decided: that text is stored, and that text is sent.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from gateways.paper.orders import Order
from gateways.paper.requests import SOH, Unreadable

NEW, TRADE, CANCELED, REPLACED, REJECTED, ORDER_STATUS = "0", "F", "4", "5", "8", "I"
"""ExecType(150)."""

NO_SYMBOL = "[N/A]"
UNDISCLOSED = "7"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d-%H:%M:%S")


def time_text(nanos: int) -> str:
    """UTCTimestamp of nanoseconds since 1970, with nine decimals."""
    seconds, rest = divmod(nanos, 1_000_000_000)
    return f"{_second(seconds)}.{rest:09d}"


def execution(
    order: Order, exec_id: str, exec_type: str, now: int, name: str = "", *extra: str
) -> str:
    """ExecutionReport (8) of an order as it stands; ``name`` is ClOrdID if not the order's own."""
    price = f"44={order.price:f}{SOH}" if order.price is not None else ""
    account = f"1={order.account}{SOH}" if order.account else ""
    tail = SOH.join(extra) + SOH if extra else ""
    return (
        f"35=8{SOH}37={order_id(order)}{SOH}11={name or order.cl_ord_id}{SOH}17={exec_id}{SOH}"
        f"150={exec_type}{SOH}39={order.status}{SOH}{account}55={order.symbol}{SOH}"
        f"54={order.side}{SOH}38={order.order_qty:f}{SOH}40={order.ord_type}{SOH}{price}"
        f"59={order.time_in_force}{SOH}151={order.leaves_qty:f}{SOH}14={order.cum_qty:f}{SOH}"
        f"6={order.average_price:f}{SOH}60={time_text(now)}{SOH}{tail}"
    )


def order_id(order: Order) -> str:
    """OrderID(37)."""
    return f"O-{order.number}"


def last(quantity: Decimal, price: Decimal, venue: str) -> tuple[str, ...]:
    """LastQty, LastPx and LastMkt."""
    return f"32={quantity:f}", f"31={price:f}", f"30={venue}"


def no_order(exec_id: str, name: str, symbol: str, side: str, now: int, *extra: str) -> str:
    """ExecutionReport that says the state of an order which does not exist."""
    named = f"11={name}{SOH}" if name else ""
    return (
        f"35=8{SOH}37=NONE{SOH}{named}17={exec_id}{SOH}150={ORDER_STATUS}{SOH}39=8{SOH}"
        f"55={symbol}{SOH}54={side}{SOH}151=0{SOH}14=0{SOH}6=0{SOH}60={time_text(now)}{SOH}"
        + SOH.join(extra)
        + SOH
    )


def cancel_reject(
    order: Order | None, name: str, orig: str, response_to: str, reason: str, text: str, now: int
) -> str:
    """OrderCancelReject (9); ``response_to`` is "1" to a cancel, "2" to a replace."""
    known = order_id(order) if order else "NONE"
    status = str(order.status) if order else "8"
    return (
        f"35=9{SOH}37={known}{SOH}11={name}{SOH}41={orig}{SOH}39={status}{SOH}434={response_to}{SOH}"
        f"102={reason}{SOH}58={text}{SOH}60={time_text(now)}{SOH}"
    )


def business_reject(request: Unreadable) -> str:
    """BusinessMessageReject (j)."""
    named = f"379={request.cl_ord_id}{SOH}" if request.cl_ord_id else ""
    return (
        f"35=j{SOH}45={request.number}{SOH}372={request.kind}{SOH}{named}380={request.reason}{SOH}"
        f"58={request.text}{SOH}"
    )
