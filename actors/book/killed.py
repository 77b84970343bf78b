"""What a book does about a kill: no new child, and what it works itself ends.

An order that its venue works alone is cancelled there, by the venue connection, which hears of the
kill itself.
"""

from actors import kills
from actors.actor import Send
from actors.book.effects import Effects, end
from actors.book.state import BookState, Parent
from messages.base import Instant
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
    ended: list[KilledOrder] = []
    for parent in state.working():
        work = parent.work
        if work is None or work.ending or not parent.open:
            continue
        if stops(state, symbol, parent) is None:
            continue
        yield from end(
            parent,
            ExecType.Canceled,
            now,
            restatement=ExecRestatementReason.BrokerOption,
            text=f"canceled by {said.text()}",
        )
        if parent.ended:
            ended.append(_canceled(symbol, parent))
    yield Send(
        KILLSWITCH, KillHeard(KillID=said.KillID, By=f"book/{symbol}", At=now, Orders=tuple(ended))
    )


def _canceled(symbol: str, parent: Parent) -> KilledOrder:
    return KilledOrder(
        OrderID=parent.OrderID, Account=parent.Account, Symbol=symbol, State=KilledState.Canceled
    )
