"""The machine: what runs here at all, and how well.

The bounds come from what the parts ask for: an actor takes 50 MB, Ray 100 MB of shared memory, the
private broker stops at 1 GiB of memory and 256 MiB of free disk.
"""

import os
import platform
import resource
import shutil
import socket
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from infra import prometheus
from infra.broker import SERVER
from infra.broker_process import BrokerUnavailable
from infra.broker_unpack import SERVER as UNPACKED_SERVER
from infra.broker_unpack import unpack
from infra.checks import Check, Verdict, graded
from infra.clock import Reading, kernel_clock

MIB = 1024 * 1024
UNPACKED = "rabbitmq-server"
"""Folder within the data folder that RabbitMQ is unpacked into where it is not installed."""

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
SLOW_CLOCKS = frozenset(("hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"))
CONFIG_ARGS: str | None = sysconfig.get_config_var("CONFIG_ARGS")
DISTRIBUTION = "/usr"
"""Where Python is installed by the system's packages."""


def checks(data: Path, amqp_url: str = "") -> Iterator[Check]:
    """Everything about the machine that an installation in ``data`` needs."""
    yield python()
    yield cores()
    yield memory()
    yield shared_memory()
    yield open_files()
    yield running_broker(amqp_url) if amqp_url else broker(rabbitmq_server(data))
    yield prometheus_program(prometheus.PROGRAM)
    yield clock_source()
    yield clock_offset()


def python(optimised: bool | None = None) -> Check:
    """Which Python this is; an older one than 3.11 could not have come so far."""
    found = f"{platform.python_version()} at {sys.executable}"
    if is_optimised() if optimised is None else optimised:
        return Check("python", Verdict.OK, found)
    return Check(
        "python", Verdict.WARN,
        f"{found}, built without --enable-optimizations: an order costs a fifth more CPU",
        "make clean setup PYTHON=/usr/bin/python3, or any distribution's python3.11 or newer",
    )  # fmt: skip


def is_optimised(config_args: str | None = CONFIG_ARGS, prefix: str = sys.base_prefix) -> bool:
    """Whether this Python was built with ``--enable-optimizations``; yes where nobody can tell.

    Debian optimises by a way of its own, which its configure arguments do not show.
    """
    if not config_args or prefix == DISTRIBUTION:
        return True
    return "--enable-optimizations" in config_args


def cores() -> Check:
    """Processor cores that we may use, after affinity and the cgroup's quota."""
    count = float(len(os.sched_getaffinity(0)))
    quota, _, period = _text(CGROUP / "cpu.max").partition(" ")
    if quota.isdigit() and period:
        count = min(count, int(quota) / int(period))
    return graded(
        "cores", count, warn=2, fail=0.5, found=f"{count:g} usable",
        remedy="give it 2 or more: with fewer, latency is several times as long",
    )  # fmt: skip


def memory() -> Check:
    """Memory that is available, after the cgroup's limit."""
    told = dict(line.split(":") for line in _text(MEMINFO).splitlines())
    available = int(told["MemAvailable"].split()[0]) * 1024
    limit, used = _text(CGROUP / "memory.max"), _text(CGROUP / "memory.current")
    if limit.isdigit() and used.isdigit():
        available = min(available, int(limit) - int(used))
    return graded(
        "memory", available, warn=3072 * MIB, fail=1024 * MIB,
        found=f"{available // MIB:,} MiB available",
        remedy="free some, or raise the container's limit: broker and Ray take 1.5 GiB, "
        "an actor 50 MB",
    )  # fmt: skip


def shared_memory(folder: Path = Path("/dev/shm")) -> Check:  # noqa: S108
    """Room in /dev/shm, where Ray keeps its object store."""
    if not folder.is_dir():
        return Check(
            "shared memory", Verdict.WARN, f"no {folder}: Ray uses /tmp, which is slower",
            f"mount it: mount -t tmpfs -o size=512m tmpfs {folder}",
        )  # fmt: skip
    free = shutil.disk_usage(folder).free
    return graded(
        "shared memory", free, warn=128 * MIB, fail=0,
        found=f"{free // MIB:,} MiB free in {folder}",
        remedy=f"Ray wants 100 MB there: mount -o remount,size=512m {folder}, or start the "
        "container with --shm-size=512m",
    )  # fmt: skip


