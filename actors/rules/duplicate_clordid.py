"""A ClOrdID names one order of a desk, for ever (FIX OrdRejReason DuplicateOrder)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """The same content again never comes here: it is answered as it was the first time."""
    if f"{proposal.desk} {proposal.clordid}" not in state.spoken:
        return None
    return Objection(
        "ClOrdID",
        proposal.clordid,
        "was used before with other content",
        "send a fresh ClOrdID; the first order is untouched",
    )
