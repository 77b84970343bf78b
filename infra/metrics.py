"""Prometheus metrics as a projection of the journal: what compliance heard, as numbers.

No actor counts anything. Compliance's host hands over each entry once it is durable there, and the
vitals of hosts; its process is the one scrape target. Labels are bounded: an actor's kind, an
event's name, a rule, a reason; never an order, a desk, an account or a price.

A latency runs from the desk's message at the border (ReceivedAt) to the instant of the entry; the
commit that follows is ``oms_journal_commit_seconds``.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import prometheus_client
from prometheus_client import CollectorRegistry, Counter

from actors import conservation
from actors.surveillance.patterns import NAMES as PATTERN_NAMES
from infra.gauges import Gauges
from infra.monitoring.table import row
from infra.monitoring.timings import Timing, Timings
from infra.tracing import sampled
from infra.vitals import Vitals
from messages import events as ev
from messages.base import SECOND, Event, Instant
from messages.entry import EntryCopy
from messages.fix import ExecType, OrdRejReason

BUCKETS = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
"""Seconds. Every limit that is promised (1, 3, 10, 30, 50, 100 ms, 1 s, 5 s) is an edge."""

KINDS = ("account", "book", "venue", "compliance", "surveillance", "rulebook")

TRANSITIONS: dict[type[Event], ExecType] = {
    ev.OrderAccepted: ExecType.PendingNew,
    ev.OrderAcknowledged: ExecType.New,
    ev.OrderHeld: ExecType.New,
    ev.HeldOrderCut: ExecType.Restated,
    ev.OrderReleased: ExecType.Triggered,
    ev.OrderFilled: ExecType.Trade,
    ev.TradeCanceled: ExecType.TradeCancel,
    ev.TradeCorrected: ExecType.TradeCorrect,
    ev.OrderReplaced: ExecType.Replaced,
    ev.OrderRestated: ExecType.Restated,
    ev.OrderCanceled: ExecType.Canceled,
    ev.OrderExpired: ExecType.Expired,
    ev.OrderRejected: ExecType.Rejected,
    ev.CancelRequested: ExecType.PendingCancel,
    ev.ReplaceRequested: ExecType.PendingReplace,
}
"""By what an account's event moves its order; an OrderMoved says so itself."""

MOVES = tuple(kind for kind in ExecType if kind is not ExecType.OrderStatus)
"""OrderStatus answers a question and moves nothing."""

LABEL_VALUES = 100
"""How many values one label may take; whatever comes beyond is counted as "other"."""


