"""An installation as the commands see it: start it, look at it, end it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from infra import pids, rayenv, starts, sweeper
from infra.hosts.network import run_folder
from infra.settings import FILE as SETTINGS
from infra.settings import Settings
from infra.supervisor import PROGRESS, CannotStart

START_S = 120.0
STOP_S = 40.0
LEFT_S = 30.0

Say = Callable[[str, str], None]
"""Told each step: which part, and what about it."""


def up(settings: Settings, say: Say) -> None:
    """Start everything in the background and return when it is ready.

    Raises:
        CannotStart: one line with the remedy; nothing is left running.
    """
    data = settings.data
    if supervisor_pid(data):
        raise CannotStart(f"an installation runs in {data} already: stop it with: oms down")
    keep(settings)
    log = (data / "supervisor.log").open("ab")
    _await_the_end_of_the_last(data)
    (data / PROGRESS).unlink(missing_ok=True)
    for folder in (pids.FOLDER, starts.FOLDER):
        shutil.rmtree(data / folder, ignore_errors=True)
    with log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "infra.supervisor", str(data)],
            env=rayenv.environment(os.environ, settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _follow(process, data, say)
    except BaseException:
        end(process.pid, STOP_S)
        raise


def keep(settings: Settings) -> None:
    """Write the settings down: from here on their folder is an installation's.

    Raises:
        CannotStart: the folder cannot be written to.
    """
    try:
        settings.save()
        (settings.data / "supervisor.log").touch()
    except OSError as error:
        raise CannotStart(
            f"cannot write to {settings.data}: {error.strerror}; name another folder with --data"
        ) from error


def _await_the_end_of_the_last(data: Path) -> None:
    """Its supervisor ended; what that has left is being ended, and may hold ports until then.

    Raises:
        CannotStart: it does not end.
    """
    noted = data / pids.FOLDER / "supervisor.0"
    session = int(noted.read_text().split()[0]) if noted.exists() else 0
    if not session or pids.alive(session):  # that one is a stranger: ours has ended
        return
    deadline = time.monotonic() + LEFT_S
    while left := [str(pid) for pid in sweeper.members(session)]:
        if time.monotonic() > deadline:
            raise CannotStart(
                f"processes of an earlier start in {data} do not end: kill {' '.join(left)}"
            )
        time.sleep(0.05)


def _follow(process: "subprocess.Popen[bytes]", data: Path, say: Say) -> None:
    told = 0
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        lines = (data / PROGRESS).read_text().splitlines() if (data / PROGRESS).exists() else []
        for line in lines[told:]:
            word = json.loads(line)
            if word["part"] == "failed":
                raise CannotStart(word["what"])
            say(word["part"], word["what"])
            if word["part"] == "ready":
                return
        told = len(lines)
        if process.poll() is not None:
            raise CannotStart(f"the supervisor ended with {process.returncode}: {_last(data)}")
        time.sleep(0.05)
    raise CannotStart(f"not ready after {START_S:.0f} s: {_last(data)}")


def _last(data: Path) -> str:
    lines = (data / "supervisor.log").read_text(errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else 'no output'} (all of it: {data / 'supervisor.log'})"


def clear(data: Path) -> None:
    """End the installation in that folder, if one runs, and delete it.

    Raises:
        CannotStart: it is not an installation's folder, so nobody knows what would be deleted.
    """
    if not data.exists():
        return
    if not data.is_dir() or (any(data.iterdir()) and not (data / SETTINGS).exists()):
        raise CannotStart(
            f"{data} is no installation, and is not deleted: name an empty folder with --data"
        )
    down(data)
    shutil.rmtree(data)


def down(data: Path) -> bool:
    """End everything; False where nothing ran."""
    pid = supervisor_pid(data)
    if pid is None:
        return False
    end(pid, STOP_S)
    shutil.rmtree(run_folder(data), ignore_errors=True)
    return True


def supervisor_pid(data: Path) -> int | None:
    """The supervisor's process id, if it runs."""
    return pids.read(data).get("supervisor/0")


def end(pid: int, timeout_s: float) -> None:
    """SIGTERM, then SIGKILL; returns when the process is gone."""
    for number, patience in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not pids.alive(pid):
                return
            time.sleep(0.05)
