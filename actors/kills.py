"""Which kill stops what: the one reading of a scope, shared by account, book and venue connection.

A kill is taken up once: what was released is remembered, so a trigger that comes late, on a slower
way than its release, changes nothing. What an actor cannot end at once is listed with the kill
switch until it is over: a kill is not quiet while an order is under way between two actors.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Protocol

from actors.actor import Send
from messages.base import Instant
from messages.events import KillBegan, KillEnded, KillListed, KillTold
from messages.kills import (
    KILLSWITCH,
    EndedKill,
    KilledOrder,
    KilledState,
    KillOrders,
    KillScope,
    StandingKill,
)
from messages.terms import FIELDS, Terms


class Stoppable(Protocol):
    """A state that knows of kills. ``released``: KillIDs that are over."""

    kills: dict[str, StandingKill]
    released: dict[str, None]


def standing(
    kills: dict[str, StandingKill],
    *,
    desk: str = "",
    account: str = "",
    symbol: str = "",
    venue: str = "",
) -> StandingKill | None:
    """The oldest kill that stands over what is so described; "" is in no scope but the firm's."""
    named = {
        KillScope.Desk: desk,
        KillScope.Account: account,
        KillScope.Instrument: symbol,
        KillScope.Venue: venue,
    }
    for kill in kills.values():
        if kill.Scope is KillScope.Firm or kill.Name == named[kill.Scope]:
            return kill
    return None


def news(state: Stoppable, said: StandingKill | EndedKill) -> Iterator[KillBegan | KillEnded]:
    """What is new in it; nothing where it was heard before."""
    known = said.KillID in state.released
    if isinstance(said, EndedKill):
        if not known:
            yield KillEnded(KillID=said.KillID)
    elif not known and said.KillID not in state.kills:
        yield KillBegan(Kill=said)


def apply(state: Stoppable, event: KillBegan | KillEnded) -> None:
    """Make ``event`` true of ``state``."""
    if isinstance(event, KillBegan):
        state.kills[event.Kill.KillID] = event.Kill
    else:
        state.kills.pop(event.KillID, None)
        state.released[event.KillID] = None


class Listing(Protocol):
    """A state that names orders as open under kills, until they are over.

    ``closing``: their KillIDs by OrderID; ``settled``: what became of them and was not told yet.
    """

    closing: dict[str, list[str]]
    settled: dict[str, KilledState]


def listed(state: Listing, event: KillListed | KillTold) -> None:
    """Make ``event`` true of ``state``."""
    if isinstance(event, KillListed):
        for name in event.ChildIDs:
            state.closing.setdefault(name, []).append(event.KillID)
        return
    for name in state.settled:
        state.closing.pop(name, None)
    state.settled = {}


def settles(state: Listing, order_id: str, how: KilledState) -> None:
    """The order is over, or cannot be ended: if it was named as open, that is to be told."""
    if order_id in state.closing:
        state.settled.setdefault(order_id, how)


def tell(
    by: str, state: Listing, now: Instant, about: Callable[[str], tuple[str, str]]
) -> Iterator[KillTold | Send]:
    """What became of orders since the last time. ``about``: Account and Symbol of an OrderID."""
    news: dict[str, list[KilledOrder]] = {}
    for name, how in state.settled.items():
        account, symbol = about(name)
        order = KilledOrder(OrderID=name, Account=account, Symbol=symbol, State=how)
        for kill_id in state.closing.get(name, ()):
            news.setdefault(kill_id, []).append(order)
    yield KillTold()
    for kill_id, orders in news.items():
        yield Send(KILLSWITCH, KillOrders(KillID=kill_id, By=by, At=now, Orders=tuple(orders)))


def adds_risk(before: Terms, after: Terms) -> bool:
    """Whether a replace asks for more, for a price nearer to a trade, or for anything else new.

    A smaller quantity or a more careful price alone adds none.
    """
    for name in FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if not isinstance(old, Decimal) or not isinstance(new, Decimal):
            return True
        if name == "OrderQty" and new < old:
            continue
        if name == "Price" and (new - old) * before.Side.sign < 0:
            continue
        return True
    return False
