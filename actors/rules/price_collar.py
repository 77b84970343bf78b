"""Price is near the reference price (SEC 15c3-5: erroneous prices; RTS 6 Art. 15)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Both directions, as a fraction of the absolute reference price."""
    collar = proposal.limits.numbers["PriceCollar"]
    price = proposal.terms.Price
    if price is None:
        return None
    reference = state.instruments[proposal.terms.Symbol].ReferencePx
    distance = abs(reference) * collar
    if abs(price - reference) <= distance:
        return None
    low, high = plain(reference - distance), plain(reference + distance)
    return Objection(
        "Price",
        plain(price),
        f"must be between {low} and {high}",
        "send a price in that band",
        plain(collar),
        {"ReferencePx": plain(reference)},
    )
