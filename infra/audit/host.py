"""The process that anchors the journals and watches the clock: ``python -m infra.audit.host DATA``.

It is on no order's path, gives way to what is, and only reads what others write. What it
found last it writes down (``infra.audit.status``), from where the metrics take it.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from infra import logs
from infra.audit import store
from infra.audit.anchors import Anchors
from infra.audit.clock import Look, read_clock
from infra.audit.sealed import KeyMissing, SealBroken, SealedFile
from infra.audit.status import STATUS
from infra.clock import Reading
from infra.journals import JournalFailed
from infra.settings import Settings
from messages.base import SECOND, Instant

LOOK_S = 1.0
RETRY_S = 60.0
"""After an anchor that could not be made."""
REMEMBER_S = 3600.0
"""A clock record is written when it turns good or bad, and at least so often."""

GIVES_WAY = 10
"""Its niceness: orders go first, and yet a saturated machine never starves it, as 19 would."""

log = structlog.get_logger()

FAILURES = (JournalFailed, SealBroken, KeyMissing, OSError)


class AuditHost:
    """One installation's. ``look`` and ``clock`` are given by tests."""

    def __init__(
        self,
        settings: Settings,
        look: Look = read_clock,
        clock: Callable[[], Instant] = time.time_ns,
    ) -> None:
        self._settings = settings
        self._look = look
        self._clock = clock
        self._anchors: Anchors | None = None
        self._records: SealedFile | None = None
        self._anchor_due: Instant = 0
        self._record_due: Instant = 0
        self._good: bool | None = None
        self._status: dict[str, Any] = {"Alarms": 0, "Failed": 0}

    def turn(self) -> None:
        """Do what is due: a look at the clock, and now and then an anchor."""
        now = self._clock()
        self._watch(now)
        if now >= self._anchor_due:
            self.anchor()
        self._write_status()

    def anchor(self) -> None:
        """Anchor every journal now; what fails is tried again soon."""
        now = self._clock()
        try:
            if self._anchors is None:
                file = store.open_to_write(self._settings, store.ANCHORS)
                self._anchors = Anchors(file, self._settings.data)
            line, alarms = self._anchors.anchor(now)
        except FAILURES as error:
            log.error("not anchored, trying again", error=str(error), after_s=RETRY_S)
            self._anchors = None
            self._status["Failed"] += 1
            self._anchor_due = now + int(RETRY_S * SECOND)
            return
        for alarm in alarms:
            log.error("a journal is not what was anchored", **alarm._asdict())
        self._status |= {"Line": line.number, "AnchoredAt": line.at, "Alarms": len(alarms)}
        self._anchor_due = now + int(self._settings.anchor_every_s * SECOND)

    def _watch(self, now: Instant) -> None:
        try:
            reading = self._look()
        except OSError as error:
            reading = Reading(False, 0.0, 0.0, 0.0, f"none: {error}")
        fault = reading.fault(self._settings.clock_limit_s)
        self._status["Clock"] = {
            "At": now,
            "Good": not fault,
            "Synchronized": reading.synchronized,
            "OffsetS": reading.offset_s,
            "DivergenceS": reading.divergence_s,
            "MostS": reading.most_s,
            "Source": reading.source,
        }
        if self._good == (not fault) and now < self._record_due:
            return
        if fault and self._good is not False:
            log.error("the clock is bad", fault=fault, source=reading.source)
        elif not fault and self._good is False:
            log.info("the clock is good again", source=reading.source)
        said = {"Good": not fault, "Fault": fault, **reading._asdict()}
        try:
            if self._records is None:
                self._records = store.open_to_write(self._settings, store.CLOCK)
            self._records.append(now, said)
        except FAILURES as error:
            log.error("clock record not written, trying again", error=str(error))
            self._records = None
            self._status["Failed"] += 1
            return
        self._good = not fault
        self._record_due = now + int(REMEMBER_S * SECOND)

    def _write_status(self) -> None:
        path = self._settings.data / STATUS
        fresh = path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(self._status))
            fresh.replace(path)
        except OSError as error:  # the disk is full; others say so louder
            log.warning("status not written", error=str(error))


def give_way() -> None:
    """Be as nice as ``GIVES_WAY``, whatever it was started with; who is nicer already stays so.

    At 19 a process gets a seventieth of a busy core: on a saturated machine it would anchor late
    or, at its end, never. At 10 it gets a tenth, and what carries orders the rest.
    """
    own = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(own, GIVES_WAY))


def serve(settings: Settings) -> int:
    """Until SIGTERM; then one last anchor."""
    logs.configure(host="audit", pid=str(os.getpid()))
    give_way()
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    host = AuditHost(settings)
    while not ending.is_set():
        host.turn()
        ending.wait(LOOK_S)
    host.anchor()
    return 0


if __name__ == "__main__":  # python -m infra.audit.host DATA
    sys.exit(serve(Settings.of(Path(sys.argv[1]))))
