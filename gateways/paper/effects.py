"""What requests have changed at the exchange and is yet to be stored, and the numbers it counts."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from gateways.paper.orders import Order


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


@dataclass(slots=True)
class Effects:
    """What happened since effects were last taken."""

    orders: dict[int, Order] = field(default_factory=dict)
    """Orders that were changed, by number."""
    names: list[tuple[str, int]] = field(default_factory=list)
    """ClOrdIDs that were used, each with the number of the order it names."""
    fills: list[Fill] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Counters:
    """The last number given to an order, a report, a trade, and a place in a queue."""

    order: int = 0
    report: int = 0
    trade: int = 0
    priority: int = 0
