"""What the firm, or a desk, may have at risk in all its accounts together is not exceeded.

The account spends what it was lent (``actors/account/leases.py``) and asks nobody. Where that is
not enough the order is refused, and more is asked for: exactness goes before availability.
"""

from actors.account.state import AccountState, Lease
from actors.pools import SHARED
from actors.rules.proposal import Objection, Proposal, plain, quantity, worths


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Gross exposure as in its own limit; what takes risk off is let through."""
    return beyond(proposal, state, "SharedGross")


def beyond(proposal: Proposal, state: AccountState, parameter: str) -> Objection | None:
    """The first pool of which the account would use more than before, and more than it was lent."""
    _, then, now = worths(proposal, state)
    for pool in proposal.limits.pools:
        row = SHARED[pool.kind]
        if row.parameter != parameter or row.of is None:
            continue
        needed = row.of(then)
        if needed <= row.of(now):
            continue
        held = (state.leases.get(pool.name) or Lease()).held
        if needed > held:
            side = f" {pool.kind}" if pool.kind else ""
            return Objection(
                "OrderQty",
                plain(quantity(proposal.terms, state)),
                f"needs {plain(needed)}{side} of the shared limit of {pool.level}, the account has "
                f"{plain(held)} of its {plain(pool.limit)}",
                "more is being asked for: send it again in a moment, or reduce the quantity",
                plain(pool.limit),
                {row.word: plain(needed), "Lent": plain(held)},
                pool.level,
            )
    return None
