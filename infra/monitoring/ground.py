"""What the system stands on, read at each scrape: disk, clock, journal files, supervisor, tracing.

The supervisor serves no metrics: whoever it starts would be blind exactly when it is gone. So
compliance's process looks whether it is there.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from infra import pids
from infra.clock import kernel_clock
from infra.gauges import family

SUPERVISOR = "supervisor/0"


class Exports(Protocol):
    """What is needed of Tracing."""

    exported: int
    dropped: int


class Ground(Collector):
    """Of the installation in ``data``."""

    def __init__(self, data: Path, tracing: Exports) -> None:
        self._data = data
        self._tracing = tracing

    def collect(self) -> Iterable[Metric]:
        """Called by the registry, from any thread."""
        yield family("oms_supervisor_up", float(SUPERVISOR in pids.read(self._data)))
        yield from _disk(self._data)
        yield family("oms_journal_bytes", journal_bytes(self._data).items())
        with suppress(OSError):  # where the kernel does not tell, the metrics are absent
            clock = kernel_clock()
            yield family("oms_clock_synchronized", float(clock.synchronized))
            yield family("oms_clock_error_seconds", clock.estimated_s)
        yield family("oms_spans_exported_total", self._tracing.exported)
        yield family("oms_spans_dropped_total", self._tracing.dropped)


def _disk(data: Path) -> Iterator[Metric]:
    folder = data / "journals"
    usage = shutil.disk_usage(folder if folder.exists() else data)
    yield family("oms_disk_free_bytes", usage.free)
    yield family("oms_disk_size_bytes", usage.total)


def journal_bytes(data: Path) -> dict[str, float]:
    """By kind of actor: what its journals take on this machine, with archives and logs."""
    found: dict[str, float] = {}
    with suppress(FileNotFoundError):  # none yet, or they are on a server
        for kind in os.scandir(data / "journals"):
            if kind.is_dir():
                found[kind.name] = float(sum(one.stat().st_size for one in os.scandir(kind)))
    return found
