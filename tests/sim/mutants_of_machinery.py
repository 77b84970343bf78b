"""What could be wrong with shell, host, links, snapshots and borders."""

import asyncio
from typing import Any
from weakref import WeakSet

from gateways.amqp.desk_outbox import Outbox
from infra import snapshots
from infra.hosts import actor
from infra.hosts import actor as host
from infra.hosts.actor import ActorHost
from infra.hosts.egress import EgressHost
from infra.hosts.ingress import IngressHost
from infra.hosts.outposts import Outposts
from infra.journals.memory import MemoryJournal
from infra.links.outlink import Outlink
from infra.shell import Gap, Shell
from tests.sim.mutant import Planted, mutant

# ---- the shell


@mutant("all", (7,), 150)
def what_was_heard_is_taken_again() -> list[Planted]:
    right = Shell._known

    def known(self: Shell, envelope: Any) -> bool:
        found = right(self, envelope)
        return found and envelope.sender.startswith("timer")

    return [(Shell, "_known", known)]


@mutant("none", (1, 2), 20)
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


@mutant("all", (1, 2, 3, 4, 5, 6), 60)
def timers_are_lost() -> list[Planted]:
    return [(Shell, "_set_timers", lambda self, cause, timers: b"[]")]


@mutant()
def a_number_sent_is_not_counted_in_replay() -> list[Planted]:
    right = Shell.replay

    def replay(self: Shell, entry: Any) -> None:
        right(self, entry)
        for recipient, seq, _ in entry.sent():
            if entry.number % 7 == 0:
                self.sent[recipient] = seq - 1

    return [(Shell, "replay", replay)]


@mutant()
def the_cursor_is_not_replayed() -> list[Planted]:
    right = Shell.replay

    def replay(self: Shell, entry: Any) -> None:
        before = dict(self.heard)
        right(self, entry)
        if entry.number % 5 == 0:
            self.heard = before

    return [(Shell, "replay", replay)]


# ---- the host


@mutant()
def the_commit_is_put_off() -> list[Planted]:
    def commit(self: Any, entries: Any) -> None:
        if entries:
            self._post(entries)
            asyncio.get_running_loop().call_later(0.2, self._journal.append, entries)

    return [(ActorHost, "_commit", commit)]


@mutant()
def sent_before_the_commit() -> list[Planted]:
    def commit(self: Any, entries: Any) -> None:
        if entries:
            self._post(entries)
            self._journal.append(entries)

    return [(ActorHost, "_commit", commit)]


@mutant("crash", (1, 2, 3), 50)
def what_is_owed_is_not_sent_after_a_restart() -> list[Planted]:
    right = actor.recover

    def recover(*words: Any, **options: Any) -> Any:
        return right(*words, **options)[0], {}

    return [(actor, "recover", recover)]


@mutant("all", (3, 1, 2), 60)
def what_was_sent_counts_as_heard() -> list[Planted]:
    right = Outposts.offer

    def offer(self: Any, recipient: str, envelopes: Any, epoch: int) -> None:
        right(self, recipient, envelopes, epoch)
        self._news[recipient] = envelopes[-1].seq

    return [(Outposts, "offer", offer)]


@mutant("all", (1, 2, 3, 4), 60)
def a_succeeded_incarnation_may_still_write() -> list[Planted]:
    def append(self: Any, entries: Any, acknowledged: Any = None) -> None:
        self.tape.entries.extend(entries)
        self.tape.acknowledged.update(acknowledged or {})

    return [(MemoryJournal, "append", append)]


@mutant("crash", (1, 2), 50)
def the_epoch_is_not_raised() -> list[Planted]:
    def open_(self: Any) -> int:
        self.tape.epoch = max(1, self.tape.epoch)
        self._epoch = self.tape.epoch
        return int(self._epoch)

    return [(MemoryJournal, "open", open_)]


@mutant("none", (2, 4), 40)
def a_desk_is_held_back_for_ever() -> list[Planted]:
    right = ActorHost._hold_back

    def hold_back(self: Any) -> None:
        kept, self._paused = self._paused, WeakSet()
        right(self)
        for source in kept:
            self._paused.add(source)

    return [(ActorHost, "_hold_back", hold_back), (host, "BACKLOG", 3)]


@mutant("none", (1, 2), 20)
def a_timer_is_never_over() -> list[Planted]:
    return [(Shell, "_fired", lambda self, sender: None)]


@mutant("disk", (1,), 300)
def a_row_that_was_changed_is_taken() -> list[Planted]:
    right = Shell.replay

    def replay(self: Shell, entry: Any) -> None:
        right(self, entry._replace(chain=entry.digest(self.chain)))

    return [(Shell, "replay", replay)]


@mutant()
def report_numbers_are_used_again() -> list[Planted]:
    right = Shell.replay

    def replay(self: Shell, entry: Any) -> None:
        before = dict(self.sent)
        right(self, entry)
        for recipient in self.sent:
            if recipient.startswith("desk/"):
                self.sent[recipient] = before.get(recipient, 0)

    return [(Shell, "replay", replay)]


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


@mutant("crash", (1, 2, 3), 120)
def a_snapshot_without_the_cursor() -> list[Planted]:
    return _without("heard")


@mutant("crash", (1,), 60)
def a_snapshot_without_the_outbox_numbers() -> list[Planted]:
    return _without("sent")


@mutant("all", (17,), 60)
def an_actor_lets_go_while_it_owes_something() -> list[Planted]:
    def idle_s(self: Any) -> float:
        return 10.0

    return [(ActorHost, "idle_s", idle_s)]


@mutant("crash", (1, 2, 3), 120)
def a_snapshot_is_of_one_entry_less() -> list[Planted]:
    right = MemoryJournal.save_snapshot

    def save(self: Any, number: int, stamp: str, data: bytes) -> None:
        right(self, number + 1, stamp, data)

    return [(MemoryJournal, "save_snapshot", save)]


# ---- links and borders


@mutant("crash", (1, 2, 3), 40)
def a_new_connection_does_not_send_again() -> list[Planted]:
    right = Outlink.hello

    def hello(self: Any) -> Any:
        kept = self._in_flight
        said = right(self)
        self._in_flight = kept
        return said

    return [(Outlink, "hello", hello)]


@mutant("all", (3, 1, 2, 4, 5), 60)
def a_delivery_is_done_before_the_account_has_it() -> list[Planted]:
    right = IngressHost.delivered

    def delivered(self: Any, consumer: Any, delivery: Any) -> None:
        right(self, consumer, delivery)
        consumer.acknowledge(delivery)

    return [(IngressHost, "delivered", delivered)]


@mutant("broker,crash", (10,), 60)
def a_report_is_acknowledged_before_the_broker_has_it() -> list[Planted]:
    right = EgressHost.take

    def take(self: Any, source: Any, envelopes: Any) -> None:
        right(self, source, envelopes)
        source.acknowledge(envelopes[-1].seq)

    return [(EgressHost, "take", take)]


@mutant("broker,crash", (2, 1, 3, 4, 5), 150)
def a_desk_does_not_repeat_what_was_not_confirmed() -> list[Planted]:
    right = Outbox._attempt

    async def attempt(self: Any, batch: Any) -> Any:
        await right(self, batch)
        return []

    return [(Outbox, "_attempt", attempt)]
