"""Ends whatever is left of an installation when its supervisor ends, in whatever way that happens.

Ray's agents, and workers that were only just started, outlive their raylet by up to a minute. All
of them belong to the supervisor's session, and so does this process, which therefore keeps the
session's number from being used again. It waits for the end of its input: the supervisor is gone.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 60.0
QUIET_S = 0.5
"""Nothing new for so long: a process that was just being started has been seen."""

EVERY_S = 0.05


_started: "list[subprocess.Popen[bytes]]" = []
"""Keeps the writing end of its input open for as long as this process lives."""


def start() -> int | None:
    """Watch over this process, if it leads a session; the watcher's process id.

    A foreground process of a terminal shares its session with the shell, which is not ours to end.
    """
    if os.getsid(0) != os.getpid():
        return None
    arguments = [sys.executable, "-I", "-S", __file__, str(os.getpid())]
    _started.append(subprocess.Popen(arguments, stdin=subprocess.PIPE))  # noqa: S603
    return _started[-1].pid


def members(session: int) -> Iterator[int]:
    """The live processes of a session, ourselves excepted."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            stat = (path / "stat").read_text()
            state, _, _, leader = stat.rpartition(") ")[2].split()[:4]
            if int(leader) == session and state != "Z" and int(path.name) != os.getpid():
                yield int(path.name)


def sweep(session: int) -> None:
    """SIGKILL every member until no new one appears; the leader ends by itself."""
    while session in members(session):
        time.sleep(EVERY_S)
    deadline = time.monotonic() + PATIENCE_S
    seen_at = time.monotonic()
    while seen_at + QUIET_S > time.monotonic() < deadline:
        for pid in list(members(session)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            seen_at = time.monotonic()
        time.sleep(EVERY_S)


if __name__ == "__main__":  # python infra/sweeper.py SESSION
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.read()
    sweep(int(sys.argv[1]))
