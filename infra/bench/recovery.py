"""How long an actor takes to start on a journal of a given length, and in how much memory.

``python -m infra.bench.recovery DATA HOW`` does one thing in a process of its own and prints what
it took as JSON, so that memory is that of this one thing.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from actors.actor import Actor
from infra.bench.day import ACCOUNT, Life
from infra.hosts.restart import recover
from infra.journals import JOURNALS, Journal, journal_of, journal_path
from infra.settings import Settings
from infra.shell import Shell
from infra.snapshots import Snapshots

MEGABYTE = 1_000_000


class Took(NamedTuple):
    """``at_most``: the most memory that the process ever had, with interpreter and libraries."""

    what: str
    entries: int
    seconds: float
    cpu_s: float
    at_most_mb: int


class _NoSnapshot(Snapshots):
    """As where the snapshot is of another release."""

    def latest(self, make: Callable[[], Actor[Any, Any, Any]], epoch: int) -> Shell:
        return Shell(make(), epoch)


def _opened(data: Path) -> Journal:
    settings = Settings.of(data)
    path = journal_path(data / "journals", ACCOUNT)
    path.parent.mkdir(parents=True, exist_ok=True)
    return JOURNALS[settings.journal](path)


def grow(data: Path, entries: int) -> int:
    """Make the journal; how many entries it has then."""
    journal = _opened(data)
    life = Life(journal)
    life.grow(entries)
    journal.close()
    return life.shell.number


def _start(data: Path, snapshots: type[Snapshots]) -> int:
    """What a host does before it is in service."""
    from infra.compose import COMPLIANCE, make_actor

    journal = _opened(data)
    epoch = journal.open()
    shell, _ = recover(
        journal, snapshots(journal), lambda: make_actor(ACCOUNT), epoch,
        compliance=COMPLIANCE, is_local=lambda _: False,
    )  # fmt: skip
    journal.close()
    return shell.number


def _verify(data: Path) -> int:
    from infra.verified import verify

    found = verify(ACCOUNT, journal_of(data, ACCOUNT))
    if found.fault:
        raise ValueError(found.fault)
    return found.entries


def _read(data: Path) -> int:
    from infra.replayed import latest

    return latest(ACCOUNT, journal_of(data, ACCOUNT)).number


HOW: dict[str, Callable[[Path], int]] = {
    "start": lambda data: _start(data, Snapshots),
    "start without snapshot": lambda data: _start(data, _NoSnapshot),
    "read (oms orders, positions)": _read,
    "verify (oms journal verify)": _verify,
}
"""What is measured, each in a process of its own."""


def measure(data: Path, how: str) -> Took:
    """One of ``HOW``, in a process of its own.

    Raises:
        RuntimeError: it failed; its last line.
    """
    words = [sys.executable, "-m", "infra.bench.recovery", str(data), how]
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # our own program
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return Took(**json.loads(done.stdout))


def one(data: Path, how: str) -> Took:
    """One of ``HOW``, here."""
    began, busy = time.perf_counter(), time.process_time()
    entries = HOW[how](data)
    took, cpu = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MEGABYTE
    return Took(how, entries, round(took, 2), round(cpu, 2), peak)


if __name__ == "__main__":  # python -m infra.bench.recovery DATA HOW
    print(json.dumps(one(Path(sys.argv[1]), sys.argv[2])._asdict()))
