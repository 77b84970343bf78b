"""Which orders are traded here, and what of one a replacement may change.

A refusal is a reason in FIX's codes and a text; None is no objection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gateways.paper.orders import EXACT, RESTING, Order, OrdType, Side, TimeInForce
from gateways.paper.requests import NewOrder

UNSUPPORTED, INCORRECT_QUANTITY, REJECTED_OTHER = 11, 13, 99
"""OrdRejReason(103). FIX 4.4 has none for a price out of bounds."""
BROKER_OPTION, CANCEL_OTHER = 2, 99
"""CxlRejReason(102)."""

SIDES = frozenset(side.value for side in Side)
ORD_TYPES = frozenset(kind.value for kind in OrdType)
TIMES_IN_FORCE = frozenset(time.value for time in TimeInForce)

Refusal = tuple[int, str] | None


@dataclass(frozen=True)
class Terms:
    """``references`` are prices by symbol; ``collar`` is how far, in percent of its symbol's
    reference, a limit price may be away from it. A symbol without a reference has no collar."""

    references: Mapping[str, Decimal] = field(default_factory=dict)
    collar: Decimal = Decimal(50)

    def refusal(self, asked: NewOrder) -> Refusal:
        """Why a new order is rejected: OrdRejReason(103) and Text(58)."""
        if asked.not_traded:
            return UNSUPPORTED, f"{asked.not_traded} is not traded here"
        if asked.side not in SIDES:
            return UNSUPPORTED, f"Side(54)={asked.side} is not traded here"
        if asked.ord_type not in ORD_TYPES:
            return UNSUPPORTED, f"OrdType(40)={asked.ord_type} is not traded here"
        if asked.time_in_force not in TIMES_IN_FORCE:
            return UNSUPPORTED, f"TimeInForce(59)={asked.time_in_force} is not traded here"
        if asked.order_qty <= 0:
            return INCORRECT_QUANTITY, "OrderQty(38) is not positive"
        outside = self._outside(asked.symbol, asked.price)
        return (REJECTED_OTHER, outside) if outside else None

    def unchangeable(self, order: Order, asked: NewOrder) -> Refusal:
        """Why a replacement of an open order is refused: CxlRejReason(102) and Text(58)."""
        if asked.not_traded:
            return BROKER_OPTION, f"{asked.not_traded} is not traded here"
        if asked.side != order.side:
            return BROKER_OPTION, f"Side(54)={order.side} cannot be changed"
        if asked.account and asked.account != order.account:
            return BROKER_OPTION, "Account(1) cannot be changed"
        if asked.ord_type != order.ord_type:
            return BROKER_OPTION, f"OrdType(40)={order.ord_type} cannot be changed"
        if asked.time_in_force not in RESTING:
            return BROKER_OPTION, f"TimeInForce(59)={asked.time_in_force} is for new orders only"
        if asked.order_qty <= 0:
            return CANCEL_OTHER, "OrderQty(38) is not positive"
        outside = self._outside(order.symbol, asked.price)
        return (CANCEL_OTHER, outside) if outside else None

    def _outside(self, symbol: str, price: Decimal | None) -> str:
        reference = self.references.get(symbol)
        if price is None or reference is None:
            return ""
        distance = EXACT.multiply(EXACT.subtract(price, reference).copy_abs(), Decimal(100))
        if distance <= EXACT.multiply(self.collar, reference.copy_abs()):
            return ""
        away = f"more than {self.collar:f} % away from the reference price {reference:f}"
        return f"Price(44)={price:f} is {away} of {symbol}"
