"""A copy of the process computes, and nobody waits for it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.forked import Forked


def awaited(forked: Forked) -> bytes:
    deadline = time.monotonic() + 20
    while (found := forked.result()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return found


def stuck() -> bytes:
    time.sleep(60)
    return b""


def test_a_copy_knows_what_was_known_and_hears_of_nothing_since(tmp_path: Path) -> None:
    known = [1, 2, 3]

    def compute() -> bytes:
        while not (tmp_path / "go").exists():
            time.sleep(0.005)
        return repr(known).encode()

    forked = Forked(compute)
    assert forked.result() is None
    known.append(4)
    (tmp_path / "go").touch()
    assert awaited(forked) == b"[1, 2, 3]"
    assert psutil.Process().children() == []


def test_much_is_returned_whole() -> None:
    assert awaited(Forked(lambda: b"x" * 20_000_000)) == b"x" * 20_000_000


def test_what_failed_there_is_said_here() -> None:
    forked = Forked(lambda: str(1 // 0).encode())
    with pytest.raises(OSError, match="came to nothing: ZeroDivisionError: integer"):
        awaited(forked)


def test_a_copy_that_is_killed_comes_to_nothing() -> None:
    forked = Forked(stuck)
    os.kill(psutil.Process().children()[0].pid, signal.SIGKILL)
    with pytest.raises(OSError, match="wait status 9"):
        awaited(forked)


def test_what_nobody_wants_any_more_ends() -> None:
    Forked(stuck).cancel()
    assert psutil.Process().children() == []


def test_a_copy_keeps_no_connection_open() -> None:
    """A peer must see at once that the process died, whatever its copy is doing."""
    ours, theirs = socket.socketpair()
    forked = Forked(stuck)
    try:
        ours.close()
        theirs.settimeout(5)
        assert theirs.recv(1) == b""
    finally:
        forked.cancel()
        theirs.close()


def test_a_copy_ends_with_its_process() -> None:
    code = (
        "import time, psutil; from infra.forked import Forked\n"
        "Forked(lambda: time.sleep(60) or b'')\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        copy = psutil.Process(int(process.stdout.readline()))
        process.kill()
    copy.wait(10)
    assert not copy.is_running()
