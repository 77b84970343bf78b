"""What an installation costs: CPU and memory by process, bytes in the journals."""

import os
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]

from infra import pids
from infra.journals import journals
from infra.journals.reading import size

LOAD = "load generator"
RAY = "ray"
"""The processes of Ray itself: its control store, raylet and agents."""

BROKER = "broker/0"


class Usage(NamedTuple):
    """CPU seconds (user and system) since each process began, by address, at one instant.

    ``machine``: CPU seconds that the machine has spent on anybody.
    """

    at: float
    cpu: dict[str, float]
    machine: float

    def since(self, before: "Usage") -> "Usage":
        """The difference; a process that is new since then counts from its beginning."""
        spent = {name: cpu - before.cpu.get(name, 0.0) for name, cpu in self.cpu.items()}
        return Usage(
            self.at - before.at,
            {name: max(0.0, cpu) for name, cpu in spent.items()},
            self.machine - before.machine,
        )

    def per(self, count: int) -> dict[str, float]:
        """Microseconds for each of ``count`` things, by process and in ``total``."""
        each = {name: cpu * 1e6 / count for name, cpu in self.cpu.items()}
        each["total"] = sum(each.values())
        return {name: round(cpu, 1) for name, cpu in each.items()}

    def elsewhere(self) -> float:
        """The share of the machine's CPUs that was taken by what is not part of this."""
        others = self.machine - sum(self.cpu.values())
        return round(max(0.0, others) / (self.at * (os.cpu_count() or 1)), 3)


def processes(data: Path, **more: int) -> dict[int, str]:
    """Process ids of an installation to what they are; ``more``: what to call others (a pid)."""
    known = {pid: address for address, pid in pids.read(data).items()}
    found = {os.getpid(): LOAD, **{pid: name for name, pid in more.items()}}
    for address, pid in pids.read(data).items():
        if address == "supervisor/0":
            children = psutil.Process(pid).children(recursive=True)
            # Erlang's port mapper and port programs belong to the broker.
            found |= {c.pid: BROKER if _is_erlang(c) else RAY for c in children}
    return found | known


def _is_erlang(process: psutil.Process) -> bool:
    try:
        return process.name() in ("epmd", "erl_child_setup", "inet_gethost", "sh")
    except psutil.NoSuchProcess:
        return False


def usage(names: dict[int, str]) -> Usage:
    """What these processes have used up to now; one that has ended counts for nothing."""
    cpu: dict[str, float] = {}
    for pid, name in names.items():
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        cpu[name] = cpu.get(name, 0.0) + times.user + times.system
        if "/" in name:  # an actor's copies, which write its snapshots
            cpu[name] += times.children_user + times.children_system
    machine = psutil.cpu_times()
    busy = sum(machine) - machine.idle - machine.iowait - machine.guest - machine.guest_nice
    return Usage(time.monotonic(), cpu, busy)


def memory(names: dict[int, str]) -> dict[str, dict[str, int]]:
    """``uss_bytes`` (its own) and ``pss_bytes`` (with its share of what is shared), by process."""
    found: dict[str, dict[str, int]] = {}
    for pid, name in names.items():
        try:
            info = psutil.Process(pid).memory_full_info()
        except psutil.NoSuchProcess:
            continue
        sums = found.setdefault(name, {"uss_bytes": 0, "pss_bytes": 0})
        sums["uss_bytes"] += info.uss
        sums["pss_bytes"] += info.pss
    return found


def fsync_ms(folder: Path, count: int = 40) -> float:
    """What each commit waits for: the median of appending 4 KiB and making it durable."""
    path = folder / "fsync"
    took = []
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for _ in range(count):
            began = time.perf_counter()
            os.write(file, b"x" * 4096)
            os.fdatasync(file)
            took.append(time.perf_counter() - began)
    finally:
        os.close(file)
        path.unlink()
    return round(median(took) * 1e3, 3)


def journal_bytes(data: Path) -> dict[str, int]:
    """How long each journal is, by address, with what is in its write-ahead log only."""
    return {address: size(path) for address, path in journals(data).items()}
