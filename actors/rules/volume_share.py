"""The order is no large part of what usually trades in a day (price impact)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal, plain, quantity


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """A symbol whose average daily volume nobody has said is not judged."""
    share = proposal.limits.numbers["MaxVolumeShare"]
    known = state.rules.Securities.get(proposal.terms.Symbol) if state.rules else None
    volume = known.AverageDailyVolume if known else None
    size = quantity(proposal.terms, state)
    if volume is None or size <= volume * share:
        return None
    return Objection(
        "OrderQty",
        plain(size),
        f"at most {plain(volume * share)} ({plain(share)} of a day's {plain(volume)})",
        "split the order over days",
        plain(share),
        {"AverageDailyVolume": plain(volume)},
    )
