"""Spoofing: one large order that was never to be filled, and a small trade on the other side.

The order is many times the trade, goes unfilled within a minute, and the trade happened while it
stood (MAR 2016/522 Annex II 5(e)). How far from the market is not looked at: also at the touch.
"""

from collections.abc import Iterator

from actors.surveillance.evolve import money
from actors.surveillance.pattern import Finding, Sight, measure, share, total
from messages.base import SECOND


def look(sight: Sight) -> Iterator[Finding]:
    """A cancel of a large order, and the owner's trades while it stood."""
    order, limits = sight.order, sight.limits
    life = order.gone_at - order.at
    if not order.asked or life > limits.SpoofLife * SECOND:
        return
    if share(order.filled, order.qty) > limits.SpoofFilled:
        return
    last = sight.tape.trades[-1].px if sight.tape.trades else None
    worth = money(order, sight.known.multiplier(order.symbol), last)
    if worth < limits.SpoofNotional:
        return
    trades = tuple(
        t for t in sight.track.trades if t.sign != order.sign and order.at <= t.at <= order.gone_at
    )
    traded = total(t.qty for t in trades)
    if trades and order.qty >= limits.SpoofMultiple * traded:
        yield Finding(
            order.owner,
            "High",
            f"{order.owner} showed {order.qty}, traded {traded} on the other side, and cancelled",
            (
                measure("SpoofNotional", worth, limits.SpoofNotional),
                measure("SpoofMultiple", share(order.qty, traded), limits.SpoofMultiple),
                measure("SpoofLife", life // SECOND, limits.SpoofLife),
            ),
            (order,),
            trades,
        )
