"""What the supervisor runs as children of its own: the private broker, the paper exchanges, and
the process that anchors the journals and watches the clock.

They die with it, and are started again when they end: at once, and more and more slowly where they
end at once each time (``infra.starts``).
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from gateways.amqp import topology
from infra import endpoints, logs, pids, starts
from infra.broker import PrivateBroker
from infra.broker_process import LOOPBACK, BrokerUnavailable, Child, choose_ports, is_free
from infra.reference import Reference
from infra.settings import Settings
from messages.envelope import Address

BROKER = "broker/0"
AUDIT = "audit/0"

Say = Callable[[str, str], None]

log = structlog.get_logger()


class Children:
    """Start them, look after them, end them; all from one thread."""

    def __init__(self, settings: Settings, reference: Reference, say: Say) -> None:
        self._settings = settings
        self._reference = reference
        self._say = say
        self._broker: PrivateBroker | None = None
        self._starting: threading.Thread | None = None
        self._papers: dict[str, Child] = {}
        self._audit: Child | None = None
        self._ports: dict[str, int] = {}
        self._due: dict[Address, float] = {}

    def start_broker(self, server: Path) -> None:
        """The private broker, unless the settings name another; returns when it speaks AMQP.

        Raises:
            BrokerUnavailable: it cannot be started.
        """
        settings = self._settings
        if settings.secret("amqp_url"):
            self._say("broker", "using the one of OMS_AMQP_URL")
            return
        self._say("broker", "starting a private RabbitMQ")
        broker = PrivateBroker(
            settings.data / "rabbitmq",
            self._reference.users,
            settings.shards,
            bench=settings.bench,
            people=tuple(self._reference.roles),
            prometheus=settings.broker_metrics,
            server=server,
        )
        starts.begin(settings.data, BROKER)
        broker.start()
        self._broker = broker
        urls = {desk: broker.url(desk) for desk in self._reference.users}
        others = {"bench": broker.url(topology.BENCH)} if settings.bench else {}
        if settings.broker_metrics:
            others["broker_metrics"] = f"http://{LOOPBACK}:{broker.port('prometheus')}/metrics"
        endpoints.write(settings.data, amqp=broker.url(topology.GATEWAY), desks=urls, **others)
        self._note(BROKER, broker.pid)

    def start_papers(self) -> None:
        """A paper exchange for each venue without a port, on the port that it always had."""
        ours = [venue for venue in self._reference.venues if not venue.Port]
        remembered = endpoints.read(self._settings.data).get("venues", {})
        fresh = choose_ports([venue.Venue for venue in ours])
        for venue in ours:
            known = remembered.get(venue.Venue)
            self._ports[venue.Venue] = known if known and is_free(known) else fresh[venue.Venue]
        endpoints.write(self._settings.data, venues=self._ports)
        for venue in ours:
            self._say("venue", f"paper exchange {venue.Venue} on port {self._ports[venue.Venue]}")
            starts.begin(self._settings.data, f"paper/{venue.Venue}")
            self._start_paper(venue.Venue)

    def start_audit(self) -> None:
        """The process that is on no order's path: anchors, and the clock."""
        self._say("audit", "anchoring the journals, watching the clock")
        starts.begin(self._settings.data, AUDIT)
        self._start_audit()

    def look_after(self) -> None:
        """Start again what has ended; returns soon."""
        audit = self._audit
        if audit and audit.returncode is not None and self._may_start(AUDIT, audit.returncode):
            self._start_audit()
        for name, paper in list(self._papers.items()):
            if paper.returncode is not None and self._may_start(f"paper/{name}", paper.returncode):
                self._start_paper(name)
        broker = self._broker
        if broker is None or broker.running or (self._starting and self._starting.is_alive()):
            return
        if self._may_start(BROKER, broker.returncode):
            # In a thread of its own: it takes seconds, and the others are not to wait for it.
            self._starting = threading.Thread(target=self._restart, args=(broker,), daemon=True)
            self._starting.start()

    def stop(self) -> None:
        """End them all."""
        if self._audit:
            self._audit.end(5)
        for paper in self._papers.values():
            paper.end(5)
        if self._broker:
            self._broker.stop()

    def _restart(self, broker: PrivateBroker) -> None:
        try:
            broker.start()
        except BrokerUnavailable as error:
            log.error("broker not restarted, trying again", error=str(error))
            return
        self._note(BROKER, broker.pid)

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

    def _start_audit(self) -> None:
        data = self._settings.data.absolute()
        log_file = logs.path(data, AUDIT)
        log_file.parent.mkdir(parents=True, exist_ok=True)
        arguments = [sys.executable, "-m", "infra.audit.host", str(data)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._audit = Child(arguments, environment, log_file)
        self._note(AUDIT, self._audit.pid)

    def _may_start(self, address: Address, code: int | None) -> bool:
        """Whether one that has ended is to be started now."""
        now = time.monotonic()
        if address not in self._due:
            pause = starts.begin(self._settings.data, address)
            log.warning("restarting", part=address, code=code, pause_s=pause)
            self._due[address] = now + pause
        if now < self._due[address]:
            return False
        del self._due[address]
        return True

    def _note(self, address: Address, pid: int | None) -> None:
        if pid:
            pids.write(self._settings.data, address, pid)


def paper_folder(data: Path, venue: str) -> Path:
    """Where the paper exchange of that name keeps its book and executions."""
    return data / "paper" / venue
