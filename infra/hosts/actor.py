"""The host of one actor: takes what has come, commits it as one batch, then lets it go out.

The order of things is the guarantee: shell, journal, and only then acknowledgements and sends.
Any failure of the journal ends the process; whoever restarts it replays.
"""

import asyncio
import os
import resource
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from weakref import WeakSet

import structlog

from actors.actor import Actor
from infra.hosts.network import Network
from infra.hosts.outposts import Local, Outposts
from infra.hosts.restart import copy_for, recover
from infra.journals import Journal, JournalFailed
from infra.links import LinkBroken, Source
from infra.shell import UNNUMBERED, ActorFailed, Gap, Shell
from infra.snapshots import Apart, Snapshots
from infra.vitals import VITALS_EVERY_S, Vitals
from messages.base import Instant, Message
from messages.entry import Entry
from messages.envelope import Address, Envelope

TURN = 512
"""At most this many messages in one commit."""

BACKLOG = 20_000
"""With more unacknowledged sends than this to anybody, new requests of desks wait outside."""

PACE_S = 0.004
"""From the end of a turn to the next one at least. A process that was asleep runs slowly until its
memory is back in the caches, so under load it is better woken less often, for more at once.
"""

Arrival = tuple[Source | None, Envelope]
"""A message and the connection it came by; None: from this very process."""

Run = tuple[Source | None, list[Envelope]]
"""What is handled as one message."""

log = structlog.get_logger()


