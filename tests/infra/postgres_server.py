"""A real PostgreSQL server of a test's own: in a folder of its own, on a unix socket, unprivileged.

Debian's package ``postgresql`` brings the programs; a machine without them fails these tests, for
skipping them would leave a journal untested.
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

USER = "postgres"
PASSWORD = "not-to-be-printed"
STARTS_WITHIN_S = 30.0
PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
"""Nothing of the test's own environment: the server is no part of the installation."""


def program(name: str) -> str:
    """Where the program is: in the PATH, or where Debian keeps it."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or next(map(str, places), None)
    assert found, f"no {name}: apt-get install --no-install-recommends postgresql"
    return found


class Server:
    """Started, killed and started again on the same data; ``close`` leaves nothing behind."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        self._as: list[str] = []
        if os.geteuid() == 0:  # initdb and postgres refuse to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
            self._as = ["setpriv", *ids]
        self.process: subprocess.Popen[bytes] | None = None
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale")
        self.start()

    def url(self) -> str:
        """Where it listens; the password is asked of nobody, and must never be seen."""
        return f"postgresql://{USER}:{PASSWORD}@/postgres?host={self.folder}&port=5432"

    def start(self) -> None:
        """Returns when it answers."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if self.process is None or self.process.poll() is not None:
                self.process = self._postgres()  # after a SIGKILL its children take a moment to go
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL, as a machine that is switched off would look to its clients."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once
            self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postgres(self) -> "subprocess.Popen[bytes]":
        words = [
            program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder),
            "-c", "listen_addresses=", "-c", "shared_buffers=16MB", "-c", "max_connections=60",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*self._as, *words], cwd=self.folder, env=PLAIN, stdout=log, stderr=log
            )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, name: str, *arguments: str) -> None:
        words = [*self._as, program(name), *arguments]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)
