"""All longs against all shorts stay within the limit, whichever open orders trade."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity, worths
from messages.fix import Side


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """In the direction of the order; what brings the sum towards zero is let through."""
    limit = proposal.limits.numbers["MaxNet"]
    _, then, now = worths(proposal, state)
    buys = proposal.terms.Side is Side.Buy
    net, before = (then.up, now.up) if buys else (then.down, now.down)
    if abs(net) <= limit or abs(net) <= abs(before):
        return None
    return Objection(
        "OrderQty",
        plain(quantity(proposal.terms, state)),
        f"would bring net exposure to {plain(net)}, at most {plain(limit)} either way",
        "reduce the quantity, or hedge first",
        plain(limit),
        {"Net": plain(net), "NetNow": plain(before)},
    )
