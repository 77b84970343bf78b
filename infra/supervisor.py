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

from gateways.amqp import topology
from infra import compose, endpoints, logs, native, pids, sweeper
from infra.broker import SERVER, PrivateBroker
from infra.broker_process import BrokerUnavailable, Child, choose_ports, is_free
from infra.calendars import CalendarUnknown
from infra.calendars.files import CalendarFiles
from infra.checks.machine import rabbitmq_server
from infra.journals import journals
from infra.journals.sqlite import owes
from infra.reference import Reference, ReferenceRefused, load
from infra.settings import Settings

PROGRESS = "progress.jsonl"
LOOK_EVERY_S = 0.1
RESTART_EVERY_S = 1.0

log = structlog.get_logger()


class CannotStart(Exception):
    """One line: what is wrong and what to do."""


class Supervisor:
    """Everything on one machine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reference: Reference = load(settings.config)
        self._broker: PrivateBroker | None = None
        self._papers: dict[str, Child] = {}
        self._ports: dict[str, int] = {}
        self._started_at: dict[str, float] = {}
        self._ending = False
        self._calendars = CalendarFiles(settings.data, self._reference.calendars)

    def start(self) -> None:
        """Start all parts, in order, saying so; returns when every one is in service.

        Raises:
            CannotStart: nothing that was started is left running.
        """
        from infra import rayhost

        data = self._settings.data
        (data / PROGRESS).unlink(missing_ok=True)
        try:
            self._tell_what_is_known()
            self._start_broker()
            self._start_papers()
            self._say("Ray", "starting the actor runtime")
            rayhost.start(self._settings)
            self._say("actors", "placing compliance, venues, egress and ingress")
            venues = [f"venue/{venue.Venue}" for venue in self._reference.venues]
            rayhost.await_ready([compose.COMPLIANCE, "egress/0"], self._settings)
            rayhost.await_ready(venues, self._settings)
            self._activate_what_owes()
            rayhost.await_ready(["ingress/0"], self._settings)
        except (
            BrokerUnavailable, CalendarUnknown, rayhost.RayUnavailable, OSError
        ) as error:  # fmt: skip
            self.stop()
            raise CannotStart(str(error)) from error
        self._say("ready", str(endpoints.read(data).get("metrics", "")))

    def run(self) -> None:
        """Restart what dies, until told to end."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        while not self._ending:
            time.sleep(LOOK_EVERY_S)
            self._look_after()
        self.stop()

    def stop(self) -> None:
        """End everything that was started, the last first."""
        from infra import rayhost

        rayhost.stop()
        self._calendars.stop()
        for paper in self._papers.values():
            paper.end(5)
        if self._broker:
            self._broker.stop()

    def _tell_what_is_known(self) -> None:
        """What actors read from files, so that none of them loads what it takes to know it."""
        if self._reference.calendars:
            self._say("calendars", f"trading days of {', '.join(self._reference.calendars)}")
        self._calendars.write()
        native.write(self._settings.data)

    def _start_broker(self) -> None:
        settings = self._settings
        if settings.amqp_url:
            self._say("broker", "using the one of OMS_AMQP_URL")
            return
        self._say("broker", "starting a private RabbitMQ")
        broker = PrivateBroker(
            settings.data / "rabbitmq",
            self._reference.users,
            settings.shards,
            bench=settings.bench,
            server=rabbitmq_server(settings.data) or SERVER,
        )
        broker.start()
        self._broker = broker
        urls = {desk: broker.url(desk) for desk in self._reference.users}
        others = {"bench": broker.url(topology.BENCH)} if settings.bench else {}
        endpoints.write(settings.data, amqp=broker.url(topology.GATEWAY), desks=urls, **others)
        self._note("broker/0", broker.pid)

    def _start_papers(self) -> None:
        ours = [venue for venue in self._reference.venues if not venue.Port]
        remembered = endpoints.read(self._settings.data).get("venues", {})
        fresh = choose_ports([venue.Venue for venue in ours])
        for venue in ours:
            known = remembered.get(venue.Venue)
            self._ports[venue.Venue] = known if known and is_free(known) else fresh[venue.Venue]
        endpoints.write(self._settings.data, venues=self._ports)
        for venue in ours:
            self._say("venue", f"paper exchange {venue.Venue} on port {self._ports[venue.Venue]}")
            self._start_paper(venue.Venue)

    def _start_paper(self, name: str) -> None:
        venue = next(v for v in self._reference.venues if v.Venue == name)
        folder = paper_folder(self._settings.data, name)
        folder.mkdir(parents=True, exist_ok=True)
        arguments = [
            sys.executable, "-m", "gateways.paper", "--venue", name,
            "--port", str(self._ports[name]), "--data", str(folder),
            "--sender", venue.TargetCompID, "--target", venue.SenderCompID,
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._papers[name] = Child(arguments, environment, (folder / "log").absolute())
        self._note(f"paper/{name}", self._papers[name].pid)

    def _activate_what_owes(self) -> None:
        from infra import rayhost

        owing = [
            address
            for address, path in journals(self._settings.data).items()
            if address.partition("/")[0] in rayhost.PASSIVATED
            and self._reference.knows(address)
            and owes(path, copies_to=compose.COMPLIANCE)
        ]
        if owing:
            self._say("actors", f"waking {len(owing)} that owe something")
            rayhost.await_ready(owing, self._settings)

    def _look_after(self) -> None:
        self._calendars.refresh()
        for name, paper in list(self._papers.items()):
            if paper.returncode is not None and self._may_start(name):
                log.warning("restarting", part=f"paper/{name}", code=paper.returncode)
                self._start_paper(name)
        if self._broker and not self._broker.running:
            log.warning("restarting", part="broker/0", code=self._broker.returncode)
            try:
                self._broker.start()
            except BrokerUnavailable as error:
                log.error("broker not restarted, trying again", error=str(error))
                time.sleep(1)
                return
            self._note("broker/0", self._broker.pid)

    def _may_start(self, name: str) -> bool:
        """At once the first time, then at most once a second: what cannot start must not spin."""
        now = time.monotonic()
        if now - self._started_at.get(name, 0.0) < RESTART_EVERY_S:
            return False
        self._started_at[name] = now
        return True

    def _note(self, address: str, pid: int | None) -> None:
        if pid:
            pids.write(self._settings.data, address, pid)

    def _say(self, part: str, what: str) -> None:
        log.info("starting", part=part, what=what)
        line = json.dumps({"at": time.time(), "part": part, "what": what})
        with (self._settings.data / PROGRESS).open("a") as file:
            file.write(line + "\n")

    def _end(self, number: int, frame: Any) -> None:
        del number, frame
        self._ending = True


def paper_folder(data: Path, venue: str) -> Path:
    """Where the paper exchange of that name keeps its book and executions."""
    return data / "paper" / venue


def serve(settings: Settings) -> int:
    """Run an installation in this process until SIGTERM; the exit code."""
    data = settings.data
    logs.configure(host="supervisor", pid=str(os.getpid()))
    pids.write(data, "supervisor/0")
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
