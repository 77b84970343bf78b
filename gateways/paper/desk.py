"""The exchange at work: requests come from the session's thread, one worker decides them.

Invariant: a report leaves only after the transaction that decided it, in the order of decision,
and stays in the store until the session has taken it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

from gateways.paper.market import Market
from gateways.paper.requests import read
from gateways.paper.store import Store

BATCH = 500
"""Requests decided in one transaction at most."""

IDLE_S = 1 / 20
"""After this long without a request, the store is told what was sent."""


class LoggedOn:
    """The session is up: what waits in the outbox may leave."""


class NumbersReset:
    """The client starts again at MsgSeqNum 1."""


class Stop:
    """Finish what came before this, and end."""


Item = str | LoggedOn | NumbersReset | Stop
Send = Callable[[str, bool], bool]
"""Give a report to the session, marked PossResend where True; False: it was not taken."""


class Desk:
    """The worker. ``failed`` is set where it ended by an error: nothing is decided any more."""

    def __init__(self, market: Market, store: Store, send: Send) -> None:
        self.items: SimpleQueue[Item] = SimpleQueue()
        self.failed: BaseException | None = None
        self.ended = threading.Event()
        self._market = market
        self._store = store
        self._send = send
        self._inbound = store.inbound
        # Whether a crashed run had sent these is not known, so they are marked.
        self._outbox = deque((number, report, True) for number, report in store.unsent())
        self._sent = self._dropped = self._outbox[0][0] - 1 if self._outbox else store.outbox
        self._thread = threading.Thread(target=self._run, name="paper-desk", daemon=True)

    def start(self) -> None:
        """Begin to take items."""
        self._thread.start()

    def stop(self, timeout_s: int) -> None:
        """Decide what came so far, and end."""
        self.items.put(Stop())
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while self._batch():
                pass
        except BaseException as error:
            self.failed = error
            raise
        finally:
            self.ended.set()

    def _batch(self) -> bool:
        """Take what has come; False: it was told to stop."""
        going = True
        for item in self._take():
            match item:
                case str():
                    number, request = read(item)
                    self._market.handle(request, time.time_ns())
                    self._inbound = number
                case NumbersReset():
                    self._inbound = 0
                case Stop():
                    going = False
                case LoggedOn():
                    pass  # the outbox is looked at below
        self._commit()
        self._flush()
        if not going and self._sent != self._dropped:
            self._commit()
        return going

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
        effects, store = self._market.take_effects(), self._store
        first = store.outbox + 1
        store.commit(effects, self._market.counters, self._inbound, self._sent)
        self._dropped = self._sent
        self._market.forget(effects)
        self._outbox.extend((n, report, False) for n, report in enumerate(effects.reports, first))

    def _flush(self) -> None:
        while self._outbox:
            number, report, again = self._outbox[0]
            if not self._send(report, again):
                return
            self._sent = number
            self._outbox.popleft()
