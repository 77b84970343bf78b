"""An account that has lost too much today may only take risk off (kill by loss)."""

from decimal import Decimal

from actors.account import worth
from actors.account.limits import DAY
from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity, worths


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """Equity before the day's first order (UTC) less equity now, at reference prices."""
    limit = proposal.limits.numbers["MaxDailyLoss"]
    today = proposal.now // DAY <= state.day
    loss = state.day_equity - worth.equity(state) if today else Decimal(0)
    if loss < limit:
        return None
    _, then, now = worths(proposal, state)
    if then.gross <= now.gross:
        return None
    return Objection(
        "OrderQty",
        plain(quantity(proposal.terms, state)),
        f"the account has lost {plain(loss)} today, from {plain(limit)} on risk is only taken off",
        "close positions, or have the limit raised",
        plain(limit),
        {"Loss": plain(loss)},
    )
