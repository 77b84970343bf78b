"""A further node: its own folder, its raylet, and a look at its processes.

The supervisor places actors and Ray restarts them, wherever they are. What neither sees from afar
is a process that hangs, so each node looks after its own. Journals are on a server then: nothing in
this folder is missed when the node is gone.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress

import structlog

from infra import drains, liveness, native, pids
from infra.calendars.files import CalendarFiles
from infra.reference import load
from infra.settings import Settings

LOOK_EVERY_S = 0.25
AGAIN_S = 1.0
LOG = "node.log"

log = structlog.get_logger()


class CannotJoin(Exception):
    """One line: what is wrong and what to do."""


def prepare(settings: Settings) -> None:
    """Write down what the processes of this node read.

    Raises:
        CannotJoin: the settings do not go with more than one node.
        ReferenceRefused, CalendarUnknown: see there.
    """
    wanted = {"journal": "postgres", "link": "tls"}
    for name, value in wanted.items():
        if getattr(settings, name) != value:
            raise CannotJoin(
                f"OMS_{name.upper()} is {getattr(settings, name)!r}: with more than one node it is "
                f"{value!r}, because nodes share nothing but the network"
            )
    if not settings.secret("amqp_url"):
        raise CannotJoin("no broker is named: set OMS_AMQP_URL_FILE; a private one is for one node")
    settings.save()
    drains.withdraw(settings.data)
    CalendarFiles(settings.data, load(settings.config).calendars).write()
    native.write(settings.data)


class Watch:
    """Ends the processes of this node that hang; Ray starts them again. Keeps its calendars new."""

    def __init__(self, settings: Settings) -> None:
        self._calendars = CalendarFiles(settings.data, load(settings.config).calendars)
        self._data = settings.data
        self._liveness = liveness.Liveness(settings.data, settings.hung_after_s)

    def look(self) -> None:
        """Do what is due."""
        liveness.touch(self._data, pids.SUPERVISOR)
        self._calendars.refresh()
        for address, pid in self._liveness.look().hung.items():
            log.error("hangs, ending it", part=address, pid=pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End what is under way."""
        self._calendars.stop()


class Node:
    """A raylet that joins, and joins again, until SIGTERM."""

    def __init__(self, settings: Settings, head: str) -> None:
        self._settings = settings
        self._head = head
        self._ending = False

    def serve(self) -> int:
        """Run it, and again when it ends, until SIGTERM; the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        watch = Watch(self._settings)
        raylet, due = self._start(), 0.0
        while not self._ending:
            time.sleep(LOOK_EVERY_S)
            watch.look()
            if raylet.poll() is None:
                due = 0.0
            elif not due:
                due = time.monotonic() + AGAIN_S
                log.error("the raylet ended, starting it again", code=raylet.returncode)
            elif time.monotonic() > due:
                raylet = self._start()
        raylet.terminate()
        raylet.wait()
        watch.stop()
        return 0

    def _start(self) -> "subprocess.Popen[bytes]":
        from infra import rayhost

        data = self._settings.data.absolute()
        environment = {
            **os.environ,
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",  # else only one node is allowed
        }
        with (data / LOG).open("ab") as output:
            return subprocess.Popen(  # noqa: S603
                rayhost.join(self._settings, self._head),
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def _end(self, number: int, frame: object) -> None:
        del number, frame
        self._ending = True


def watch(settings: Settings) -> None:
    """Look after this node's processes for ever, where something else runs the raylet."""
    looker = Watch(settings)
    while True:
        time.sleep(LOOK_EVERY_S)
        looker.look()
