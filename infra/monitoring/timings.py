"""A histogram with exemplars that costs the observer half a microsecond; summed up when scraped.

The client library's own takes several, under a lock, and compliance observes a handful an order.
One thread observes; a scrape from another one may miss the observation that is under way.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

from infra.monitoring.table import Row

TRACE = "trace_id"


class Timing:
    """One series: how many took at most so many seconds, and the last trace in each bucket."""

    __slots__ = ("_bounds", "counts", "exemplars", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        self.exemplars: list[Exemplar | None] = [None] * (len(bounds) + 1)

    def observe(self, seconds: float, trace_id: str = "", at: float = 0.0) -> None:
        """``trace_id``: of what took so long; ``at``: when, in seconds since 1970."""
        bucket = bisect_left(self._bounds, seconds)
        self.counts[bucket] += 1
        self.total += seconds
        if trace_id:
            self.exemplars[bucket] = Exemplar({TRACE: trace_id}, seconds, at)


class Timings(Collector):
    """A histogram of the table; with at most one label, whose values are bounded by ``most``."""

    def __init__(self, row: Row, bounds: Sequence[float], most: int) -> None:
        self._row = row
        self._bounds = tuple(bounds)
        self._edges = (*map(floatToGoString, bounds), "+Inf")
        self._most = most
        self._children: dict[str, Timing] = {}
        if not row.labels:
            self[""]

    def __getitem__(self, value: str) -> Timing:
        """The series of that label's value; beyond the bound that of "other"."""
        child = self._children.get(value)
        if child is None:
            if len(self._children) >= self._most:
                value = "other"
            child = self._children.setdefault(value, Timing(self._bounds))
        return child

    def collect(self) -> Iterable[Metric]:
        """Called by the registry, from any thread."""
        family = HistogramMetricFamily(self._row.name, self._row.means, labels=self._row.labels)
        for value, child in list(self._children.items()):
            running = 0
            buckets: list[tuple[str, float] | tuple[str, float, Exemplar]] = []
            for edge, count, exemplar in zip(
                self._edges, list(child.counts), list(child.exemplars), strict=True
            ):
                running += count
                buckets.append((edge, running, exemplar) if exemplar else (edge, running))
            family.add_metric([value] if self._row.labels else [], buckets, child.total)
        return (family,)
