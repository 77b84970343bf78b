"""One trace per order, as a projection of the journal: an entry is a span, its cause the parent.

Ids, start and end stand in the entry, so a span can be made from it at any time and comes out the
same: live, for a collector (``Tracing``), or from the journals, for a terminal (``waterfall``).
Spans leave by a thread of their own. A collector that is slow, wrong or gone costs spans, never an
order: nothing here blocks or raises.
"""

import logging
import re
import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from infra.telling import fields_of, words
from messages import events as ev
from messages.base import Instant
from messages.entry import EntryCopy

if TYPE_CHECKING:  # the exporter costs 120 ms and 14 MB, which only an endpoint justifies
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import SpanKind
    from rich.console import RenderableType

log = logging.getLogger(__name__)

WAITING = 10_000
"""How many entries may wait for the exporter; what comes beyond is dropped and counted."""
BATCH = 512
EVERY_SECONDS = 0.5
"""How often spans leave when fewer than a batch wait."""
EXPORT_SECONDS = 5.0
"""How long one batch may take, retries included; then it is dropped and counted."""

ORDERS, REPORTS = "orders", "reports"
"""Exchanges: ``orders.<desk>`` of each desk, and that of all reports."""

SPAN_ID = re.compile(r"(?!0{16})[0-9a-f]{16}")
ALARMS = (ev.MessageParked, ev.BreakFound, ev.ViolationFound)
TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")


def sampled(trace: str) -> bool:
    """Whether a traceparent asks for spans: the last bit of its flags. False where it is none."""
    return len(trace) == 55 and trace[-1] in "13579bdf"


class Tracing:
    """Sends the spans of sampled entries to an OTLP/HTTP collector; does nothing without one.

    ``endpoint``: the collector's address, e.g. ``http://127.0.0.1:4318``.
    """

    def __init__(self, endpoint: str | None) -> None:
        self.exported = 0
        self.dropped = 0
        """Spans that did not reach the collector, for whatever reason."""
        self._waiting: deque[EntryCopy] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._abandoned = False
        self._exporter: SpanExporter | None = None
        self._thread: threading.Thread | None = None
        if endpoint:
            self._exporter = _exporter(endpoint)
            self._thread = threading.Thread(target=self._run, name="exports spans", daemon=True)
            self._thread.start()

    def observe(self, entry: EntryCopy) -> None:
        """Let this entry become a span, if its trace is sampled."""
        if self._thread is None or not sampled(entry.Trace) or self._closing:
            return
        if len(self._waiting) >= WAITING:
            self.dropped += 1
            return
        self._waiting.append(entry)
        if len(self._waiting) == BATCH:
            self._wake.set()

    def shutdown(self, timeout: float = 5.0) -> None:
        """Send what waits and end; what cannot be sent within ``timeout`` seconds is dropped."""
        if self._thread is None or self._exporter is None:
            return
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)
        self._abandoned = True
        self._exporter.shutdown()  # ends a retry under way
        self._thread.join(1.0)
        self._thread = None

    def _run(self) -> None:
        resource = _resource()
        while not self._closing or self._waiting:
            self._wake.wait(EVERY_SECONDS)
            self._wake.clear()
            while self._waiting and not self._abandoned:
                take = min(BATCH, len(self._waiting))
                self._export([self._waiting.popleft() for _ in range(take)], resource)
            if self._abandoned:
                break
        self.dropped += len(self._waiting)

    def _export(self, entries: list[EntryCopy], resource: "Resource") -> None:
        from opentelemetry.sdk.trace.export import SpanExportResult

        assert self._exporter is not None
        sent = 0
        try:
            spans = [span for entry in entries if (span := to_span(entry, resource))]
            if self._exporter.export(spans) is SpanExportResult.SUCCESS:
                sent = len(spans)
        except Exception:
            log.exception("the spans of %d entries were not exported", len(entries))
        self.exported += sent
        self.dropped += len(entries) - sent


