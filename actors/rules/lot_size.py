"""OrderQty is a whole number of lots (FIX OrdRejReason IncorrectQuantity)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """The lot is the instrument's smallest tradable step."""
    lot = state.instruments[proposal.terms.Symbol].LotSize
    if proposal.terms.quantity % lot == 0:
        return None
    return Objection(
        "OrderQty",
        plain(proposal.terms.quantity),
        f"must be a multiple of {plain(lot)}",
        "round it to whole lots",
    )
