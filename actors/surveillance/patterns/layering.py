"""Layering: several price levels on one side, a trade on the other, and the levels are gone.

The orders were there to be seen and not to be filled (MAR 2016/522 Annex II 5(e)). It is known when
enough of what stood at the owner's trade has been cancelled, within two minutes of it.
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.surveillance.evolve import money
from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import Order, Trade


def look(sight: Sight) -> Iterator[Finding]:
    """A cancel, and what of the owner's stood at a trade on the other side and is gone since."""
    order, limits = sight.order, sight.limits
    if not order.asked:
        return
    since = sight.ago(limits.LayerAfterFill)
    gone = [o for o in sight.track.past if o.asked and o.sign == order.sign and o.gone_at >= since]
    if len(gone) < limits.LayerLevels:
        return
    trades = [t for t in sight.track.trades if t.sign != order.sign and t.at >= since]
    for trade in trades[:1] + trades[1:][-1:]:  # the first, and the last where there are several
        layer = [o for o in gone if o.at <= trade.at <= o.gone_at and o.px is not None]
        found = list(_layered(sight, layer, trade))
        if found:
            yield from found
            return


def _layered(sight: Sight, layer: list[Order], trade: Trade) -> Iterator[Finding]:
    order, limits = sight.order, sight.limits
    levels = len({o.px for o in layer})
    if levels < limits.LayerLevels:
        return
    worth = total(money(o, sight.known.multiplier(o.symbol)) for o in layer)
    if worth < limits.LayerNotional:
        return
    left = _canceled(sight, layer)
    if left >= limits.LayerCanceled:
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
            (trade,),
        )


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
