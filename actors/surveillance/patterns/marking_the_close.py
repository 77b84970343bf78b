"""Marking the close: much volume in the last minutes, one way, and the price went that way.

The volume is held against the average daily volume, so an instrument without one is not watched for
this (MAR 2016/522 Annex II 4(b)).
"""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import next_close


def look(sight: Sight) -> Iterator[Finding]:
    """A fill, the owner's other fills before the close, and the price when it began."""
    watched = sight.known.watched.get(sight.symbol)
    if watched is None or watched.ADV is None:
        return
    limits = sight.limits
    close = next_close(sight.state, watched, sight.at)
    if close is None or (began := close - limits.CloseWithin * 1_000_000_000) > sight.at:
        return
    new = sight.track.trades[-1]
    trades = tuple(t for t in sight.track.trades if t.at >= began)
    traded = share(total(t.qty * t.sign for t in trades) * new.sign, watched.ADV)
    tape = sight.tape.trades
    own = share(total(t.qty for t in trades), total(t.qty for t in tape if t.at >= began))
    if traded < limits.CloseVolume or own < limits.CloseShare:
        return
    before = next((t.px for t in reversed(tape) if t.at < began), tape[0].px)
    move = new.sign * share(new.px - before, before)
    if move >= limits.CloseMove:
        yield Finding(
            new.owner,
            "High",
            f"{new.owner} moved the price before the close from {before} to {new.px}",
            (
                measure("CloseVolume", traded, limits.CloseVolume),
                measure("CloseShare", own, limits.CloseShare),
                measure("CloseMove", move, limits.CloseMove),
            ),
            trades=trades,
        )
