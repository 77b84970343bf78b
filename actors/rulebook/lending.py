"""What is lent of a limit that accounts share: never more than there is, whatever happens.

An account's words are numbered, so one that comes again changes nothing. Less is believed at once,
because the account has let go of the rest before it said so.
"""

from decimal import Decimal

from actors.actor import Send
from actors.rulebook.state import ZERO, Effects, Loan, RuleBookState
from messages import events as ev
from messages.rulebook import LeaseGranted, LeaseRecalled, LeaseWanted


def lend(state: RuleBookState, said: LeaseWanted) -> Effects:
    """An account's word on how much it holds or wants to hold, in all."""
    pool = said.Pool
    loan = state.loans.get(pool, {}).get(said.Account) or Loan()
    if said.Word <= loan.number:
        return
    yield from _change(state, pool, said.Account, said.Word, said.Total, loan.lent)
    if said.Total < loan.lent:
        yield from _serve(state, pool)
    if state.loans[pool][said.Account].lent < said.Total:
        for account, other in state.loans[pool].items():
            if account != said.Account and other.lent:
                yield Send(f"account/{account}", LeaseRecalled(Pool=pool))


def _change(
    state: RuleBookState, pool: str, account: str, number: int, total: Decimal, before: Decimal
) -> Effects:
    free = max(ZERO, state.limit(pool) - state.lent(pool))
    lent = min(total, before + free)
    yield ev.LeaseChanged(Pool=pool, Account=account, Word=number, Lent=lent, Wanted=total)
    yield Send(f"account/{account}", LeaseGranted(Pool=pool, Word=number, Total=lent))


def _serve(state: RuleBookState, pool: str) -> Effects:
    """Something is free: those who got less than they wanted are next."""
    for account, loan in list(state.loans[pool].items()):
        if loan.lent < loan.wanted and state.lent(pool) < state.limit(pool):
            yield from _change(state, pool, account, loan.number, loan.wanted, loan.lent)
