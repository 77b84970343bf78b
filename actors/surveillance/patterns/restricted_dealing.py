"""Restricted dealing: an order of somebody who must not deal in the security while it is listed.

Without accounts a restriction is for the firm's own accounts and its people.
"""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Sight, measure


def look(sight: Sight) -> Iterator[Finding]:
    """An order, and the lists that hold at its time."""
    order = sight.order
    for one in sight.known.restricted.get(sight.symbol, ()):
        holds = one.From <= sight.at and (one.Until is None or sight.at < one.Until)
        meant = (
            order.account in one.Accounts if one.Accounts else sight.known.is_house(order.account)
        )
        if holds and meant:
            yield Finding(
                order.owner,
                "High",
                f"{order.owner} dealt in {sight.symbol} while restricted: {one.Reason}",
                (measure("OrderQty", order.qty, 0),),
                (order,),
            )
