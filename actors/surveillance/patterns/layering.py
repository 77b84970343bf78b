"""Layering: several price levels on one side, a trade on the other, and the levels are gone.

The orders were there to be seen and not to be filled (MAR 2016/522 Annex II 5(e)). It is known when
enough of the layer has been cancelled, all within seconds, after the owner's trade.
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.surveillance.evolve import money
from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import Order, Trade
from messages.base import SECOND


def look(sight: Sight) -> Iterator[Finding]:
    """A cancel, and what else of the owner's is gone or still there."""
    order, limits = sight.order, sight.limits
    if not order.asked:
        return
    since = sight.ago(limits.LayerCanceledWithin)
    layer = [
        o
        for o in sight.track.past
        if o.asked and o.sign == order.sign and o.gone_at >= since and o.px is not None
    ]
    levels = len({o.px for o in layer})
    if levels < limits.LayerLevels:
        return
    worth = total(money(o, sight.known.multiplier(o.symbol)) for o in layer)
    if worth < limits.LayerNotional:
        return
    trades = _opposite(sight, layer)
    left = _canceled(sight, layer)
    if trades and left >= limits.LayerCanceled:
        yield Finding(
            order.owner,
            "High",
            f"{order.owner} showed {levels} levels, traded on the other side, and cancelled them",
            (
                measure("LayerLevels", levels, limits.LayerLevels),
                measure("LayerNotional", worth, limits.LayerNotional),
                measure("LayerCanceled", left, limits.LayerCanceled),
            ),
            tuple(layer),
            trades,
        )


def _opposite(sight: Sight, layer: list[Order]) -> tuple[Trade, ...]:
    """The owner's trades on the other side while the layer stood, not long before it went."""
    stood = max(order.at for order in layer)
    since = max(stood, sight.at - sight.limits.LayerAfterFill * SECOND)
    gone = min(order.gone_at for order in layer)
    sign = -sight.order.sign
    return tuple(t for t in sight.track.trades if t.sign == sign and since <= t.at <= gone)


def _canceled(sight: Sight, layer: list[Order]) -> Decimal:
    """How much of what was shown since the first level is cancelled unfilled."""
    began = min(order.at for order in layer)
    gone = total(order.qty - order.filled for order in layer)
    traded = total(
        o.filled
        for o in sight.track.past
        if o.sign == sight.order.sign and o.at >= began and o.filled
    )
    live = [sight.state.live[name] for name in sight.track.live]
    shown = total(o.qty for o in live if o.sign == sight.order.sign and o.at >= began)
    return share(gone, gone + traded + shown)
