"""Short sales are marked as such, and covered by a locate (Reg SHO 200(g), 203(b)(1))."""

from decimal import Decimal

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity, sides
from messages.base import Instant
from messages.fix import Side


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """What the account would be short if all that sells trades is within what was located."""
    terms = proposal.terms
    if terms.Side is Side.Buy:
        return None
    held, _, selling = sides(proposal, state)
    short = max(Decimal(0), selling - held)
    if not short:
        return None
    size = plain(quantity(terms, state))
    inputs = {"Position": plain(held), "Selling": plain(selling)}
    if terms.Side is Side.Sell:
        allowed = f"{plain(held)} are held and {plain(selling)} would be for sale"
        return Objection("Side", "Sell", allowed, "mark it SellShort", "Sell", inputs)
    located = _located(proposal, state, proposal.now)
    if short <= located:
        return None
    return Objection(
        "OrderQty",
        size,
        f"would be short {plain(short)}, {plain(located)} are located",
        "locate more, or reduce the quantity",
        plain(located),
        inputs,
    )


def _located(proposal: Proposal, state: AccountState, now: Instant) -> Decimal:
    found = state.rules.Locates if state.rules else ()
    mine = (
        one.Qty
        for one in found
        if one.Symbol == proposal.terms.Symbol and (one.Expires is None or one.Expires > now)
    )
    return sum(mine, Decimal(0))
