"""The exchange at work: requests come from the session's thread, one worker decides them.

Invariant: a report leaves only after the transaction that decided it, in the order of decision,
and stays in the store until the session has taken it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol

from gateways.paper.commands import perform
from gateways.paper.market import Market
from gateways.paper.requests import read
from gateways.paper.store import Store

BATCH = 500
"""Requests decided in one transaction at most."""

LONGEST_S = 3600
"""To wait for what is due later; the queue cannot wait for centuries."""

NANOS, NANOS_PER_MS = 1_000_000_000, 1_000_000
IDLE_S = 1 / 20
"""After this long without a request, the store is told what was sent."""


class LoggedOn(NamedTuple):
    """The session is up: what waits in the outbox may leave."""


class NumbersReset(NamedTuple):
    """The client begins again at MsgSeqNum 1."""


class Command(NamedTuple):
    """What somebody at the control door wants; ``answer`` is called once, after the commit."""

    fields: Any
    answer: Callable[[dict[str, Any]], None]


class Failed(NamedTuple):
    """The session cannot go on."""

    text: str


class Stop(NamedTuple):
    """Decide what came before this, and end."""


Item = str | LoggedOn | NumbersReset | Command | Failed | Stop
"""A str is the text of a request."""


class Line(Protocol):
    """The session, as the worker sees it."""

    @property
    def logged_on(self) -> bool:
        """Whether a report given to it now leaves now."""
        ...

    def send(self, report: str, again: bool) -> bool:
        """Give it a report, which may have been given before if ``again``; False: in doubt."""
        ...

    def quote(self, text: str) -> None:
        """Give it market data, which is not given again if it is lost."""
        ...


class Waiting(NamedTuple):
    """A report of the outbox; ``again``: it may have been sent before; ``due`` nanoseconds."""

    number: int
    report: str
    again: bool
    due: int = 0


class Worker:
    """One thread. ``failure`` is what ended it; "" while it works or after ``stop``."""

    def __init__(
        self,
        market: Market,
        store: Store,
        line: Line,
        ended: Callable[[], None],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.items: SimpleQueue[Item] = SimpleQueue()
        self.failure = ""
        self._market = market
        self._store = store
        self._line = line
        self._ended = ended
        self._clock = clock
        self._inbound = store.inbound
        # Whether the run before had sent these is not known, so they are marked.
        self._outbox = deque(Waiting(number, report, True) for number, report in store.unsent())
        self._sent = self._dropped = self._outbox[0].number - 1 if self._outbox else store.outbox
        self._answers: list[tuple[Command, dict[str, Any]]] = []
        self._thread = threading.Thread(target=self._run, name="paper-worker", daemon=True)

    def start(self) -> None:
        """Begin to take items. ``ended`` is called from the thread when it ends."""
        self._thread.start()

    def stop(self, timeout_s: int) -> bool:
        """Decide what came so far, and end; False: not done in time."""
        self.items.put(Stop())
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while self.turn():
                pass
        except Exception as error:
            # Nothing of the batch was committed: the next run hears it again.
            self.failure = f"{error!r}"
        finally:
            self._ended()

    def turn(self) -> bool:
        """Take what has come, commit it, say what follows; False: it was told to stop."""
        items = self._take()
        due = self._market.next_due
        if due is not None and due <= (now := self._clock()):
            self._market.do_due(now)
        going = all([self._handle(item) for item in items])
        self._commit()
        self._flush()
        if not going and self._sent != self._dropped:
            self._commit()
        return going

    def _handle(self, item: Item) -> bool:
        match item:
            case str():
                number, request = read(item)
                self._market.handle(request, self._clock(), item)
                self._inbound = number
            case NumbersReset():
                self._inbound = 0
            case Failed(text):
                raise RuntimeError(text)
            case LoggedOn():
                self._market.data.connected()  # the outbox is looked at after every batch
            case Command(fields):
                answer = perform(self._market, fields, self._clock())
                self._answers.append((item, answer))
        return not isinstance(item, Stop)

    def _take(self) -> list[Item]:
        """What has come; waits for the first, but not for ever where there is something to do."""
        items: list[Item] = []
        try:
            items.append(self.items.get(timeout=self._patience()))
            while len(items) < BATCH:
                items.append(self.items.get_nowait())
        except Empty:
            return items
        return items

    def _patience(self) -> float | None:
        """Seconds until there is something to do if nothing comes; None: for ever."""
        times = [self._market.next_due]
        if self._outbox and self._outbox[0].due and self._line.logged_on:
            times.append(self._outbox[0].due)
        due = min((one for one in times if one is not None), default=None)
        idle = IDLE_S if self._sent != self._dropped else None
        if due is None:
            return idle
        wait = min(max(due - self._clock(), 0) / NANOS, LONGEST_S)
        return wait if idle is None else min(wait, idle)

    def _commit(self) -> None:
        effects, first = self._market.take_effects(), self._store.outbox + 1
        self._store.commit(effects, self._market.counters, self._inbound, self._sent)
        self._dropped = self._sent
        self._market.forget(effects)
        delay = self._market.scripts.delay_ms
        now = self._clock()
        due = now + delay * NANOS_PER_MS if delay else 0
        for number, report in enumerate(effects.reports, first):
            self._outbox.append(Waiting(number, report, False, due))
        self._market.data.changed(effects, now)
        answers, self._answers = self._answers, []
        for command, answer in answers:
            command.answer(answer)

    def _flush(self) -> None:
        while self._outbox and self._line.logged_on:
            waiting = self._outbox[0]
            if waiting.due and waiting.due > self._clock():
                break
            if not self._line.send(waiting.report, waiting.again):
                self._outbox[0] = waiting._replace(again=True, due=0)
                break
            self._sent = waiting.number
            self._outbox.popleft()
        for text in self._market.data.take():
            if self._line.logged_on:
                self._line.quote(text)
