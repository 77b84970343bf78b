"""The supervisor: one process that starts everything, restarts what Ray does not, and ends it all.

Ray restarts its actors; the private broker and the paper exchanges are children of this process.
All of them die with it, so nothing is left running whatever happens to it, and starting again on
the same data folder goes on where everything stopped.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import structlog

from infra import compose, drains, endpoints, liveness, logs, native, pids, sweeper
from infra.broker import SERVER
from infra.broker_process import BrokerUnavailable
from infra.calendars import CalendarUnknown
from infra.calendars.files import CalendarFiles
from infra.checks.machine import rabbitmq_server
from infra.children import Children, paper_folder
from infra.journals import JournalFailed, journals, prepare
from infra.journals.reading import owes
from infra.reference import Reference, ReferenceRefused, load
from infra.settings import Settings, SettingsMissing
from messages.envelope import Address
from messages.kills import KILLSWITCH
from messages.rulebook import RULEBOOK
from messages.surveillance import SURVEILLANCE

__all__ = ["PROGRESS", "CannotStart", "Supervisor", "paper_folder", "serve"]

PROGRESS = "progress.jsonl"
LOOK_EVERY_S = 0.1

log = structlog.get_logger()


class CannotStart(Exception):
    """One line: what is wrong and what to do."""


class Supervisor:
    """Everything on one machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reference: Reference = load(settings.config)
        self._children = Children(settings, self._reference, self._say)
        self._ending = False
        self._calendars = CalendarFiles(settings.data, self._reference.calendars)

    @property
    def _venues(self) -> list[Address]:
        return [f"venue/{venue.Venue}" for venue in self._reference.venues]

    def start(self) -> None:
        """Start all parts, in order, saying so; returns when every one is in service.

        Raises:
            CannotStart: nothing that was started is left running.
        """
        from infra import rayhost

        data = self._settings.data
        (data / PROGRESS).unlink(missing_ok=True)
        drains.withdraw(data)
        try:
            prepare(self._settings)
            self._tell_what_is_known()
            self._children.start_broker(rabbitmq_server(data) or SERVER)
            self._children.start_papers()
            self._say("Ray", "starting the actor runtime")
            rayhost.start(self._settings)
            self._say("actors", "placing compliance, venues, egress and ingress")
            always = [compose.COMPLIANCE, SURVEILLANCE, KILLSWITCH, "egress/0"]
            rayhost.await_ready(always, self._settings)
            rayhost.await_ready(self._venues, self._settings)
            self._activate_what_owes()
            rayhost.await_ready(["ingress/0"], self._settings)
            self._children.start_audit()
        except (
            BrokerUnavailable, CalendarUnknown, JournalFailed, rayhost.RayUnavailable,
            SettingsMissing, OSError,
        ) as error:  # fmt: skip
            self.stop()
            raise CannotStart(str(error)) from error
        self._say("ready", str(endpoints.read(data).get("metrics", "")))

    def run(self) -> None:
        """Restart what dies, until told to end."""
        from infra.upkeep import Upkeep

        self._take_signals()
        borders = ["egress/0", *self._venues, "ingress/0"]
        always = [compose.COMPLIANCE, SURVEILLANCE, KILLSWITCH, *borders]
        upkeep = Upkeep(self._settings, always, self._take_signals)
        while not self._ending:
            time.sleep(LOOK_EVERY_S)
            liveness.touch(self._settings.data, pids.SUPERVISOR)
            self._calendars.refresh()
            self._children.look_after()
            upkeep.look()
        self.stop()

    def stop(self) -> None:
        """End everything that was started, the last first."""
        from infra import rayhost

        rayhost.stop()
        self._calendars.stop()
        self._children.stop()

    def _tell_what_is_known(self) -> None:
        """What actors read from files, so that none of them loads what it takes to know it."""
        if self._reference.calendars:
            self._say("calendars", f"trading days of {', '.join(self._reference.calendars)}")
        self._calendars.write()
        native.write(self._settings.data)

    def _activate_what_owes(self) -> None:
        from infra import rayhost

        owing = [
            address
            for address, path in journals(self._settings.data).items()
            if address.partition("/")[0] in rayhost.PASSIVATED
            and self._reference.knows(address)
            and address != RULEBOOK
            and _may_owe(path)
        ]
        if self._reference.rules or RULEBOOK in journals(self._settings.data):
            owing.append(RULEBOOK)  # a version may be due, or an account be new
        if owing:
            self._say("actors", f"waking {len(owing)} that owe something")
            rayhost.await_ready(owing, self._settings)

    def _take_signals(self) -> None:
        """Whenever Ray was started: it takes them, too."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)

    def _say(self, part: str, what: str) -> None:
        log.info("starting", part=part, what=what)
        line = json.dumps({"at": time.time(), "part": part, "what": what})
        with (self._settings.data / PROGRESS).open("a") as file:
            file.write(line + "\n")

    def _end(self, number: int, frame: Any) -> None:
        del number, frame
        self._ending = True


def _may_owe(path: Path) -> bool:
    """Whether the actor of that journal owes something, or nobody but itself can tell.

    One that ended before its first entry has left a file without tables.
    """
    try:
        return owes(path, copies_to=compose.COMPLIANCE)
    except JournalFailed as error:
        log.warning("cannot tell what it owes, waking it", journal=str(path), error=str(error))
        return True


def serve(settings: Settings) -> int:
    """Run an installation in this process until SIGTERM; the exit code."""
    data = settings.data
    logs.configure(host="supervisor", pid=str(os.getpid()))
    pids.write(data, pids.SUPERVISOR)
    sweeper.start()
    try:
        supervisor = Supervisor(settings)
        supervisor.start()
    except (CannotStart, ReferenceRefused) as error:
        log.error("cannot start", error=str(error))
        line = json.dumps({"at": time.time(), "part": "failed", "what": str(error)})
        with (data / PROGRESS).open("a") as file:
            file.write(line + "\n")
        return 1
    supervisor.run()
    return 0


if __name__ == "__main__":  # python -m infra.supervisor DATA
    sys.exit(serve(Settings.of(Path(sys.argv[1]))))
