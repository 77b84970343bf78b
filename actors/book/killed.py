"""What a book does about a kill: no new child, and what it works itself ends.

An order that its venue works alone is cancelled there, by the venue connection, which hears of the
kill itself. Where a child is still at the venue, or on its way there, the order is named as open
until that is over. An order that is open again, because a fill was taken back while the kill
stands, ends too.
"""

from collections.abc import Iterator

from actors import kills
from actors.actor import Send
from actors.book.effects import Effects, end
from actors.book.state import BookState, Parent
from messages.base import Instant
from messages.events import KillListed
from messages.fix import ExecRestatementReason, ExecType
from messages.kills import (
    KILLSWITCH,
    EndedKill,
    KilledOrder,
    KilledState,
    KillHeard,
    StandingKill,
)
from messages.routing import ReplaceOrder


def over(state: BookState, venue: str, symbol: str, account: str, desk: str) -> StandingKill | None:
    """The kill that stops what adds risk to such an order at that venue."""
    return kills.standing(state.kills, desk=desk, account=account, symbol=symbol, venue=venue)


def stops(state: BookState, symbol: str, parent: Parent) -> StandingKill | None:
    """The kill that stops what adds risk to this order."""
    return over(state, parent.Venue, symbol, parent.Account, parent.desk)


def forbids(state: BookState, symbol: str, parent: Parent, request: ReplaceOrder) -> str | None:
    """Why new terms of an order that the book works may not be; None: they may."""
    kill = stops(state, symbol, parent)
    work = parent.work
    if kill is None or work is None or not kills.adds_risk(work.terms, request.Terms):
        return None
    return f"stopped by {kill.text()}"


def heard(symbol: str, state: BookState, said: StandingKill | EndedKill, now: Instant) -> Effects:
    """A kill, or its release; what was heard before changes nothing."""
    new = list(kills.news(state, said))
    yield from new
    if not new or isinstance(said, EndedKill):
        return
    told: list[KilledOrder] = []
    for parent in state.working():
        if parent.work is None or not parent.open or stops(state, symbol, parent) is None:
            continue
        if parent.work.ending:
            told.append(_told(symbol, parent, KilledState.Open))
            continue
        yield from end(
            parent,
            ExecType.Canceled,
            now,
            restatement=ExecRestatementReason.BrokerOption,
            text=f"canceled by {said.text()}",
        )
        how = KilledState.Canceled if parent.ended else KilledState.Open
        told.append(_told(symbol, parent, how))
    told += [_told(symbol, parent, KilledState.Open) for parent in _unheard(symbol, state, said)]
    under_way = tuple(order.OrderID for order in told if order.State is KilledState.Open)
    if under_way:
        yield KillListed(KillID=said.KillID, ChildIDs=under_way)
    yield Send(
        KILLSWITCH, KillHeard(KillID=said.KillID, By=f"book/{symbol}", At=now, Orders=tuple(told))
    )


def _unheard(symbol: str, state: BookState, said: StandingKill) -> Iterator[Parent]:
    """Orders on their way to a venue connection, which may hear of the kill first."""
    for parent in map(state.parents.__getitem__, state.unheard):
        over_it = kills.standing(
            {said.KillID: said},
            desk=parent.desk,
            account=parent.Account,
            symbol=symbol,
            venue=parent.Venue,
        )
        if over_it:
            yield parent


def _told(symbol: str, parent: Parent, how: KilledState) -> KilledOrder:
    return KilledOrder(OrderID=parent.OrderID, Account=parent.Account, Symbol=symbol, State=how)


def tell(symbol: str, state: BookState, now: Instant) -> Effects:
    """What became of orders that were under way."""

    def about(order_id: str) -> tuple[str, str]:
        return state.parents[order_id].Account, symbol

    yield from kills.tell(f"book/{symbol}", state, now, about)
