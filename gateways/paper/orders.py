"""An order at the exchange, in FIX's codes.

Invariant: ``order_qty == cum_qty + leaves_qty`` while the order is open; once it has ended
``leaves_qty`` is 0 and nothing in it changes any more.
"""

from dataclasses import dataclass, field
from decimal import Context, Decimal
from enum import StrEnum

ZERO = Decimal(0)

# Wide enough for the sum of any number of products of two numbers of 15 and 12 digits, which is
# what a request may hold: quantities and money are exact, whatever the thread's own context says.
EXACT = Context(prec=80)
PRICE_STEP = Decimal("1e-12")
"""AvgPx(6) is rounded to this where the quotient does not end before."""


class Side(StrEnum):
    """Side(54), as far as it is traded here."""

    BUY = "1"
    SELL = "2"
    SELL_SHORT = "5"


class OrdType(StrEnum):
    """OrdType(40), as far as it is traded here."""

    MARKET = "1"
    LIMIT = "2"


class TimeInForce(StrEnum):
    """TimeInForce(59), as far as it is traded here."""

    DAY = "0"
    GOOD_TILL_CANCEL = "1"
    IMMEDIATE_OR_CANCEL = "3"
    FILL_OR_KILL = "4"


class OrdStatus(StrEnum):
    """OrdStatus(39), as far as an exchange without pending states reports it."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    REJECTED = "8"


OPEN = (OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED)
RESTING = (TimeInForce.DAY, TimeInForce.GOOD_TILL_CANCEL)


@dataclass(slots=True, eq=False)
class Order:
    """One order through all its replacements.

    ``number`` is the exchange's sequence number when the order came and makes its OrderID;
    ``cl_ord_id`` is the last accepted one; ``notional`` the sum of LastQty times LastPx;
    ``priority`` its place in time among orders of one price; ``names`` every ClOrdID of a request
    about it that was understood (kept for open orders only). Side, type and time in force are kept
    as they came: an order that was rejected may hold values that are not traded here.
    """

    number: int
    cl_ord_id: str
    account: str
    symbol: str
    side: str
    ord_type: str
    time_in_force: str
    order_qty: Decimal
    price: Decimal | None
    leaves_qty: Decimal
    cum_qty: Decimal = ZERO
    notional: Decimal = ZERO
    status: OrdStatus = OrdStatus.NEW
    priority: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def buys(self) -> bool:
        return self.side == Side.BUY

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once waits in the book."""
        return self.ord_type == OrdType.LIMIT and self.time_in_force in RESTING

    @property
    def average_price(self) -> Decimal:
        """AvgPx(6); 0 where nothing was filled."""
        if not self.cum_qty:
            return ZERO
        average = EXACT.divide(self.notional, self.cum_qty)
        exact = average.as_tuple().exponent
        if isinstance(exact, int) and exact < -12:
            return average.quantize(PRICE_STEP, context=EXACT)
        return average

    def fill(self, quantity: Decimal, price: Decimal) -> None:
        """One execution."""
        self.cum_qty += quantity
        self.leaves_qty -= quantity
        self.notional = EXACT.add(self.notional, EXACT.multiply(quantity, price))
        self.settle()

    def resize(self, order_qty: Decimal) -> None:
        """OrderQty of a replacement is the new total; at or below CumQty it means: stop here."""
        self.order_qty = max(order_qty, self.cum_qty)
        self.leaves_qty = self.order_qty - self.cum_qty
        self.settle()

    def settle(self) -> None:
        """The status that the quantities of an order in work imply."""
        if not self.leaves_qty:
            self.status = OrdStatus.FILLED
        else:
            self.status = OrdStatus.PARTIALLY_FILLED if self.cum_qty else OrdStatus.NEW

    def end(self, status: OrdStatus) -> None:
        """Over before it was filled: Canceled or Rejected."""
        self.leaves_qty = ZERO
        self.status = status
