"""Order types that the book works where a venue does not. One file and one row each.

The key is OrdType(40), or for Pegged the ExecInst(18) that names the peg.
"""

from actors.book.order_types import leftover, pegs, stops, touched, trailing
from actors.book.order_types.order_type import Leg, Market, OrderType, own_price
from messages import fix
from messages.terms import PEGS, Terms

__all__ = ["AS_IS", "TYPES", "Leg", "Market", "OrderType", "key"]

AS_IS = "AsIs"
"""The venue knows the type; the book does something else for the order: its time, or its slices."""

TYPES: dict[str, OrderType] = {
    AS_IS: OrderType((Leg(price=own_price),)),
    fix.OrdType.Stop: stops.STOP,
    fix.OrdType.StopLimit: stops.STOP_LIMIT,
    fix.OrdType.MarketIfTouched: touched.MARKET_IF_TOUCHED,
    fix.ExecInst.TrailingStopPeg: trailing.TRAILING_STOP,
    fix.ExecInst.PrimaryPeg: pegs.PRIMARY,
    fix.ExecInst.MarketPeg: pegs.MARKET,
    fix.ExecInst.MidPricePeg: pegs.MIDDLE,
    fix.OrdType.MarketWithLeftOverAsLimit: leftover.LEFTOVER,
}


def key(terms: Terms) -> str:
    """The row of ``TYPES`` that these terms are."""
    if terms.OrdType is not fix.OrdType.Pegged:
        return terms.OrdType.value
    return next((i.value for i in terms.ExecInst or () if i in PEGS), "")
