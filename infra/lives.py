"""Starts of processes, crash loops and silence as metrics, read from files at each scrape."""

import time
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from infra import liveness, starts
from infra.gauges import by_lane, family


class Lives(Collector):
    """Of every address of an installation, those without a journal included."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def collect(self) -> Iterable[Metric]:
        """Called by the registry, from any thread."""
        known, now = starts.read(self._data), time.time()
        begun = [(address, those[-1].at) for address, those in known.items() if those]
        loops = [(address, starts.looping(those, now)) for address, those in known.items() if those]
        silent = [
            (address, max(0.0, now - at / 1e9))
            for address in liveness.served(self._data)
            if (at := liveness.beaten_at(self._data, address))
        ]
        return (
            family("oms_process_started_timestamp_seconds", by_lane(begun, max)),
            family("oms_crash_loop", by_lane(loops, max)),
            family("oms_process_silent_seconds", by_lane(silent, max)),
        )
