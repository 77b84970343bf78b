"""Hurting what is between processes: a venue's TCP connection, the broker's willingness to take."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from yarl import URL

from infra import endpoints
from infra.broker import SERVER, PrivateBroker
from infra.checks.machine import rabbitmq_server
from infra.reference import Reference
from infra.settings import Settings

WATERMARK = re.compile(r"^vm_memory_high_watermark\.absolute = (\S+)$", re.MULTILINE)
HARDLY_ANY = "1MiB"


class CannotCut(Exception):
    """The connection is still there."""


def cannot_cut() -> str:
    """Why no TCP connection can be cut here; empty where it can."""
    if os.geteuid():
        return "only root can cut a TCP connection"
    return "" if shutil.which("ss") else "there is no ss (package iproute2)"


def cut(data: Path, venue: str) -> None:
    """The kernel closes both ends of the FIX session's connection; CannotCut if it refuses."""
    _cut(endpoints.read(data)["venues"][venue])


def cut_broker(settings: Settings) -> None:
    """Every connection to the broker, of desks and gateways, as ``cut`` does it."""
    port = URL(endpoints.amqp(settings)).port
    assert port is not None
    _cut(port)


def _cut(port: int) -> None:
    words = ["ss", "-K", "-t", "-H", "-n", "state", "established", f"( dport = :{port} )"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise CannotCut(f"ss -K: {done.stderr.strip()}")


def broker(settings: Settings, reference: Reference) -> PrivateBroker:
    """The running private broker, to be told things."""
    return PrivateBroker(
        settings.data / "rabbitmq",
        reference.users,
        settings.shards,
        bench=settings.bench,
        server=rabbitmq_server(settings.data) or SERVER,
    )


def alarm(broker: PrivateBroker, *, on: bool) -> None:
    """With less memory allowed than it has, RabbitMQ reads from nobody who publishes."""
    usual = WATERMARK.search((broker.folder / "rabbitmq.conf").read_text())
    assert usual, "its configuration says how much memory it may use"
    broker.ctl("set_vm_memory_high_watermark", "absolute", HARDLY_ANY if on else usual[1])