class ActorHost:
    """One actor at work. ``make`` builds the actor as it was born, for replay.

    ``local``: recipients of these kinds live in this very process, take what they are given at
    once, and are told nothing again after a restart (a FIX session; see ``actors/venue``).
    ``urgent``: what senders of these kinds say is handled before all else that waits.
    ``signs``: more fields of its vitals, from the actor's state.
    ``apart``: how a snapshot is written down that work is not to wait for.
    """

    def __init__(
        self,
        make: Callable[[], Actor[Any, Any, Any]],
        journal: Journal,
        network: Network,
        *,
        compliance: Address | None = None,
        reference: Sequence[Message] = (),
        local: Local | None = None,
        urgent: Collection[str] = (),
        observe: Callable[[Any], None] | None = None,
        hear_vitals: Callable[[bytes], None] | None = None,
        signs: Callable[[Any], Mapping[str, Any]] = lambda state: {},
        pace_s: float = PACE_S,
        clock: Callable[[], Instant] = time.time_ns,
        fail: Callable[[BaseException], None] | None = None,
        apart: Apart | None = None,
    ) -> None:
        self._make = make
        self._journal = journal
        self._compliance = compliance
        self._reference = reference
        self._observe = observe
        self._hear_vitals = hear_vitals
        self._signs = signs
        self._pace_s = pace_s
        self._clock = clock
        self._fail = fail or _end_process
        self.shell = Shell(make())
        self._queue: deque[Arrival] = deque()
        self._urgent_kinds = frozenset(urgent)
        self._urgent: deque[Arrival] = deque()
        self._turn_due = False
        self._rests_until = 0.0
        self._outposts = Outposts(network, local or {}, self._heard)
        self._epochs: dict[Address, int] = {}
        self._sources: WeakSet[Source] = WeakSet()
        self._paused: WeakSet[Source] = WeakSet()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: Instant | None = None
        self._over = False
        self._commit_ns: list[int] = []
        self._parked = 0
        self._snapshots = Snapshots(journal, apart)
        self.busy_at = time.monotonic()
        self._tick: asyncio.Task[None] | None = None

    @property
    def address(self) -> Address:
        """The actor's address."""
        return self.shell.address

    async def start(self) -> None:
        """Fence, replay, tell the actor its reference data, and send what is still owed."""
        epoch = self._journal.open()
        began = time.monotonic()
        self.shell, owed = recover(
            self._journal, self._snapshots, self._make, epoch,
            compliance=self._compliance, is_local=self._outposts.is_local,
        )  # fmt: skip
        took = round(time.monotonic() - began, 3)
        log.info("in service", actor=self.address, epoch=epoch, entries=self.shell.number, s=took)
        for recipient, envelopes in owed.items():
            self._outposts.offer(recipient, envelopes, epoch)
        for message in self._reference:
            self.tell("reference/settings", message)
        self._schedule_timer()
        self._tick = asyncio.ensure_future(self._ticking())

    async def stop(self) -> None:
        """Let go of everything. What is unacknowledged is sent by the next incarnation."""
        self._over = True
        if self._tick:
            self._tick.cancel()
        if self._timer:
            self._timer.cancel()
        await self._outposts.close()
        self._flush_news()
        self._snapshots.close()
        self._journal.close()

    # ---- what comes in

    def greet(self, source: Source) -> int:
        """See :class:`infra.links.Inbox`."""
        hello = source.hello
        if hello.epoch < self._epochs.get(hello.sender, 0):
            raise LinkBroken(f"{hello.sender} epoch {hello.epoch} was succeeded")
        self._epochs[hello.sender] = hello.epoch
        self._sources.add(source)
        if hello.sender.partition("/")[0] in UNNUMBERED:
            return hello.first - 1
        heard = self.shell.heard.get(hello.sender, 0)
        if heard < hello.first - 1:
            raise LinkBroken(
                f"{self.address} has heard {heard} of {hello.sender}, which no longer has what "
                f"follows: the journal of {self.address} has lost entries; restore it"
            )
        return heard

    def take(self, source: Source, envelopes: Sequence[Envelope]) -> None:
        """See :class:`infra.links.Inbox`."""
        urgent = source.hello.sender.partition("/")[0] in self._urgent_kinds
        queue = self._urgent if urgent else self._queue
        queue.extend([(source, envelope) for envelope in envelopes])
        self._due()

    def vitals(self, data: bytes) -> None:
        """Only compliance listens to vitals."""
        if self._hear_vitals:
            self._hear_vitals(data)

    def tell(self, sender: Address, message: Message, seq: int = 0) -> None:
        """A message from within this process: reference data, or the venue's session."""
        body = message.__pydantic_serializer__.to_json(message)
        envelope = Envelope(
            sender, self.address, seq, type(message).__name__, self._clock(), "", body
        )
        self._queue.append((None, envelope))
        self._due()

    # ---- the turn

    def _due(self) -> None:
        if not self._turn_due and not self._over:
            self._turn_due = True
            loop = asyncio.get_running_loop()
            if self._rests_until > (now := loop.time()):
                loop.call_later(self._rests_until - now, self._turn)
            else:
                loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._turn_due = False
        if self._over:
            return
        arrivals = [*self._urgent]
        self._urgent.clear()
        arrivals += [self._queue.popleft() for _ in range(min(TURN, len(self._queue)))]
        try:
            messages = self._handle(arrivals)
            self._acknowledge(arrivals)
        except Exception as error:  # memory may be ahead of the journal: only a replay helps
            self._over = True
            self._fail(error)
            return
        self.busy_at = time.monotonic()
        self._snapshots.keep_busy(self.shell)
        if self._queue:
            self._due()
        else:
            self._rests_until = asyncio.get_running_loop().time() + self._pace_s
        self._schedule_timer()
        if self._observe:
            for message in messages:
                self._observe(message)

    def _handle(self, arrivals: list[Arrival]) -> list[Any]:
        entries: list[Entry] = []
        messages: list[Any] = []
        gaps: dict[Source | None, int] = {}
        now = self._clock()
        runs = self._runs(arrivals)
        while runs:
            source, run = runs.popleft()
            if source in gaps:
                continue
            try:
                if len(run) == 1:
                    entry = self.shell.take(run[0], now)
                else:
                    entry = self.shell.take_run(run, now)
            except Gap as gap:
                gaps[source] = gap.heard
                continue
            except ActorFailed as failure:
                self._rebuild(entries)
                entries = []
                if len(run) > 1:  # one of them: each alone
                    runs.extendleft([(source, [envelope]) for envelope in reversed(run)])
                    continue
                entry = self._park(run[0], failure, now)
            if entry:
                entries.append(entry)
                if self._observe and self.shell.message:
                    messages.append(self.shell.message)
        self._commit(entries)
        for behind, heard in gaps.items():  # a rewind acknowledges too, so it waits for the commit
            if behind:
                behind.rewind(heard)
        return messages

    def _runs(self, arrivals: list[Arrival]) -> deque[Run]:
        if not self.shell.actor.RUNS:
            return deque([(source, [envelope]) for source, envelope in arrivals])
        of_source = groupby(arrivals, key=itemgetter(0))
        return deque((source, [envelope for _, envelope in run]) for source, run in of_source)

    def _rebuild(self, entries: list[Entry]) -> None:
        """The actor in memory is dirty: keep what was done before, and replay."""
        self._commit(entries)
        self.shell = self._snapshots.latest(self._make, self.shell.epoch)
        for entry in self._journal.read(self.shell.number):
            self.shell.replay(entry)

    def _park(self, envelope: Envelope, failure: ActorFailed, now: Instant) -> Entry:
        log.error("message parked", actor=self.address, kind=envelope.kind, error=str(failure))
        self._parked += 1
        try:
            return self.shell.park(envelope, str(failure), now)
        except ActorFailed as again:  # nobody is told then
            self._rebuild([])
            return self.shell.park(envelope, f"{failure}; answer: {again}", now, answer=False)

    def _commit(self, entries: list[Entry]) -> None:
        if not entries:
            return
        began = time.perf_counter_ns()
        self._journal.append(entries)
        self._commit_ns.append(time.perf_counter_ns() - began)
        self._post(entries)

    def _post(self, entries: list[Entry]) -> None:
        posts: dict[Address, list[Envelope]] = {}
        for envelope in self.shell.take_outbox():
            posts.setdefault(envelope.recipient, []).append(envelope)
        if self._compliance:
            copies = [copy_for(self._compliance, self.address, entry) for entry in entries]
            posts[self._compliance] = copies
        for recipient, envelopes in posts.items():
            self._outposts.offer(recipient, envelopes, self.shell.epoch)

    def _acknowledge(self, arrivals: list[Arrival]) -> None:
        last: dict[Source, int] = {}
        for source, envelope in arrivals:
            if source:
                last[source] = envelope.seq
        for source, seq in last.items():
            sender = source.hello.sender
            unnumbered = sender.partition("/")[0] in UNNUMBERED
            source.acknowledge(seq if unnumbered else self.shell.heard.get(sender, 0))
        self._hold_back()

    def _heard(self) -> None:
        if self._paused:
            self._hold_back()

    def _hold_back(self) -> None:
        """Desks wait outside while too much of what we said is unheard."""
        if any(unheard > BACKLOG for unheard in self._outposts.unacknowledged()):
            for source in list(self._sources):
                if source.hello.sender.startswith("ingress/"):
                    source.pause()
                    self._paused.add(source)
        elif self._paused:
            for source in self._paused:
                source.resume()
            self._paused.clear()

    def _flush_news(self) -> None:
        """Once a second, not with each commit, where it would double the cost; what is not yet
        written down is sent once more after a crash, and recognised.
        """
        if news := self._outposts.take_news():
            try:
                self._journal.append([], news)
            except JournalFailed as error:
                self._fail(error)

    # ---- life

    def _schedule_timer(self) -> None:
        due = self.shell.next_due()
        if due == self._timer_due:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = None
        self._timer_due = due
        if due is not None:
            delay = max(0, due - self._clock()) / 1e9
            self._timer = asyncio.get_running_loop().call_later(delay, self._timers)

    def _timers(self) -> None:
        self._timer = self._timer_due = None
        due = self.shell.due(self._clock())
        self._queue.extend([(None, envelope) for envelope in due])
        if due:
            self._due()
        else:
            self._schedule_timer()

    async def _ticking(self) -> None:
        while True:
            due = time.monotonic() + VITALS_EVERY_S
            await asyncio.sleep(VITALS_EVERY_S)
            late_s = time.monotonic() - due
            self._flush_news()
            self._snapshots.collect(self.address)
            if (self.idle_s() or 0) > VITALS_EVERY_S:  # quiet, and nothing is owed
                self._snapshots.keep(self.shell)
            signs = self._vital_signs(late_s).model_dump_json(exclude_none=True).encode()
            if self._compliance:
                self._outposts.vitals(self._compliance, signs)
            else:
                self.vitals(signs)

    def _vital_signs(self, late_s: float) -> Vitals:
        commit_ns, self._commit_ns = self._commit_ns, []
        return Vitals(
            actor=self.address,
            at=self._clock(),
            backlog=len(self._queue),
            unacked=sum(self._outposts.unacknowledged()),
            reports_unconfirmed=sum(self._outposts.unacknowledged("desk/")),
            parked=self._parked,
            commit_ns=commit_ns,
            rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            cpu_ns=time.process_time_ns(),
            lag_ns=max(0, round(late_s * 1e9)),
            **self._signs(self.shell.actor.state),
        )

    def idle_s(self) -> float | None:
        """Seconds since the last message, or None where something is still owed."""
        owed = any(self._outposts.unacknowledged())
        if owed or self._queue or self._urgent or self.shell.timers:
            return None
        return time.monotonic() - self.busy_at


def _end_process(error: BaseException) -> None:
    """Fail-stop: nothing was acknowledged or sent for what could not be made durable."""
    log.error("fail-stop", error=f"{type(error).__name__}: {error}", exc_info=error)
    os._exit(70)
