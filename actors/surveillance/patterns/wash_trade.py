"""Wash trades: one beneficial owner on both sides, so nothing but the tape has changed hands.

A self match is both sides of one trade. Otherwise it takes pairs: bought and sold, the same amount
at the same price, again and again, and little else, until it is much of the volume (MAR 2016/522
Annex II 3(a), FINRA 5210.02).
"""

from collections.abc import Iterator
from itertools import islice

from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import Trade
from messages.base import SECOND
from messages.thresholds import Thresholds

LATE = 2 * SECOND
"""Copies of two accounts may be heard so far out of order."""


def look(sight: Sight) -> Iterator[Finding]:
    """A fill, and the owner's other fills."""
    trades, limits = sight.track.trades, sight.limits
    new = trades[-1]
    until = sight.ago(limits.SelfMatchWithin) - LATE
    for other in islice(reversed(trades), 1, None):
        if other.at < until:
            break
        if other.sign != new.sign and _same_trade(new, other, limits.SelfMatchWithin):
            yield Finding(
                new.owner,
                "High",
                f"{new.owner} traded with itself: {new.qty} at {new.px} on {new.venue}",
                (measure("SelfMatchWithin", _apart(new, other), limits.SelfMatchWithin),),
                trades=(other, new),
            )
            return
    if len(trades) > 2 * limits.WashPairs - 1 and _undoes(trades[-2], new, limits):
        yield from _circles(sight, new)


def _circles(sight: Sight, new: Trade) -> Iterator[Finding]:
    limits, since = sight.limits, sight.ago(sight.limits.WashWithin)
    recent = [t for t in sight.track.trades if t.at >= since]
    pairs = _pairs(limits, recent)
    if len(pairs) < limits.WashPairs:
        return
    volume = total(t.qty for pair in pairs for t in pair)
    paired = share(volume, total(t.qty for t in recent))
    began = min(t.at for pair in pairs for t in pair)
    seen = share(volume, total(t.qty for t in sight.tape.trades if t.at >= began))
    if paired >= limits.WashShare and seen >= limits.WashVolume:
        yield Finding(
            new.owner,
            "Medium",
            f"{new.owner} bought and sold the same amount at the same price {len(pairs)} times",
            (
                measure("WashPairs", len(pairs), limits.WashPairs),
                measure("WashShare", paired, limits.WashShare),
                measure("WashVolume", seen, limits.WashVolume),
            ),
            trades=tuple(trade for pair in pairs for trade in pair),
        )


def _apart(one: Trade, other: Trade) -> int:
    return abs(one.at - other.at) // SECOND


def _same_trade(one: Trade, other: Trade, within: int) -> bool:
    return (
        one.qty == other.qty
        and one.px == other.px
        and one.venue == other.venue
        and abs(one.at - other.at) <= within * SECOND
    )


def _undoes(one: Trade, other: Trade, limits: Thresholds) -> bool:
    return (
        one.sign != other.sign
        and abs(other.at - one.at) <= limits.WashPairWithin * SECOND
        and abs(other.px - one.px) <= limits.WashPriceWithin * one.px
        and abs(other.qty - one.qty) <= limits.WashQtyWithin * one.qty
    )


def _pairs(limits: Thresholds, trades: list[Trade]) -> list[tuple[Trade, Trade]]:
    """Each trade with the next one where that undoes it at the same price, soon after."""
    pairs: list[tuple[Trade, Trade]] = []
    open_: Trade | None = None
    for trade in trades:
        if open_ is not None and _undoes(open_, trade, limits):
            pairs.append((open_, trade))
            open_ = None
        else:
            open_ = trade
    return pairs
