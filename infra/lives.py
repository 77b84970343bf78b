"""Starts of processes and crash loops as metrics, read from ``infra.starts`` at each scrape."""

import time
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from infra import starts


class Lives(Collector):
    """Of every address of an installation, those without a journal included."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def collect(self) -> Iterable[Metric]:
        """Called by the registry, from any thread."""
        known, now = starts.read(self._data), time.time()
        started = GaugeMetricFamily(
            "oms_process_started_timestamp_seconds",
            "When the last process of the address began, seconds since 1970.",
            labels=["actor"],
        )
        looping = GaugeMetricFamily(
            "oms_crash_loop",
            "1 while processes of the address end again and again soon after they began.",
            labels=["actor"],
        )
        for address, those in known.items():
            if those:
                started.add_metric([address], those[-1].at)
                looping.add_metric([address], starts.looping(those, now))
        return (started, looping)
