"""What is lent of a limit that accounts share: never more than there is, whatever happens.

An account's words are numbered, so one that comes again changes nothing. Less is believed at once,
because the account has let go of the rest before it said so.
"""

from decimal import Decimal

from actors.actor import Send
from actors.rulebook.state import ZERO, Effects, Loan, RuleBookState
from messages import events as ev
from messages.base import SECOND, Instant
from messages.rulebook import LeaseGranted, LeaseRecalled, LeaseWanted

RECALL_EVERY: Instant = SECOND
"""Holders are asked for what they do not use no more often than this, however many are short."""


def lend(state: RuleBookState, said: LeaseWanted, now: Instant) -> Effects:
    """An account's word on how much it holds or wants to hold, in all."""
    pool = said.Pool
    loan = state.loans.get(pool, {}).get(said.Account) or Loan()
    if said.Word <= loan.number:
        return
    yield from _change(state, pool, said.Account, said.Word, said.Total, loan.lent, now)
    if said.Total < loan.lent:
        yield from _serve(state, pool)
    if state.recalled.get(pool) != now or state.loans[pool][said.Account].lent >= said.Total:
        return
    for account, other in state.loans[pool].items():
        if account != said.Account and other.lent:
            yield Send(f"account/{account}", LeaseRecalled(Pool=pool))


def _change(
    state: RuleBookState,
    pool: str,
    account: str,
    word: int,
    total: Decimal,
    before: Decimal,
    now: Instant | None = None,
) -> Effects:
    """``now``: an account has just said it, so what others do not use may be recalled."""
    free = max(ZERO, state.limit(pool) - state.lent(pool))
    lent = min(total, before + free)
    recall = now is not None and lent < total and _may_recall(state, pool, now)
    yield ev.LeaseChanged(
        Pool=pool,
        Account=account,
        Word=word,
        Lent=lent,
        Wanted=total,
        RecalledAt=now if recall else None,
    )
    yield Send(f"account/{account}", LeaseGranted(Pool=pool, Word=word, Total=lent))


def _may_recall(state: RuleBookState, pool: str, now: Instant) -> bool:
    last = state.recalled.get(pool)
    return last is None or not 0 <= now - last < RECALL_EVERY


def _serve(state: RuleBookState, pool: str) -> Effects:
    """Something is free: those who got less than they wanted are next."""
    for account, loan in list(state.loans[pool].items()):
        if loan.lent < loan.wanted and state.lent(pool) < state.limit(pool):
            yield from _change(state, pool, account, loan.number, loan.wanted, loan.lent)
