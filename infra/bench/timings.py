"""When each order was sent and what a desk heard of it when, in nanoseconds; and percentiles."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from infra.bench.takers import PREFIX
from messages.base import Instant

KINDS = ("ack", "new", "fill")
"""PendingNew: durable here. New: works at the venue. The last report: all of it has traded."""

QUANTILES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}


class Timings:
    """By the number of the order; 0 where it has not happened. ``ended``: told of each end."""

    def __init__(self) -> None:
        self.sent = array("q")
        self.ack = array("q")
        self.new = array("q")
        self.fill = array("q")
        self.ended_otherwise: Counter[str] = Counter()
        self.others = 0  # reports on deep orders of our own
        self.done = 0
        self.ended: Callable[[], None] = lambda: None

    def expect(self, count: int) -> None:
        """Make room for so many more orders."""
        for times in (self.sent, self.ack, self.new, self.fill):
            times.extend([0] * count)

    def hear(self, report: dict[str, Any], at: Instant, redelivered: bool) -> None:
        """A report as it came."""
        del redelivered
        name = report.get("ClOrdID") or ""
        if not name.startswith(PREFIX):
            self.others += 1
            return
        number = int(name[len(PREFIX) :])
        match report.get("ExecType"):
            case "PendingNew":
                self.ack[number] = at
            case "New":
                self.new[number] = at
            case "Trade":
                if report["OrdStatus"] == "Filled":
                    self.fill[number] = at
                    self._end()
            case other:
                self.ended_otherwise[f"{other or report['MsgType']}: {report.get('Text')}"] += 1
                self._end()

    def _end(self) -> None:
        self.done += 1
        self.ended()

    def latencies(self, first: int, count: int) -> dict[str, dict[str, float]]:
        """``ack_ms``, ``new_ms`` and ``fill_ms`` of these orders, from when each was sent."""
        sent = self.sent[first : first + count]
        found = {}
        for kind in KINDS:
            heard = getattr(self, kind)[first : first + count]
            found[f"{kind}_ms"] = percentiles(
                [at - was for was, at in zip(sent, heard, strict=True) if at]
            )
        return found

    def span_s(self, first: int, count: int) -> float:
        """From the first send to the last fill of these orders."""
        return float(max(self.fill[first : first + count]) - self.sent[first]) / 1e9


def percentiles(nanoseconds: Sequence[int]) -> dict[str, float]:
    """p50, p99, p999 and max, in milliseconds; nothing of nothing."""
    if not nanoseconds:
        return {}
    ordered = sorted(nanoseconds)
    last = len(ordered) - 1
    found = {
        name: ordered[min(last, int(quantile * len(ordered)))] / 1e6
        for name, quantile in QUANTILES.items()
    }
    return {name: round(value, 3) for name, value in (*found.items(), ("max", ordered[-1] / 1e6))}
