"""The same order twice within a moment is a mistake (SEC 15c3-5(c)(1)(ii): duplicative orders)."""

from actors.account.limits import said
from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal
from messages.base import SECOND


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Same symbol, side, quantity and price, whatever its ClOrdID. A replace names its order."""
    if proposal.replaces is not None:
        return None
    window = proposal.limits.duplicate_ns
    before = state.recent.get(said(proposal.terms))
    if before is None or proposal.now >= before + window:
        return None
    seconds = window // SECOND
    return Objection(
        "ClOrdID",
        proposal.clordid,
        f"says what another order said less than {seconds} s ago",
        "wait, or send one order for both",
        str(seconds),
        {"Since": str(proposal.now - before)},
    )
