"""The instrument book: it routes each order to a venue and tracks the child against the parent.

A parent has one child for now; the child's quantities never exceed what the parent asked for, and
what contradicts that is a break.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, inbox, journaled
from messages import events as ev
from messages.base import Instant
from messages.envelope import Address
from messages.fix import CxlRejReason, ExecRestatementReason, ExecType, OrdRejReason
from messages.reference import InstrumentDefinition
from messages.routing import (
    CancelOrder,
    Execution,
    NewOrder,
    ReplaceOrder,
    RequestRejected,
    VenueOrder,
)
from messages.terms import Terms

BookMessage = (
    VenueOrder
    | InstrumentDefinition
    | NewOrder
    | CancelOrder
    | ReplaceOrder
    | Execution
    | RequestRejected
)
Effects = Iterator[ev.BookEvent | Send | Timer]

ENDS = frozenset((ExecType.Canceled, ExecType.Rejected, ExecType.Expired))
SPLIT = ExecRestatementReason.GTCorporateAction
FILLS = frozenset((ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect))


@dataclass(slots=True)
class Parent:
    """An account's order and its child at a venue."""

    OrderID: str
    ChildID: str
    Account: str
    Venue: str
    terms: Terms
    cum_qty: Decimal = Decimal(0)
    ended: bool = False
    replaces: dict[str, Terms] = field(default_factory=dict)
    fills: dict[str, Decimal] = field(default_factory=dict)
    """LastQty by the venue's ExecID: what a bust or a correction refers to."""

    def count(self, event: ev.ChildExecuted) -> None:
        """What an execution does to CumQty."""
        before = self.fills.get(event.VenueExecRefID or "", Decimal(0))
        match event.ExecType:
            case ExecType.Trade if event.LastQty:
                self.fills[event.VenueExecID] = event.LastQty
                self.cum_qty += event.LastQty
            case ExecType.TradeCancel:
                self.cum_qty -= before
                self.fills.pop(event.VenueExecRefID or "", None)
            case ExecType.TradeCorrect if event.LastQty:
                self.fills[event.VenueExecID] = event.LastQty
                self.cum_qty += event.LastQty - before
            case ExecType.Restated if event.CumQty is not None:
                self.cum_qty = event.CumQty
            case _:
                pass


@dataclass(slots=True)
class BookState:
    """The instrument, the parents by OrderID, and whose child each ChildID is."""

    definition: InstrumentDefinition | None = None
    parents: dict[str, Parent] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)


