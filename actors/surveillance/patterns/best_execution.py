"""Best execution: a customer's fill that is worse than the market was at that moment.

The market is the quote, while a book follows one; else the worst that others have just got, because
a market that moves takes all with it; where there is neither, nothing can be said (MiFID II article
27, FINRA 5310).
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.surveillance.pattern import Finding, Sight, measure, share
from messages.thresholds import Capacity


def look(sight: Sight) -> Iterator[Finding]:
    """A customer's fill against the market."""
    if sight.party.Capacity is not Capacity.Customer:
        return
    trade, limits = sight.track.trades[-1], sight.limits
    market = _market(sight)
    if market is None:
        return
    worse = trade.sign * share(trade.px - market, market)
    if worse >= limits.BestExMove:
        yield Finding(
            trade.owner,
            "Medium",
            f"{trade.account} was filled at {trade.px} on {trade.venue}, the market was {market}",
            (measure("BestExMove", worse, limits.BestExMove),),
            trades=(trade,),
        )


def _market(sight: Sight) -> Decimal | None:
    tape, since = sight.tape, sight.ago(sight.limits.BestExWithin)
    if tape.quoted_at >= since:
        touch = tape.offer if sight.order.sign > 0 else tape.bid
        if touch is not None:
            return touch
    others: list[Decimal] = []
    for trade in reversed(tape.trades):
        if trade.at < since or len(others) == sight.limits.BestExTrades:
            break
        if trade.owner != sight.order.owner and trade.at <= sight.at:
            others.append(trade.px)
    if len(others) < sight.limits.BestExTrades:
        return None
    return max(others) if sight.order.sign > 0 else min(others)
