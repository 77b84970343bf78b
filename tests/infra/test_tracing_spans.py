"""Each entry becomes one span of a connected tree; a collector that is gone is not noticed."""

import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.resources import Resource
from opentelemetry.semconv._incubating.attributes import messaging_attributes
from opentelemetry.trace import SpanKind, StatusCode

from infra import tracing
from infra.tracing import Tracing, to_span
from messages import events as ev
from messages.base import Event
from messages.fix import OrdRejReason
from tests.infra.test_metrics_entries import (
    DESK_SPAN,
    MS,
    START,
    TRACE_ID,
    entry,
    journey,
    journeys,
    parked,
    received,
    refused,
)

OMS = Resource({"service.name": "oms"})


class Collector:
    """The smallest OTLP/HTTP collector: it keeps the requests, and answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.paths: list[str] = []
        self.status = 200
        self.delay = 0.0
        collector = self

        class Page(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                time.sleep(collector.delay)
                collector.paths.append(self.path)
                if collector.status == 200:
                    collector.requests.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    one.close()


def attributes(span: Span) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in span.attributes:
        kind = pair.value.WhichOneof("value")
        value = getattr(pair.value, kind)
        found[pair.key] = [v.string_value for v in value.values] if kind == "array_value" else value
    return found


def test_a_collector_gets_one_connected_tree_for_an_order(collector: Collector) -> None:
    sender = Tracing(collector.address)
    for each in journey():
        sender.observe(each)
    sender.shutdown()
    spans = collector.spans()
    assert (sender.exported, sender.dropped, len(spans)) == (8, 0, 8)
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    assert collector.paths == ["/v1/traces"]
    by_id = {span.span_id: span for span in spans}
    roots = [span for span in spans if span.parent_span_id not in by_id]
    assert [(root.name, root.parent_span_id.hex()) for root in roots] == [
        ("account OrderAccepted", DESK_SPAN)
    ]
    for span in spans:
        steps = 0
        while span.parent_span_id in by_id:
            span, steps = by_id[span.parent_span_id], steps + 1
            assert steps < len(spans), "a circle"
        assert span is roots[0]
    resource = collector.requests[0].resource_spans[0].resource
    assert ("service.name", "oms") in [(a.key, a.value.string_value) for a in resource.attributes]


def test_a_span_tells_what_the_entry_tells(collector: Collector) -> None:
    sender = Tracing(collector.address)
    sender.observe(journey()[3])
    sender.shutdown()
    (span,) = collector.spans()
    assert span.name == "venue VenueExecuted"
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (START + 3 * MS, START + 5 * MS)
    found = attributes(span)
    assert found["oms.actor"] == "venue/XNAS"
    assert found["oms.entry"] == 2
    assert found["oms.kind"] == "VenueExecution"
    assert found["oms.events"] == ["VenueExecuted", "VenueExecuted"]
    assert (found["oms.child_id"], found["oms.cl_ord_id"]) == ("aapl-1", "xnas-1")
    assert [e.name for e in span.events] == ["VenueExecuted", "VenueExecuted"]
    trade = {a.key: a.value.string_value for a in span.events[1].attributes}
    assert (trade["ExecType"], trade["LastQty"], trade["LastPx"]) == ("Trade", "100", "231.20")


def test_a_desks_message_is_consumed_from_the_broker_and_its_parent_is_remote() -> None:
    root, inner = (to_span(each, OMS) for each in journey()[:2])
    assert root is not None
    assert inner is not None
    assert (root.kind, inner.kind) == (SpanKind.CONSUMER, SpanKind.INTERNAL)
    assert root.parent is not None
    assert inner.parent is not None
    assert (root.parent.is_remote, inner.parent.is_remote) == (True, False)
    assert root.attributes is not None
    assert root.attributes["messaging.system"] == "rabbitmq"


def test_spans_at_the_broker_follow_the_conventions_for_messaging() -> None:
    """The names are those that OpenTelemetry's own package has."""
    order, inner, *_, report = (to_span(each, OMS) for each in journey())
    for span, kind, expected in (
        (order, SpanKind.CONSUMER, ("rabbitmq", "process", "orders.blue", "acme")),
        (inner, SpanKind.INTERNAL, ("oms", "process", "book/AAPL", None)),
        (report, SpanKind.PRODUCER, ("rabbitmq", "send", "reports", "blue")),
    ):
        assert span is not None
        assert span.attributes is not None
        assert span.kind is kind
        found = span.attributes
        assert expected == (
            found[messaging_attributes.MESSAGING_SYSTEM],
            found[messaging_attributes.MESSAGING_OPERATION_TYPE],
            found[messaging_attributes.MESSAGING_DESTINATION_NAME],
            found.get(messaging_attributes.MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY),
        )
        known = {name for name in vars(messaging_attributes).values() if isinstance(name, str)}
        assert {name for name in found if name.startswith("messaging.")} <= known


