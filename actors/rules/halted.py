"""Nothing is sent in a symbol that compliance has halted."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """A halt by a venue is the book's to see; this one is the firm's own, or a regulator's."""
    symbol = proposal.terms.Symbol
    known = state.rules.Securities.get(symbol) if state.rules else None
    if known is None or not known.Halted:
        return None
    return Objection("Symbol", symbol, "is halted by the rule book", "wait for its release")