class Book(Actor[BookMessage, ev.BookEvent, BookState]):
    """One instrument's orders, addressed ``book/<Symbol>``."""

    INBOX = inbox(BookMessage)
    EVENTS = journaled(ev.BookEvent)
    STATE = TypeAdapter(BookState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, BookState())

    def receive(self, message: BookMessage, now: Instant) -> Effects:
        match message:
            case NewOrder():
                yield from self._route(message, now)
            case CancelOrder():
                yield from self._cancel(message)
            case ReplaceOrder():
                yield from self._replace(message)
            case VenueOrder():
                yield from self._adopt(message)
            case Execution():
                yield from self._executed(message)
            case RequestRejected():
                yield from self._request_rejected(message)
            case InstrumentDefinition():
                if message != self.state.definition:
                    yield ev.InstrumentDefined(Definition=message)
            case _:
                assert_never(message)

    def _route(self, order: NewOrder, now: Instant) -> Effects:
        venues = self.state.definition.Venues if self.state.definition else ()
        venue = order.Terms.ExDestination or (venues[0] if venues else None)
        if venue is None or venue not in venues:
            text = f"no venue for {order.Terms.Symbol}: {venue or 'none is configured'}"
            yield ev.OrderUnroutable(OrderID=order.OrderID, Text=text)
            yield Send(
                f"account/{order.Account}",
                Execution(
                    OrderID=order.OrderID,
                    Symbol=order.Terms.Symbol,
                    Account=order.Account,
                    ExecType=ExecType.Rejected,
                    Venue=venue or "NONE",
                    VenueExecID=f"{order.OrderID}.unroutable",
                    OrdRejReason=OrdRejReason.BrokerOption,
                    Text=text,
                    TransactTime=now,
                ),
            )
            return
        child_id = f"{order.OrderID}.1"
        yield ev.OrderRouted(
            OrderID=order.OrderID,
            ChildID=child_id,
            Account=order.Account,
            Venue=venue,
            Terms=order.Terms,
        )
        child = NewOrder(OrderID=child_id, Account=order.Account, Terms=order.Terms)
        yield Send(f"venue/{venue}", child)

    def _cancel(self, request: CancelOrder) -> Effects:
        parent = self.state.parents.get(request.OrderID)
        if parent is None or parent.ended:
            yield from self._too_late(request.OrderID, request.RequestID, parent)
            return
        yield ev.RequestRouted(OrderID=request.OrderID, RequestID=request.RequestID)
        down = CancelOrder(
            OrderID=parent.ChildID, RequestID=request.RequestID, Symbol=request.Symbol
        )
        yield Send(f"venue/{parent.Venue}", down)

    def _replace(self, request: ReplaceOrder) -> Effects:
        parent = self.state.parents.get(request.OrderID)
        if parent is None or parent.ended:
            yield from self._too_late(request.OrderID, request.RequestID, parent)
            return
        yield ev.RequestRouted(
            OrderID=request.OrderID, RequestID=request.RequestID, Terms=request.Terms
        )
        down = ReplaceOrder(
            OrderID=parent.ChildID, RequestID=request.RequestID, Terms=request.Terms
        )
        yield Send(f"venue/{parent.Venue}", down)

    def _too_late(self, order_id: str, request_id: str, parent: Parent | None) -> Effects:
        if parent is None:  # unroutable: the account has its Rejected and knows the order ended
            return
        yield Send(
            f"account/{parent.Account}",
            RequestRejected(
                OrderID=order_id,
                Symbol=self.name,
                Account=parent.Account,
                RequestID=request_id,
                CxlRejReason=CxlRejReason.TooLateToCancel,
                Text="the order had ended at the venue",
            ),
        )

    def _executed(self, said: Execution) -> Effects:
        parent = self.state.parents.get(self.state.children.get(said.OrderID, ""))
        if parent is None:
            yield ev.BreakFound(OrderID=said.OrderID, What=f"{said.ExecType} for an unknown child")
            return
        if self._overfills(parent, said):
            what = f"{said.Venue} filled {said.LastQty} beyond what was left of the child"
            yield ev.BreakFound(OrderID=said.OrderID, What=what)
        yield ev.ChildExecuted(
            ChildID=said.OrderID,
            ExecType=said.ExecType,
            VenueExecID=said.VenueExecID,
            RequestID=said.RequestID,
            VenueExecRefID=said.VenueExecRefID,
            LastQty=said.LastQty if said.ExecType in FILLS else None,
            LastPx=said.LastPx if said.ExecType in FILLS else None,
            OrderQty=said.OrderQty,
            Price=said.Price,
            CumQty=said.CumQty if said.ExecRestatementReason is SPLIT else None,
            Ends=said.Ends,
        )
        up = said.model_copy(update={"OrderID": parent.OrderID})
        yield Send(f"account/{parent.Account}", up)

    def _overfills(self, parent: Parent, said: Execution) -> bool:
        if said.ExecType is not ExecType.Trade or not said.LastQty or parent.terms.OrderQty is None:
            return False
        return parent.cum_qty + said.LastQty > parent.terms.OrderQty

    def _adopt(self, order: VenueOrder) -> Effects:
        if order.OrderID in self.state.parents:
            return
        yield ev.ChildAdopted(
            OrderID=order.OrderID, Account=order.Account, Venue=order.Venue, Terms=order.Terms
        )
        yield Send(f"account/{order.Account}", order)

    def _request_rejected(self, said: RequestRejected) -> Effects:
        parent = self.state.parents.get(self.state.children.get(said.OrderID, ""))
        if parent is None:
            yield ev.BreakFound(OrderID=said.OrderID, What="a reject for an unknown child")
            return
        yield ev.ChildRequestRejected(ChildID=said.OrderID, RequestID=said.RequestID)
        up = said.model_copy(update={"OrderID": parent.OrderID})
        yield Send(f"account/{parent.Account}", up)

    def apply(self, event: ev.BookEvent) -> None:
        state = self.state
        match event:
            case ev.InstrumentDefined(Definition=definition):
                state.definition = definition
            case ev.OrderRouted():
                state.parents[event.OrderID] = Parent(
                    event.OrderID, event.ChildID, event.Account, event.Venue, event.Terms
                )
                state.children[event.ChildID] = event.OrderID
            case ev.ChildAdopted():
                state.parents[event.OrderID] = Parent(
                    event.OrderID, event.OrderID, event.Account, event.Venue, event.Terms
                )
                state.children[event.OrderID] = event.OrderID
            case ev.RequestRouted():
                if event.Terms:
                    state.parents[event.OrderID].replaces[event.RequestID] = event.Terms
            case ev.ChildExecuted():
                self._apply_execution(state.parents[state.children[event.ChildID]], event)
            case ev.ChildRequestRejected():
                parent = state.parents[state.children[event.ChildID]]
                parent.replaces.pop(event.RequestID, None)
            case ev.OrderUnroutable() | ev.BreakFound():
                pass  # said and recorded; nothing to remember
            case _:
                assert_never(event)

    def _apply_execution(self, parent: Parent, event: ev.ChildExecuted) -> None:
        parent.count(event)
        if event.ExecType is ExecType.Replaced and event.RequestID in parent.replaces:
            parent.terms = parent.replaces.pop(event.RequestID)
        changed = {"OrderQty": event.OrderQty, "Price": event.Price}
        changed = {name: value for name, value in changed.items() if value is not None}
        if changed:
            parent.terms = parent.terms.model_copy(update=changed)
        if event.ExecType in ENDS or event.Ends is not None:
            parent.ended = True
