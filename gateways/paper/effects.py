"""What requests have changed at the exchange and is yet to be stored, and the numbers it counts."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from gateways.paper.orders import HOUSE_BID, HOUSE_OFFER, Order, OrdType, Side, TimeInForce


class Fill(NamedTuple):
    """One side of one trade; ``number`` is the order's, ``time`` nanoseconds since 1970."""

    exec_id: str
    cl_ord_id: str
    number: int
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    time: int


class Correction(NamedTuple):
    """What became of the fill ``exec_id``, reported as ``report_id``; quantity 0 is a bust."""

    exec_id: str
    report_id: str
    quantity: Decimal
    price: Decimal
    time: int


class Standing(NamedTuple):
    """A fill with its quantity and price as they stand, and the ExecID that said so last."""

    fill: Fill
    last_id: str


class Trading(NamedTuple):
    """A symbol's phase, the one that a halt interrupted, and its last price.

    The symbol "" stands for those that nobody traded yet.
    """

    phase: str
    resumes: str
    last: Decimal | None


class Quoted(NamedTuple):
    """An order of the house as it stands in the store; ``side`` is Side(54)."""

    symbol: str
    side: str
    price: Decimal
    size: Decimal
    priority: int

    def order(self) -> Order:
        """The order as it rests."""
        number = HOUSE_BID if self.side == Side.BUY else HOUSE_OFFER
        return Order(
            number,
            "",
            "",
            self.symbol,
            self.side,
            OrdType.LIMIT,
            TimeInForce.GOOD_TILL_CANCEL,
            self.size,
            self.price,
            self.size,
            priority=self.priority,
        )


class Later(NamedTuple):
    """A request whose answer waits until ``due`` (nanoseconds since 1970)."""

    number: int
    due: int
    text: str


@dataclass(slots=True)
class Effects:
    """What happened since effects were last taken."""

    orders: dict[int, Order] = field(default_factory=dict)
    """Orders that were changed, by number."""
    names: list[tuple[str, int]] = field(default_factory=list)
    """ClOrdIDs that were used, each with the number of the order it names."""
    fills: list[Fill] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    symbols: dict[str, Trading] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    """OrderMassCancelReports, by the ClOrdID of the request."""
    later: list[Later] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    """Numbers of ``Later`` requests that were answered."""
    house: dict[tuple[str, str], Quoted | None] = field(default_factory=dict)
    """Orders of the house that were changed, by symbol and side; None where one was withdrawn."""
    scripts: dict[str, str] = field(default_factory=dict)
    """Scripted behaviours that were changed: JSON, or "" where it is over."""


@dataclass(slots=True)
class Counters:
    """The last number given to an order, a report, a trade, and a place in a queue."""

    order: int = 0
    report: int = 0
    trade: int = 0
    priority: int = 0
