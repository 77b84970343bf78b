"""Insider dealing: the right way, unusually large, shortly before the news (MAR article 8).

News comes from operators, with how far it moved the price; then everybody's trades in the symbol
before it are looked at. What is unusual is held against the owner's own habit over all symbols.
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.surveillance.pattern import Finding, Sight, measure, share, total
from actors.surveillance.state import Habit, Known, SurveillanceState, Trade
from messages import events as ev
from messages.base import SECOND
from messages.thresholds import Capacity

HABIT = 3
"""So many other trades make a habit; whoever has none and trades one way only is a newcomer."""


def look(sight: Sight) -> Iterator[Finding]:
    """News, and the trades of each owner before it."""
    state, known, news = sight.state, sight.known, sight.seen
    limits = known.limits(news.Symbol)
    if abs(news.Move) < limits.NewsMove:
        return
    since = news.At - limits.NewsWithin * SECOND
    for name, track in state.tracks.items():
        owner, _, symbol = name.partition(" ")
        if symbol != news.Symbol:
            continue
        trades = tuple(t for t in track.trades if since <= t.at < news.At)
        if trades:
            yield from _unusual(state, known, news, owner, trades)


def _unusual(
    state: SurveillanceState,
    known: Known,
    news: ev.NewsHeard,
    owner: str,
    trades: tuple[Trade, ...],
) -> Iterator[Finding]:
    """Against the habit; of many trades some are right by chance, so their number counts."""
    limits, multiplier = known.limits(news.Symbol), known.multiplier(news.Symbol)
    sign = 1 if news.Move > 0 else -1
    net = total(t.qty * t.px * t.sign for t in trades) * sign * multiplier
    if net <= 0:
        return
    gross = total(t.qty * t.px for t in trades) * multiplier
    habit = state.habits.get(owner) or Habit()
    usual = _usual(habit, gross, len(trades), one_way=net == gross)
    if usual is None:
        name, found, least = "NewsNotional", net, limits.NewsNotional
    else:
        others = max(1, habit.trades - len(trades))  # of few it is not sure what is usual
        name, least = "NewsMultiple", limits.NewsMultiple * (1 + Decimal(2) / others)
        found = share(net, usual * Decimal(len(trades)).sqrt())
    if found >= least:
        employee = known.party(trades[0].account).Capacity is Capacity.Employee
        yield Finding(
            owner,
            "High" if employee else "Medium",
            f"{owner} traded {net} the right way before: {news.Headline}",
            (
                measure("NewsMove", abs(news.Move), limits.NewsMove),
                measure(name, found, least),
            ),
            trades=tuple(t for t in trades if t.sign == sign),
        )


def _usual(habit: Habit, gross: Decimal, count: int, *, one_way: bool) -> Decimal | None:
    """Money of one trade: of the others, or of these where they go both ways; None: no habit.

    These count as one more: a few others may be small by chance.
    """
    if habit.trades - count >= HABIT:
        return (habit.money - gross + gross / count) / (habit.trades - count + 1)
    return None if one_way else gross / count
