"""Which hosted processes are dead or hang, as the supervisor sees it from outside.

A process that serves touches its file in ``pids`` every half second from its event loop, so silence
means that nobody is served there, whatever the reason. Ray brings back a process that ended; this
is for what Ray does not see: one that hangs or was stopped, and one that Ray has given up.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from infra import pids
from messages.envelope import Address

BEAT_EVERY_S = 0.5
DEAD_S = 1.0
"""Ray has begun to start a process for the address again by then, or never will."""
AGAIN_S = 10.0
"""Whoever is dead is found again after this time: it was placed meanwhile, and has to start."""
BLINK_S = 0.5
"""What one look may add to a silence: when everybody stood still, so did we."""

HOSTED = (
    "account", "book", "venue", "compliance", "surveillance", "rulebook", "killswitch",
    "ingress", "egress",
)  # fmt: skip
"""Kinds that run in Ray; the others are children of the supervisor."""


class Found(NamedTuple):
    """``dead``: nobody serves these. ``hung``: these processes serve nobody."""

    dead: list[Address]
    hung: dict[Address, int]


class _Process:
    """One incarnation, from the first look at it on."""

    def __init__(self, pid: int, beat: int) -> None:
        self.pid = pid
        self.beat = beat
        self.serving = False
        self.silent_s = 0.0


class Liveness:
    """Look now and then; what is found is found again until something was done about it."""

    def __init__(
        self, data: Path, hung_after_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = data / pids.FOLDER
        self._hung_after_s = hung_after_s
        self._clock = clock
        self._looked = clock()
        self._known: dict[Address, _Process] = {}
        self._dead_at: dict[Address, float] = {}

    @property
    def missing(self) -> bool:
        """Whether the last look saw a process that had ended and has no successor yet."""
        return bool(self._dead_at)

    def look(self) -> Found:
        """What is wrong now."""
        now = self._clock()
        passed, self._looked = min(now - self._looked, BLINK_S), now
        found = Found([], {})
        for path in sorted(self._folder.glob("*")):
            kind, _, name = path.name.partition(".")
            if kind not in HOSTED:
                continue
            self._judge(f"{kind}/{name}", path, passed, found)
        return found

    def _judge(self, address: Address, path: Path, passed: float, found: Found) -> None:
        pid, _, started = path.read_text().partition(" ")
        if not started:
            self._dead_at.pop(address, None)
            return  # passivated, or it is just being written
        if not pids.alive(int(pid), started):
            if self._looked >= self._dead_at.setdefault(address, self._looked + DEAD_S):
                self._dead_at[address] = self._looked + AGAIN_S
                found.dead.append(address)
            return
        self._dead_at.pop(address, None)
        beat = path.stat().st_mtime_ns
        known = self._known.get(address)
        if known is None or known.pid != int(pid):
            self._known[address] = _Process(int(pid), beat)
            return
        if beat != known.beat:
            known.beat, known.serving, known.silent_s = beat, True, 0.0
            return
        known.silent_s += passed
        # One that is still starting may be busy with a long journal, but not while it is stopped.
        if known.silent_s > self._hung_after_s and (known.serving or stopped(known.pid)):
            found.hung[address] = known.pid


def stopped(pid: int) -> bool:
    """Whether somebody stopped the process (SIGSTOP)."""
    with suppress(FileNotFoundError, ProcessLookupError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(") ")[2].startswith("T")
    return False


def beaten_at(data: Path, address: Address) -> int:
    """When the process of the address last said that it serves, in nanoseconds; 0 for nobody."""
    with suppress(FileNotFoundError):
        return _path(data, address).stat().st_mtime_ns
    return 0


async def beat(data: Path, address: Address) -> None:
    """Say for ever that this process serves ``address``."""
    while True:
        await asyncio.sleep(BEAT_EVERY_S)
        touch(data, address)


def touch(data: Path, address: Address) -> None:
    """Say once that this process goes on; whoever looks is outside, at the age of its file."""
    with suppress(FileNotFoundError):  # the installation is being ended
        os.utime(_path(data, address))


def leave(data: Path, address: Address) -> None:
    """This process gives up the address, and nobody is to take it until a message comes."""
    _path(data, address).write_text("")


def served(data: Path) -> list[Address]:
    """Every address that somebody serves or is to serve."""
    found = []
    for path in sorted((data / pids.FOLDER).glob("*")):
        kind, _, name = path.name.partition(".")
        if kind in HOSTED and path.read_text():
            found.append(f"{kind}/{name}")
    return found


def _path(data: Path, address: Address) -> Path:
    return data / pids.FOLDER / address.replace("/", ".")
