"""What the supervisor does about Ray while everything runs.

Ray starts again whatever ends. Upkeep is for the rest: a process that hangs is ended, an address
that Ray gave up is placed again, a Ray that lost a process of its own is started anew, spare
processes are kept ready, and what cannot live is reported.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import structlog

from infra import liveness, pids, rayhost, starts
from infra.settings import Settings
from messages.envelope import Address

LOOK_EVERY_S = 0.25
SPARES_EVERY_S = 0.5
ASKS = 10
"""Ray starts few processes at a time, and forgets the others: it is asked again while it does."""

CALM_S = 0.7
"""Nobody came or went for so long: nobody is about to start."""
ALERT_EVERY_S = 1.0

log = structlog.get_logger()


class Upkeep:
    """Look often. ``always``: the addresses that are to be served whatever happens, in order."""

    def __init__(
        self, settings: Settings, always: Sequence[Address], started: Callable[[], None]
    ) -> None:
        """``started``: told when Ray was started anew."""
        self._settings = settings
        self._always = tuple(always)
        self._started = started
        self._liveness = liveness.Liveness(settings.data, settings.hung_after_s)
        self._placing: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "places")
        self._alive: dict[Address, int] = {}
        self._calm_since = 0.0
        self._asked = 0
        self._spares = rayhost.Spares()
        self._looping: set[Address] = set()
        self._due: dict[Callable[[], None], float] = {}
        self._down = False

    def look(self) -> None:
        """Do what is due."""
        if self._down or (gone := rayhost.ended()):
            self._start_anew([] if self._down else gone)
            return
        self._every(LOOK_EVERY_S, self._look_at_processes)
        self._every(SPARES_EVERY_S, self._keep_spares)
        self._every(ALERT_EVERY_S, self._alert)

    def _every(self, seconds: float, what: Callable[[], None]) -> None:
        if time.monotonic() >= self._due.get(what, 0.0):
            self._due[what] = time.monotonic() + seconds
            what()

    def _look_at_processes(self) -> None:
        found = self._liveness.look()
        for address, pid in found.hung.items():
            log.error("hangs, ending it", part=address, pid=pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if found.dead and (self._placing is None or self._placing.done()):
            # Ray has it in hand by now, or has given it up: then this makes it anew.
            log.warning("nobody serves these, placing them", parts=found.dead)
            self._placing = self._thread.submit(self._place, found.dead)

    def _place(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            try:
                rayhost.place(address, self._settings)
            except rayhost.RayUnavailable as error:
                log.error("not placed, trying again", part=address, error=str(error))

    def _keep_spares(self) -> None:
        """Where somebody came or went, who may have taken a spare one, and it is calm again.

        Not before: those that are missed are to be started first.
        """
        self._spares.done()
        alive, now = pids.read(self._settings.data), time.monotonic()
        if alive != self._alive or self._liveness.missing:
            self._alive, self._calm_since, self._asked = alive, now, 0
        elif now - self._calm_since >= CALM_S and self._asked < ASKS:
            self._asked += 1
            self._spares.want(self._settings.spares)

    def _alert(self) -> None:
        known = starts.read(self._settings.data)
        looping = {address for address, those in known.items() if starts.looping(those)}
        for address in sorted(looping - self._looping):
            why = f"oms logs --data {self._settings.data}"
            log.error("crash loop", part=address, starts=len(known[address]), why=why)
        for address in sorted(self._looping - looping):
            log.info("crash loop is over", part=address)
        self._looping = looping

    def _start_anew(self, gone: Sequence[str]) -> None:
        """Without its control store or its raylet Ray neither restarts nor places anything."""
        if gone:
            log.error("Ray lost a process of its own, starting it anew", ended=gone)
            self._down = True
            rayhost.abandon()
        try:
            rayhost.start(self._settings, again=True)
        except rayhost.RayUnavailable as error:
            log.error("not started, trying again", part="Ray", error=str(error))
            time.sleep(1)
            return
        self._down = False
        self._spares = rayhost.Spares()
        self._started()
        others = [a for a in liveness.served(self._settings.data) if a not in self._always]
        self._place([*self._always, *others])
