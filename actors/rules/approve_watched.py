"""An order in a symbol that compliance watches goes to another person first."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Whatever the side or size."""
    del state
    level = proposal.limits.watched.get(proposal.terms.Symbol)
    if level is None:
        return None
    return Objection(
        "Symbol",
        proposal.terms.Symbol,
        "is on the watch list and needs approval",
        "have it approved",
        "Watch",
        level=level,
    )
