"""No symbol makes up too much of the account (cash and positions at reference prices)."""

from decimal import Decimal

from actors.account import worth
from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity, worths


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Gross exposure in the symbol as a share of equity; what reduces it is let through."""
    share = proposal.limits.numbers["MaxConcentration"]
    then, total, now = worths(proposal, state)
    equity = worth.equity(state)
    limit = max(Decimal(0), equity * share)
    if then.gross <= limit or total.gross <= now.gross:
        return None
    return Objection(
        "OrderQty",
        plain(quantity(proposal.terms, state)),
        f"would make {proposal.terms.Symbol} worth {plain(then.gross)}, at most {plain(limit)} "
        f"({plain(share)} of equity)",
        "reduce the quantity",
        plain(share),
        {"Gross": plain(then.gross), "Equity": plain(equity)},
    )
