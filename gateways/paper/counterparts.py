"""Who trades with an order that comes: the queues' best, or one that may only trade whole.

Pure. Invariant: an order that may only trade whole is passed by whoever cannot take all of it, and
at one price it comes after those that take any part.
"""

from collections.abc import Iterable
from decimal import Decimal

from gateways.paper.auction import rank
from gateways.paper.orders import Order
from gateways.paper.queues import Queues


def crosses(order: Order, resting: Order) -> bool:
    """Whether the incoming order may trade at the resting order's price."""
    if order.price is None:
        return True
    assert resting.price is not None, "only an order with a price rests"
    return order.price >= resting.price if order.buys else order.price <= resting.price


def available(order: Order, opposite: Queues, whole: Iterable[Order]) -> Decimal:
    """How much of the order would be filled if it came now; ``whole`` are those of both sides."""
    wanted = order.leaves_qty
    against = opposite.in_order()
    if others := [other for other in whole if other.buys is not order.buys]:
        against = iter(sorted((*against, *others), key=lambda o: (rank(o)[:2], o.is_whole)))
    for resting in against:
        if not wanted or not crosses(order, resting):
            break
        if not resting.is_whole or resting.leaves_qty <= wanted:
            wanted -= min(wanted, resting.leaves_qty)
    return order.leaves_qty - wanted


def better(order: Order, best: Order | None, whole: Iterable[Order]) -> Order | None:
    """Whom the order trades with next: the queue's best, unless one that fits is ahead of it."""
    fitting = [
        other
        for other in whole
        if other.buys is not order.buys and other.leaves_qty <= order.leaves_qty
    ]
    first = min(fitting, key=rank, default=None)
    if best is None or first is None:
        return best or first
    return first if rank(first)[:2] < rank(best)[:2] else best
