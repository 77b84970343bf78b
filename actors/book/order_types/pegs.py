"""Pegged orders: a Limit order whose price follows the quote, rounded to the passive side.

PegOffsetValue is added with its sign (FIX tag 211); Price, where it is given, is the worst price.
"""

from collections.abc import Callable
from decimal import Decimal

from actors.book.order_types.order_type import Leg, Market, OrderType, offset, to_tick
from messages import fix
from messages.fix import Side
from messages.market import Quote
from messages.terms import Terms

Reference = Callable[[Quote, bool], Decimal | None]


def _near(quote: Quote, buying: bool) -> Decimal | None:
    return quote.BidPx if buying else quote.OfferPx


def _far(quote: Quote, buying: bool) -> Decimal | None:
    return quote.OfferPx if buying else quote.BidPx


def _middle(quote: Quote, buying: bool) -> Decimal | None:
    del buying
    if quote.BidPx is None or quote.OfferPx is None:
        return None
    return (quote.BidPx + quote.OfferPx) / 2


def _pegged(reference: Reference, *, near: bool) -> OrderType:
    def price(terms: Terms, market: Market) -> Decimal | None:
        buying = terms.Side is Side.Buy
        at = reference(market.quote, buying) if market.quote else None
        if at is None:
            return None
        wanted = at + offset(terms, at)
        if terms.Price is not None:
            wanted = min(wanted, terms.Price) if buying else max(wanted, terms.Price)
        rounded = to_tick(wanted, market.tick, down=buying)
        return None if rounded <= 0 < at else rounded

    return OrderType((Leg(fix.OrdType.Limit, price, moves=True, near=near),))


PRIMARY = _pegged(_near, near=True)
MARKET = _pegged(_far, near=False)
MIDDLE = _pegged(_middle, near=True)
