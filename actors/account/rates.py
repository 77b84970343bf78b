"""A lent share of an order rate: a bucket that holds one second's worth of it.

The bucket fills continuously and is kept as the one instant at which it will be full again, as in
``actors/rules/order_rate.py``. A change of the share changes the bucket, never what is in it but to
pour away what does not fit. So the buckets of all accounts together hold and gain no more than one
bucket of the whole rate would.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from messages.base import SECOND, Instant

if TYPE_CHECKING:
    from actors.account.state import AccountState


def spent(state: "AccountState", pool: str, now: Instant) -> Decimal:
    """Orders that the bucket has not made up for yet."""
    rate = _rate(state, pool)
    return Decimal(_until_full(state, pool, now)) / _every(rate) if rate else Decimal(0)


def passes(state: "AccountState", pool: str, now: Instant) -> bool:
    """Whether one more order is in the bucket."""
    rate = _rate(state, pool)
    return rate > 0 and _until_full(state, pool, now) <= (rate - 1) * _every(rate)


def count(state: "AccountState", pool: str, at: Instant) -> None:
    """An order was let through."""
    if rate := _rate(state, pool):
        state.buckets[pool] = max(at, state.buckets.get(pool, 0)) + _every(rate)


def resize(state: "AccountState", pool: str, share: Decimal, at: Instant) -> None:
    """The share is another one from now on."""
    before, after = _rate(state, pool), int(share)
    if not after:
        state.buckets.pop(pool, None)
    elif not before:
        state.buckets[pool] = at + after * _every(after)
    else:
        lack = (after - before) * _every(before) + _until_full(state, pool, at)
        state.buckets[pool] = at - (-max(0, lack) * _every(after) // _every(before))


def _rate(state: "AccountState", pool: str) -> int:
    lease = state.leases.get(pool)
    return int(lease.held) if lease else 0


def _until_full(state: "AccountState", pool: str, now: Instant) -> Instant:
    return max(0, state.buckets.get(pool, 0) - now)


def _every(rate: int) -> Instant:
    """The pause between two orders, rounded up, so the rate is never more."""
    return -(-SECOND // rate)
