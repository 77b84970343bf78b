"""Surveillance: sees what compliance heard, one sighting after the other, and raises alerts.

Each sighting is journaled as it came and remembered; then the patterns that look at its kind look.
So what came together changes nothing: the same sightings in other batches give the same alerts, and
a replay, which never runs a pattern, gives the same memory.
"""

from collections.abc import Iterator
from typing import assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, inbox, journaled
from actors.surveillance import cases, evolve, pattern
from actors.surveillance.pattern import Finding, Later, Pattern, Sight
from actors.surveillance.patterns import PATTERNS, SEEN_BY
from actors.surveillance.sight import Sighting
from actors.surveillance.state import ZERO, Known, Order, SurveillanceState, Tape, Track, key
from messages import events as ev
from messages.base import SECOND, Instant
from messages.cases import CaseReport, CaseRequest, NewsReported
from messages.envelope import Address
from messages.operators import FromOperator
from messages.sessions import SessionCalendar
from messages.surveillance import LookAgain, Sightings
from messages.thresholds import Party, SurveillanceDefinition

SurveillanceMessage = (
    Sightings | LookAgain | FromOperator | SurveillanceDefinition | SessionCalendar
)
Effects = Iterator[ev.SurveillanceEvent | Send | Timer]

NO_PARTY = Party(Account="nobody")
NOBODY = Order("", "", "", "", "", 0, ZERO, None, 0, 0)


class Surveillance(Actor[SurveillanceMessage, ev.SurveillanceEvent, SurveillanceState]):
    """One shard, addressed ``surveillance/<shard>``: what ``compliance/<shard>`` hears."""

    INBOX = inbox(SurveillanceMessage)
    EVENTS = journaled(ev.SurveillanceEvent)
    STATE = TypeAdapter(SurveillanceState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, SurveillanceState())
        self._known = Known(self.state.definition)

    @property
    def known(self) -> Known:
        """The definition by name."""
        if self._known.told is not self.state.definition:
            self._known = Known(self.state.definition)
        return self._known

    def receive(self, message: SurveillanceMessage, now: Instant) -> Effects:
        match message:
            case Sightings():
                for seen in message.Rows:
                    yield from self._saw(seen)
            case LookAgain():
                for one in PATTERNS:
                    if one.again is not None:
                        for finding in one.again(self.state, self.known, message):
                            yield from self._alert(one, finding, message.Symbol, now)
            case FromOperator():
                yield from self._said(message, now)
            case SurveillanceDefinition():
                if message != self.state.definition:
                    yield ev.SurveillanceDefined(Definition=message)
            case SessionCalendar():
                closes = [day.Closes for day in message.Days]
                if closes != self.state.closes.get(message.Calendar):
                    yield ev.CalendarDefined(Calendar=message)
            case _:
                assert_never(message)

    def _saw(self, seen: Sighting) -> Effects:
        order = None if isinstance(seen, ev.QuoteSeen) else self.state.live.get(seen.OrderID)
        yield seen
        if isinstance(seen, ev.QuoteSeen):
            return
        if isinstance(seen, ev.OrderSeen):
            order = self.state.live[seen.OrderID]
        if order is None:
            return  # let go long ago: nothing can be said about it
        state, known = self.state, self.known
        sight = Sight(
            state,
            known,
            seen,
            seen.At,
            order.symbol,
            order,
            known.party(order.account),
            state.tracks[key(order.owner, order.symbol)],
            state.tapes.get(order.symbol) or Tape(),
            known.limits(order.symbol),
        )
        yield from self._look(sight)

    def _look(self, sight: Sight) -> Effects:
        for one in SEEN_BY[type(sight.seen)]:
            for found in one.look(sight):
                if isinstance(found, Later):
                    yield Timer(found.what.OrderID, found.at, found.what, keep=True)
                else:
                    yield from self._alert(one, found, sight.symbol, sight.at)

    def _alert(self, one: Pattern, found: Finding, symbol: str, at: Instant) -> Effects:
        limits = self.known.limits(symbol)
        last = self.state.last.get(evolve.quiet_key(one.name, found.owner, symbol))
        if last is not None and abs(at - last) < limits.Quiet * SECOND:
            return
        yield ev.AlertRaised(
            AlertID=f"{self.name}-{self.state.alerts + 1}",
            Pattern=one.name,
            Severity=found.severity,
            Symbol=symbol,
            Band=limits.Band,
            Owner=found.owner,
            Accounts=pattern.accounts(found),
            Desks=pattern.desks(found),
            OrderIDs=pattern.order_ids(found),
            Entries=pattern.entries(found),
            Measures=found.measures,
            Text=found.text,
            At=at,
        )

    def _said(self, words: FromOperator, now: Instant) -> Effects:
        match words.Request:
            case CaseRequest() as wish:
                yield from cases.said(self.state, words.Operator, wish, now)
            case NewsReported() as news:
                yield from self._news(words.Operator, news, now)

    def _news(self, operator: str, news: NewsReported, now: Instant) -> Effects:
        """Everybody's trades before it; what a border brings twice is heard once."""
        before = self.state.alerts
        if evolve.said(news.Symbol, str(news.At), news.Headline) not in self.state.news:
            heard = ev.NewsHeard(
                Symbol=news.Symbol, Move=news.Move, At=news.At, Headline=news.Headline,
                Operator=operator,
            )  # fmt: skip
            yield heard
            limits = self.known.limits(news.Symbol)
            sight = Sight(
                self.state, self.known, heard, now, news.Symbol, NOBODY, NO_PARTY, Track(), Tape(),
                limits,
            )  # fmt: skip
            yield from self._look(sight)
        found = self.state.alerts - before
        report = CaseReport(
            AlertID=news.Symbol,
            Step="News",
            CaseStatus="New" if found else "Nothing",
            Text=f"{found} alerts",
            TransactTime=now,
        )
        yield Send(f"desk/{operator}", report)

    def apply(self, event: ev.SurveillanceEvent) -> None:
        state = self.state
        match event:
            case ev.OrderSeen():
                evolve.order_seen(state, self.known, event)
            case ev.FillSeen():
                evolve.fill_seen(state, self.known, event)
            case ev.OrderGone():
                evolve.order_gone(state, event)
            case ev.OrderRevised():
                evolve.order_revised(state, event)
            case ev.QuoteSeen():
                evolve.quote_seen(state, event)
            case ev.AlertRaised():
                evolve.alert_raised(state, event)
            case ev.CaseMoved():
                evolve.case_moved(state, event)
            case ev.SurveillanceDefined():
                state.definition = event.Definition
            case ev.CalendarDefined():
                days = event.Calendar.Days
                state.closes[event.Calendar.Calendar] = [day.Closes for day in days]
            case ev.NewsHeard():
                evolve.news_heard(state, event)
            case ev.CaseRefused():
                pass  # it is in the journal
            case _:
                assert_never(event)
