"""Snapshots: a shell's whole knowledge as data, so that a restart need not replay from the start.

A snapshot is a cache. It carries a stamp of the code that made it and is ignored by any other; the
journal alone is the truth, and ``oms doctor`` checks all of it.
"""

import hashlib
import json
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

    def latest(self, make: Callable[[], Actor[Any, Any, Any]], epoch: int) -> Shell:
        """A shell that knows what the snapshot knew; a newborn one where there is none."""
        shell = Shell(make(), epoch)
        if kept := self._journal.snapshot(stamp()):
            restore(shell, kept[1])
        self._number = shell.number
        return shell

    def keep(self, shell: Shell) -> None:
        """Keep one if enough has happened since the last. Nothing unsent may lie before it.

        A journal that cannot write it says so at the next append, which must not be lost on it.
        """
        if shell.number - self._number < EVERY:
            return
        self._number = shell.number
        try:
            self._journal.save_snapshot(shell.number, stamp(), dump(shell))
        except JournalFailed as error:
            log.warning("no snapshot", actor=shell.address, error=str(error))


def dump(shell: Shell) -> bytes:
    """Two lines: the shell's numbers, and the actor's state."""
    numbers = {
        "number": shell.number,
        "chain": shell.chain.hex(),
        "heard": shell.heard,
        "sent": shell.sent,
        "timers": {k: (due, kind, body.decode()) for k, (due, kind, body) in shell.timers.items()},
    }
    return json.dumps(numbers).encode() + b"\n" + shell.actor.STATE.dump_json(shell.actor.state)


def restore(shell: Shell, data: bytes) -> None:
    """Make ``shell``, fresh, know what the dumped one knew."""
    head, _, state = data.partition(b"\n")
    numbers = json.loads(head)
    shell.actor.state = shell.actor.STATE.validate_json(state)
    shell.number = numbers["number"]
    shell.chain = bytes.fromhex(numbers["chain"])
    shell.heard = numbers["heard"]
    shell.sent = numbers["sent"]
    shell.timers = {
        k: (due, kind, body.encode()) for k, (due, kind, body) in numbers["timers"].items()
    }
