"""A large order that breaks no limit goes to another person first (four eyes)."""

from actors.account.state import AccountState
from actors.rules.notional import inputs, value_of
from actors.rules.proposal import Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Valued like the largest order value."""
    limit = proposal.limits.numbers["ApproveNotional"]
    value = value_of(proposal, state)
    if value <= limit:
        return None
    currency = state.instruments[proposal.terms.Symbol].Currency
    return Objection(
        "OrderQty",
        plain(proposal.terms.OrderQty or value),
        f"is worth {plain(value)} {currency}; more than {plain(limit)} needs approval",
        "have it approved, or split the order",
        plain(limit),
        inputs(value, proposal, state),
    )
