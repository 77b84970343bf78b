"""Nobody trades what is on the restricted list of the account, its desk, trader or firm."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """A hard block, whatever the side or size."""
    del state
    symbol = proposal.terms.Symbol
    level = proposal.limits.restricted.get(symbol)
    if level is None:
        return None
    return Objection(
        "Symbol", symbol, f"is restricted for {level}", "ask compliance", "Restricted", level=level
    )
