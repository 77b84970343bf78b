"""A directed order names a venue where the instrument trades."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Without ExDestination the instrument's default venue is used."""
    wanted = proposal.terms.ExDestination
    venues = state.instruments[proposal.terms.Symbol].Venues
    if wanted is None or wanted in venues:
        return None
    return Objection(
        "ExDestination",
        wanted,
        f"{proposal.terms.Symbol} trades at {', '.join(venues)}",
        "name one of these, or none for the default",
    )
