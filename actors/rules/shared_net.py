"""What the firm, or a desk, may be long, and short, in all its accounts is not exceeded.

The longs of one account do not pay for the shorts of another: so neither side is ever more than the
limit, whatever becomes of the other. Within an account they do, as in its own limit.
"""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal
from actors.rules.shared_exposure import beyond


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """In the direction of the order; what brings the sum towards zero is let through."""
    return beyond(proposal, state, "SharedNet")