def _exporter(endpoint: str) -> "SpanExporter":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(
            f"the address of the trace collector, {endpoint!r}, is no URL of OTLP over HTTP: "
            "give one such as http://127.0.0.1:4318"
        )
    if parts.path in ("", "/"):
        parts = parts._replace(path="/v1/traces")
    return OTLPSpanExporter(parts.geturl(), timeout=EXPORT_SECONDS)


def _resource() -> "Resource":
    from opentelemetry.sdk.resources import Resource

    return Resource.create({"service.name": "oms"})


def to_span(entry: EntryCopy, resource: "Resource") -> "ReadableSpan | None":
    """The entry as a finished span, with its events; None where it has no trace."""
    from opentelemetry.sdk.trace import Event as SpanEvent
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

    ids = TRACEPARENT.fullmatch(entry.Trace)
    if ids is None:
        return None
    trace_id, span_id = int(ids[1], 16), int(ids[2], 16)
    from_desk, to_desk = _desk_of(entry)
    sampled = TraceFlags(TraceFlags.SAMPLED)
    parent = None
    if SPAN_ID.fullmatch(entry.Cause):
        cause = int(entry.Cause, 16)
        parent = SpanContext(trace_id, cause, is_remote=bool(from_desk), trace_flags=sampled)
    alarm = next((words(event) for event in entry.Events if isinstance(event, ALARMS)), None)
    return ReadableSpan(
        name=_name(entry),
        context=SpanContext(trace_id, span_id, is_remote=False, trace_flags=sampled),
        parent=parent,
        resource=resource,
        attributes=_attributes(entry),
        events=[SpanEvent(e.Event, dict(fields_of(e)), entry.At) for e in entry.Events],
        kind=_kind(from_desk, to_desk),
        status=Status(StatusCode.ERROR, alarm) if alarm else Status(StatusCode.UNSET),
        start_time=min(entry.CausedAt, entry.At),
        end_time=entry.At,
    )


def _desk_of(entry: EntryCopy) -> tuple[str, str]:
    """The desk whose message this is (``?``: it does not say), and that to which it reports."""
    from_desk = ""
    if entry.Sender.startswith("ingress/"):
        said = (getattr(event, "Desk", None) for event in entry.Events)
        from_desk = next(filter(None, said), "?")
    sent = (to.partition("/")[2] for to, _, _ in entry.Sends if to.startswith("desk/"))
    return from_desk, next(sent, "")


def _kind(from_desk: str, to_desk: str) -> "SpanKind":
    """What a desk sent is consumed; what goes out to one is produced: its own span follows."""
    from opentelemetry.trace import SpanKind

    if from_desk:
        return SpanKind.CONSUMER
    return SpanKind.PRODUCER if to_desk else SpanKind.INTERNAL


def _name(entry: EntryCopy) -> str:
    what = entry.Events[0].Event if entry.Events else entry.Kind
    return f"{entry.Actor.partition('/')[0]} {what}"


def _attributes(entry: EntryCopy) -> dict[str, str | int | tuple[str, ...]]:
    found: dict[str, str | int | tuple[str, ...]] = {
        "oms.actor": entry.Actor,
        "oms.entry": entry.Number,
        "oms.epoch": entry.Epoch,
        "oms.kind": entry.Kind,
        "oms.sender": entry.Sender,
        "oms.events": tuple(event.Event for event in entry.Events),
        "oms.recipients": tuple(dict.fromkeys(recipient for recipient, _, _ in entry.Sends)),
        **_messaging(entry),
    }
    for event in entry.Events:
        for attribute, field in (
            ("oms.order_id", "OrderID"),
            ("oms.cl_ord_id", "ClOrdID"),
            ("oms.child_id", "ChildID"),
        ):
            value = getattr(event, field, None)
            if value is not None:
                found.setdefault(attribute, value)
    return found


