"""MarketIfTouched: fires when the market has come to StopPx in the order's favour."""

from actors.book.order_types.order_type import Leg, OrderType, Watch
from actors.book.order_types.stops import stop_px
from messages import fix
from messages.fix import Side


def in_favour(side: Side) -> bool:
    """A sale fires when the market rises to it, a purchase when it falls."""
    return side is not Side.Buy


MARKET_IF_TOUCHED = OrderType((Leg(fix.OrdType.Market),), Watch(stop_px, in_favour))