def open_files() -> Check:
    """How many files and sockets a process may have open (``ulimit -n``)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = soft == resource.RLIM_INFINITY
    return graded(
        "open files", soft if not unlimited else 1e9, warn=8192, fail=1024,
        found="unlimited" if unlimited else f"{soft:,} per process",
        remedy=f"ulimit -n {min(hard, 65536) if hard > 0 else 65536}, in the shell that starts oms",
    )  # fmt: skip


# ---- the broker


def rabbitmq_server(data: Path) -> Path | None:
    """The ``rabbitmq-server`` that a private broker can run: installed, or unpacked in ``data``."""
    for server in (SERVER, data / UNPACKED / UNPACKED_SERVER):
        if server.exists():
            return server
    return None


def unpack_broker(data: Path) -> Path:
    """Put RabbitMQ into the data folder without root; returns its server.

    Raises:
        BrokerUnavailable: a step failed.
    """
    data.mkdir(parents=True, exist_ok=True)
    return unpack(data / UNPACKED)


def broker(server: Path | None) -> Check:
    """Whether a private broker can be started, or at least got."""
    if server is not None:
        versions = sorted(p.name for p in (server.parents[1] / "lib").glob("rabbitmq_server-*"))
        version = versions[-1].rpartition("-")[2] if versions else "of unknown version"
        return Check("broker", Verdict.OK, f"RabbitMQ {version} at {server}")
    missing = [name for name in ("apt-get", "apt-cache", "dpkg") if shutil.which(name) is None]
    if missing:
        return Check(
            "broker", Verdict.FAIL, f"no RabbitMQ, and no {', '.join(missing)} to get it with",
            "set OMS_AMQP_URL and OMS_AMQP_DESK_URL to a broker that runs",
        )  # fmt: skip
    return Check(
        "broker", Verdict.FAIL, "no RabbitMQ",
        "apt-get install --no-install-recommends rabbitmq-server; without root: "
        "oms doctor --unpack-broker",
    )  # fmt: skip


def running_broker(url: str, timeout_s: float = 2.0) -> Check:
    """Whether something that speaks AMQP (or, with TLS, listens) is at ``url``."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (5671 if parts.scheme == "amqps" else 5672)
    where = f"{host}:{port} of OMS_AMQP_URL"
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as probe:
            if parts.scheme != "amqps":
                probe.sendall(b"AMQP\0\0\x09\x01")
                if probe.recv(1) != b"\x01":
                    raise BrokerUnavailable("what answers there does not speak AMQP 0-9-1")
    except (OSError, BrokerUnavailable) as error:
        remedy = "start that broker, or unset OMS_AMQP_URL to use a private one"
        return Check("broker", Verdict.FAIL, f"{where}: {error}", remedy)
    return Check("broker", Verdict.OK, f"answers at {where}")


def prometheus_program(program: Path) -> Check:
    """Prometheus, which only dashboards and its own tests need."""
    if program.exists():
        return Check("prometheus", Verdict.OK, f"at {program}")
    remedy = "apt-get install prometheus, if you want graphs; /metrics is served without it"
    return Check("prometheus", Verdict.WARN, f"no {program}", remedy)


# ---- the clock


def clock_source(file: Path = CLOCK_SOURCE) -> Check:
    """What the kernel reads the time from: a slow source costs a microsecond a reading."""
    source = _text(file)
    if not source:
        return Check("clock source", Verdict.OK, "not told by this kernel")
    if source in SLOW_CLOCKS:
        remedy = f"echo tsc > {file} (as root), if the machine has it: see available_clocksource"
        return Check("clock source", Verdict.WARN, f"{source}, which is slow", remedy)
    return Check("clock source", Verdict.OK, source)


def clock_offset(look: Callable[[], Reading] = kernel_clock) -> Check:
    """Whether time stamps can be compared with anybody else's."""
    name, remedy = "clock", "run chrony or systemd-timesyncd here or on the host: chronyc tracking"
    try:
        clock = look()
    except OSError:
        return Check(name, Verdict.WARN, "cannot be asked whether it is synchronised", remedy)
    if not clock.synchronized:
        return Check(name, Verdict.WARN, "the kernel says it is not synchronised", remedy)
    found = f"synchronised, to within {clock.most_s * 1e3:,.1f} ms"
    return graded(
        name, clock.most_s, warn=0.1, fail=float("inf"), found=found, remedy=remedy, less=False
    )


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
