"""The position stays within its limit even if every open order fills (RTS 6 Art. 15)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity, sides
from messages.fix import Side


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Worst case in the direction of the order: position plus all that is open that way."""
    limit = proposal.limits.numbers["MaxPosition"]
    terms = proposal.terms
    held, buying, selling = sides(proposal, state)
    worst = held + buying if terms.Side is Side.Buy else held - selling
    if abs(worst) <= limit or abs(worst) < abs(held):
        return None
    return Objection(
        "OrderQty",
        plain(quantity(terms, state)),
        f"would bring {terms.Symbol} to {plain(worst)}, at most {plain(limit)} either way",
        "reduce the quantity, or cancel open orders first",
        plain(limit),
        {"Position": plain(held), "Buying": plain(buying), "Selling": plain(selling)},
    )
