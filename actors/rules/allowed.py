"""Where there is a list of what may be traded, nothing else is."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """A symbol must be on every list: of the firm, the desk, the trader and the account."""
    del state
    allowed, symbol = proposal.limits.allowed, proposal.terms.Symbol
    if allowed is None or symbol in allowed:
        return None
    return Objection(
        "Symbol", symbol, "is not on the list of what may be traded", "ask compliance", "Allowed"
    )
