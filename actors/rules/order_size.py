"""OrderQty is within the largest order (FIA: maximum order size)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Judges the whole OrderQty, for a replace the new total."""
    del state
    limit = proposal.limits.numbers["MaxOrderQty"]
    if proposal.terms.quantity <= limit:
        return None
    return Objection(
        "OrderQty",
        plain(proposal.terms.quantity),
        f"at most {plain(limit)} in one order",
        "split the order",
        plain(limit),
    )
