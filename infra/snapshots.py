"""Snapshots: a shell's whole knowledge as data, so that a restart need not replay from the start.

A snapshot is a cache. It carries a stamp of the code that made it and a digest of itself, and is
ignored where one of them is not right; the journal alone is the truth, and ``oms doctor`` checks
all of it.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import structlog

import actors
import messages
from actors.actor import Actor
from infra.journals import Journal, JournalFailed
from infra.shell import Shell
from messages.envelope import Address

log = structlog.get_logger()

EVERY = 2_000
"""Entries since the last snapshot that make another one worth while, in a quiet moment."""

BUSY_EVERY = 10_000
"""So many make one necessary in the midst of work."""

BYTES, BUSY_BYTES = 80, 10
"""And at least one entry for each so many bytes of the last one: a large state takes longer to
write down, a microsecond of CPU a byte. In the midst of work that is 10 for an entry: half of
what its replay costs."""

LEVEL = 1
"""Of zlib: a tenth of the size at 100 MB/s; more would cost more than it saves to write."""


@cache
def stamp() -> str:
    """SHA-256 of the sources that decide what state means: ``actors`` and ``messages``."""
    digest = hashlib.sha256()
    for package in (actors, messages):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Pending(Protocol):
    """Bytes that somebody else is computing."""

    def result(self) -> bytes | None:
        """None: not yet. Raises OSError where nothing comes of it."""

    def cancel(self) -> None:
        """Nobody wants them any more."""


Apart = Callable[[Callable[[], bytes]], Pending]
"""Computes what a function returns on the state of this instant, without holding up anybody."""


class Snapshots:
    """Those of one actor, kept beside its journal.

    ``apart``: how one is written down while work goes on; None: at once, and work waits.
    """

    def __init__(self, journal: Journal, apart: Apart | None = None) -> None:
        self._journal = journal
        self._apart = apart
        self._pending: tuple[int, float, Pending] | None = None
        self._number = 0
        self._size = 0

    def latest(self, make: Callable[[], Actor[Any, Any, Any]], epoch: int) -> Shell:
        """A shell that knows what the snapshot knew; a newborn one where there is none."""
        shell = Shell(make(), epoch)
        if kept := self._journal.snapshot(stamp()):
            if restore(shell, kept[1]):
                self._size = len(kept[1])
            else:
                log.warning("snapshot damaged, all is replayed", actor=shell.address)
                shell = Shell(make(), epoch)
        self._number = shell.number
        return shell

    def keep(self, shell: Shell) -> None:
        """Keep one if enough has happened since the last: in a quiet moment."""
        self._keep(shell, max(EVERY, self._size // BYTES))

    def keep_busy(self, shell: Shell) -> None:
        """Keep one if so much has happened since the last that a restart would take too long."""
        self._keep(shell, max(BUSY_EVERY, self._size // BUSY_BYTES))

    def _keep(self, shell: Shell, every: int) -> None:
        self.collect(shell.address)
        if self._pending is not None or shell.number - self._number < every:
            return
        began, self._number = time.perf_counter(), shell.number
        if self._apart is None:
            self._write(shell.address, shell.number, dump(shell), began)
            return
        try:
            self._pending = shell.number, began, self._apart(lambda: dump(shell))
        except OSError as error:
            _none(shell.address, error)

    def collect(self, address: Address) -> None:
        """Keep what was begun apart, if it is there.

        A journal that cannot write it says so at the next append, which must not be lost on it.
        """
        if self._pending is None:
            return
        number, began, pending = self._pending
        try:
            data = pending.result()
        except OSError as error:
            self._pending = None
            _none(address, error)
            return
        if data is not None:
            self._pending = None
            self._write(address, number, data, began)

    def close(self) -> None:
        """What was begun is not wanted any more."""
        if self._pending is not None:
            self._pending[2].cancel()
        self._pending = None

    def _write(self, address: Address, number: int, data: bytes, began: float) -> None:
        self._size = len(data)
        dumped = time.perf_counter()
        try:
            self._journal.save_snapshot(number, stamp(), data)
        except JournalFailed as error:
            _none(address, error)
            return
        now = time.perf_counter()
        log.info(
            "snapshot", actor=address, entries=number, bytes=len(data),
            dump_s=round(dumped - began, 3), write_s=round(now - dumped, 3),
        )  # fmt: skip


def _none(address: Address, error: Exception) -> None:
    """It is a cache: the next one is tried when it is due."""
    log.warning("no snapshot", actor=address, error=str(error))


def dump(shell: Shell) -> bytes:
    """A line with a digest of what follows: compressed, the shell's numbers on a line, and the
    actor's state.
    """
    numbers = {
        "number": shell.number,
        "chain": shell.chain.hex(),
        "heard": shell.heard,
        "sent": shell.sent,
        "timers": {k: (due, kind, body.decode()) for k, (due, kind, body) in shell.timers.items()},
    }
    state = shell.actor.STATE.dump_json(shell.actor.state)
    told = zlib.compress(json.dumps(numbers).encode() + b"\n" + state, LEVEL)
    return hashlib.sha256(told).hexdigest().encode() + b"\n" + told


def restore(shell: Shell, data: bytes) -> bool:
    """Make ``shell``, fresh, know what the dumped one knew; False where the data was changed."""
    begin = data.find(b"\n") + 1
    packed = memoryview(data)[begin:]
    if data[: begin - 1] != hashlib.sha256(packed).hexdigest().encode():
        return False
    try:
        told = zlib.decompress(packed)
    except zlib.error:
        return False  # of an older release: it did not compress
    end = told.find(b"\n")
    numbers = json.loads(told[:end])
    shell.actor.state = shell.actor.STATE.validate_json(told[end + 1 :])
    shell.number = numbers["number"]
    shell.chain = bytes.fromhex(numbers["chain"])
    shell.heard = numbers["heard"]
    shell.sent = numbers["sent"]
    shell.timers = {
        k: (due, kind, body.encode()) for k, (due, kind, body) in numbers["timers"].items()
    }
    return True
