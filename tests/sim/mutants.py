"""Bugs on purpose: each breaks one promise, and the oracle must see it within a few seeds.

A mutant is a patch of the product's own code, taken back afterwards. Its name says what is wrong.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from actors.account import booking, evolve, fills, intake
from actors.account import state as account_state
from actors.venue import answers
from actors.venue import evolve as venue_evolve
from actors.venue.venue import Venue
from gateways.amqp.desk_outbox import Outbox
from infra import snapshots
from infra.hosts.actor import ActorHost
from infra.hosts.egress import EgressHost
from infra.hosts.ingress import IngressHost
from infra.journals.memory import MemoryJournal
from infra.links.outlink import Outlink
from infra.shell import Gap, Shell
from messages.fix import ExecType, OrdStatus

Planted = tuple[object, str, Any]
MUTANTS: dict[str, Callable[[], list[Planted]]] = {}


def mutant(make: Callable[[], list[Planted]]) -> Callable[[], list[Planted]]:
    """One row of the table: what to patch, with what."""
    MUTANTS[make.__name__] = make
    return make


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The product with that bug in it."""
    with ExitStack() as stack:
        for where, attribute, wrong in MUTANTS[name]():
            stack.enter_context(patch.object(where, attribute, wrong))
        yield


# ---- the shell


@mutant
def what_was_heard_is_taken_again() -> list[Planted]:
    right = Shell._known

    def known(self: Shell, envelope: Any) -> bool:
        found = right(self, envelope)
        return found and envelope.sender.startswith("timer")

    return [(Shell, "_known", known)]


@mutant
def a_gap_is_accepted() -> list[Planted]:
    right = Shell._known

    def known(self: Shell, envelope: Any) -> bool:
        try:
            return right(self, envelope)
        except Gap:
            return False

    return [
        (Shell, "_known", known),
        (Outlink, "ready", lambda self, most: _one_lost(self, most)),
    ]


def _one_lost(link: Any, most: int) -> list[Any]:
    """A carrier that loses one in a hundred, which the gap would have shown."""
    room = min(most, link.window - link._in_flight, len(link._kept) - link._in_flight)
    begin, link._in_flight = link._in_flight, link._in_flight + max(0, room)
    batch = [link._kept[i] for i in range(begin, begin + max(0, room))]
    return [one for one in batch if one.seq % 100 != 50 or not one.sender.startswith("book")]


@mutant
def timers_are_lost() -> list[Planted]:
    return [(Shell, "_set_timers", lambda self, cause, timers: b"[]")]


@mutant
def a_number_sent_is_not_counted_in_replay() -> list[Planted]:
    right = Shell.replay

    def replay(self: Shell, entry: Any) -> None:
        right(self, entry)
        for recipient, seq, _ in entry.sent():
            if entry.number % 7 == 0:
                self.sent[recipient] = seq - 1

    return [(Shell, "replay", replay)]


@mutant
def the_cursor_is_not_replayed() -> list[Planted]:
    right = Shell.replay

    def replay(self: Shell, entry: Any) -> None:
        before = dict(self.heard)
        right(self, entry)
        if entry.number % 5 == 0:
            self.heard = before

    return [(Shell, "replay", replay)]


# ---- the host


@mutant
def the_commit_is_put_off() -> list[Planted]:
    def commit(self: Any, entries: Any) -> None:
        if entries:
            self._post(entries)
            asyncio.get_running_loop().call_later(0.2, self._journal.append, entries)

    return [(ActorHost, "_commit", commit)]


@mutant
def sent_before_the_commit() -> list[Planted]:
    def commit(self: Any, entries: Any) -> None:
        if entries:
            self._post(entries)
            self._journal.append(entries)

    return [(ActorHost, "_commit", commit)]


@mutant
def what_is_owed_is_not_sent_after_a_restart() -> list[Planted]:
    right = ActorHost._replay

    def replay(self: Any, epoch: int) -> None:
        right(self, epoch)
        self._unsent.clear()

    return [(ActorHost, "_replay", replay)]


@mutant
def what_was_sent_counts_as_heard() -> list[Planted]:
    right = ActorHost._offer

    def offer(self: Any, recipient: str, envelopes: Any) -> None:
        right(self, recipient, envelopes)
        self._news[recipient] = envelopes[-1].seq

    return [(ActorHost, "_offer", offer)]


@mutant
def a_succeeded_sender_is_greeted() -> list[Planted]:
    right = EgressHost.greet

    def greet(self: Any, source: Any) -> int:
        for link in self._links.values():
            link.epoch = 0
        return right(self, source)

    return [(EgressHost, "greet", greet)]


@mutant
def a_succeeded_incarnation_may_still_write() -> list[Planted]:
    def append(self: Any, entries: Any, acknowledged: Any = None) -> None:
        self.tape.entries.extend(entries)
        self.tape.acknowledged.update(acknowledged or {})

    return [(MemoryJournal, "append", append)]


# ---- snapshots


def _without(part: str) -> list[Planted]:
    right = snapshots.dump

    def dump(shell: Shell) -> bytes:
        kept = getattr(shell, part)
        setattr(shell, part, type(kept)())
        try:
            return right(shell)
        finally:
            setattr(shell, part, kept)

    return [(snapshots, "dump", dump)]


@mutant
def a_snapshot_without_the_cursor() -> list[Planted]:
    return _without("heard")


@mutant
def a_snapshot_without_the_outbox_numbers() -> list[Planted]:
    return _without("sent")


# ---- links and borders


