"""Momentum ignition: a burst that moves the price, and then the other way at the new price.

The burst takes seconds and is much of the volume; others follow; the owner reverses into them (MAR
2016/522 Annex II 5(d)).
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import Trade
from messages.base import SECOND


def look(sight: Sight) -> Iterator[Finding]:
    """A fill, and the owner's burst on the other side before it."""
    limits = sight.limits
    new = sight.track.trades[-1]
    burst = _burst(sight, -new.sign)
    if len(burst) < limits.IgnitionTrades:
        return
    first, last = burst[0], burst[-1]
    move = share((new.px - first.px) * first.sign, first.px)
    if move < limits.IgnitionMove:
        return
    amount = total(t.qty for t in burst)
    back = [t for t in sight.track.trades if t.sign == new.sign and t.at >= last.at]
    reversed_ = share(total(t.qty for t in back), amount)
    if reversed_ < limits.IgnitionReversed:
        return
    during = total(t.qty for t in sight.tape.trades if first.at <= t.at <= last.at)
    own = share(amount, during)
    if own >= limits.IgnitionShare:
        yield Finding(
            new.owner,
            "High",
            f"{new.owner} moved the price from {first.px} in a burst and reversed at {new.px}",
            (
                measure("IgnitionTrades", len(burst), limits.IgnitionTrades),
                measure("IgnitionMove", move, limits.IgnitionMove),
                measure("IgnitionShare", own, limits.IgnitionShare),
                measure("IgnitionReversed", Decimal(reversed_), limits.IgnitionReversed),
            ),
            trades=(*burst, *back),
        )


def _burst(sight: Sight, sign: int) -> list[Trade]:
    """The last quick trades on that side, all within seconds, not long before now."""
    limits = sight.limits
    since, began = sight.ago(limits.IgnitionReverseWithin), 0
    burst: list[Trade] = []
    for trade in reversed(sight.track.trades):
        if trade.at < (began or since):
            break
        if trade.sign == sign and trade.quick and trade.at <= sight.at:
            began = began or trade.at - limits.IgnitionWithin * SECOND
            burst.append(trade)
    burst.reverse()
    return burst