def _messaging(entry: EntryCopy) -> dict[str, str]:
    """OpenTelemetry's semantic conventions for messaging: RabbitMQ at the borders, links within.

    https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq
    """
    from_desk, to_desk = _desk_of(entry)
    if from_desk:
        account = entry.Actor.partition("/")[2]
        what = ("rabbitmq", "process", f"{ORDERS}.{from_desk}", account)
    elif to_desk:
        what = ("rabbitmq", "send", REPORTS, to_desk)
    else:
        what = ("oms", "process", entry.Actor, "")
    system, operation, destination, key = what
    found = {
        "messaging.system": system,
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": destination,
        "messaging.message.id": f"{entry.Sender} {entry.Seq}",
    }
    return {**found, "messaging.rabbitmq.destination.routing_key": key} if key else found


# ---- in words, for a terminal

BAR = 24
ROOMY = 110
"""Columns, from which on there is room for a bar."""


class Line(NamedTuple):
    """One entry of a trail. Times are nanoseconds since the beginning of the trail."""

    begun: Instant
    ended: Instant
    depth: int
    actor: str
    what: str


def trail(entries: Sequence[EntryCopy]) -> list[Line]:
    """The entries in order of time, each with its depth under the entry that began it."""
    span_of = {entry.Trace[36:52]: entry for entry in entries}
    begin = min((min(entry.CausedAt, entry.At) for entry in entries), default=0)

    def depth(entry: EntryCopy) -> int:
        seen = {entry.Trace}
        while (above := span_of.get(entry.Cause)) is not None and above.Trace not in seen:
            seen.add(above.Trace)
            entry = above
        return len(seen) - 1

    lines = []
    for entry in sorted(entries, key=lambda e: (e.At, e.Actor, e.Number)):
        said = [words(event) for event in entry.Events] or [f"{entry.Kind} heard"]
        said += [
            f"{kind} to {recipient}"
            for recipient, _, kind in entry.Sends
            if not recipient.startswith("compliance/")
        ]
        begun = min(entry.CausedAt, entry.At) - begin
        lines.append(Line(begun, entry.At - begin, depth(entry), entry.Actor, "; ".join(said)))
    return lines


def waterfall(entries: Sequence[EntryCopy], width: int = 120) -> "RenderableType":
    """What became of an order: one row per entry, to be printed by rich on ``width`` columns.

    Offset of the entry from the beginning, actor (indented under its cause), what happened, and
    how long it took from its cause, in figures and, where there is room, as a bar on a time line.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    lines = trail(entries)
    if not lines:
        return Text("No entry tells of it.")
    total = max(line.ended for line in lines)
    table = Table(box=None, pad_edge=False, width=width)
    table.add_column("at", justify="right", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("actor", no_wrap=True)
    table.add_column("what happened", ratio=1, overflow="fold")
    roomy = width >= ROOMY
    if roomy:
        table.add_column("", no_wrap=True, width=BAR)
    for line in lines:
        cells = [
            f"+{_duration(line.ended)}",
            _duration(line.ended - line.begun),
            " " * line.depth + line.actor,
            line.what,
        ]
        cells += [_bar(line, total)] * roomy
        table.add_row(*(Text(cell) for cell in cells))  # as str it would be read as markup
    traces = ", ".join(dict.fromkeys(entry.Trace[3:35] for entry in entries if entry.Trace))
    actors = len({entry.Actor for entry in entries})
    foot = f"{len(lines)} entries of {actors} actors in {_duration(total)}"
    return Group(table, Text(f"{foot}, trace {traces}" if traces else foot))


def _bar(line: Line, total: Instant) -> str:
    first = line.begun * BAR // total if total else 0
    last = -(-line.ended * BAR // total) if total else 0
    first = min(first, BAR - 1)
    filled = max(1, last - first)
    return "·" * first + "█" * filled + "·" * (BAR - first - filled)


def _duration(nanos: Instant) -> str:
    return f"{nanos / 1e6:.2f} ms" if nanos < 1_000_000_000 else f"{nanos / 1e9:.3f} s"
