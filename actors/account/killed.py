"""What an account does about a kill: what waits here ends at once; the venues end the rest.

New orders are refused by the rule ``kill_switch``. An order that the venue made has no desk there,
so under the kill of a desk its cancel is the account's.
"""

from actors import kills
from actors.account import contingency
from actors.account.answers import Effects
from actors.account.state import AccountState, Order
from actors.actor import Send
from messages.base import Instant
from messages.fix import ExecRestatementReason
from messages.kills import (
    KILLSWITCH,
    EndedKill,
    KilledOrder,
    KilledState,
    KillHeard,
    KillScope,
    StandingKill,
)

WHY = ExecRestatementReason.BrokerOption


def heard(
    account: str, state: AccountState, said: StandingKill | EndedKill, now: Instant
) -> Effects:
    """A kill, or its release; what was heard before changes nothing."""
    new = list(kills.news(state, said))
    yield from new
    if not new or isinstance(said, EndedKill):
        return
    ended: list[KilledOrder] = []
    for order_id in list(state.open):
        order = state.orders[order_id]
        if order.over or not _in_scope(said, account, order):
            continue
        text = f"canceled by {said.text()}"
        if order.held:
            yield from contingency.cancel_held(account, state, order, now, reason=WHY, text=text)
            ended.append(_settled(account, order))
        elif said.Scope is KillScope.Desk and not order.ClOrdID and not order.canceling:
            yield from contingency.cancel(account, state, order, said.KillID, WHY, text, now)
    yield Send(
        KILLSWITCH,
        KillHeard(KillID=said.KillID, By=f"account/{account}", At=now, Orders=tuple(ended)),
    )


def _in_scope(said: StandingKill, account: str, order: Order) -> bool:
    over = kills.standing(
        {said.KillID: said},
        desk=order.Desk,
        account=account,
        symbol=order.terms.Symbol,
        venue=order.terms.ExDestination or "",
    )
    return over is not None


def _settled(account: str, order: Order) -> KilledOrder:
    return KilledOrder(
        OrderID=order.OrderID,
        Account=account,
        Symbol=order.terms.Symbol,
        State=KilledState.Canceled,
    )