@mutant
def a_new_connection_does_not_send_again() -> list[Planted]:
    right = Outlink.hello

    def hello(self: Any) -> Any:
        kept = self._in_flight
        said = right(self)
        self._in_flight = kept
        return said

    return [(Outlink, "hello", hello)]


@mutant
def a_delivery_is_done_before_the_account_has_it() -> list[Planted]:
    right = IngressHost.delivered

    def delivered(self: Any, consumer: Any, delivery: Any) -> None:
        right(self, consumer, delivery)
        consumer.acknowledge(delivery)

    return [(IngressHost, "delivered", delivered)]


@mutant
def a_report_is_acknowledged_before_the_broker_has_it() -> list[Planted]:
    right = EgressHost.take

    def take(self: Any, source: Any, envelopes: Any) -> None:
        right(self, source, envelopes)
        source.acknowledge(envelopes[-1].seq)

    return [(EgressHost, "take", take)]


@mutant
def a_desk_does_not_repeat_what_was_not_confirmed() -> list[Planted]:
    right = Outbox._attempt

    async def attempt(self: Any, batch: Any) -> Any:
        await right(self, batch)
        return []

    return [(Outbox, "_attempt", attempt)]


# ---- the account


@mutant
def a_clordid_makes_a_second_order() -> list[Planted]:
    right = intake.again

    def again(account: str, state: Any, desk: str, clordid: str, *more: Any, **named: Any) -> Any:
        del state.spoken[f"{desk} {clordid}"]
        return right(account, state, desk, clordid, *more, **named)

    return [(intake, "again", again)]


@mutant
def reserved_money_is_not_released() -> list[Planted]:
    right = evolve._settle

    def settle(state: Any, order: Any) -> None:
        if order.status is not OrdStatus.Canceled:
            right(state, order)

    return [(evolve, "_settle", settle)]


@mutant
def reserved_money_is_released_twice() -> list[Planted]:
    right = evolve._settle

    def settle(state: Any, order: Any) -> None:
        if order.status is OrdStatus.Canceled:
            currency = state.instruments[order.terms.Symbol].Currency
            state.reserved[currency] = state.reserved.get(currency, 0) - order.reserved
        right(state, order)

    return [(evolve, "_settle", settle)]


@mutant
def a_late_fill_is_dropped() -> list[Planted]:
    right = booking._filled

    def filled(account: str, state: Any, order: Any, *more: Any) -> Any:
        if order.status in (OrdStatus.Canceled, OrdStatus.Expired):
            return
        yield from right(account, state, order, *more)

    return [(booking, "_filled", filled)]


@mutant
def a_fill_before_new_is_dropped() -> list[Planted]:
    right = booking._filled

    def filled(account: str, state: Any, order: Any, *more: Any) -> Any:
        if order.status is OrdStatus.PendingNew:
            return
        yield from right(account, state, order, *more)

    return [(booking, "_filled", filled)]


@mutant
def a_bust_leaves_the_position() -> list[Planted]:
    return [(fills, "_rebuild", lambda state, symbol: None)]


@mutant
def a_correction_is_added_to_the_fill() -> list[Planted]:
    right = fills.correct

    def correct(state: Any, event: Any) -> None:
        right(state, event)
        state.orders[event.OrderID].cum_qty += event.LastQty

    return [(fills, "correct", correct)]


@mutant
def a_sale_adds_to_the_position() -> list[Planted]:
    right = account_state.Position.book

    def book(self: Any, quantity: Any, amount: Any) -> None:
        right(self, abs(quantity), amount)

    return [(account_state.Position, "book", book)]


@mutant
def a_refused_cancel_is_not_told() -> list[Planted]:
    right = booking._requests_ended

    def ended(account: str, order: Any, requests: Any, now: Any) -> Any:
        yield from right(account, order, requests[1:], now)

    return [(booking, "_requests_ended", ended)]


# ---- the venue connection


@mutant
def an_execution_counts_each_time_it_is_said() -> list[Planted]:
    right = venue_evolve._executed

    def executed(state: Any, event: Any) -> None:
        right(state, event)
        state.exec_ids.pop(event.ExecID, None)

    return [(venue_evolve, "_executed", executed)]


@mutant
def what_is_in_doubt_is_not_asked_about() -> list[Planted]:
    return [(Venue, "_ask", lambda self, request, now: iter(()))]


@mutant
def time_without_an_answer_is_taken_for_a_cancel() -> list[Planted]:
    def ask(self: Any, request: Any, now: Any) -> Any:
        child = self.state.children[request.ChildID]
        yield from answers.never_sent(self.name, child, request.RequestID or "none", now)

    return [(Venue, "_ask", ask)]


@mutant
def exec_ids_repeat() -> list[Planted]:
    right = evolve._count_exec

    def count(state: Any, exec_id: str | None) -> None:
        if state.exec_count % 17:
            right(state, exec_id)
        elif exec_id:
            state.exec_count += state.order_count % 2

    return [(evolve, "_count_exec", count)]


@mutant
def an_expired_order_is_kept_open() -> list[Planted]:
    right = booking.execution

    def execution(account: str, state: Any, said: Any, now: Any) -> Any:
        if said.ExecType is not ExecType.Expired:
            yield from right(account, state, said, now)

    return [(booking, "execution", execution)]


@mutant
def compliance_misses_an_entry_now_and_then() -> list[Planted]:
    right = ActorHost._copy

    def copy(self: Any, entry: Any) -> Any:
        envelope = right(self, entry)
        body = envelope.body
        if entry.number % 50 == 49:
            body = body.replace(b'"OrderFilled"', b'"BreakFound","OrderID":"","What":""}', 1)
        return envelope._replace(body=body)

    return [(ActorHost, "_copy", copy)]
