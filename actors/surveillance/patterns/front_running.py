"""Front running (FINRA 5270): the firm, or one of its people, trades before a customer's block.

Whoever is on the same side of an information barrier may have known of it. Known is only when each
came; an account's copies may come a little late, so both orders are looked at.
"""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Sight, measure, total
from actors.surveillance.state import Order, Trade
from messages import events as ev
from messages.base import SECOND
from messages.thresholds import Capacity


def look(sight: Sight) -> Iterator[Finding]:
    """A customer's block and the house's trades before it; or such a trade that was heard late."""
    if isinstance(sight.seen, ev.OrderSeen):
        if sight.party.Capacity is Capacity.Customer and sight.order.qty >= sight.limits.BlockQty:
            yield from _before(sight, sight.order)
    elif sight.known.is_house(sight.order.account):
        for name in sight.tape.customers:
            block = sight.state.live[name]
            if block.at > sight.at and block.qty >= sight.limits.BlockQty:
                yield from _before(sight, block)


def _before(sight: Sight, block: Order) -> Iterator[Finding]:
    limits = sight.limits
    since = block.at - limits.FrontRunWithin * SECOND
    wall = sight.known.party(block.account).Wall
    found: dict[str, list[Trade]] = {}
    for trade in sight.tape.house:
        same = trade.sign == block.sign and since <= trade.at < block.at
        if same and sight.known.party(trade.account).Wall == wall:
            found.setdefault(trade.owner, []).append(trade)
    for owner, trades in found.items():
        traded = total(t.qty for t in trades)
        yield Finding(
            owner,
            "High",
            f"{owner} traded {traded} before a customer's order for {block.qty} the same way",
            (
                measure("BlockQty", block.qty, limits.BlockQty),
                measure(
                    "FrontRunWithin", (block.at - trades[0].at) // SECOND, limits.FrontRunWithin
                ),
            ),
            (block,),
            tuple(trades),
        )
