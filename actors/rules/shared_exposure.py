"""What the firm, or a desk, may have at risk in all its accounts together is not exceeded.

The account spends what it was lent (``actors/account/leases.py``) and asks nobody. Where that is
not enough the order is refused, and more is asked for: exactness goes before availability.
"""

from actors.account.state import AccountState, Lease
from actors.rules.proposal import Objection, Proposal, plain, quantity, worths


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Gross exposure as in its own limit; what takes risk off is let through."""
    _, then, now = worths(proposal, state)
    if then.gross <= now.gross:
        return None
    for pool in proposal.limits.pools:
        lease = state.leases.get(pool.name) or Lease()
        if then.gross > lease.held:
            return Objection(
                "OrderQty",
                plain(quantity(proposal.terms, state)),
                f"needs {plain(then.gross)} of the shared limit of {pool.name}, the account has "
                f"{plain(lease.held)} of its {plain(pool.limit)}",
                "more is being asked for: send it again in a moment, or reduce the quantity",
                plain(pool.limit),
                {"Gross": plain(then.gross), "Lent": plain(lease.held)},
                pool.name,
            )
    return None
