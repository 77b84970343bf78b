"""What the journals say of every order, event by event, with the order as it was then.

The actors' own ``apply`` rebuilds each order, so a record says what the account knew at that very
event, whatever came later. Nothing but the journals is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from actors.account.state import AccountState, Order
from actors.actor import Actor
from actors.venue.state import Request, VenueState
from infra.audit.clock import Spells
from infra.replayed import CannotRead, entries, journals
from messages.base import Event, Instant
from messages.envelope import Address
from messages.events import (
    ChildAdopted,
    OrderRefused,
    OrderRouted,
    VenueExecuted,
    VenueMessageHeld,
    VenueMessageSent,
    VenueRequestRejected,
)


class Fact(NamedTuple):
    """One event of one order. ``order``: the account's, as it was after it.

    ``request``: of a venue's event, what was sent there; ``again``: it had been sent before.
    ``fill``: of a bust or correction, the event that is taken back. ``currency``: the instrument's.
    ``clock_bad``: whether the clock was too far from UTC; None: nobody was watching it.
    """

    at: Instant
    actor: Address
    entry: int
    place: int
    event: Event
    account: str
    order: Order | None = None
    venue: str = ""
    request: Request | None = None
    again: bool = False
    fill: "Fact | None" = None
    currency: str = ""
    clock_bad: bool | None = None

    @property
    def id(self) -> str:
        """Where it stands: unique for ever, and leads back to the entry."""
        return f"{self.actor.replace('/', '.')}-{self.entry}-{self.place}"


@dataclass
class Facts:
    """All facts of an installation, in order of time within each actor."""

    data: Path
    spells: Spells | None = None
    _parents: dict[str, str] = field(default_factory=dict)
    _orders: dict[str, Order] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Fact]:
        """Accounts, then books, then venues.

        Raises:
            CannotRead: a journal is damaged.
        """
        for address, path in journals(self.data, "account").items():
            yield from self._account(address, path)
        for address, path in journals(self.data, "book").items():
            yield from self._book(address, path)
        for address, path in journals(self.data, "venue").items():
            yield from self._venue(address, path)

    def _account(self, address: Address, path: Path) -> Iterator[Fact]:
        name = address.partition("/")[2]
        fills: dict[str, Fact] = {}
        for at, number, index, event, actor in _events(address, path):
            actor.apply(event)
            state: AccountState = actor.state
            for order_id in _order_ids(event):
                order = state.orders.get(order_id)
                seen = replace(order, pending=list(order.pending)) if order else None
                fact = Fact(
                    at, address, number, index, event, name, seen,
                    currency=_currency(state, event, seen), clock_bad=self._bad(at),
                )  # fmt: skip
                fact = fact._replace(fill=_filled(fills, event, fact))
                if seen:
                    self._orders[order_id] = seen
                yield fact

    def _bad(self, at: Instant) -> bool | None:
        return self.spells.bad(at) if self.spells else None

    def _book(self, address: Address, path: Path) -> Iterator[Fact]:
        for at, number, index, event, actor in _events(address, path):
            actor.apply(event)
            if isinstance(event, OrderRouted | ChildAdopted):
                child = event.ChildID if isinstance(event, OrderRouted) else event.OrderID
                self._parents[child] = event.OrderID
                order = self._orders.get(event.OrderID)
                yield Fact(at, address, number, index, event, event.Account, order, event.Venue)

    def _venue(self, address: Address, path: Path) -> Iterator[Fact]:
        venue = address.partition("/")[2]
        sent: set[str] = set()
        for at, number, index, event, actor in _events(address, path):
            state: VenueState = actor.state
            clordid = getattr(event, "ClOrdID", "")
            known = state.requests.get(clordid)
            request = replace(known) if known else None
            actor.apply(event)
            if isinstance(event, VenueMessageHeld):
                sent.discard(clordid)
            if not isinstance(event, VenueMessageSent | VenueExecuted | VenueRequestRejected):
                continue
            child = state.children.get(request.ChildID if request else clordid)
            order = self._orders.get(self._parents.get(child.ChildID, "")) if child else None
            yield Fact(
                at, address, number, index, event, child.Account if child else "", order,
                venue, request, again=clordid in sent,
            )  # fmt: skip
            if isinstance(event, VenueMessageSent):
                sent.add(clordid)


def _currency(state: AccountState, event: Event, order: Order | None) -> str:
    terms = order.terms if order else getattr(event, "Terms", None)
    known = state.instruments.get(terms.Symbol) if terms else None
    return known.Currency if known else ""


def _events(
    address: Address, path: Path
) -> Iterator[tuple[Instant, int, int, Event, Actor[Any, Any, Any]]]:
    from infra.compose import make_actor

    actor: Actor[Any, Any, Any] = make_actor(address)
    for entry in entries(path):
        try:
            events = actor.EVENTS.validate_json(entry.events)
        except ValueError as error:
            what = f"{path}: entry {entry.number} is not what was written"
            raise CannotRead(what, f"see: oms audit verify {address}") from error
        for index, event in enumerate(events):
            yield entry.at, entry.number, index, event, actor


def _order_ids(event: Event) -> list[str]:
    """The orders that an account's event is about; "" for one that was refused."""
    if isinstance(event, OrderRefused):
        return [event.OrderID]
    if many := getattr(event, "OrderIDs", None):
        return list(many) if type(event).__name__ == "MassCancelRequested" else []
    order_id = getattr(event, "OrderID", None)
    return [order_id] if order_id else []


def _filled(fills: dict[str, Fact], event: Event, fact: Fact) -> Fact | None:
    """Remember a fill by the venue's name for it; find the one that is taken back or corrected."""
    exec_id = getattr(event, "VenueExecID", None)
    if exec_id is None:
        return None
    venue = getattr(event, "Venue", "")
    before = fills.get(f"{venue} {getattr(event, 'VenueExecRefID', '')}")
    if hasattr(event, "LastQty"):
        fills[f"{venue} {exec_id}"] = fact
    return before
