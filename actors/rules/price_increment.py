"""Price is a whole number of ticks (FIX OrdRejReason InvalidPriceIncrement)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Orders without Price have nothing to check."""
    price = proposal.terms.Price
    tick = state.instruments[proposal.terms.Symbol].TickSize
    if price is None or price % tick == 0:
        return None
    return Objection(
        "Price", plain(price), f"must be a multiple of {plain(tick)}", "round it to whole ticks"
    )
