"""What a venue has decided and the store has yet to keep."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from gateways.paper.orders import Order


class Execution(NamedTuple):
    """One side of one trade; the sides of a trade share the number in their ExecIDs.

    ``TransactTime`` is in nanoseconds since 1970. ``OrderID`` is as in the reports.
    """

    ExecID: str
    ClOrdID: str
    OrderID: str
    Account: str
    Symbol: str
    Side: str
    LastQty: Decimal
    LastPx: Decimal
    CumQty: Decimal
    TransactTime: int


@dataclass(slots=True)
class Decided:
    """What is to be stored in one transaction, and then said."""

    orders: dict[int, Order] = field(default_factory=dict)
    """Changed orders, by number."""
    names: list[tuple[str, int]] = field(default_factory=list)
    """ClOrdIDs taken, each with the number of the order it names, 0 for none."""
    executions: list[Execution] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
