"""Ramping: trade after trade of one owner, each taking the price a little further the same way.

Own trades make up much of the volume, nearly every one is at a better price for those who hold the
position already, and the price has moved (MAR 2016/522 Annex II 4(a)).
"""

from collections.abc import Iterator
from itertools import pairwise

from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import Trade


def look(sight: Sight) -> Iterator[Finding]:
    """A fill, and the owner's run of fills on that side before it."""
    limits = sight.limits
    new = sight.track.trades[-1]
    run = _run(sight, new)
    if len(run) < limits.RampTrades:
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


def _run(sight: Sight, new: Trade) -> list[Trade]:
    """The quick trades of the last minutes, in order; none where one of them went the other way."""
    since = sight.ago(sight.limits.RampWithin)
    run: list[Trade] = []
    for trade in reversed(sight.track.trades):
        if trade.at < since:
            break
        if trade.quick:
            if trade.sign != new.sign:
                return []
            run.append(trade)
    run.reverse()
    return run
