"""No business with sanctioned parties: the account, its owner, the trader, the issuer."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Names are compared as they are written in the rule book."""
    del state
    listed, symbol = proposal.limits.sanctioned, proposal.terms.Symbol
    if party := listed.get(""):
        field, given = "Account", proposal.account
    elif party := listed.get(symbol):
        field, given = "Symbol", symbol
    else:
        return None
    return Objection(
        field, given, f"{party} is sanctioned", "ask compliance", "Sanctioned", {"Party": party}
    )