class _Children(dict[str, Counter]):
    """The children of a metric by its last label, made once: ``labels()`` costs more than ``inc``.

    ``known`` values are there from the start with 0: the first increase of a series that was absent
    is no increase to Prometheus, so an alarm would miss the first alarming event.
    """

    def __init__(self, metric: Counter, *first: str, known: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._metric = metric
        self._first = first
        for value in known:
            self.__missing__(value)

    def __missing__(self, value: str) -> Counter:
        if len(self) >= LABEL_VALUES and value != "other":
            return self["other"]  # not kept by its name, or the names would fill the memory
        child = self._metric.labels(*self._first, value)
        self[value] = child
        return child


class Metrics:
    """The metrics of one compliance shard.

    ``observe``, ``vitals`` and ``totals`` belong to one thread; a scrape may come at any time.
    ``clock`` gives nanoseconds since 1970.
    """

    def __init__(
        self, registry: CollectorRegistry, clock: Callable[[], Instant] = time.time_ns
    ) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry
        self._clock = clock
        self._close: list[Callable[[], None]] = []
        self._heard_at = 0.0
        self._gauges = Gauges(clock)
        registry.register(self._gauges)
        self._define_events()
        self._define_orders()
        self._define_latencies()
        self._projections: dict[type[Event], Callable[[EntryCopy, Any], None]] = {
            ev.OrderAccepted: self._on_accepted,
            ev.OrderRefused: self._on_refused,
            ev.OrderAcknowledged: self._on_acknowledged,
            ev.OrderFilled: self._on_filled,
            ev.OrderRejected: lambda _, event: self._rejected[event.OrdRejReason].inc(),
            ev.OrderAdopted: lambda *_: self._adopted.inc(),
            ev.OrderMoved: lambda _, event: self._moves[event.ExecType].inc(),
            ev.MassCancelRequested: lambda _, event: self._moves[ExecType.PendingCancel].inc(
                len(event.OrderIDs)
            ),
            ev.DuplicateReceived: lambda _, event: self._repeated[event.Kind].inc(),
            ev.DuplicateExecution: lambda _, event: self._repeats.inc(),
            ev.BreakFound: lambda entry, _: self._breaks[_kind(entry)].inc(),
            ev.MessageParked: lambda entry, _: self._parked[_kind(entry)].inc(),
            ev.ViolationFound: lambda _, event: self.violation(),
            ev.AlertRaised: self._on_alert,
        }

    def observe(self, entry: EntryCopy) -> None:
        """Count one entry, once compliance has made it durable (also of compliance itself)."""
        now = self._clock()
        self._heard_at = now / SECOND
        kind = _kind(entry)
        self._entries[kind].inc()
        self._lag.observe(max(0, now - entry.At) / SECOND)
        source = entry.Sender.partition("/")[0]
        self._since(self._stages[f"{source}-{kind}"], entry.CausedAt, entry)
        self._gauges.observe(entry, now)
        if conservation.is_new_order(entry):
            self._received.inc()
        events = self._events_of.get(kind) or self._meet(kind)
        for event in entry.Events:
            events[event.Event].inc()
            moved = TRANSITIONS.get(type(event))
            if moved is not None:
                self._moves[moved].inc()
            project = self._projections.get(type(event))
            if project is not None:
                project(entry, event)

    def violation(self) -> None:
        """Compliance itself has found an entry that breaks a rule."""
        self._violations.inc()

    def vitals(self, vitals: Vitals) -> None:
        """Take a host's word on one of its actors, or a border's on itself."""
        kind = vitals.actor.partition("/")[0]
        for took in vitals.commit_ns:
            self._commit[kind].observe(took / SECOND)
        for took in vitals.took_ns:
            self._stages[kind].observe(took / SECOND)
        self._gauges.vitals(vitals)

    def totals(self, totals: Mapping[str, int]) -> None:
        """Show and balance the totals that compliance keeps durably.

        They are kept by reference and read at every scrape: call this when they become another
        object, at the start and after a rebuild.
        """
        self._gauges.totals(totals)

    def serve(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Serve /metrics in a daemon thread; the port, a free one for 0. OSError: it is taken."""
        try:
            server, thread = prometheus_client.start_http_server(port, host, self._registry)
        except OSError as error:
            text = f"cannot serve metrics on {host}:{port} ({error.strerror}): give another port"
            raise OSError(error.errno, text) from error
        self._close += [server.shutdown, server.server_close, thread.join]
        return int(server.server_port)

    def close(self) -> None:
        """Stop serving."""
        for close in self._close:
            close()
        self._close.clear()

    def _define_events(self) -> None:
        new = self._counter
        self._entries = _Children(new("oms_audited_entries_total"))
        self._events = new("oms_events_total")
        self._events_of: dict[str, _Children] = {}
        self._breaks = _Children(new("oms_breaks_total"), known=KINDS)
        self._parked = _Children(new("oms_messages_parked_total"), known=KINDS)
        self._violations = new("oms_violations_total")

    def _define_orders(self) -> None:
        new = self._counter
        self._received = new("oms_orders_received_total")
        self._accepted = new("oms_orders_accepted_total")
        self._adopted = new("oms_orders_adopted_total")
        self._moves = _Children(new("oms_order_transitions_total"), known=MOVES)
        self._refused = _Children(new("oms_orders_refused_total"))
        self._rejected = _Children(new("oms_orders_rejected_total"), known=tuple(OrdRejReason))
        self._repeated = _Children(new("oms_duplicate_requests_total"))
        self._fills = new("oms_fills_total")
        self._repeats = new("oms_duplicate_executions_total")
        self._alerts = _Children(new("oms_surveillance_alerts_total"), known=PATTERN_NAMES)

    def _define_latencies(self) -> None:
        new = self._timings
        self._ack = new("oms_ack_seconds")[""]
        self._new = new("oms_new_seconds")[""]
        self._fill = new("oms_fill_seconds")[""]
        self._lag = new("oms_audit_lag_seconds")[""]
        self._alerted = new("oms_surveillance_alert_seconds")[""]
        self._stages = new("oms_stage_seconds")
        self._commit = new("oms_journal_commit_seconds")

    def _counter(self, name: str) -> Counter:
        one = row(name)
        return Counter(name, one.means, one.labels, registry=self._registry)

    def _timings(self, name: str) -> Timings:
        timings = Timings(row(name), BUCKETS, LABEL_VALUES)
        self._registry.register(timings)
        return timings

    def _since(self, timing: Timing, start: Instant, entry: EntryCopy) -> None:
        """Two machines' clocks may differ by more than the latency: never below 0."""
        trace_id = entry.Trace[3:35] if sampled(entry.Trace) else ""
        timing.observe(max(0, entry.At - start) / SECOND, trace_id, self._heard_at)

    def _meet(self, kind: str) -> _Children:
        self._events_of[kind] = events = _Children(self._events, kind)
        return events

    def _on_accepted(self, entry: EntryCopy, event: ev.OrderAccepted) -> None:
        self._accepted.inc()
        if event.ExecID is not None:
            self._since(self._ack, event.ReceivedAt, entry)

    def _on_refused(self, entry: EntryCopy, event: ev.OrderRefused) -> None:
        self._refused[event.Refusal.Rule].inc()
        self._since(self._ack, event.ReceivedAt, entry)

    def _on_acknowledged(self, entry: EntryCopy, event: ev.OrderAcknowledged) -> None:
        self._since(self._new, event.ReceivedAt, entry)

    def _on_filled(self, entry: EntryCopy, event: ev.OrderFilled) -> None:
        self._fills.inc()
        self._since(self._fill, event.ReceivedAt, entry)

    def _on_alert(self, entry: EntryCopy, event: ev.AlertRaised) -> None:
        self._alerts[event.Pattern].inc()
        self._since(self._alerted, event.At, entry)


def _kind(entry: EntryCopy) -> str:
    return entry.Actor.partition("/")[0]
