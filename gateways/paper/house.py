"""The house: other participants of the market, who quote a price to buy and one to sell.

Pure. Invariant: between two calls an order of the house rests with the size that was quoted, or,
while trading is not continuous, is out of the book; so an execution changes nothing about it that
would have to be kept. What a client trades with it has one side: nothing is reported or kept of the
other. One that was used up comes back at the end of its queue; what it can trade with is traded.
"""

from decimal import Decimal
from typing import NamedTuple

from gateways.paper.effects import Quoted
from gateways.paper.floor import Floor
from gateways.paper.orders import HOUSE_BID, HOUSE_OFFER, Side
from gateways.paper.outcomes import Phase


class Offer(NamedTuple):
    """One side of a quote."""

    price: Decimal
    size: Decimal


def quote(floor: Floor, symbol: str, bid: Offer | None, offer: Offer | None, now: int) -> None:
    """Quote a symbol instead of what was quoted before; a side that is None is quoted no more.

    A side whose price stays keeps its place. The bid must be below the offer.
    """
    book = floor.book(symbol)
    asked = {HOUSE_BID: (Side.BUY, bid), HOUSE_OFFER: (Side.SELL, offer)}
    for number, (side, wanted) in asked.items():
        order = book.house.get(number)
        if order is not None and (wanted is None or wanted.price != order.price):
            book.withdraw(order)
            del book.house[number]
            floor.effects.house[symbol, side] = None
    for number, (side, wanted) in asked.items():
        if wanted is None:
            continue
        if (order := book.house.get(number)) is not None:
            order.order_qty = wanted.size
            order.refill()
        else:
            new = Quoted(symbol, side, *wanted, floor.next_priority())
            order = book.house[number] = new.order()
            if book.phase is Phase.CONTINUOUS:
                floor.tell(book.requote(order), now)
        floor.quoted(order)
    floor.settle(symbol, now)
