"""The position stays within its limit even if every open order fills (RTS 6 Art. 15)."""

from decimal import Decimal

from actors.account.state import AccountState, Exposure
from actors.rules.proposal import Objection, Proposal, plain
from messages.fix import Side


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Worst case in the direction of the order: position plus all that is open that way."""
    assert state.definition is not None
    limit = state.definition.Limits.MaxPosition
    if limit is None:
        return None
    terms, old = proposal.terms, proposal.replaces
    added = terms.OrderQty - (old.cum_qty if old else Decimal(0))
    already = old.open_qty if old else Decimal(0)
    open_now = state.exposures.get(terms.Symbol, Exposure())
    held = state.position(terms.Symbol)
    if terms.Side is Side.Buy:
        worst = held + open_now.buying - already + max(added, already)
    else:
        worst = held - (open_now.selling - already + max(added, already))
    if abs(worst) <= limit or abs(worst) < abs(held):
        return None
    return Objection(
        "OrderQty",
        plain(terms.OrderQty),
        f"would bring {terms.Symbol} to {plain(worst)}, at most {plain(limit)} either way",
        "reduce the quantity, or cancel open orders first",
    )
