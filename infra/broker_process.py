"""Child processes that never outlive us, and ports that stay ours.

The kernel itself ends a child when its starter is gone, so not even SIGKILL leaves one behind.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

LOOPBACK = "127.0.0.1"

# Below Linux's range for outgoing connections (32768 up): a client that keeps reconnecting to a
# dead broker on a port inside that range can end up connected to itself, and hold the port.
PORTS = range(20_000, 32_000)

# Runs between fork and the program: asks the kernel to kill it when the thread that started it
# ends, then becomes the program, so that its process id and exit code stay the program's own.
TIED = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the supervisor ended before its child began")
os.execv(sys.argv[2], sys.argv[2:])
"""


class BrokerUnavailable(Exception):
    """No broker, and why: one line with the remedy."""


class Child:
    """A process that the kernel kills when we end, in whatever way we end.

    The kernel ties it to the *thread* that started it, so that thread does nothing but wait for it.
    """

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self._arguments = arguments
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        begun = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(begun,), name=f"waits for {arguments[0]}", daemon=True
        )
        self._thread.start()
        begun.wait()
        if self._failure is not None:
            raise BrokerUnavailable(f"cannot start {arguments[0]}: {self._failure}")

    def _run(self, begun: threading.Event) -> None:
        tied = [sys.executable, "-I", "-S", "-c", TIED, str(os.getpid()), *self._arguments]
        try:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603
                    tied,
                    env=self._environment,
                    cwd=self._log.parent,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C in a terminal is for us, not for the child
                )
        except OSError as failure:
            self._failure = failure
            return
        finally:
            begun.set()
        self._process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        assert self._process is not None
        return self._process.poll()

    def end(self, timeout: float) -> None:
        """SIGTERM, and SIGKILL after `timeout` seconds (at once when 0); returns when it ended."""
        assert self._process is not None
        if timeout > 0 and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._thread.join(timeout)
        if self._process.poll() is None:
            self._process.kill()
        self._thread.join()


def choose_ports(names: Sequence[str]) -> dict[str, int]:
    """A free port for each name, none of which the system gives to outgoing connections."""
    chosen: list[int] = []
    if not names:
        return {}
    for port in SystemRandom().sample(PORTS, k=len(PORTS)):
        if is_free(port):
            chosen.append(port)
        if len(chosen) == len(names):
            return dict(zip(names, chosen, strict=True))
    raise BrokerUnavailable(f"no {len(names)} free ports between {PORTS.start} and {PORTS.stop}")


def is_free(port: int) -> bool:
    """Whether we could listen on this port of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int, greeting: bytes = b"") -> bool:
    """Whether somebody listens on this port, and replies to `greeting` if there is one."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as probe:
            probe.sendall(greeting)
            return not greeting or probe.recv(1) != b""
    except OSError:
        return False
