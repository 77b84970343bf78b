"""The account may not trade what is on its restricted list."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """A hard block, whatever the side or size."""
    assert state.definition is not None
    if proposal.terms.Symbol not in state.definition.RestrictedSymbols:
        return None
    return Objection(
        "Symbol",
        proposal.terms.Symbol,
        f"is restricted for account {proposal.account}",
        "ask compliance",
    )
