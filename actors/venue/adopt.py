"""Orders that a venue works for us and that we never sent: telephoned ones, for example.

They become children like any other, so their fills are booked and they can be cancelled. What is
for an account or an instrument that the venue may not speak for is left to the caller as a break.
"""

from collections.abc import Iterator

from actors.actor import Send
from actors.venue.state import VenueState
from messages import events as ev
from messages import venue as wire
from messages.fix import ExecType, OrdType, TimeInForce
from messages.routing import VenueOrder
from messages.terms import LIMITED, Terms

BEGINS = frozenset((ExecType.New, ExecType.Trade, ExecType.Restated, ExecType.OrderStatus))
"""What may be the first word on an order."""


def child_id(venue: str, said: wire.VenueExecution) -> str:
    """The name of the child: deterministic, so that the same order is never adopted twice."""
    return f"{venue}.{said.OrderID}"


def possible(state: VenueState, said: wire.VenueExecution) -> bool:
    """Whether the report can be of an order made at the venue, for an account of ours."""
    scope = state.scope
    return (
        said.ClOrdID is None
        and said.OrderQty > 0
        and said.ExecType in BEGINS
        and scope is not None
        and said.Account in scope.Accounts
        and said.Symbol in scope.Symbols
    )


def adopted(
    venue: str, said: wire.VenueExecution, trace: str
) -> Iterator[ev.VenueOrderAdopted | Send]:
    """The child, and its parent for the book and the account."""
    assert said.Account is not None
    terms = _terms(venue, said)
    name = child_id(venue, said)
    yield ev.VenueOrderAdopted(
        ChildID=name, VenueOrderID=said.OrderID, Account=said.Account, Terms=terms, Trace=trace
    )
    yield Send(
        f"book/{said.Symbol}",
        VenueOrder(OrderID=name, Account=said.Account, Venue=venue, Terms=terms),
    )


def _terms(venue: str, said: wire.VenueExecution) -> Terms:
    kind = said.OrdType or (OrdType.Market if said.Price is None else OrdType.Limit)
    if kind not in (OrdType.Market, OrdType.Limit) or (kind in LIMITED and said.Price is None):
        kind = OrdType.Market if said.Price is None else OrdType.Limit
    return Terms(
        Symbol=said.Symbol,
        Side=said.Side,
        OrderQty=said.OrderQty,
        OrdType=kind,
        Price=said.Price if kind is OrdType.Limit else None,
        TimeInForce=TimeInForce.GoodTillCancel
        if said.TimeInForce is TimeInForce.GoodTillCancel
        else TimeInForce.Day,
        ExDestination=venue,
    )
