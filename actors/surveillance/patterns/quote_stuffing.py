"""Quote stuffing: so many orders and cancels in a few seconds that others are slowed down.

Hardly any of them is filled, and nearly all are cancelled (MAR 2016/522 Annex II 5(c)).
"""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Sight, measure, share
from messages.base import SECOND


def look(sight: Sight) -> Iterator[Finding]:
    """An order, replace or cancel, and how close the owner's last ones are to it."""
    acts, limits = sight.track.acts, sight.limits
    if len(acts) < limits.StuffingActs:
        return
    took = sight.at - acts[-limits.StuffingActs]
    if took > limits.StuffingWithin * SECOND:
        return
    minutes = list(sight.track.minutes)[-2:]
    entered = sum(one.entered for one in minutes)
    canceled = share(sum(one.canceled for one in minutes), entered)
    filled = share(sum(one.filled for one in minutes), entered)
    if canceled >= limits.StuffingCanceled and filled <= limits.RatioFilled:
        ended = [order for order in sight.track.past if order.asked]
        yield Finding(
            sight.order.owner,
            "Medium",
            f"{sight.order.owner} entered and cancelled {limits.StuffingActs} times in a moment",
            (
                measure("StuffingActs", limits.StuffingActs, limits.StuffingActs),
                measure("StuffingWithin", took // SECOND, limits.StuffingWithin),
                measure("StuffingCanceled", canceled, limits.StuffingCanceled),
            ),
            tuple(ended[-20:]) or (sight.order,),
        )
