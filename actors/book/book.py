"""The instrument book: it routes each order to a venue, and works itself what no venue does.

An order that its venue does everything for is one child, passed on as it is; its quantities never
exceed what the parent asked for, and what contradicts that is a break. Any other order the book
works by a plan (``working``), from what it hears of the market and of the trading day.
"""

from pydantic import TypeAdapter

from actors.actor import Actor, Send, inbox, journaled
from actors.book import (
    answers,
    cash,
    checks,
    evolve,
    killed,
    parked,
    requests,
    routing,
    ruled,
    self_match,
    sessions,
    watching,
    working,
)
from actors.book.effects import Effects, refusal, rejected
from actors.book.state import BookState, Parent
from messages import events as ev
from messages.base import Instant
from messages.envelope import Address
from messages.fix import CxlRejReason, ExecType, OrdRejReason, SecurityTradingStatus
from messages.kills import EndedKill, StandingKill
from messages.market import Quote, QuotesLost, TradingStatus
from messages.plans import CheckQuotes, ExpireOrders, PriceAwaited, SessionTurn
from messages.reference import InstrumentDefinition, VenueDefinition
from messages.routing import (
    CancelOrder,
    Execution,
    NewOrder,
    ReplaceOrder,
    RequestRejected,
    VenueOrder,
)
from messages.rulebook import RulesIssued
from messages.sessions import SessionCalendar

BookMessage = (
    VenueOrder
    | InstrumentDefinition
    | VenueDefinition
    | SessionCalendar
    | NewOrder
    | CancelOrder
    | ReplaceOrder
    | Execution
    | RequestRejected
    | Quote
    | QuotesLost
    | TradingStatus
    | SessionTurn
    | ExpireOrders
    | CheckQuotes
    | PriceAwaited
    | RulesIssued
    | StandingKill
    | EndedKill
)


