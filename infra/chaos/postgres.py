"""A PostgreSQL server to be killed: in a folder of its own, on a unix socket, unprivileged.

Debian's package ``postgresql`` brings the programs. Its folder is not in the installation's: the
server may not run as root, and a socket's path is short.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from infra.broker_process import BrokerUnavailable, Child

USER = "postgres"
STARTS_WITHIN_S = 30.0
LOOK_EVERY_S = 0.1
PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
"""Nothing of our own environment: the server is no part of the installation."""


class NoServer(Exception):
    """Why there is none, and what helps."""


def program(name: str) -> str:
    """Where the program is: in the PATH, or where Debian keeps it.

    Raises:
        NoServer: nowhere.
    """
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if found := shutil.which(name) or next(map(str, places), None):
        return found
    raise NoServer(f"no {name}: apt-get install --no-install-recommends postgresql")


class Server:
    """Started, killed and started again on the same data; ends with this process at the latest."""

    def __init__(self, password: str = "") -> None:
        """Make it, and start it. ``password``: asked of nobody, and must never be seen.

        Raises:
            NoServer: it is not installed, or does not start.
        """
        self._password = password
        self._as: list[str] = []
        program("postgres")
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        if os.geteuid() == 0:  # initdb and postgres refuse to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
            self._as = [shutil.which("setpriv") or "setpriv", "--pdeathsig=KILL", *ids]
        self._process: Child | None = None
        self._initialize()
        self.start()

    def url(self) -> str:
        """Where it listens."""
        return f"postgresql://{USER}:{self._password}@/postgres?host={self.folder}&port=5432"

    def start(self) -> None:
        """Returns when it answers.

        Raises:
            NoServer: it does not.
        """
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if self._process is None or self._process.returncode is not None:
                self._process = self._postgres()  # after a SIGKILL its children take a moment to go
            if time.monotonic() > deadline:
                said = (self.folder / "log").read_text()[-2000:]
                raise NoServer(f"PostgreSQL does not answer after {STARTS_WITHIN_S:.0f} s: {said}")
            time.sleep(LOOK_EVERY_S)

    def kill(self) -> None:
        """SIGKILL, as a machine that is switched off would look to its clients."""
        if self._process:
            self._process.end(0)

    def close(self, keep: Path | None = None) -> None:
        """End it and delete its folder; ``keep``: where what it has stored goes."""
        if self._process and self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGQUIT)  # at once
            while self._process.returncode is None:
                time.sleep(LOOK_EVERY_S)
        if keep and not keep.exists():
            shutil.move(self.folder / "data", keep)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postgres(self) -> Child:
        words = [
            program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder),
            "-c", "listen_addresses=", "-c", "shared_buffers=16MB", "-c", "max_connections=60",
        ]  # fmt: skip
        try:
            return Child([*self._as, *words], PLAIN, self.folder / "log")
        except BrokerUnavailable as error:
            raise NoServer(str(error)) from error

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialize(self) -> None:
        data = str(self.folder / "data")
        words = [program("initdb"), "-D", data, "-U", USER, "-A", "trust"]
        done = subprocess.run(  # noqa: S603
            [*self._as, *words, "-E", "UTF8", "--no-locale"],
            cwd=self.folder, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise NoServer(f"initdb: {done.stderr.strip()}")
