"""The venue connection: places child orders, and never guesses what became of them.

A request that was sent and not answered is in doubt: it is asked about, and it is over only on the
venue's word. What was never handed to the session waits for the session. Every execution counts
once, by ExecID.
"""

from collections.abc import Iterator
from typing import Any, assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, inbox, journaled
from actors.venue import answers, doubts, evolve, forget, killed, market, mass_status, parked
from actors.venue.state import Request, VenueState
from messages import events as ev
from messages import venue as wire
from messages.base import SECOND, Instant, Message
from messages.envelope import Address
from messages.kills import CancelKilled, EndedKill, StandingKill
from messages.market import Follow
from messages.operators import FromOperator
from messages.reference import VenueDefinition, VenueScope
from messages.routing import CancelOrder, NewOrder, ReplaceOrder

MarketData = (
    Follow
    | wire.VenueQuotes
    | wire.VenueMarketDataReject
    | wire.VenueSecurityStatus
    | wire.VenueSessionStatus
)
VenueMessage = (
    VenueDefinition
    | VenueScope
    | NewOrder
    | CancelOrder
    | ReplaceOrder
    | wire.VenueExecution
    | wire.VenueCancelReject
    | wire.VenueReject
    | wire.SessionUp
    | wire.SessionDown
    | wire.NotSent
    | wire.CheckDoubt
    | wire.CheckStale
    | FromOperator
    | StandingKill
    | EndedKill
    | CancelKilled
    | wire.SequenceTold
    | MarketData
)
Effects = Iterator[ev.VenueEvent | Send | Timer]

DOUBT_AFTER: Instant = 5 * SECOND
"""Sent and unanswered for this long, a request is in doubt and asked about."""


