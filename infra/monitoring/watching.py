"""A Prometheus of our own for a while, aimed at an installation, and what it has seen as a sheet.

Targets keep their name when they come back on another port. The rules are loaded, so recorded
series and alerts are drawn as they would be anywhere else.
"""

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from infra import endpoints
from infra.monitoring.dashboards import DASHBOARDS, RATE, Dashboard, Panel
from infra.monitoring.picture import Drawn, Points, Sheet, svg
from infra.monitoring.rules import document
from infra.prometheus import BROKER, Prometheus, PrometheusApi

WINDOW = "15s"
"""Stands for Grafana's word where a scrape comes every second."""

POINTS = 240
"""Values of one series at most."""

LOOK_EVERY_S = 0.5
STARTS = "oms_process_started_timestamp_seconds"
LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def targets(data: Path) -> dict[str, str]:
    """What is to be scraped now, by instance; empty before anything was started."""
    known = endpoints.read(data)
    named = {"compliance-0": known.get("metrics"), BROKER: known.get("broker_metrics")}
    return {name: urlsplit(str(url)).netloc for name, url in named.items() if url}


def watch(
    prometheus: Prometheus, data: Path, seconds: float, over: Callable[[], bool] = lambda: False
) -> None:
    """Let it see the installation for so long, or until it is ``over``."""
    deadline = time.monotonic() + seconds
    aimed: dict[str, str] = {}
    while time.monotonic() < deadline and not over():
        found = targets(data)
        if found and found != aimed:
            prometheus.aim(found)
            aimed = found
        time.sleep(LOOK_EVERY_S)


@contextmanager
def recording(data: Path, title: str, out: Path) -> Iterator[None]:
    """A Prometheus sees what happens meanwhile; then two pictures of it are in ``out``.

    Raises:
        PrometheusUnavailable: there is none, or it ended.
    """
    over = threading.Event()
    with private(data / "prometheus", data) as prometheus:
        began = time.time()
        thread = threading.Thread(
            target=watch, args=(prometheus, data, math.inf, over.is_set), name="watches"
        )
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        whole = sheet(prometheus, title, began, time.time())
    out.mkdir(parents=True, exist_ok=True)
    overview = whole._replace(dashboards=whole.dashboards[:1])
    (out / "overview.svg").write_text(svg(overview))
    (out / "dashboards.svg").write_text(svg(whole))


def private(folder: Path, data: Path) -> Prometheus:
    """One that is not yet started, with the rules."""
    return Prometheus(folder, targets(data), rules=document())


def expression(query: str) -> str:
    """The query as Prometheus itself understands it."""
    return query.replace(RATE, WINDOW)


def sheet(
    prometheus: PrometheusApi,
    title: str,
    began: float,
    ended: float,
    dashboards: Sequence[Dashboard] = DASHBOARDS,
) -> Sheet:
    """Everything that the dashboards show of that time.

    Raises:
        PrometheusUnavailable: it does not answer, or refuses a query.
    """
    drawn = [
        (one, [_drawn(prometheus, panel, began, ended) for panel in one.panels])
        for one in dashboards
    ]
    return Sheet(title, began, ended, drawn, _starts(prometheus, began, ended))


def _drawn(prometheus: PrometheusApi, panel: Panel, began: float, ended: float) -> Drawn:
    series: dict[str, Points] = {}
    for legend, query in panel.queries:
        for labels, points in prometheus.between(expression(query), began, ended, POINTS):
            series[named(legend, labels)] = points
    return Drawn(panel, series)


def named(legend: str, labels: Mapping[str, str]) -> str:
    """``backlog {{actor}}`` with the labels' values put in."""
    return LABEL.sub(lambda found: labels.get(found[1], ""), legend).strip()


def _starts(prometheus: PrometheusApi, began: float, ended: float) -> list[tuple[float, str]]:
    """When processes began within that time."""
    marks = {
        (at, labels.get("actor", ""))
        for labels, points in prometheus.between(STARTS, began, ended, POINTS)
        for at in {value for _, value in points}
        if began < at < ended
    }
    return sorted(marks)
