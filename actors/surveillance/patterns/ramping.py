"""Ramping: trade after trade of one owner, each taking the price a little further the same way.

Own trades make up much of the volume, nearly every one is at a better price for those who hold the
position already, and the price has moved (MAR 2016/522 Annex II 4(a)).
"""

from collections.abc import Iterator
from itertools import pairwise

from actors.surveillance.pattern import Finding, Sight, measure, share, total


def look(sight: Sight) -> Iterator[Finding]:
    """A fill, and the owner's run of fills on that side before it."""
    limits = sight.limits
    new = sight.track.trades[-1]
    since = sight.ago(limits.RampWithin)
    run = [t for t in sight.track.trades if t.at >= since and t.quick]
    if len(run) < limits.RampTrades or any(t.sign != new.sign for t in run):
        return
    first = run[0]
    move = new.sign * share(new.px - first.px, first.px)
    if move < limits.RampMove:
        return
    steps = [(b.px - a.px) * new.sign for a, b in pairwise(run)]
    rising = share(sum(step > 0 for step in steps), len(steps))
    tape = total(t.qty for t in sight.tape.trades if t.at >= first.at)
    own = share(total(t.qty for t in run), tape)
    if rising >= limits.RampRising and own >= limits.RampShare:
        yield Finding(
            new.owner,
            "High",
            f"{new.owner} took the price from {first.px} to {new.px} in {len(run)} trades",
            (
                measure("RampTrades", len(run), limits.RampTrades),
                measure("RampMove", move, limits.RampMove),
                measure("RampRising", rising, limits.RampRising),
                measure("RampShare", own, limits.RampShare),
            ),
            trades=tuple(run),
        )
