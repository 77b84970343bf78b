"""Work on what a process knows, done in a copy of it, so that nothing here waits for it.

The copy has this instant's memory for as long as it likes, and none of our files and connections:
what a peer, Ray or SQLite makes of a process of ours is never about the copy. It ends with us.
"""

import ctypes
import gc
import os
import signal
import tempfile
from collections.abc import Callable
from typing import NoReturn

NICE = 10
"""Whoever waits for an answer comes first."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Forked:
    """What ``compute`` returns, once the copy has come to it."""

    def __init__(self, compute: Callable[[], bytes]) -> None:
        """Raises OSError where there is no room for a file or a process."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # has no name: nothing can be left
        parent = os.getpid()
        try:
            self._pid = os.fork()
        except OSError:
            self._file.close()
            raise
        if self._pid == 0:
            _child(compute, self._file.fileno(), parent)

    def result(self) -> bytes | None:
        """None: not yet.

        Raises:
            OSError: the copy ended without a result; with what it said. Ask no more.
        """
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if pid == 0:
            return None
        with self._file as file:
            file.seek(0)
            found = file.read()
        if status:
            how = found.decode(errors="replace") or f"wait status {status}"
            raise OSError(f"a copy of the process came to nothing: {how}")
        return found

    def cancel(self) -> None:
        """Nobody wants it any more. Not after ``result`` has returned, or raised."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._file.close()


def _child(compute: Callable[[], bytes], fd: int, parent: int) -> NoReturn:
    """Nothing of the process may run here but this: no hook, no handler, no other file."""
    code = 1
    try:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:  # else it is dead already, and no signal comes
            os.closerange(3, fd)
            os.closerange(fd + 1, os.sysconf("SC_OPEN_MAX"))
            gc.disable()
            os.nice(NICE)
            with open(fd, "wb", closefd=False) as file:
                try:
                    file.write(compute())
                    code = 0
                except Exception as error:  # told to the parent, which knows what it is for
                    file.write(f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(code)
