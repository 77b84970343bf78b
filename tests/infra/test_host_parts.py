"""What surrounds a host in its tests: a network, sources and a journal that write down, in one log,
what happened in which order. And the tests that these do what they are for.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from actors.actor import Actor
from infra.hosts.actor import ActorHost
from infra.journals import JournalFailed
from infra.journals.memory import MemoryJournal, Tape
from infra.links import Heard, Hello
from infra.links.outlink import Outlink
from infra.shell import Shell
from messages.entry import Entry
from messages.envelope import Address, Envelope
from tests.actors.toy import ACTOR, SENDER, START, Toy

Log = list[tuple[Any, ...]]


class LoggedJournal(MemoryJournal):
    """Appends only what it is allowed to."""

    def __init__(self, tape: Tape, log: Log) -> None:
        super().__init__(tape)
        self.log = log
        self.full: JournalFailed | None = None

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        if self.full:
            raise self.full
        super().append(entries, acknowledged)
        self.log.append(("append", [entry.number for entry in entries]))


class LoggedOutpost:
    """Keeps what it is offered until ``hear`` says how far it was heard."""

    def __init__(self, link: Outlink, heard: Heard, log: Log) -> None:
        self.link = link
        self.log = log
        self._heard = heard
        self.offered: list[Envelope] = []
        self.news: list[bytes] = []
        self.closed = False

    @property
    def unacknowledged(self) -> int:
        return self.link.unacknowledged

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        self.link.offer(envelopes)
        self.offered.extend(envelopes)
        self.log.append(("send", self.link.recipient, [e.seq for e in envelopes]))

    def hear(self, seq: int) -> None:
        self.link.acknowledged(seq)
        self._heard(self.link.recipient, seq)

    def vitals(self, data: bytes) -> None:
        self.news.append(data)

    async def close(self) -> None:
        self.closed = True


class LoggedNetwork:
    """Outposts by recipient."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.outposts: dict[Address, LoggedOutpost] = {}

    def outpost(self, link: Outlink, heard: Heard) -> LoggedOutpost:
        found = self.outposts[link.recipient] = LoggedOutpost(link, heard, self.log)
        return found


class LoggedSource:
    """One connection of a sender."""

    def __init__(self, log: Log, sender: Address = SENDER, first: int = 1, epoch: int = 1) -> None:
        self.hello = Hello(sender=sender, recipient=ACTOR, first=first, epoch=epoch)
        self.log = log

    def acknowledge(self, heard: int) -> None:
        self.log.append(("acknowledge", heard))

    def rewind(self, heard: int) -> None:
        self.log.append(("rewind", heard))

    def pause(self) -> None:
        self.log.append(("pause", self.hello.sender))

    def resume(self) -> None:
        self.log.append(("resume", self.hello.sender))


class Bench:
    """Hosts of one toy, one incarnation after the other, on one tape."""

    def __init__(self, **options: Any) -> None:
        self.log: Log = []
        self.tape = Tape()
        self.errors: list[BaseException] = []
        self.now = START
        self.options = options
        self.hosts: list[ActorHost] = []

    async def host(
        self, make: Callable[[], Actor[Any, Any, Any]] = Toy, **options: Any
    ) -> ActorHost:
        """The next incarnation, in service."""
        self.network = LoggedNetwork(self.log)
        self.journal = LoggedJournal(self.tape, self.log)
        found = ActorHost(
            make,
            self.journal,
            self.network,  # type: ignore[arg-type]
            clock=lambda: self.now,
            fail=self.errors.append,
            **({"pace_s": 0.0} | self.options | options),
        )
        self.hosts.append(found)
        await found.start()
        await settled()
        return found

    def replays(self, host: ActorHost) -> bool:
        """Whether a fresh replay of the journal gives exactly the state in memory."""
        actor = host.shell.actor
        fresh = Shell(type(actor)(actor.address), host.shell.epoch)
        for entry in self.tape.entries:
            fresh.replay(entry)
        return fresh.state_digest() == host.shell.state_digest()

    def source(self, host: ActorHost, sender: Address = SENDER) -> LoggedSource:
        """A sender connects."""
        source = LoggedSource(self.log, sender)
        host.greet(source)
        return source

    def forget(self) -> None:
        """What was logged so far is not what the test is about."""
        self.log.clear()

    async def close(self) -> None:
        for host in self.hosts:
            await host.stop()


async def settled() -> None:
    """Let every turn that is due take place."""
    for _ in range(6):
        await asyncio.sleep(0)


async def test_a_journal_that_is_full_writes_nothing_and_logs_nothing() -> None:
    log: Log = []
    journal = LoggedJournal(Tape(), log)
    journal.open()
    journal.full = JournalFailed("disk full")
    with pytest.raises(JournalFailed):
        journal.append([])
    assert log == []


async def test_an_outpost_keeps_what_it_is_offered_until_it_is_heard() -> None:
    log: Log = []
    heard: Log = []
    network = LoggedNetwork(log)
    outpost = network.outpost(Outlink(ACTOR, "reader/1"), lambda *told: heard.append(told))
    outpost.offer([Envelope(ACTOR, "reader/1", 1, "Note", START, "", b"{}")])
    assert outpost.unacknowledged == 1
    outpost.hear(1)
    assert (outpost.unacknowledged, heard) == (0, [("reader/1", 1)])
    assert log == [("send", "reader/1", [1])]
