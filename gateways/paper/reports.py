"""What the exchange says, as the text of FIX messages without their session header.

A report is text from the moment it is decided: the store keeps that text, so what goes out after a
crash is what would have gone out before it. The engine parses a text in 3 us, where setting the
fields one by one costs it 21 us.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from gateways.paper.orders import NO_ORDER, Order
from gateways.paper.requests import SOH, Cancel, MassCancel, Replace, Status, Unreadable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000_000

NO_SYMBOL = "[N/A]"
UNDISCLOSED = "7"

NEW, CANCELED, REPLACED, REJECTED, TRADE, STATUS = "0", "4", "5", "8", "F", "I"
"""ExecType(150)."""

STATUS_EXEC_ID = "0"
"""ExecID(17) of every report with ExecType I, which reports no execution (FIX 4.4)."""


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return f"{_EPOCH + timedelta(seconds=second):%Y%m%d-%H:%M:%S}"


def time_text(at_ns: int) -> str:
    """UTCTimestamp with nanoseconds."""
    second, rest = divmod(at_ns, SECOND)
    return f"{_second(second)}.{rest:09d}"


class Reports:
    """The texts of one venue. ``at`` is TransactTime(60) in nanoseconds since 1970."""

    def __init__(self, venue: str) -> None:
        self.venue = venue

    def order_id(self, order: Order) -> str:
        """OrderID(37)."""
        return f"{self.venue}-O{order.number}" if order.number else "NONE"

    def execution(
        self, order: Order, exec_type: str, exec_id: str, at: int, more: str = "", cl_ord_id: str = ""
    ) -> str:
        """ExecutionReport (8) of the order as it stands; ``more`` are further fields."""
        account = f"1={order.account}{SOH}" if order.account else ""
        price = "" if order.price is None else f"44={order.price:f}{SOH}"
        return (
            f"35=8{SOH}37={self.order_id(order)}{SOH}11={cl_ord_id or order.cl_ord_id}{SOH}"
            f"17={exec_id}{SOH}150={exec_type}{SOH}39={order.status}{SOH}{account}"
            f"55={order.symbol or NO_SYMBOL}{SOH}54={order.side or UNDISCLOSED}{SOH}"
            f"38={order.order_qty:f}{SOH}40={order.ord_type or '2'}{SOH}{price}"
            f"59={order.time_in_force or '0'}{SOH}14={order.cum_qty:f}{SOH}"
            f"151={order.leaves_qty:f}{SOH}6={order.average_price:f}{SOH}60={time_text(at)}{SOH}"
            f"{more}"
        )

    def status(self, order: Order, asked: str, request_id: str, at: int, more: str = "") -> str:
        """ExecType I. It bears the order's ClOrdID, and in OrigClOrdID another one asked by."""
        if asked and asked != order.cl_ord_id:
            more = f"41={asked}{SOH}{more}"
        if request_id:
            more = f"790={request_id}{SOH}{more}"
        return self.execution(order, STATUS, STATUS_EXEC_ID, at, more)

    def unknown(self, request: Status, at: int) -> str:
        """The answer to a status request for an order that is not here."""
        asked = f"790={request.request_id}{SOH}" if request.request_id else ""
        return (
            f"35=8{SOH}37=NONE{SOH}11={request.cl_ord_id}{SOH}17={STATUS_EXEC_ID}{SOH}"
            f"150={STATUS}{SOH}39=8{SOH}55={request.symbol}{SOH}54={request.side}{SOH}14=0{SOH}"
            f"151=0{SOH}6=0{SOH}60={time_text(at)}{SOH}103=5{SOH}{asked}58=unknown order{SOH}"
        )

    def none_open(self, request_id: str, at: int) -> str:
        """The answer to a mass status request that finds no open order."""
        return (
            f"35=8{SOH}37=NONE{SOH}17={STATUS_EXEC_ID}{SOH}150={STATUS}{SOH}39=8{SOH}"
            f"55={NO_SYMBOL}{SOH}54={UNDISCLOSED}{SOH}14=0{SOH}151=0{SOH}6=0{SOH}"
            f"60={time_text(at)}{SOH}584={request_id}{SOH}911=0{SOH}912=Y{SOH}"
            f"58=no open orders{SOH}"
        )

    def cancel_reject(
        self, request: Cancel | Replace, order: Order, reason: int, text: str, at: int
    ) -> str:
        """OrderCancelReject (9); ``order`` is NO_ORDER where the request names none."""
        if isinstance(request, Cancel):
            cl_ord_id, answers = request.cl_ord_id, "1"
        else:
            cl_ord_id, answers = request.order.cl_ord_id, "2"
        # A known order's last accepted ClOrdID; else there is only what was asked.
        original = request.orig_cl_ord_id if order is NO_ORDER else order.cl_ord_id
        account = f"1={order.account}{SOH}" if order.account else ""
        return (
            f"35=9{SOH}37={self.order_id(order)}{SOH}11={cl_ord_id}{SOH}41={original}{SOH}"
            f"39={order.status}{SOH}{account}434={answers}{SOH}102={reason}{SOH}"
            f"60={time_text(at)}{SOH}58={text}{SOH}"
        )

    def mass_cancel(
        self, request: MassCancel, number: int, response: str, at: int, more: str
    ) -> str:
        """OrderMassCancelReport (r)."""
        return (
            f"35=r{SOH}11={request.cl_ord_id}{SOH}37={self.venue}-O{number}{SOH}"
            f"530={request.kind}{SOH}531={response}{SOH}60={time_text(at)}{SOH}{more}"
        )


def business_reject(request: Unreadable) -> str:
    """BusinessMessageReject (j)."""
    ref_id = f"379={request.ref_id}{SOH}" if request.ref_id else ""
    return (
        f"35=j{SOH}45={request.seq}{SOH}372={request.msg_type}{SOH}{ref_id}"
        f"380={request.reason}{SOH}58={request.text}{SOH}"
    )
