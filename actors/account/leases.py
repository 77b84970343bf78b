"""Shares of limits that accounts have in common: asked for ahead, spent without asking.

The account holds at most what the rule book has lent it: it takes a grant only in answer to its
last word, and lets go of a share before it says so. So what all accounts hold together never
exceeds the limit, whoever dies and whatever is late; a share whose holder is away stays lent.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, Decimal

from actors.account.answers import Effects
from actors.account.limits import Pool
from actors.account.state import ZERO, AccountState, Lease
from actors.actor import Send, Timer
from actors.pools import SHARED, kind_of
from messages import events as ev
from messages.base import SECOND, Instant
from messages.rulebook import RULEBOOK, LeaseGranted, LeaseRecalled, LeaseWanted

RULES = frozenset(("shared_exposure", "shared_net", "shared_rate"))

AHEAD = 20
"""One part in so many of a limit is asked for at a time, and half of that is kept in hand."""

PATIENCE: Instant = SECOND
"""After an answer that was less than what was asked for, it is asked again after this long."""

_UNIT = Decimal(1)


def follow(
    account: str,
    state: AccountState,
    effects: Iterable[ev.AccountEvent | Send | Timer],
    now: Instant,
) -> Effects:
    """The effects of a desk's request, and what they make the account ask for."""
    needed: dict[str, Decimal] = {}
    for effect in effects:
        yield effect
        refusal = getattr(effect, "Refusal", None)
        if refusal and refusal.Rule in RULES and refusal.Inputs:
            for kind, row in SHARED.items():
                if row.word in refusal.Inputs:
                    needed[kind] = Decimal(refusal.Inputs[row.word])
    for pool in state.pools:
        yield from _look(account, state, pool, needed.get(pool.kind, ZERO), now)


def adopt(account: str, state: AccountState, now: Instant) -> Effects:
    """A new version: what is shared no more is given back, what is shared newly is asked for."""
    shared = [pool.name for pool in state.pools]
    for name, lease in list(state.leases.items()):
        if name not in shared and (lease.held or lease.wanted):
            yield from _say(account, state, name, ZERO, now)
    for pool in state.pools:
        target = _whole(_used(state, pool.name, now) + _chunk(pool))
        if target != _lease(state, pool.name).held:
            yield from _say(account, state, pool.name, target, now)


def granted(state: AccountState, said: LeaseGranted, now: Instant) -> Iterator[ev.AccountEvent]:
    """An answer; one to an earlier word is out of date."""
    lease = _lease(state, said.Pool)
    if said.Word == lease.number and (lease.waiting or said.Total > lease.held):
        yield ev.LeaseTaken(Pool=said.Pool, Held=max(said.Total, lease.held), At=now)


def recalled(account: str, state: AccountState, said: LeaseRecalled, now: Instant) -> Effects:
    """Others are short: keep what is in use."""
    used = _whole(_used(state, said.Pool, now))
    if used < _lease(state, said.Pool).held:
        yield from _say(account, state, said.Pool, used, now)


def _look(account: str, state: AccountState, pool: Pool, needed: Decimal, now: Instant) -> Effects:
    used, chunk = max(needed, _used(state, pool.name, now)), _chunk(pool)
    lease = _lease(state, pool.name)
    short = used + chunk / 2 > lease.held
    denied = lease.wanted > lease.held and 0 <= now - lease.asked_at < PATIENCE
    if short and not lease.waiting and not denied:
        yield from _say(account, state, pool.name, _whole(used + chunk), now)


def _say(account: str, state: AccountState, pool: str, total: Decimal, now: Instant) -> Effects:
    lease = _lease(state, pool)
    number = lease.number + 1
    yield ev.LeaseAsked(Pool=pool, Word=number, Held=min(lease.held, total), Wanted=total, At=now)
    wish = LeaseWanted(Pool=pool, Account=account, Word=number, Total=total)
    yield Send(RULEBOOK, wish)


def _lease(state: AccountState, pool: str) -> Lease:
    return state.leases.get(pool) or Lease()


def _used(state: AccountState, pool: str, now: Instant) -> Decimal:
    return SHARED[kind_of(pool)].used(state, pool, now)


def _chunk(pool: Pool) -> Decimal:
    return pool.limit / AHEAD


def _whole(amount: Decimal) -> Decimal:
    """In whole units of money or orders, so that it can be written down whatever the rates are."""
    return amount.quantize(_UNIT, ROUND_CEILING)
