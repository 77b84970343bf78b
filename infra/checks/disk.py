"""The data folder: whether what is written there stays, and how long that takes."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from infra.checks import Check, Verdict, graded

WRITES = 200
BLOCK = 4096
MIB = 1024 * 1024

VOLATILE = frozenset(("tmpfs", "ramfs"))
NETWORK = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs"))
"""SQLite's write-ahead log needs shared memory between processes, which these do not give."""


def checks(data: Path) -> Iterator[Check]:
    """Whether journals can be kept in ``data``; it need not be there yet."""
    folder = nearest(data)
    yield writable(folder, data)
    yield file_system(data, file_system_of(folder))
    yield space(folder)
    if os.access(folder, os.W_OK):
        yield durability(*percentiles(fsync_times(folder)))


def nearest(data: Path) -> Path:
    """The folder itself, or the one above it in which it would be made."""
    folder = data.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


def writable(folder: Path, data: Path) -> Check:
    """Whether we may write there."""
    if not folder.is_dir():
        return Check("data folder", Verdict.FAIL, f"{folder} is no folder", "name another: --data")
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"chown it to this user, or name another with --data: ls -ld {folder}"
        return Check("data folder", Verdict.FAIL, f"{folder} cannot be written to", remedy)
    there = folder == data.absolute()
    found = f"{data} is writable" if there else f"{data} is not there yet and can be made"
    return Check("data folder", Verdict.OK, found)


def file_system(data: Path, kind: str) -> Check:
    """Whether the file system keeps what it confirms."""
    if kind in VOLATILE:
        return Check(
            "file system", Verdict.WARN, f"{kind}: journals end with the machine",
            "name a folder on a disk with --data",
        )  # fmt: skip
    if kind in NETWORK or kind.startswith("fuse."):
        return Check(
            "file system", Verdict.WARN, f"{kind}: SQLite's journals are not safe on it",
            f"move {data} to a local disk, or set --data",
        )  # fmt: skip
    return Check("file system", Verdict.OK, kind or "of unknown kind")


def file_system_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system that ``folder`` is on; empty where the system does not tell."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        _, point, this, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), this
    return kind


def space(folder: Path) -> Check:
    """Room for journals; RabbitMQ blocks publishers below 256 MiB."""
    free = shutil.disk_usage(folder).free
    return graded(
        "disk space", free, warn=2048 * MIB, fail=256 * MIB, found=f"{free // MIB:,} MiB free",
        remedy=f"free some: df -h {folder}; an order takes about 20 KB in all journals together",
    )  # fmt: skip


def fsync_times(folder: Path, writes: int = WRITES) -> list[float]:
    """Seconds that each of ``writes`` writes of 4 KiB took until it was on the disk, sorted."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(writes):
            began = time.perf_counter()
            os.write(file.fileno(), bytes(BLOCK))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return sorted(times)


def percentiles(times: list[float]) -> tuple[float, float]:
    """The 50th and the 99th of what :func:`fsync_times` measured, in milliseconds."""
    return times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3


def durability(p50_ms: float, p99_ms: float) -> Check:
    """How long it takes until something is durable: an order waits for three of these."""
    return graded(
        "fsync", max(p50_ms, p99_ms / 10), warn=5, fail=100, less=False,
        found=f"p50 {p50_ms:.2f} ms, p99 {p99_ms:.2f} ms ({WRITES} x 4 KiB)",
        remedy="use a faster or less busy disk: every order waits for three of these in a row",
    )  # fmt: skip
