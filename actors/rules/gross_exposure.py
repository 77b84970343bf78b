"""All positions and open orders together, without their signs, stay within the limit."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity, worths


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Each symbol by its worse side at the reference price; what takes risk off is let through."""
    limit = proposal.limits.numbers["MaxGross"]
    _, then, now = worths(proposal, state)
    if then.gross <= limit or then.gross <= now.gross:
        return None
    return Objection(
        "OrderQty",
        plain(quantity(proposal.terms, state)),
        f"would bring gross exposure to {plain(then.gross)}, at most {plain(limit)}",
        "reduce the quantity, or cancel open orders first",
        plain(limit),
        {"Gross": plain(then.gross), "GrossNow": plain(now.gross)},
    )
