"""The instrument is one we have been told of (FIX OrdRejReason UnknownSymbol)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """No definition: no price steps, no currency, no venue."""
    if proposal.terms.Symbol in state.instruments:
        return None
    return Objection(
        "Symbol",
        proposal.terms.Symbol,
        "is not a known instrument",
        "check the spelling, or have it added to the configuration",
    )
