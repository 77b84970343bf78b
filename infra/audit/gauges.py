"""What the audit process found last, as metrics, read from its status file at each scrape."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from infra.audit.status import read_status
from infra.gauges import family
from messages.base import SECOND

GAUGES = (
    ("oms_clock_offset_seconds", "OffsetS"),
    ("oms_clock_divergence_seconds", "DivergenceS"),
    ("oms_clock_maximum_error_seconds", "MostS"),
)


class AuditGauges(Collector):
    """Absent where no audit process ever ran: absent is not good."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def collect(self) -> Iterable[Metric]:
        """Called by the registry, from any thread."""
        status = read_status(self._data)
        if clock := status.get("Clock"):
            for name, key in GAUGES:
                yield family(name, float(clock[key]))
            yield family("oms_clock_bad", float(not clock["Good"]))
            yield family("oms_clock_looked_at_timestamp_seconds", clock["At"] / SECOND)
        if "AnchoredAt" in status:
            yield family("oms_anchored_timestamp_seconds", status["AnchoredAt"] / SECOND)
        if status:
            yield family("oms_audit_alarms", status["Alarms"])
            yield family("oms_audit_failures_total", status["Failed"])