class Venue(Actor[VenueMessage, ev.VenueEvent, VenueState]):
    """One FIX session to one venue, addressed ``venue/<Venue>``."""

    INBOX = inbox(VenueMessage)
    EVENTS = journaled(ev.VenueEvent)
    STATE = TypeAdapter(VenueState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, VenueState())

    def receive(self, message: VenueMessage, now: Instant) -> Effects:
        yield from self._receive(message, now)
        if self.state.settled:
            yield from killed.tell(self.name, self.state, now)

    def _receive(self, message: VenueMessage, now: Instant) -> Effects:
        match message:
            case NewOrder():
                yield from self._day(now)
                yield from self._new(message, now)
            case CancelOrder() | ReplaceOrder():
                yield from self._request(message, now)
            case wire.VenueExecution() | wire.VenueCancelReject() | wire.VenueReject():
                for effect in answers.heard(self.name, self.state, message, now, self.trace):
                    yield from self._again(effect, now) if isinstance(effect, str) else (effect,)
            case wire.SessionUp():
                yield from self._day(now)
                yield ev.SessionOpened()
                yield from market.session_up(self.name, self.state)
                for clordid in list(self.state.unanswered):
                    yield from self._settle(self.state.requests[clordid], now)
                yield from mass_status.ask(self.name, self.state)
            case wire.SessionDown():
                if self.state.up:
                    yield ev.SessionClosed(Text=message.Text)
                    yield from market.session_down(self.name, self.state)
            case wire.NotSent():
                yield from self._not_sent(message, now)
            case wire.CheckDoubt():
                yield from self._check_doubt(now)
            case wire.CheckStale():
                yield from self._check_stale(now)
            case VenueScope():
                if message != self.state.scope:
                    yield ev.VenueScoped(Scope=message)
            case VenueDefinition():
                if message != self.state.definition:
                    yield ev.VenueDefined(Definition=message)
            case FromOperator():
                yield from doubts.said(self.name, self.state, message, now)
            case StandingKill() | EndedKill():
                yield from killed.heard(self.name, self.state, message, now)
            case CancelKilled():
                yield from self._cancel_killed(now)
            case wire.SequenceTold():
                yield killed.sequence(self.name, message)
            case _:
                yield from self._market_data(message)

    def _market_data(self, message: MarketData) -> Effects:
        match message:
            case Follow():
                yield from market.follow(self.name, self.state, message)
            case wire.VenueQuotes():
                yield from market.quoted(self.name, self.state, message)
            case wire.VenueMarketDataReject():
                yield from market.refused(self.name, self.state, message)
            case wire.VenueSecurityStatus():
                yield from market.security_status(self.name, self.state, message)
            case wire.VenueSessionStatus():
                yield from market.session_status(self.name, self.state, message)
            case _:
                assert_never(message)

    def _day(self, now: Instant) -> Effects:
        """Without a timer: where nothing comes in, nothing piles up."""
        if 0 < self.state.day < forget.day_of(now):
            yield ev.DayBegan(At=now)

    def _new(self, order: NewOrder, now: Instant) -> Effects:
        yield ev.ChildTaken(
            ChildID=order.OrderID,
            ClOrdID=order.OrderID,
            Account=order.Account,
            Terms=order.Terms,
            At=now,
            Trace=self.trace,
            Desk=order.Desk,
        )
        request = self.state.requests[order.OrderID]
        if self.state.kills and (kill := killed.over(self.name, self.state, request)):
            yield from killed.stop(self.name, self.state, request, kill, now)
            return
        wait = self._patience()
        if not self.state.up and wait is not None:
            yield Timer("stale", now + wait, wire.CheckStale(), keep=True)
        yield from self._send(request, now)

    def _cancel_killed(self, now: Instant) -> Effects:
        for clordid in (yield from killed.cancel(self.name, self.state, now)):
            yield from self._send(self.state.requests[clordid], now)

    def _request(self, message: CancelOrder | ReplaceOrder, now: Instant) -> Effects:
        child = self.state.children.get(message.OrderID)
        if child is None:
            yield answers.forgotten(message)
            return
        terms = message.Terms if isinstance(message, ReplaceOrder) else None
        clordid = f"{child.ChildID}.{child.requests + 1}"
        if child.ended:
            yield answers.too_late(child, message.RequestID)
            return
        yield ev.RequestTaken(
            ChildID=child.ChildID, RequestID=message.RequestID, ClOrdID=clordid, Terms=terms
        )
        first = self.state.requests[child.ChildID]
        if first.sent_at == 0:  # a replace waits behind it, a cancel needs no venue
            if terms is None:
                yield from answers.never_sent(self.name, child, message.RequestID, now)
            return
        yield from self._send(self.state.requests[clordid], now)

    def _send(self, request: Request, now: Instant, *, poss_resend: bool = False) -> Effects:
        if not self.state.up:
            return
        if self.state.kills and (kill := killed.over(self.name, self.state, request)):
            yield from killed.stop(self.name, self.state, request, kill, now)
            return
        if request.kind == "New" and request.ChildID in self.state.closing:
            yield from killed.stop(self.name, self.state, request, None, now)
            return
        yield ev.VenueMessageSent(ClOrdID=request.ClOrdID, At=now)
        yield Send(f"fix/{self.name}", self._message(request, now, poss_resend))
        yield Timer("doubt", now + DOUBT_AFTER, wire.CheckDoubt(), keep=True)

    def _again(self, clordid: str, now: Instant) -> Effects:
        """The venue does not know this request: say it again, marked as possibly sent before."""
        yield from self._send(self.state.requests[clordid], now, poss_resend=True)

    def _settle(self, request: Request, now: Instant) -> Effects:
        """After a logon: send what never left, ask about what may have left."""
        if self._is_stale(request, now):
            yield from answers.stale(self.name, self.state.children[request.ChildID], now)
            return
        if request.sent_at == 0:
            yield from self._send(request, now)
            return
        if not request.in_doubt:
            yield ev.WentInDoubt(ClOrdID=request.ClOrdID, At=now)
        yield from self._ask(request, now)

    def _ask(self, request: Request, now: Instant) -> Effects:
        """A new order by status request; a cancel or replace by saying it again (PossResend)."""
        if request.kind != "New":
            if not (self.state.kills and killed.over(self.name, self.state, request)):
                yield from self._send(request, now, poss_resend=True)
            return  # a replace that a kill stops may be there: the cancel of the order ends it
        child = self.state.children[request.ChildID]
        question = wire.VenueStatusRequest(
            ClOrdID=request.ClOrdID, Symbol=child.terms.Symbol, Side=child.terms.Side
        )
        yield Send(f"fix/{self.name}", question)
        yield Timer("doubt", now + DOUBT_AFTER, wire.CheckDoubt(), keep=True)

    def _not_sent(self, message: wire.NotSent, now: Instant) -> Effects:
        request = self.state.requests.get(message.ClOrdID)
        if request is None or message.ClOrdID not in self.state.unanswered:
            return
        if not request.in_doubt:  # sent before and asked about: still in doubt, not held
            yield ev.VenueMessageHeld(ClOrdID=message.ClOrdID)
            if self.state.kills and (kill := killed.over(self.name, self.state, request)):
                yield from killed.stop(self.name, self.state, request, kill, now)
                return
        if self.state.up:
            yield Timer("doubt", now + DOUBT_AFTER, wire.CheckDoubt(), keep=True)

    def _check_doubt(self, now: Instant) -> Effects:
        for clordid in list(self.state.unanswered):
            request = self.state.requests[clordid]
            if request.sent_at and now - request.sent_at < DOUBT_AFTER:
                continue
            if self.state.up:
                yield from self._settle(request, now)
            elif request.sent_at and not request.in_doubt:
                yield ev.WentInDoubt(ClOrdID=clordid, At=now)
        if self.state.unanswered:
            yield Timer("doubt", now + DOUBT_AFTER, wire.CheckDoubt(), keep=True)

    def _patience(self) -> Instant | None:
        """How long a new order may wait for the session."""
        definition = self.state.definition
        wait = definition.StaleAfter if definition else 0
        return wait * SECOND if wait else None

    def _is_stale(self, request: Request, now: Instant) -> bool:
        wait = self._patience()
        waits = request.kind == "New" and request.sent_at == 0 and request.taken_at > 0
        return waits and wait is not None and now - request.taken_at >= wait

    def _check_stale(self, now: Instant) -> Effects:
        """What waited too long is rejected: its market has moved on, and its desk may want to."""
        waiting = [self.state.requests[clordid] for clordid in self.state.unanswered]
        for request in waiting:
            if self._is_stale(request, now):
                yield from answers.stale(self.name, self.state.children[request.ChildID], now)
        left = [r.taken_at for r in waiting if r.kind == "New" and r.sent_at == 0 and r.taken_at]
        left = [at for at in left if now - at < (self._patience() or 0)]
        if left:
            yield Timer("stale", min(left) + (self._patience() or 0), wire.CheckStale())

    def _message(self, request: Request, now: Instant, poss_resend: bool) -> Message:
        child = self.state.children[request.ChildID]
        terms = request.terms or child.terms
        known: dict[str, Any] = {
            "ClOrdID": request.ClOrdID,
            "Terms": terms,
            "TransactTime": now,
            "PossResend": poss_resend,
        }
        if request.kind == "New":
            return wire.VenueNewOrder(Account=child.Account, **known)
        known |= {"OrigClOrdID": request.orig, "OrderID": child.venue_order_id or None}
        if request.kind == "Cancel":
            return wire.VenueCancel(**known)
        return wire.VenueReplace(Account=child.Account, **known)

    def trace_of(self, message: VenueMessage) -> str:
        """What the venue, or an operator, says belongs to the trace of the order it is about."""
        said = message.Request if isinstance(message, FromOperator) else message
        names = (getattr(said, "ClOrdID", None), getattr(said, "OrigClOrdID", None))
        for request in filter(None, (self.state.requests.get(name or "") for name in names)):
            return self.state.children[request.ChildID].trace
        return ""

    def parked(self, sender: Address, body: bytes, now: Instant) -> Effects:
        yield from parked.answer(self.name, self.state, sender, body, now)

    def apply(self, event: ev.VenueEvent) -> None:
        evolve.apply(self.state, event)
