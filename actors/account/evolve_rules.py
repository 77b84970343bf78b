"""What the rule book and shared limits do to an account's state, and what rules count by time."""

from decimal import Decimal

from actors import rules
from actors.account import limits, rates, worth
from actors.account.state import AccountState, Lease
from actors.pools import RATE, kind_of
from messages import events as ev
from messages.base import Instant
from messages.terms import Terms


def apply(state: AccountState, event: ev.RulesAdopted | ev.LeaseAsked | ev.LeaseTaken) -> None:
    """Make ``event`` true of ``state``."""
    match event:
        case ev.RulesAdopted():
            state.rules, state.version = event.Rules, event.Version
            resolve(state)
        case ev.LeaseAsked():
            lease = state.leases.setdefault(event.Pool, Lease())
            _resize(state, event.Pool, event.Held, event.At)
            lease.held, lease.number, lease.waiting = event.Held, event.Word, True
            lease.wanted, lease.asked_at = event.Wanted, event.At
        case ev.LeaseTaken():
            lease = state.leases[event.Pool]
            _resize(state, event.Pool, event.Held, event.At)
            lease.held, lease.waiting = event.Held, False


def _resize(state: AccountState, pool: str, share: Decimal, at: Instant | None) -> None:
    if at is not None and kind_of(pool) == RATE:
        rates.resize(state, pool, share, at)


def resolve(state: AccountState) -> None:
    """The definition or the rule book has changed: work out what holds."""
    if state.definition is None:
        return
    state.applied = limits.resolve(state.definition, state.rules)
    for applied in state.applied.values():
        applied.active = rules.asked(applied)
    pools = (pool for applied in state.applied.values() for pool in applied.pools)
    state.pools = list({pool.name: pool for pool in pools}.values())
    if any(applied.priced for applied in state.applied.values()):
        worth.build(state)
    else:
        state.worths = None
    if not any(applied.duplicate_ns for applied in state.applied.values()):
        state.recent.clear()


def counted(state: AccountState, desk: str, trader: str | None, terms: Terms, at: Instant) -> None:
    """An order or replace was let through at that instant."""
    applied = state.limits_of(desk, trader)
    for bucket in applied.buckets:
        full = max(at, state.buckets.get(bucket.name, 0))
        state.buckets[bucket.name] = full + bucket.every
    for pool in applied.pools:
        if pool.kind == RATE:
            rates.count(state, pool.name, at)
    if applied.duplicate_ns:
        _remember(state, limits.said(terms), at, applied.duplicate_ns)
    if at // limits.DAY > state.day:
        state.day, state.day_equity = at // limits.DAY, worth.equity(state)


def _remember(state: AccountState, what: str, at: Instant, window: Instant) -> None:
    """Those that can be no duplicate any more are let go."""
    recent = state.recent
    recent.pop(what, None)
    recent[what] = at
    while (oldest := next(iter(recent))) != what and recent[oldest] + window < at:
        del recent[oldest]
