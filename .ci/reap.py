"""Runs a command, then fails if processes that it started are still there some time after.

    python3 .ci/reap.py SECONDS COMMAND...

Whatever the command starts becomes a child of this process once its own parent is gone, however it
was detached, because this process declares itself the reaper of its descendants (Linux, prctl).
Those still there are reported and ended.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def children() -> list[Path]:
    """The /proc folders of the living processes whose parent is this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and state != "Z":
                found.append(stat.parent)
    return found


def run(command: list[str]) -> int:
    """The exit status of the command; processes adopted meanwhile are collected as they end."""
    child = os.posix_spawnp(command[0], command, os.environ)
    ended, status = os.wait()
    while ended != child:
        ended, status = os.wait()
    return os.waitstatus_to_exitcode(status)


def collect() -> None:
    """Take the exit status of every adopted process that has ended: none stays a zombie."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def main(seconds: float, command: list[str]) -> int:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become the reaper of descendants: needs Linux")
    status = run(command)
    deadline = time.monotonic() + seconds
    while children() and time.monotonic() < deadline:
        collect()
        time.sleep(0.1)
    # Each one that is ended hands over its own children, so this goes on until none is left.
    while left := children():
        status = 1
        for process in left:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                words = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
                print(f"FAILED: left running, now killed: {process.name} {words[:160]}", flush=True)
                os.kill(int(process.name), signal.SIGKILL)
        time.sleep(0.1)
        collect()
    return status


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
