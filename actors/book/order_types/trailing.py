"""Trailing stop: the stop price stays PegOffsetValue behind the best price since the order came.

It moves with the market in the order's favour and never back.
"""

from decimal import Decimal

from actors.book.order_types.order_type import Leg, OrderType, Watch, offset, to_tick
from actors.book.order_types.stops import against
from messages import fix
from messages.fix import Side
from messages.terms import Terms


def trail(terms: Terms, price: Decimal, before: Decimal | None, tick: Decimal) -> Decimal:
    """Whatever the sign of PegOffsetValue: above the market for a purchase, below for a sale."""
    behind = abs(offset(terms, price))
    if terms.Side is Side.Buy:
        level = to_tick(price + behind, tick, down=False)
        return level if before is None else min(level, before)
    level = to_tick(price - behind, tick, down=True)
    return level if before is None else max(level, before)


TRAILING_STOP = OrderType((Leg(fix.OrdType.Market),), Watch(trail, against))
