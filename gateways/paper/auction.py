"""The one price at which a collected book trades, and who trades at it.

Pure. Invariant: no other price would trade more; no order trades beyond its limit; and after it
no bid is left that could have traded with an offer that is left.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from gateways.paper.orders import ZERO, Order


class Crossing(NamedTuple):
    """The auction's price, and what is traded at it."""

    price: Decimal
    volume: Decimal


class Pair(NamedTuple):
    """A buyer and a seller of so much."""

    bid: Order
    offer: Order
    quantity: Decimal


def rank(order: Order) -> tuple[bool, Decimal, int]:
    """Who trades first: orders without a limit, the better limit, who came first."""
    if order.price is None:
        return False, ZERO, order.priority
    return True, order.price.copy_negate() if order.buys else order.price, order.priority


def crossing(
    bids: Sequence[Order], offers: Sequence[Order], reference: Decimal | None
) -> Crossing | None:
    """The price of most volume, then least imbalance, then nearest to the reference.

    Where there is no reference: the highest of them if buyers are left, else the lowest. None
    where nothing can trade, or no order has a limit and there is no reference.
    """
    best: tuple[Decimal, ...] | None = None
    found = None
    for price, wanted, given in _curves(bids, offers, reference):
        volume = min(wanted, given)
        if not volume:
            continue
        if reference is not None:
            distance = abs(price - reference)
        else:
            distance = -price if wanted > given else price
        key = (-volume, abs(wanted - given), distance)
        if best is None or key < best:
            best, found = key, Crossing(price, volume)
    return found


def _curves(
    bids: Sequence[Order], offers: Sequence[Order], reference: Decimal | None
) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """Each price from the lowest up, with what is wanted and what is given at it."""
    leaving: dict[Decimal, Decimal] = {}
    coming: dict[Decimal, Decimal] = {}
    for orders, steps in ((bids, leaving), (offers, coming)):
        for order in orders:
            if order.price is not None:
                steps[order.price] = steps.get(order.price, ZERO) + order.leaves_qty
    wanted = sum((order.leaves_qty for order in bids), ZERO)
    given = sum((order.leaves_qty for order in offers if order.price is None), ZERO)
    prices = {*leaving, *coming} | ({reference} if reference is not None else set())
    for price in sorted(prices):
        given += coming.get(price, ZERO)
        yield price, wanted, given
        wanted -= leaving.get(price, ZERO)


def pairs(bids: Sequence[Order], offers: Sequence[Order], at: Crossing) -> Iterator[Pair]:
    """Who trades with whom. The caller fills both before it asks for the next."""
    buyers = iter([o for o in bids if _accepts(o, at.price)])
    sellers = iter([o for o in offers if _accepts(o, at.price)])
    left, bid, offer = at.volume, next(buyers), next(sellers)
    while left:
        quantity = min(left, bid.leaves_qty, offer.leaves_qty)
        yield Pair(bid, offer, quantity)
        left -= quantity
        if left and not bid.leaves_qty:
            bid = next(buyers)
        if left and not offer.leaves_qty:
            offer = next(sellers)


def _accepts(order: Order, price: Decimal) -> bool:
    if order.price is None:
        return True
    return order.price >= price if order.buys else order.price <= price
