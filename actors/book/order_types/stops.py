"""Stop and StopLimit: fire when the market has gone through StopPx against the order's side."""

from decimal import Decimal

from actors.book.order_types.order_type import Leg, OrderType, Watch, own_price
from messages import fix
from messages.fix import Side
from messages.terms import Terms


def stop_px(terms: Terms, price: Decimal, before: Decimal | None, tick: Decimal) -> Decimal:
    """StopPx(99) stands where it was put."""
    del price, before, tick
    assert terms.StopPx is not None
    return terms.StopPx


def against(side: Side) -> bool:
    """A purchase fires when the market rises to it, a sale when it falls."""
    return side is Side.Buy


STOP = OrderType((Leg(fix.OrdType.Market),), Watch(stop_px, against))
STOP_LIMIT = OrderType((Leg(fix.OrdType.Limit, own_price),), Watch(stop_px, against))
