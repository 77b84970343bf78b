"""Nothing that adds risk where a kill stands (RTS 6 Art. 12)."""

from actors import kills
from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """New orders, and replaces that ask for more; a smaller or more careful one passes."""
    if not state.kills:
        return None
    terms = proposal.terms
    kill = kills.standing(
        state.kills,
        desk=proposal.desk,
        account=proposal.account,
        symbol=terms.Symbol,
        venue=terms.ExDestination or "",
    )
    if kill is None:
        return None
    if proposal.replaces and not kills.adds_risk(proposal.replaces.terms, terms):
        return None
    return Objection(
        kill.Scope.value,
        kill.Name or "all",
        f"is stopped by {kill.text()}",
        "cancels still flow; wait until a second person has released it",
    )
