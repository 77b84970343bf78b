"""The account, its desk and its trader have the permission for this kind of security."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """By SecurityType(167)."""
    products = proposal.limits.products
    kind = state.instruments[proposal.terms.Symbol].SecurityType
    if products is None or kind in products:
        return None
    names = ", ".join(products) or "none"
    return Objection(
        "Symbol",
        proposal.terms.Symbol,
        f"is a {kind}; permitted: {names}",
        "ask compliance for the permission",
        names,
        {"SecurityType": kind.value},
    )
