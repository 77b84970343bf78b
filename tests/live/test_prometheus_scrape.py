"""A real Prometheus scrapes the metrics of an order and gives them back, exemplars included."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from actors.conservation import counts
from infra.metrics import Metrics
from infra.monitoring.table import lane
from infra.prometheus import PROGRAM, Prometheus, PrometheusUnavailable
from infra.vitals import Vitals
from messages.entry import EntryCopy
from tests.infra.test_metrics_entries import TRACE_ID, journey, received, refused

installed = pytest.mark.skipif(not PROGRAM.exists(), reason="apt-get install prometheus")


class Target:
    """Metrics that are served, with the totals that compliance would keep."""

    def __init__(self, port: int = 0) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.totals: Counter[str] = Counter()
        self.metrics.totals(self.totals)
        self.address = f"127.0.0.1:{self.metrics.serve(port)}"

    def hear(self, *entries: EntryCopy) -> None:
        for each in entries:
            self.totals.update(counts(each))
            self.metrics.observe(each)


@pytest.fixture
def target() -> Iterator[Target]:
    one = Target()
    yield one
    one.metrics.close()


def awaited(read: Callable[[], object], expected: object, seconds: float = 15) -> object:
    deadline = time.monotonic() + seconds
    while (found := read()) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


@pytest.mark.live
@installed
def test_prometheus_scrapes_an_order_and_tells_its_trace(tmp_path: Path, target: Target) -> None:
    begun = time.time()
    with Prometheus(tmp_path, {"compliance-0": target.address}) as prometheus:

        def value(expression: str) -> list[float]:
            return [number for _, number in prometheus.query(expression)]

        assert awaited(lambda: value('up{job="oms"}'), [1.0]) == [1.0]
        target.hear(*journey()[:-1], received(90, refused()))
        target.metrics.vitals(Vitals(actor="account/acme", at=time.time_ns(), backlog=3))
        fills = 'oms_conservation{law="fills",instance="compliance-0"}'
        assert awaited(lambda: value(fills), [-1.0]) == [-1.0]
        target.hear(journey()[-1])
        assert awaited(lambda: value(fills), [0.0]) == [0.0]
        assert value('oms_conservation{law="orders"}') == [0.0]
        assert value("oms_orders_accepted_total") == [1.0]
        assert value('oms_orders_refused_total{rule="max_order_qty"}') == [1.0]
        assert value(f'oms_link_backlog{{actor="{lane("account/acme")}"}}') == [3.0]
        assert value('oms_fill_seconds_bucket{le="0.01"}') == [1.0]
        assert value('oms_fill_seconds_bucket{le="0.005"}') == [0.0]
        assert value('count({__name__=~".+_created"})') == []

        def traces() -> set[str]:
            found = prometheus.api(
                "query_exemplars",
                query="oms_fill_seconds_bucket",
                start=begun - 60,
                end=time.time() + 60,
            )
            return {e["labels"]["trace_id"] for series in found for e in series["exemplars"]}

        assert awaited(traces, {TRACE_ID}) == {TRACE_ID}
        with pytest.raises(PrometheusUnavailable, match="refused query"):
            prometheus.query("sum(")


@pytest.mark.live
@installed
def test_a_dead_target_is_down_and_comes_back_under_its_name(
    tmp_path: Path, target: Target
) -> None:
    with Prometheus(tmp_path, {"compliance-0": target.address}) as prometheus:

        def up() -> list[tuple[str, float]]:
            return [(labels["instance"], value) for labels, value in prometheus.query("up")]

        assert awaited(up, [("compliance-0", 1.0)]) == [("compliance-0", 1.0)]
        target.metrics.close()
        assert awaited(up, [("compliance-0", 0.0)]) == [("compliance-0", 0.0)]
        again = Target()
        try:
            prometheus.aim({"compliance-0": again.address})
            assert awaited(up, [("compliance-0", 1.0)]) == [("compliance-0", 1.0)]
        finally:
            again.metrics.close()


@pytest.mark.live
@installed
def test_a_prometheus_on_the_same_folder_remembers(tmp_path: Path, target: Target) -> None:
    prometheus = Prometheus(tmp_path, {"compliance-0": target.address})
    past = "max_over_time(up[5m])"
    with prometheus:
        assert awaited(lambda: prometheus.query("up")[0:1] != [], True) is True
        with pytest.raises(PrometheusUnavailable, match="runs already"):
            prometheus.start()
    assert not prometheus.running
    target.metrics.close()
    with prometheus:
        assert [value for _, value in prometheus.query(past)] == [1.0]


def test_a_missing_prometheus_says_how_to_get_it(tmp_path: Path) -> None:
    absent = Prometheus(tmp_path, {}, program=tmp_path / "prometheus")
    with pytest.raises(PrometheusUnavailable, match="apt-get install prometheus"):
        absent.start()
    with pytest.raises(PrometheusUnavailable, match="never started"):
        absent.query("up")


def test_a_program_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho no luck today\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(PrometheusUnavailable, match=r"ended while starting.*no luck today"):
        Prometheus(tmp_path / "data", {}, program=program).start()
