"""The order's money is within the largest order value (RTS 6 Art. 15)."""

from decimal import Decimal

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, reserve_px


def value_of(proposal: Proposal, state: AccountState) -> Decimal:
    """Whole OrderQty at the limit, or at the far end of the collar."""
    terms = proposal.terms
    instrument = state.instruments[terms.Symbol]
    px = abs(reserve_px(terms, state, proposal.limits))
    value = terms.quantity * px * instrument.ContractMultiplier
    return value if terms.CashOrderQty is None else max(value, terms.CashOrderQty)


def inputs(value: Decimal, proposal: Proposal, state: AccountState) -> dict[str, str]:
    """What went into the value."""
    px = abs(reserve_px(proposal.terms, state, proposal.limits))
    return {"Price": plain(px), "Value": plain(value)}


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """In the instrument's currency."""
    limit = proposal.limits.numbers["MaxNotional"]
    value = value_of(proposal, state)
    if value <= limit:
        return None
    currency = state.instruments[proposal.terms.Symbol].Currency
    return Objection(
        "OrderQty",
        plain(value if proposal.terms.OrderQty is None else proposal.terms.OrderQty),
        f"is worth {plain(value)} {currency}, at most {plain(limit)} in one order",
        "split the order",
        plain(limit),
        inputs(value, proposal, state),
    )
