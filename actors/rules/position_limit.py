"""The position stays within its limit even if every open order fills (RTS 6 Art. 15)."""

from decimal import Decimal

from actors.account.state import AccountState, Exposure
from actors.rules.proposal import Objection, Proposal, plain
from messages.fix import Side
from messages.terms import Terms


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Worst case in the direction of the order: position plus all that is open that way."""
    assert state.definition is not None
    limit = state.definition.Limits.MaxPosition
    if limit is None:
        return None
    terms, old = proposal.terms, proposal.replaces
    added = _quantity(terms, state) - (old.cum_qty if old else Decimal(0))
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
        plain(_quantity(terms, state)),
        f"would bring {terms.Symbol} to {plain(worst)}, at most {plain(limit)} either way",
        "reduce the quantity, or cancel open orders first",
    )


def _quantity(terms: Terms, state: AccountState) -> Decimal:
    """OrderQty; of an order by cash, about what it buys at the reference price."""
    if terms.OrderQty is not None:
        return terms.OrderQty
    instrument = state.instruments[terms.Symbol]
    worth = abs(instrument.ReferencePx) * instrument.ContractMultiplier
    return (terms.CashOrderQty or Decimal(0)) / worth if worth else Decimal(0)
