"""Which orders people must approve before they go out: over a size, or on a watch list."""

from actors.account.state import ZERO, AccountState
from actors.rules.proposal import Proposal, plain, reserve_px


def asks(proposal: Proposal, state: AccountState) -> str | None:
    """Why the order needs approval, by the account's policy; None: it needs none."""
    policy = state.definition.Approval if state.definition else None
    if policy is None:
        return None
    terms = proposal.terms
    if terms.Symbol in policy.WatchSymbols:
        return f"{terms.Symbol} is on the watch list"
    if policy.Over is None:
        return None
    instrument = state.instruments[terms.Symbol]
    value = terms.quantity * abs(reserve_px(terms, state)) * instrument.ContractMultiplier
    value = max(value, terms.CashOrderQty or ZERO)
    if value <= policy.Over:
        return None
    return f"it is worth {plain(value)} {instrument.Currency}, over {plain(policy.Over)}"