class Book(Actor[BookMessage, ev.BookEvent, BookState]):
    """One instrument's orders, addressed ``book/<Symbol>``."""

    INBOX = inbox(BookMessage)
    EVENTS = journaled(ev.BookEvent)
    STATE = TypeAdapter(BookState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, BookState())

    def receive(self, message: BookMessage, now: Instant) -> Effects:
        state = self.state
        if state.turn is not None and now >= state.turn.At:
            yield from sessions.turn(state, now, lambda p: working.advance(state, p, now))
        match message:
            case NewOrder():
                yield from self._new(message, now)
            case Execution():
                yield from self._executed(message, now)
            case CancelOrder():
                yield from self._cancel(message, now)
            case ReplaceOrder():
                yield from self._replace(message, now)
            case RequestRejected():
                yield from self._request_rejected(message, now)
            case VenueOrder():
                yield from self._adopt(message, now)
            case StandingKill() | EndedKill():
                yield from killed.heard(self.name, state, message, now)
            case _:
                yield from self._around(message, now)
        if state.waiting:
            yield from self._release(now)
        if state.followed:
            yield from watching.unfollow(state, self.name)
        if state.settled:
            yield from killed.tell(self.name, state, now)

    def _around(
        self,
        message: InstrumentDefinition
        | VenueDefinition
        | SessionCalendar
        | Quote
        | QuotesLost
        | TradingStatus
        | SessionTurn
        | ExpireOrders
        | CheckQuotes
        | PriceAwaited
        | RulesIssued,
        now: Instant,
    ) -> Effects:
        """What the book is told of the world around its orders."""
        state = self.state
        match message:
            case InstrumentDefinition():
                if message != state.definition:
                    yield ev.InstrumentDefined(Definition=message)
                    yield from self._arm(now)
            case VenueDefinition():
                if message != state.venues.get(message.Venue):
                    yield ev.VenueDefined(Definition=message)
            case SessionCalendar():
                if message != state.calendar:
                    yield ev.CalendarDefined(Calendar=message)
                    yield from self._arm(now)
            case Quote():
                yield from watching.heard(state, message, now)
                if watching.fresh(state, message.Venue, now):
                    yield from self._advance(message.Venue, now)
            case QuotesLost():
                yield from watching.lost(state, message)
            case TradingStatus():
                yield from self._trading(message, now)
            case SessionTurn():
                pass  # the day has turned already, before anything else was decided
            case ExpireOrders():
                yield from working.expire(state, now)
            case CheckQuotes():
                yield from watching.check(state, message, now)
            case PriceAwaited():
                yield from cash.give_up(state, message, now)
            case RulesIssued():
                yield from ruled.adopt(state, self.name, message)

    def _arm(self, now: Instant) -> Effects:
        """Know where in the trading day we are, for as long as an order is open."""
        if self.state.open and (self.state.days or self.state.turn):
            yield from sessions.arm(self.state, now)

    def _advance(self, venue: str, now: Instant) -> Effects:
        for parent in self.state.working(venue):
            yield from working.advance(self.state, parent, now)

    def _trading(self, said: TradingStatus, now: Instant) -> Effects:
        if said.Status is self.state.statuses.get(said.Venue):
            return
        yield ev.TradingStatusHeard(Venue=said.Venue, Status=said.Status, Text=said.Text)
        if said.Status is SecurityTradingStatus.Halt:
            yield from working.halted(self.state, said.Venue, now)
        yield from self._advance(said.Venue, now)

    def _new(self, order: NewOrder, now: Instant) -> Effects:
        state = self.state
        if order.OrderID in state.parents or order.OrderID in state.waiting:
            return
        if state.turn is None and state.days:
            yield from sessions.arm(state, now)
        if state.rules is not None:
            if objection := checks.first_objection(state, order, now):
                yield from ruled.refuse(state, order, *objection, now)
                return
            mode = state.rules.SelfMatch
            if mode is not None:
                yield from self_match.hold_back(state, order, mode, now)
                if order.OrderID in state.waiting:
                    return
        yield from self._route(order, now)

    def _release(self, now: Instant) -> Effects:
        """Orders whose owner's others are gone, by their venues' word."""
        for waiting in list(self.state.waiting.values()):
            released = yield from ruled.release(self.state, waiting, now)
            if released is not None:
                yield from self._route(released, now)

    def _route(self, order: NewOrder, now: Instant) -> Effects:
        state = self.state
        route = routing.route(state, self.name, order.Terms, now)
        if isinstance(route, routing.Lack):
            yield from self._unroutable(order, route.reason, route.text(), now)
            return
        venue, plan = route
        if state.kills:
            kill = killed.over(state, venue, self.name, order.Account, order.Desk or "")
            if kill:
                text = f"stopped by {kill.text()}"
                yield from self._unroutable(order, OrdRejReason.BrokerOption, text, now)
                return
        if plan is not None:
            yield from working.begin(state, order, venue, plan, now)
            return
        child_id = f"{order.OrderID}.1"
        yield ev.OrderRouted(
            OrderID=order.OrderID,
            ChildID=child_id,
            Account=order.Account,
            Venue=venue,
            Terms=order.Terms,
            Desk=order.Desk,
        )
        child = order.model_copy(update={"OrderID": child_id})
        yield Send(f"venue/{venue}", child)

    def _unroutable(
        self, order: NewOrder, reason: OrdRejReason, text: str, now: Instant
    ) -> Effects:
        yield ev.OrderUnroutable(OrderID=order.OrderID, Text=text)
        yield rejected(order, reason, text, now)

    def _cancel(self, request: CancelOrder, now: Instant) -> Effects:
        parent = self.state.parents.get(request.OrderID)
        if request.OrderID in self.state.waiting:
            yield from ruled.cancel(self.state, request, now)
        elif parent is None or parent.ended:
            yield from self._too_late(request.RequestID, parent)
        elif parent.work:
            yield from requests.cancel(parent, request, now)
        else:
            yield ev.RequestRouted(OrderID=request.OrderID, RequestID=request.RequestID)
            down = CancelOrder(
                OrderID=parent.ChildID, RequestID=request.RequestID, Symbol=request.Symbol
            )
            yield Send(f"venue/{parent.Venue}", down)

    def _replace(self, request: ReplaceOrder, now: Instant) -> Effects:
        parent = self.state.parents.get(request.OrderID)
        if request.OrderID in self.state.waiting:
            yield ruled.not_now(self.state, request)
        elif parent is None or parent.ended:
            yield from self._too_late(request.RequestID, parent)
        elif found := checks.of_replace(self.state, parent.Account, request.Terms, now):
            reason = CxlRejReason.BrokerOption
            yield refusal(parent, self.name, request.RequestID, reason, found.text(), found)
        elif parent.work and (why := killed.forbids(self.state, self.name, parent, request)):
            yield refusal(parent, self.name, request.RequestID, CxlRejReason.BrokerOption, why)
        elif parent.work:
            yield from requests.replace(self.state, parent, request, now)
        elif why := self._not_there(parent, request, now):
            reason = CxlRejReason.BrokerOption
            yield refusal(parent, self.name, request.RequestID, reason, why)
        else:
            yield ev.RequestRouted(
                OrderID=request.OrderID, RequestID=request.RequestID, Terms=request.Terms
            )
            down = ReplaceOrder(
                OrderID=parent.ChildID, RequestID=request.RequestID, Terms=request.Terms
            )
            yield Send(f"venue/{parent.Venue}", down)

    def _not_there(self, parent: Parent, request: ReplaceOrder, now: Instant) -> str | None:
        """Why an order that its venue works cannot get these terms; None: it can."""
        if routing.natively(request.Terms, routing.capabilities(self.state, parent.Venue)):
            return None
        plan = routing.plan_at(self.state, parent.Venue, request.Terms, now)
        if isinstance(plan, routing.Lack):
            return plan.text()
        return (
            f"{parent.Venue} works the order and does not know these terms; cancel it and send "
            f"them as a new order"
        )

    def _too_late(self, request_id: str, parent: Parent | None) -> Effects:
        if parent is None:  # unroutable: the account has its Rejected and knows the order ended
            return
        reason, text = CxlRejReason.TooLateToCancel, "the order had ended at the venue"
        yield refusal(parent, self.name, request_id, reason, text)

    def _executed(self, said: Execution, now: Instant) -> Effects:
        parent = self.state.parents.get(self.state.children.get(said.OrderID, ""))
        if parent is None:
            yield ev.BreakFound(OrderID=said.OrderID, What=f"{said.ExecType} for an unknown child")
            return
        if parent.work:
            yield from answers.executed(self.state, parent, said, now)
            return
        if self._overfills(parent, said):
            what = f"{said.Venue} filled {said.LastQty} beyond what was left of the child"
            yield ev.BreakFound(OrderID=said.OrderID, What=what)
        ours = bool(self.state.own) and said.RequestID in self.state.own
        yield answers.recorded(said)
        if parent.worked:
            yield from answers.after_the_end(parent, said)
            return
        declined = self.state.declined
        if declined and said.ExecType is ExecType.New and parent.OrderID in declined:
            return  # the account has heard New, and with it how much was declined
        up = said.model_copy(update={"OrderID": parent.OrderID})
        if ours and said.ExecType is not ExecType.Trade:
            if said.ExecType in answers.PENDING:
                return  # of a request that the account did not make
            up = ruled.unasked(up, parent)
        yield Send(f"account/{parent.Account}", up)

    def _overfills(self, parent: Parent, said: Execution) -> bool:
        if said.ExecType is not ExecType.Trade or not said.LastQty or parent.order_qty is None:
            return False
        return parent.cum_qty + said.LastQty > parent.order_qty

    def _adopt(self, order: VenueOrder, now: Instant) -> Effects:
        if order.OrderID in self.state.parents:
            return
        if self.state.turn is None and self.state.days:
            yield from sessions.arm(self.state, now)
        yield ev.ChildAdopted(
            OrderID=order.OrderID, Account=order.Account, Venue=order.Venue, Terms=order.Terms
        )
        yield Send(f"account/{order.Account}", order)

    def _request_rejected(self, said: RequestRejected, now: Instant) -> Effects:
        parent = self.state.parents.get(self.state.children.get(said.OrderID, ""))
        if parent is None:
            yield ev.BreakFound(OrderID=said.OrderID, What="a reject for an unknown child")
            return
        if parent.work:
            yield from answers.refused(self.state, parent, said, now)
            return
        ours = bool(self.state.own) and said.RequestID in self.state.own
        yield ev.ChildRequestRejected(ChildID=said.OrderID, RequestID=said.RequestID)
        if parent.worked or ours:
            return  # nobody asked; or the order ended, and every request was answered with that
        up = said.model_copy(update={"OrderID": parent.OrderID})
        yield Send(f"account/{parent.Account}", up)

    def parked(self, sender: Address, body: bytes, now: Instant) -> Effects:
        yield from parked.answer(self.state, self.name, sender, body, now)

    def apply(self, event: ev.BookEvent) -> None:
        evolve.apply(self.state, event)
