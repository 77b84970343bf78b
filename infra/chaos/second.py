"""A second node on this machine: a raylet of its own, to be killed with every actor on it.

It has an address of its own and shares the data folder, so links and journals are what they are
without it. What is special is that everything on it ends at once, and that Ray has to find out.
"""

import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from infra import endpoints, rayenv, sweeper
from infra.settings import Settings

HEAD_IP, NODE_IP = "127.0.0.2", "127.0.0.3"
LOOK_EVERY_S = 0.25
LOG = "node.log"


class SecondNode:
    """It joins whenever there is a Ray that it has not joined, or was killed, until it is over.

    ``joins``: how often.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"node_ip": NODE_IP})
        self._data: Path = settings.data.absolute()
        self._process: subprocess.Popen[bytes] | None = None
        self._joined = ""
        self.joins = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="second node", daemon=True)

    def start(self) -> None:
        """As soon as there is a Ray to join."""
        self._thread.start()

    def stop(self) -> None:
        """Nothing of it is left."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self.kill()

    def members(self) -> set[int]:
        """Its processes."""
        process = self._process
        return {process.pid, *sweeper.members(process.pid)} if process else set()

    def kill(self) -> None:
        """As if it lost its power: every process at once; it joins again by itself."""
        process = self._process
        while process and (left := [*sweeper.members(process.pid)]):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if process:
            process.wait()

    def _keep(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            head = str(endpoints.read(self._data).get("ray", ""))
            ended = self._process is None or self._process.poll() is not None
            if head and (ended or head != self._joined):
                self.kill()  # whatever is left of the one before
                self._process, self._joined = self._join(head), head
                self.joins += 1

    def _join(self, head: str) -> "subprocess.Popen[bytes]":
        from infra import rayhost

        token = {"RAY_AUTH_TOKEN_PATH": str(self._data / rayenv.TOKEN)}
        environment = rayenv.environment({**os.environ, **token}, self._settings)
        environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "1"  # else only one node is allowed
        with (self._data / LOG).open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                rayhost.join(self._settings, head),
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
