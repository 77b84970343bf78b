"""What people on call see of a real installation: traces, metrics, rules, dashboards, a drain."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.resources import Resource

from gateways.amqp.desk import Desk
from infra import endpoints
from infra.followed import collect, find
from infra.monitoring import picture, watching
from infra.monitoring.dashboards import DASHBOARDS
from infra.monitoring.rules import document
from infra.monitoring.table import FOREIGN, OURS, series
from infra.prometheus import PROGRAM
from infra.settings import Settings
from infra.tracing import to_span
from messages.fix import OrdStatus, Side
from messages.reports import ExecutionReport
from tests.infra.test_tracing_spans import Collector
from tests.live.stage import Talk, an_order, left_running, oms, running, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

MAY_BE_EMPTY = {
    "overview: Alerts firing",
    "order-flow: In doubt, age of the oldest",
    "order-flow: What came again",
    "order-flow: Refused and rejected a second",
    "actors: Messages that wait",
    "actors: Incarnations begun",
    "compliance: Refused by rule",
    "compliance: Objectives: share of bad requests",
    "compliance: Clock may be wrong by",
}
"""Panels that have nothing to show where nothing is wrong."""


NOT_YET = {
    "oms_in_doubt_oldest_timestamp_seconds", "oms_duplicate_requests_total",
    "oms_orders_refused_total", "oms_clock_synchronized", "oms_clock_error_seconds",
}  # fmt: skip
"""What is absent until it happens, or where the kernel does not tell."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    one.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("watched") / "data"
    with running(folder, otlp_endpoint=collector.address, broker_metrics=True) as installation:
        yield installation


def rebuilt(data: Path, clordid: str) -> dict[bytes, Span]:
    """The spans of an order's trace, made of the journals alone."""
    (order,) = find(data, clordid)
    spans = [to_span(entry, Resource({})) for entry in collect(data, order)]
    encoded = encode_spans([span for span in spans if span])
    return {
        span.span_id: span
        for resource in encoded.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }


async def reported(desk: Desk, status: OrdStatus) -> str:
    """The traceparent of the desk's first report with that status."""
    async with asyncio.timeout(30):
        async for heard in desk.reports():
            if isinstance(heard.report, ExecutionReport) and heard.report.OrdStatus is status:
                return heard.traceparent
    raise AssertionError("reports come for ever")


async def test_the_exported_trace_is_the_one_in_the_journals(
    data: Path, collector: Collector
) -> None:
    settings = Settings.of(data)
    trace_id, desk_span = secrets.token_hex(16), secrets.token_hex(8)
    buy = an_order("traced")
    sell = an_order("other", Account="macro", Side=Side.Sell)
    urls = [endpoints.desk(settings, desk) for desk in ("alpha", "beta")]
    async with await Desk.connect(urls[0], "alpha") as alpha:
        await alpha.send([buy], f"00-{trace_id}-{desk_span}-01")
        assert (await reported(alpha, OrdStatus.New)).split("-")[1] == trace_id
        async with await Desk.connect(urls[1], "beta") as beta:
            await beta.send([sell])
            out = await reported(alpha, OrdStatus.Filled)

    def exported() -> dict[bytes, Span]:
        return {s.span_id: s for s in collector.spans() if s.trace_id.hex() == trace_id}

    expected = rebuilt(data, "traced")
    await asyncio.to_thread(until, lambda: exported().keys() >= expected.keys(), 20)
    found = exported()
    assert found.keys() == expected.keys()
    for span_id, span in expected.items():
        assert found[span_id] == span
    roots = [span for span in found.values() if span.parent_span_id not in found]
    assert [root.parent_span_id.hex() for root in roots] == [desk_span], "context comes in"
    last = found[bytes.fromhex(out.split("-")[2])]
    assert (last.name, last.kind) == ("account OrderFilled", Span.SPAN_KIND_PRODUCER), "and out"
    assert {span.name.split(" ")[0] for span in found.values()} == {"account", "book", "venue"}


@pytest.mark.skipif(not PROGRAM.exists(), reason="apt-get install prometheus")
async def test_every_rule_and_panel_is_evaluated_over_the_running_system(
    data: Path, tmp_path: Path
) -> None:
    with watching.private(tmp_path / "prometheus", data) as prometheus:
        began = time.time()
        async with Talk(data) as talk:
            for number in range(24):
                await talk.send(an_order(f"seen-{number}", ReportPendingNew=True))
                await asyncio.sleep(0.25)
            await talk.execution(ClOrdID="seen-23", OrdStatus=OrdStatus.New)
        await asyncio.to_thread(watching.watch, prometheus, data, 3.0)
        rules = [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]
        assert len(rules) == sum(len(group["rules"]) for group in document()["groups"])
        assert [rule["lastError"] for rule in rules if rule.get("lastError")] == []
        for row in FOREIGN:
            if row.name.startswith("rabbitmq_"):
                assert prometheus.query(row.name), f"RabbitMQ does not expose {row.name}"
        names = {labels["__name__"] for labels, _ in prometheus.query('{job="oms"}')}
        ours = {name for name in names if name.startswith("oms_")}
        assert series(OURS).keys() - ours <= NOT_YET
        assert ours <= series(OURS).keys()
        sheet = watching.sheet(prometheus, "a test", began, time.time())
        traces = prometheus.api(
            "query_exemplars", query="oms_stage_seconds_bucket", start=began, end=time.time()
        )
        assert any(exemplar["labels"]["trace_id"] for s in traces for exemplar in s["exemplars"])
    panels = [f"{one.name}: {panel.title}" for one in DASHBOARDS for panel in one.panels]
    assert len(panels) > 30
    assert set(picture.empty(sheet)) <= MAY_BE_EMPTY
    root = ElementTree.fromstring(picture.svg(sheet))
    assert len(root.findall(".//{*}polyline")) > 80


async def test_a_drain_settles_everything_and_what_waits_is_answered_once_it_is_over(
    data: Path,
) -> None:
    async with Talk(data) as talk:
        await talk.send(*(an_order(f"before-{n}") for n in range(20)))
        told = await asyncio.to_thread(oms, data, "drain", "--stay", "--data", str(data))
        assert told.returncode == 0, told.stdout + told.stderr
        assert "nothing is under way" in told.stdout
        await talk.send(*(an_order(f"during-{n}") for n in range(5)))
        for number in range(20):
            await talk.execution(ClOrdID=f"before-{number}", OrdStatus=OrdStatus.New)
        await asyncio.sleep(1)
        assert [r for r in talk.heard["alpha"] if "during" in str(r)] == []
        await asyncio.to_thread(oms, data, "drain", "--undo", "--data", str(data))
        for number in range(5):
            await talk.execution(ClOrdID=f"during-{number}", OrdStatus=OrdStatus.New)
    told = await asyncio.to_thread(oms, data, "drain", "--data", str(data))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "everything has ended" in told.stdout
    assert left_running(data) == []
