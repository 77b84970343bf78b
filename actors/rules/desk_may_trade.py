"""The desk may trade the account (SEC 15c3-5(c)(2): authorised persons only)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """The desk is the authenticated AMQP user, never what the message claims."""
    assert state.definition is not None
    if proposal.desk in state.definition.Desks:
        return None
    return Objection(
        "Account",
        proposal.account,
        f"desk {proposal.desk} may not trade it",
        "use an account of your desk, or have the desk added to the account",
    )
