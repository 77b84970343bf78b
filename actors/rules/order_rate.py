"""Orders and replaces come no faster than agreed (FIA: message throttle; RTS 6 Art. 15).

A token bucket that fills continuously, kept as the one instant at which it will be full again: an
order may pass while that is not more than the burst ahead. Cancels are never counted.
"""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """The buckets of firm, desk, trader and account, each counted in this account."""
    if proposal.counted:
        return None
    for bucket in proposal.limits.buckets:
        full = state.buckets.get(bucket.name, 0)
        if proposal.now < full - (bucket.burst - 1) * bucket.every:
            return Objection(
                "ClOrdID",
                proposal.clordid,
                f"at most {bucket.rate} orders a second, {bucket.burst} at once",
                "send it again a little later",
                str(bucket.rate),
                {"Burst": str(bucket.burst)},
                bucket.name,
            )
    return None
