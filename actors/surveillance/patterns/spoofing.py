"""Spoofing: one large order that was never to be filled, and a small trade on the other side.

The order is many times the trade, goes unfilled within a minute, and the trade happened while it
stood (MAR 2016/522 Annex II 5(e)). How far from the market is not looked at: also at the touch.
"""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import ZERO
from messages.base import SECOND


def look(sight: Sight) -> Iterator[Finding]:
    """A cancel of a large order, or a replace that leaves little, and trades while it stood."""
    order, limits = sight.order, sight.limits
    gone = order.gone_at or sight.at
    if gone - order.at > limits.SpoofLife * SECOND or (order.gone_at and not order.asked):
        return
    left = order.filled if order.gone_at else order.qty
    if share(left, order.most) > limits.SpoofFilled:
        return
    last = sight.tape.trades[-1].px if sight.tape.trades else ZERO
    worth = order.most * (order.px or last) * sight.known.multiplier(order.symbol)
    if worth < limits.SpoofNotional:
        return
    trades = tuple(
        t for t in sight.track.trades if t.sign != order.sign and order.at <= t.at <= gone
    )
    traded = total(t.qty for t in trades)
    if trades and order.most >= limits.SpoofMultiple * traded:
        yield Finding(
            order.owner,
            "High",
            f"{order.owner} showed {order.most}, traded {traded} on the other side, and withdrew",
            (
                measure("SpoofNotional", worth, limits.SpoofNotional),
                measure("SpoofMultiple", share(order.most, traded), limits.SpoofMultiple),
                measure("SpoofLife", (gone - order.at) // SECOND, limits.SpoofLife),
            ),
            (order,),
            trades,
        )
