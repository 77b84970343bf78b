"""Cash and credit less what is reserved cover the order (SEC 15c3-5(c)(1): pre-set capital)."""

from actors.account.state import ZERO, AccountState
from actors.rules.proposal import Objection, Proposal, plain, reserve_px


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """For a replace only the difference to what the order has reserved counts."""
    terms, old = proposal.terms, proposal.replaces
    cum_qty = old.cum_qty if old else ZERO
    needed = state.reserve(terms, reserve_px(terms, state, proposal.limits), cum_qty)
    needed -= old.reserved if old else ZERO
    currency = state.instruments[terms.Symbol].Currency
    power = state.buying_power(currency)
    credit = proposal.limits.credit.get(currency) if proposal.limits.credit else None
    if credit is not None:
        power += credit
    if needed <= 0 or needed <= power:
        return None
    return Objection(
        "OrderQty",
        plain(terms.OrderQty or needed),
        f"needs {plain(needed)} {currency}, {plain(power)} is free in {proposal.account}",
        "reduce the order, cancel others, or fund the account",
        plain(power),
        {"Needed": plain(needed), "Credit": plain(credit or ZERO)},
    )
