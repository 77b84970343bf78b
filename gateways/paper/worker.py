"""The exchange at work: requests come from the session's thread, one worker decides them.

Invariant: a report leaves only after the transaction that decided it, in the order of decision,
and stays in the store until the session has taken it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

from gateways.paper.market import Market
from gateways.paper.requests import read
from gateways.paper.store import Store

BATCH = 500
"""Requests decided in one transaction at most."""

IDLE_S = 1 / 20
"""After this long without a request, the store is told what was sent."""


class LoggedOn(NamedTuple):
    """The session is up: what waits in the outbox may leave."""


class NumbersReset(NamedTuple):
    """The client begins again at MsgSeqNum 1."""


class Failed(NamedTuple):
    """The session cannot go on."""

    text: str


class Stop(NamedTuple):
    """Decide what came before this, and end."""


Item = str | LoggedOn | NumbersReset | Failed | Stop
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


class Worker:
    """One thread. ``failure`` is what ended it; "" while it works or after ``stop``."""

    def __init__(self, market: Market, store: Store, line: Line, ended: Callable[[], None]) -> None:
        self.items: SimpleQueue[Item] = SimpleQueue()
        self.failure = ""
        self._market = market
        self._store = store
        self._line = line
        self._ended = ended
        self._inbound = store.inbound
        # Whether the run before had sent these is not known, so they are marked.
        self._outbox = deque((number, report, True) for number, report in store.unsent())
        self._sent = self._dropped = self._outbox[0][0] - 1 if self._outbox else store.outbox
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
        going = all([self._handle(item) for item in self._take()])
        self._commit()
        self._flush()
        if not going and self._sent != self._dropped:
            self._commit()
        return going

    def _handle(self, item: Item) -> bool:
        match item:
            case str():
                number, request = read(item)
                self._market.handle(request, time.time_ns())
                self._inbound = number
            case NumbersReset():
                self._inbound = 0
            case Failed(text):
                raise RuntimeError(text)
            case LoggedOn():
                pass  # the outbox is looked at after every batch
        return not isinstance(item, Stop)

    def _take(self) -> list[Item]:
        """What has come; waits for the first, but not for ever where the store is behind."""
        behind = self._sent != self._dropped
        items: list[Item] = []
        try:
            items.append(self.items.get(timeout=IDLE_S if behind else None))
            while len(items) < BATCH:
                items.append(self.items.get_nowait())
        except Empty:
            return items
        return items

    def _commit(self) -> None:
        effects, first = self._market.take_effects(), self._store.outbox + 1
        self._store.commit(effects, self._market.counters, self._inbound, self._sent)
        self._dropped = self._sent
        self._market.forget(effects)
        self._outbox.extend((n, report, False) for n, report in enumerate(effects.reports, first))

    def _flush(self) -> None:
        while self._outbox and self._line.logged_on:
            number, report, again = self._outbox[0]
            if not self._line.send(report, again):
                self._outbox[0] = (number, report, True)
                return
            self._sent = number
            self._outbox.popleft()
