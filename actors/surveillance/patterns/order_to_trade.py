"""Order-to-trade ratio: over some minutes many orders, nearly all cancelled, hardly one filled."""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Sight, measure, share


def look(sight: Sight) -> Iterator[Finding]:
    """A cancel, and the counts of the last minutes."""
    limits = sight.limits
    first = sight.ago(limits.RatioWithin) // 60_000_000_000
    minutes = [one for one in sight.track.minutes if one.number > first]
    entered = sum(one.entered for one in minutes)
    if entered < limits.RatioOrders or not sight.order.asked:
        return
    canceled = share(sum(one.canceled for one in minutes), entered)
    filled = share(sum(one.filled for one in minutes), entered)
    if canceled >= limits.RatioCanceled and filled <= limits.RatioFilled:
        ended = [order for order in sight.track.past if order.asked]
        yield Finding(
            sight.order.owner,
            "Low",
            f"{sight.order.owner} cancelled most of {entered} orders and traded hardly any",
            (
                measure("RatioOrders", entered, limits.RatioOrders),
                measure("RatioCanceled", canceled, limits.RatioCanceled),
                measure("RatioFilled", filled, limits.RatioFilled),
            ),
            tuple(ended[-20:]),
        )
