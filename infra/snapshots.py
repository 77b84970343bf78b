"""Snapshots: a shell's whole knowledge as data, so that a restart need not replay from the start.

A snapshot is a cache. It carries a stamp of the code that made it and a digest of itself, and is
ignored where one of them is not right; the journal alone is the truth, and ``oms doctor`` checks
all of it.
"""

import hashlib
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import structlog

import actors
import messages
from actors.actor import Actor
from infra.journals import Journal, JournalFailed
from infra.shell import Shell

log = structlog.get_logger()

EVERY = 5_000
"""Entries since the last snapshot that make another one worth while, in a quiet moment."""

BUSY_EVERY = 10_000
"""So many make one necessary in the midst of work, which waits for it."""

BYTES, BUSY_BYTES = 1_000, 500
"""And at least one entry for each so many bytes of the last one: a large state takes longer to
write down and to read, and neither work nor quiet shall be spent on that."""


@cache
def stamp() -> str:
    """SHA-256 of the sources that decide what state means: ``actors`` and ``messages``."""
    digest = hashlib.sha256()
    for package in (actors, messages):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Snapshots:
    """Those of one actor, kept beside its journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
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
        """Keep one if enough has happened since the last: in a quiet moment.

        A journal that cannot write it says so at the next append, which must not be lost on it.
        """
        if shell.number - self._number >= max(EVERY, self._size // BYTES):
            self._save(shell)

    def keep_busy(self, shell: Shell) -> None:
        """Keep one if so much has happened since the last that a restart would take too long."""
        if shell.number - self._number >= max(BUSY_EVERY, self._size // BUSY_BYTES):
            self._save(shell)

    def _save(self, shell: Shell) -> None:
        self._number = shell.number
        began = time.perf_counter()
        data = dump(shell)
        self._size = len(data)
        try:
            self._journal.save_snapshot(shell.number, stamp(), data)
        except JournalFailed as error:
            log.warning("no snapshot", actor=shell.address, error=str(error))
            return
        took = round(time.perf_counter() - began, 3)
        log.info("snapshot", actor=shell.address, entries=shell.number, bytes=len(data), s=took)


def dump(shell: Shell) -> bytes:
    """Three lines: a digest of the others, the shell's numbers, and the actor's state."""
    numbers = {
        "number": shell.number,
        "chain": shell.chain.hex(),
        "heard": shell.heard,
        "sent": shell.sent,
        "timers": {k: (due, kind, body.decode()) for k, (due, kind, body) in shell.timers.items()},
    }
    state = shell.actor.STATE.dump_json(shell.actor.state)
    told = json.dumps(numbers).encode() + b"\n" + state
    return hashlib.sha256(told).hexdigest().encode() + b"\n" + told


def restore(shell: Shell, data: bytes) -> bool:
    """Make ``shell``, fresh, know what the dumped one knew; False where the data was changed."""
    begin = data.find(b"\n") + 1
    end = data.find(b"\n", begin)
    if data[: begin - 1] != hashlib.sha256(memoryview(data)[begin:]).hexdigest().encode():
        return False
    numbers = json.loads(data[begin:end])
    shell.actor.state = shell.actor.STATE.validate_json(data[end + 1 :])
    shell.number = numbers["number"]
    shell.chain = bytes.fromhex(numbers["chain"])
    shell.heard = numbers["heard"]
    shell.sent = numbers["sent"]
    shell.timers = {
        k: (due, kind, body.encode()) for k, (due, kind, body) in numbers["timers"].items()
    }
    return True