@pytest.mark.parametrize("cause", ["", "0" * 16, "nonsense"])
def test_without_a_cause_a_span_is_a_root(cause: str) -> None:
    span = to_span(entry("book/AAPL", 1, Cause=cause), OMS)
    assert span is not None
    assert span.parent is None


@pytest.mark.parametrize("trace", ["-", "", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "zz-1-2-3"])
def test_without_a_trace_there_is_no_span(trace: str) -> None:
    assert to_span(entry("book/AAPL", 1, Trace=trace), OMS) is None


def test_a_cause_from_a_clock_that_is_ahead_gives_no_negative_duration() -> None:
    span = to_span(entry("book/AAPL", 1, at=START, CausedAt=START + 9), OMS)
    assert span is not None
    assert span.start_time == span.end_time == START


@pytest.mark.parametrize(
    ("event", "status", "says"),
    [
        (parked("NewOrder"), StatusCode.ERROR, "Message parked: KeyError: 'AAPL'"),
        (
            ev.BreakFound(OrderID="acme-1", What="an unknown order"),
            StatusCode.ERROR,
            "Break found: OrderID acme-1, an unknown order",
        ),
        (refused(), StatusCode.UNSET, None),
        (
            ev.OrderRejected(OrderID="acme-1", ExecID="e", OrdRejReason=OrdRejReason.Other),
            StatusCode.UNSET,
            None,
        ),
    ],
)
def test_an_alarm_is_an_error_and_a_refusal_is_business(
    event: Event, status: StatusCode, says: str | None
) -> None:
    span = to_span(received(1, event), OMS)
    assert span is not None
    assert (span.status.status_code, span.status.description) == (status, says)


def test_unsampled_entries_and_those_without_a_trace_are_not_sent(collector: Collector) -> None:
    sender = Tracing(collector.address)
    for number, trace in enumerate((f"00-{TRACE_ID}-{1:016x}-00", "-", ""), 1):
        sender.observe(entry("book/AAPL", number, Trace=trace))
    sender.shutdown()
    assert (collector.requests, sender.exported, sender.dropped) == ([], 0, 0)


def test_a_burst_leaves_in_batches_and_completely(collector: Collector) -> None:
    sender = Tracing(collector.address)
    for each in journeys(200):
        sender.observe(each)
    sender.shutdown(timeout=30)
    assert (sender.exported, sender.dropped) == (1600, 0)
    assert len({(s.trace_id, s.span_id) for s in collector.spans()}) == 1600
    assert 4 <= len(collector.requests) <= 10


def test_spans_leave_without_a_shutdown(collector: Collector) -> None:
    sender = Tracing(collector.address)
    sender.observe(journey()[0])
    deadline = time.monotonic() + 10
    while not collector.spans() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(collector.spans()) == 1
    sender.shutdown()


def test_a_dead_collector_costs_spans_and_no_time(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        sender = Tracing(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        begun = time.monotonic()
        for each in journeys(20):
            sender.observe(each)
        assert time.monotonic() - begun < 0.5
        sender.shutdown(timeout=0.2)
    assert time.monotonic() - begun < 3
    assert (sender.exported, sender.dropped) == (0, 160)


def test_a_slow_collector_fills_the_queue_and_the_rest_is_dropped(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "WAITING", 10)
    collector.delay = 0.3
    sender = Tracing(collector.address)
    entries = list(journeys(10))
    for each in entries:
        sender.observe(each)
    sender.shutdown()
    assert sender.dropped > 0
    assert sender.exported + sender.dropped == len(entries)
    assert len(collector.spans()) == sender.exported


def test_a_collector_that_refuses_costs_the_batch(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 400
    sender = Tracing(collector.address)
    sender.observe(journey()[0])
    sender.shutdown()
    assert (sender.exported, sender.dropped) == (0, 1)


def test_an_address_that_is_no_url_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match=r"'collector:4318'.*http://127\.0\.0\.1:4318"):
        Tracing("collector:4318")


def test_without_an_endpoint_nothing_is_loaded_and_nothing_happens() -> None:
    code = (
        "import sys; from infra.tracing import Tracing; t = Tracing(None); t.shutdown();"
        "print([m for m in ('requests', 'opentelemetry', 'rich') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
    idle = Tracing(None)
    idle.observe(journey()[0])
    assert (idle.exported, idle.dropped) == (0, 0)
