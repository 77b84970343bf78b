"""MarketWithLeftOverAsLimit: at the market at once, and what is left rests at the last price."""

from decimal import Decimal

from actors.book.order_types.order_type import Leg, Market, OrderType
from messages import fix
from messages.terms import Terms


def last_px(terms: Terms, market: Market) -> Decimal | None:
    """The price of the order's last fill; without one there is nothing to rest at."""
    del terms
    return market.last_px


LEFTOVER = OrderType(
    (
        Leg(fix.OrdType.Market, TimeInForce=fix.TimeInForce.ImmediateOrCancel),
        Leg(fix.OrdType.Limit, last_px),
    )
)
