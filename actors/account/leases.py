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
from messages import events as ev
from messages.base import SECOND, Instant
from messages.rulebook import RULEBOOK, LeaseGranted, LeaseRecalled, LeaseWanted

RULE = "shared_exposure"

AHEAD = 20
"""One part in so many of a limit is asked for at a time, and half of that is kept in hand."""

PATIENCE: Instant = SECOND
"""After an answer that was less than what was asked for, it is asked again after this long."""

_UNIT = Decimal(1)


def pools_of(state: AccountState) -> list[Pool]:
    """What this account shares: the same for all of its desks."""
    return next((applied.pools for applied in state.applied.values()), [])


def follow(
    account: str,
    state: AccountState,
    effects: Iterable[ev.AccountEvent | Send | Timer],
    now: Instant,
) -> Effects:
    """The effects of a desk's request, and what they make the account ask for."""
    if not pools_of(state):
        yield from effects
        return
    needed = ZERO
    for effect in effects:
        yield effect
        refusal = getattr(effect, "Refusal", None)
        if refusal and refusal.Rule == RULE and refusal.Inputs:
            needed = max(needed, Decimal(refusal.Inputs["Gross"]))
    yield from _look(account, state, needed, now)


def adopt(account: str, state: AccountState, now: Instant) -> Effects:
    """A new version: what is shared no more is given back, what is shared newly is asked for."""
    shared = [pool.name for pool in pools_of(state)]
    for name, lease in list(state.leases.items()):
        if name not in shared and (lease.held or lease.wanted):
            yield from _say(account, state, name, ZERO, now)
    for pool in pools_of(state):
        target = _whole(_used(state) + _chunk(pool))
        if target != _lease(state, pool.name).held:
            yield from _say(account, state, pool.name, target, now)


def granted(state: AccountState, said: LeaseGranted) -> Iterator[ev.AccountEvent]:
    """An answer; one to an earlier word is out of date."""
    lease = _lease(state, said.Pool)
    if said.Word == lease.number and (lease.waiting or said.Total > lease.held):
        yield ev.LeaseTaken(Pool=said.Pool, Held=max(said.Total, lease.held))


def recalled(account: str, state: AccountState, said: LeaseRecalled, now: Instant) -> Effects:
    """Others are short: keep what is in use."""
    used = _whole(_used(state))
    if used < _lease(state, said.Pool).held:
        yield from _say(account, state, said.Pool, used, now)


def _look(account: str, state: AccountState, needed: Decimal, now: Instant) -> Effects:
    used = max(needed, _used(state))
    for pool in pools_of(state):
        lease, chunk = _lease(state, pool.name), _chunk(pool)
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


def _used(state: AccountState) -> Decimal:
    return state.worths.total.gross if state.worths else ZERO


def _chunk(pool: Pool) -> Decimal:
    return pool.limit / AHEAD


def _whole(amount: Decimal) -> Decimal:
    """In whole units of money, so that it can be written down whatever the rates are."""
    return amount.quantize(_UNIT, ROUND_CEILING)
