"""What the exchange says, as the text of FIX messages without what the session adds.

A report is text from the moment it is decided: that text is stored, and that text is sent.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from gateways.paper import asking
from gateways.paper.fields import SOH
from gateways.paper.orders import Order
from gateways.paper.outcomes import Phase
from gateways.paper.requests import MassCancel, Unreadable

NEW, TRADE, CANCELED, REPLACED, REJECTED, ORDER_STATUS = "0", "F", "4", "5", "8", "I"
DONE_FOR_DAY, STOPPED, EXPIRED, RESTATED, TRIGGERED = "3", "7", "C", "D", "L"
CORRECTED, BUSTED, PENDING_CANCEL, PENDING_REPLACE = "G", "H", "6", "E"
"""ExecType(150)."""

NO_SYMBOL = "[N/A]"
UNDISCLOSED = "7"

SECURITY_STATUS = {
    Phase.PRE_OPEN: ("21", "1"),
    Phase.OPENING_AUCTION: ("22", "2"),
    Phase.CONTINUOUS: ("17", "3"),
    Phase.CLOSING_AUCTION: ("5", "4"),
    Phase.CLOSED: ("18", "5"),
    Phase.HALTED: ("2", "7"),
}
"""SecurityTradingStatus(326) and TradingSessionSubID(625); FIX 4.4 has no status for a closing
auction but price indication."""
RESUME = "3"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d-%H:%M:%S")


def time_text(nanos: int) -> str:
    """UTCTimestamp of nanoseconds since 1970, with nine decimals."""
    seconds, rest = divmod(nanos, 1_000_000_000)
    return f"{_second(seconds)}.{rest:09d}"


def day_of(nanos: int) -> str:
    """The UTC date of nanoseconds since 1970, YYYYMMDD."""
    return time_text(nanos)[:8]


def execution(
    order: Order, exec_id: str, exec_type: str, now: int, name: str = "", *extra: str
) -> str:
    """ExecutionReport (8) of an order as it stands; ``name`` is ClOrdID if not the order's own."""
    price = f"44={order.price:f}{SOH}" if order.price is not None else ""
    account = f"1={order.account}{SOH}" if order.account else ""
    tail = SOH.join(extra) + SOH if extra else ""
    status: str = order.status
    if order.conditions is not None:
        status = status_of(order)
        tail = _special(order) + tail
    named = name or order.cl_ord_id
    who = f"11={named}{SOH}" if named else ""
    return (
        f"35=8{SOH}37={order_id(order)}{SOH}{who}17={exec_id}{SOH}"
        f"150={exec_type}{SOH}39={status}{SOH}{account}55={order.symbol}{SOH}"
        f"54={order.side}{SOH}38={order.order_qty:f}{SOH}40={order.ord_type}{SOH}{price}"
        f"59={order.time_in_force}{SOH}151={order.leaves_qty:f}{SOH}14={order.cum_qty:f}{SOH}"
        f"6={order.average_price:f}{SOH}60={time_text(now)}{SOH}{tail}"
    )


def _special(order: Order) -> str:
    """What is said of an order that is no ordinary one; from its second day on, the day's part."""
    conditions = order.conditions
    assert conditions is not None
    text = asking.said(conditions)
    if order.is_pegged and order.price is not None:
        text += f"839={order.price:f}{SOH}"
    if not conditions.day_begun:
        return text
    today = order.order_qty - conditions.earlier
    return f"{text}424={today:f}{SOH}425={order.cum_qty - conditions.earlier:f}{SOH}"


def status_of(order: Order) -> str:
    """OrdStatus(39); a pending one hides the others."""
    pending = order.conditions.pending if order.conditions is not None else ""
    return pending or order.status.value


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
    status = status_of(order) if order else "8"
    return (
        f"35=9{SOH}37={known}{SOH}11={name}{SOH}41={orig}{SOH}39={status}{SOH}434={response_to}{SOH}"
        f"102={reason}{SOH}58={text}{SOH}60={time_text(now)}{SOH}"
    )


def mass_cancel(
    request: MassCancel, report_id: str, response: str, affected: int, now: int, *extra: str
) -> str:
    """OrderMassCancelReport (r); ``response`` is MassCancelResponse(531), "0" where refused."""
    symbol = f"55={request.symbol}{SOH}" if request.symbol else ""
    tail = SOH.join(extra) + SOH if extra else ""
    return (
        f"35=r{SOH}11={request.cl_ord_id}{SOH}37={report_id}{SOH}530={request.kind}{SOH}"
        f"531={response}{SOH}533={affected}{SOH}{symbol}60={time_text(now)}{SOH}{tail}"
    )


def security_status(symbol: str, phase: Phase, now: int, *, resumed: bool = False) -> str:
    """SecurityStatus (f), unsolicited."""
    status, session = SECURITY_STATUS[phase]
    return (
        f"35=f{SOH}55={symbol}{SOH}325=Y{SOH}326={RESUME if resumed else status}{SOH}"
        f"336=1{SOH}625={session}{SOH}58={phase}{SOH}60={time_text(now)}{SOH}"
    )


def business_reject(request: Unreadable) -> str:
    """BusinessMessageReject (j)."""
    named = f"379={request.cl_ord_id}{SOH}" if request.cl_ord_id else ""
    return (
        f"35=j{SOH}45={request.number}{SOH}372={request.kind}{SOH}{named}380={request.reason}{SOH}"
        f"58={request.text}{SOH}"
    )
