"""OrderQty is within the largest order (FIA: maximum order size)."""

from decimal import Decimal

from actors.account.state import AccountState
from actors.rules.proposal import COLLAR, Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Judges the whole OrderQty, for a replace the new total; by cash, the most it may buy."""
    limit = proposal.limits.numbers["MaxOrderQty"]
    money = proposal.terms.CashOrderQty
    if money is not None:
        return _by_cash(money, limit, proposal, state)
    if proposal.terms.quantity <= limit:
        return None
    return Objection(
        "OrderQty",
        plain(proposal.terms.quantity),
        f"at most {plain(limit)} in one order",
        "split the order",
        plain(limit),
    )


def _by_cash(
    money: Decimal, limit: Decimal, proposal: Proposal, state: AccountState
) -> Objection | None:
    """How many units it is shows only when it trades: at the near end of the collar, the most."""
    instrument = state.instruments[proposal.terms.Symbol]
    collar = proposal.limits.numbers.get("PriceCollar") or COLLAR
    px = abs(instrument.ReferencePx) * (1 - collar)
    most = px * instrument.ContractMultiplier * limit
    if money <= most or not px:
        return None
    return Objection(
        "CashOrderQty",
        plain(money),
        f"at most {plain(limit)} in one order, which is {plain(most)} at {plain(px)}",
        "split the order, or send OrderQty",
        plain(limit),
        {"Price": plain(px)},
    )
