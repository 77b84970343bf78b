"""The account is one we have been told of (FIX OrdRejReason UnknownAccounts)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """An account without a definition has no limits, so nothing may pass it."""
    if state.definition is not None:
        return None
    return Objection(
        "Account", proposal.account, "is not a known account", "have it added to the configuration"
    )
