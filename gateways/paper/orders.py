"""An order at the exchange, in FIX's codes.

Invariant: ``order_qty == cum_qty + leaves_qty`` while the order is open; once it has ended
``leaves_qty`` is 0, and only what is done after the fact still changes it.
"""

from dataclasses import dataclass, field
from decimal import Context, Decimal
from enum import StrEnum

from gateways.paper.conditions import ALL_OR_NONE, TRAILING, Conditions

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
    STOP = "3"
    STOP_LIMIT = "4"
    MARKET_IF_TOUCHED = "J"
    MARKET_WITH_LEFT_OVER_AS_LIMIT = "K"
    PEGGED = "P"


class TimeInForce(StrEnum):
    """TimeInForce(59), as far as it is traded here."""

    DAY = "0"
    GOOD_TILL_CANCEL = "1"
    AT_THE_OPENING = "2"
    IMMEDIATE_OR_CANCEL = "3"
    FILL_OR_KILL = "4"
    GOOD_TILL_CROSSING = "5"
    GOOD_TILL_DATE = "6"
    AT_THE_CLOSE = "7"


class OrdStatus(StrEnum):
    """OrdStatus(39) without the pending ones, which hide what the order is."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    STOPPED = "7"
    REJECTED = "8"
    EXPIRED = "C"


AT_ONCE = (TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL)
RESTING = tuple(time for time in TimeInForce if time not in AT_ONCE)
TRIGGERED = (OrdType.STOP, OrdType.STOP_LIMIT, OrdType.MARKET_IF_TOUCHED)
HOUSE_BID, HOUSE_OFFER = -1, -2
"""The numbers of the house's orders, in each book the same two; see house.py."""


@dataclass(slots=True, eq=False)
class Order:
    """One order through all its replacements.

    ``number`` is the exchange's sequence number when the order came and makes its OrderID;
    ``cl_ord_id`` is the last accepted one, "" where a client never named it; ``notional`` the sum
    of LastQty times LastPx; ``priority`` its place in time among orders of one price; ``names``
    every ClOrdID of a request about it that was understood (kept for open orders only). Side, type
    and time in force are kept as they came: an order that was rejected may hold values that are
    not traded here. ``conditions`` is None for an ordinary order.
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
    conditions: Conditions | None = None

    @property
    def buys(self) -> bool:
        return self.side == Side.BUY

    @property
    def is_house(self) -> bool:
        """No client's: nothing is reported about it, and no client can name it."""
        return self.number < 0

    @property
    def is_open(self) -> bool:
        return bool(self.leaves_qty)

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once waits in the book."""
        return self.price is not None and self.time_in_force in RESTING

    @property
    def is_whole(self) -> bool:
        """All or none."""
        return self.conditions is not None and self.conditions.has(ALL_OR_NONE)

    @property
    def trails(self) -> bool:
        """A stop that follows the last price."""
        return (
            self.ord_type == OrdType.PEGGED
            and self.conditions is not None
            and self.conditions.has(TRAILING)
        )

    @property
    def is_pegged(self) -> bool:
        """Its price follows the best prices."""
        return self.ord_type == OrdType.PEGGED and not self.trails

    @property
    def waits_for_price(self) -> bool:
        """It works only after a price was traded."""
        conditions = self.conditions
        if conditions is None or conditions.triggered:
            return False
        return self.ord_type in TRIGGERED or self.trails

    @property
    def shown(self) -> Decimal:
        """What others may see of it, and take before it goes to the end of the queue."""
        conditions = self.conditions
        if conditions is None or conditions.display_qty is None:
            return self.leaves_qty
        return conditions.shown

    def show(self) -> None:
        """Show the next part of an iceberg."""
        conditions = self.conditions
        if conditions is not None and conditions.display_qty is not None:
            conditions.shown = min(conditions.display_qty, self.leaves_qty)

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
        if self.conditions is not None and self.conditions.display_qty is not None:
            self.conditions.shown = max(self.conditions.shown - quantity, ZERO)
        self.settle()

    def refill(self) -> None:
        """An order of the house is as it was quoted."""
        self.leaves_qty = self.order_qty
        self.cum_qty = self.notional = ZERO
        self.settle()

    def book(self, quantity: Decimal, notional: Decimal) -> None:
        """Change what was executed by so much (less than 0: a bust) without any more work."""
        self.cum_qty += quantity
        self.notional = EXACT.add(self.notional, notional)

    def resize(self, order_qty: Decimal) -> None:
        """OrderQty of a replacement is the new total; at or below CumQty it means: stop here."""
        self.order_qty = max(order_qty, self.cum_qty)
        self.leaves_qty = self.order_qty - self.cum_qty
        if self.conditions is not None and self.conditions.shown > self.leaves_qty:
            self.conditions.shown = self.leaves_qty
        self.settle()

    def settle(self) -> None:
        """The status that the quantities of an order in work imply."""
        if not self.leaves_qty:
            self.status = OrdStatus.FILLED
        elif self.conditions is not None and self.conditions.guaranteed:
            self.status = OrdStatus.STOPPED
        else:
            self.status = OrdStatus.PARTIALLY_FILLED if self.cum_qty else OrdStatus.NEW

    def end(self, status: OrdStatus) -> None:
        """Over before it was filled: Canceled, Rejected, Expired or DoneForDay."""
        self.leaves_qty = ZERO
        self.status = status
