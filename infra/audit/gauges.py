"""What the audit process found last, as metrics, read from its status file at each scrape."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from infra.audit.status import read_status
from messages.base import SECOND

GAUGES = (
    ("oms_clock_offset_seconds", "Offset from UTC that is being corrected.", "OffsetS"),
    ("oms_clock_divergence_seconds", "How far from UTC the clock may well be.", "DivergenceS"),
    ("oms_clock_maximum_error_seconds", "The largest error that its source allows.", "MostS"),
    ("oms_clock_synchronized", "1 while something disciplines the clock.", "Synchronized"),
)


class AuditGauges(Collector):
    """Absent where no audit process ever ran: absent is not good."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def collect(self) -> Iterable[Metric]:
        """Called by the registry, from any thread."""
        status = read_status(self._data)
        if clock := status.get("Clock"):
            for name, text, key in GAUGES:
                yield GaugeMetricFamily(name, text, value=float(clock[key]))
            text = "1 while the clock is further from UTC than it may be, or nobody knows."
            yield GaugeMetricFamily("oms_clock_bad", text, value=float(not clock["Good"]))
            text = "When the clock was looked at, seconds since 1970."
            at = clock["At"] / SECOND
            yield GaugeMetricFamily("oms_clock_looked_at_timestamp_seconds", text, value=at)
        if "AnchoredAt" in status:
            text = "When the journals were anchored last, seconds since 1970."
            at = status["AnchoredAt"] / SECOND
            yield GaugeMetricFamily("oms_anchored_timestamp_seconds", text, value=at)
        if status:
            text = "Journals that are not what was anchored."
            yield GaugeMetricFamily("oms_audit_alarms", text, value=status["Alarms"])
            text = "Anchors and clock records that could not be written."
            yield CounterMetricFamily("oms_audit_failures", text, value=status["Failed"])
