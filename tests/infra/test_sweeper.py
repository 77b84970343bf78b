"""Nothing outlives a supervisor, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra import sweeper

SUPERVISOR = """
import subprocess, sys
from infra import sweeper
watching = sweeper.start()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(watching, child.pid, flush=True)
sys.stdin.read()
"""


def supervisor(*, session: bool = True) -> tuple["subprocess.Popen[str]", str]:
    """One that ends when its input does, and its words."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=session,
    )
    assert process.stdout
    return process, process.stdout.readline()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def end(process: "subprocess.Popen[str]", killed: bool) -> None:
    """Let it go, or kill it."""
    assert process.stdin
    if killed:
        process.kill()
    process.stdin.close()
    process.wait()


@pytest.mark.parametrize("killed", [True, False])
def test_what_a_supervisor_leaves_behind_is_ended(killed: bool) -> None:
    process, words = supervisor()
    watching, child = map(int, words.split())
    assert {watching, child} <= set(sweeper.members(process.pid))
    end(process, killed)
    until(lambda: not list(sweeper.members(process.pid)))
    for pid in (watching, child):
        until(lambda pid=pid: not os.path.exists(f"/proc/{pid}") or _is_zombie(pid))  # type: ignore[misc]


def _is_zombie(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as stat:
        return ") Z " in stat.read()


def _ignores(pid: int, number: int) -> bool:
    words = Path(f"/proc/{pid}/status").read_text().split()
    return bool(int(words[words.index("SigIgn:") + 1], 16) >> (number - 1) & 1)


def test_a_watcher_is_not_ended_by_a_signal_to_everybody() -> None:
    process, words = supervisor()
    watching, child = map(int, words.split())
    until(lambda: _ignores(watching, signal.SIGTERM))
    os.kill(watching, signal.SIGTERM)
    os.kill(watching, signal.SIGINT)
    time.sleep(0.2)
    assert watching in sweeper.members(process.pid)
    end(process, killed=True)
    until(lambda: child not in sweeper.members(process.pid))


def test_a_session_that_is_not_the_supervisors_own_is_left_alone() -> None:
    process, words = supervisor(session=False)
    nobody, child = words.split()
    end(process, killed=False)
    assert nobody == "None"
    os.kill(int(child), signal.SIGKILL)  # it lived on, as it should
