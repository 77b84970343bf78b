"""Orders and replaces of all accounts of the firm, or of a desk, come no faster than agreed.

Each account has a bucket of the share of the rate that it was lent (``actors/account/rates.py``).
"""

from actors.account import rates
from actors.account.state import AccountState, Lease
from actors.pools import RATE
from actors.rules.proposal import Objection, Proposal, plain


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """A desk's rate counts what it sends itself. Cancels are never counted."""
    if proposal.counted:
        return None
    for pool in proposal.limits.pools:
        if pool.kind != RATE or rates.passes(state, pool.name, proposal.now):
            continue
        held = (state.leases.get(pool.name) or Lease()).held
        return Objection(
            "ClOrdID",
            proposal.clordid,
            f"at most {plain(pool.limit)} orders a second in all accounts of {pool.level}, "
            f"{plain(held)} of them in this one",
            "more is being asked for: send it again in a moment",
            plain(pool.limit),
            {"Rate": plain(held + 1), "Lent": plain(held)},
            pool.level,
        )
    return None
