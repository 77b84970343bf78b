"""The order's money is within the account's largest order value (RTS 6 Art. 15)."""

from actors.account.state import ZERO, AccountState
from actors.rules.proposal import Objection, Proposal, plain, reserve_px


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Whole OrderQty at the limit, or at the far end of the collar for a market order."""
    assert state.definition is not None
    limit = state.definition.Limits.MaxNotional
    if limit is None:
        return None
    terms = proposal.terms
    instrument = state.instruments[terms.Symbol]
    value = terms.quantity * abs(reserve_px(terms, state)) * instrument.ContractMultiplier
    value = max(value, terms.CashOrderQty or ZERO)
    if value <= limit:
        return None
    return Objection(
        "OrderQty",
        plain(value if terms.OrderQty is None else terms.OrderQty),
        f"is worth {plain(value)} {instrument.Currency}, at most {plain(limit)} in one order",
        "split the order",
    )
