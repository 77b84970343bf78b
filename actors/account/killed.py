"""What an account does about a kill: what waits here ends at once; the venues end the rest.

New orders are refused by the rule ``kill_switch``. An order that the venue made has no desk there,
so under the kill of a desk its cancel is the account's. An order that no venue has spoken of may be
on its way to one: the certificate names it until it is over.
"""

from actors import kills
from actors.account import contingency
from actors.account.answers import Effects
from actors.account.state import AccountState, Order
from actors.actor import Send
from messages.base import Instant
from messages.events import KillListed
from messages.fix import ExecRestatementReason, OrdStatus
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
    found = [order for order in map(state.orders.__getitem__, state.open) if not order.over]
    found = [order for order in found if _in_scope(said, account, order)]
    told = [_told(account, order, KilledState.Open) for order in found if _under_way(order)]
    if told:
        yield KillListed(KillID=said.KillID, ChildIDs=tuple(order.OrderID for order in told))
    for order in found:
        if order.over:
            continue  # with the one that it was linked to
        text = f"canceled by {said.text()}"
        if order.held:
            yield from contingency.cancel_held(account, state, order, now, reason=WHY, text=text)
            told.append(_told(account, order, KilledState.Canceled))
        elif said.Scope is KillScope.Desk and not order.ClOrdID and not order.canceling:
            yield from contingency.cancel(account, state, order, said.KillID, WHY, text, now)
    yield Send(
        KILLSWITCH,
        KillHeard(KillID=said.KillID, By=f"account/{account}", At=now, Orders=tuple(told)),
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


def _under_way(order: Order) -> bool:
    """Whether no venue, and no book, has said that it has the order."""
    return not order.held and (order.status is OrdStatus.PendingNew or order.released)


def _told(account: str, order: Order, how: KilledState) -> KilledOrder:
    return KilledOrder(OrderID=order.OrderID, Account=account, Symbol=order.terms.Symbol, State=how)


def tell(account: str, state: AccountState, now: Instant) -> Effects:
    """What became of orders that were under way."""

    def about(order_id: str) -> tuple[str, str]:
        return account, state.orders[order_id].terms.Symbol

    yield from kills.tell(f"account/{account}", state, now, about)
