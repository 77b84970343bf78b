"""Every metric, once: name, kind, labels, unit, meaning. Whatever exposes or reads one looks here.

So docs/METRICS.md, the rules and the dashboards cannot name a metric that does not exist, and none
can exist that is not explained. A label has few values by construction: never an order, a desk, an
account, a price or an amount.
"""

from typing import Literal, NamedTuple
from zlib import crc32

from messages.envelope import Address

Kind = Literal["counter", "gauge", "histogram"]

LANES = 16
"""Accounts and books are shown as so many lanes of each kind (see ``infra.gauges.lane``)."""


class Row(NamedTuple):
    """``name`` is as it is queried: a counter's ends in ``_total``, a histogram's has no suffix."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    unit: str
    means: str


class Label(NamedTuple):
    """``most``: how many values it takes at most, in one installation."""

    most: int
    means: str


LABELS: dict[str, Label] = {
    "actor_kind": Label(
        10, "account, book, venue, compliance, surveillance, rulebook, killswitch, ingress, egress"
    ),
    "actor": Label(
        200,
        "the address of a venue, border, broker or compliance; for accounts and books a lane, "
        "`account#00` to `account#15`: `oms status` says who is in which",
    ),
    "stage": Label(40, "from whom to whom, e.g. `account-book`; `ingress`, `egress`: the borders"),
    "event": Label(100, "the name of an event"),
    "exec_type": Label(30, "FIX ExecType(150)"),
    "rule": Label(100, "the name of a pre-trade rule"),
    "reason": Label(40, "FIX OrdRejReason(103)"),
    "kind": Label(100, "the name of a message"),
    "total": Label(60, "a total of compliance's journal, see `actors/conservation.py`"),
    "law": Label(20, "a law of `actors/conservation.py`, or `reports`"),
    "pattern": Label(20, "what surveillance recognised"),
    "queue": Label(3, "orders, reports, dead: all queues of that sort together"),
}
"""Beyond these only ``le`` of histograms; Prometheus itself adds ``job`` and ``instance``."""

ACTOR, BY_KIND = ("actor",), ("actor_kind",)

RED: tuple[Row, ...] = (
    Row("oms_audited_entries_total", "counter", BY_KIND, "entries", "Entries heard."),
    Row("oms_events_total", "counter", ("actor_kind", "event"), "events", "Events heard."),
    Row("oms_stage_seconds", "histogram", ("stage",), "seconds",
        "From a message's sending to the entry it caused; ingress: from a delivery to all of it "
        "durable; egress: from a report's entry to the broker's confirm."),
    Row("oms_ack_seconds", "histogram", (), "seconds",
        "From the border to PendingNew, or a rule's refusal."),
    Row("oms_new_seconds", "histogram", (), "seconds", "From the border to New."),
    Row("oms_fill_seconds", "histogram", (), "seconds", "From the border to each fill."),
    Row("oms_surveillance_alerts_total", "counter", ("pattern",), "alerts",
        "Alerts of surveillance."),
    Row("oms_surveillance_alert_seconds", "histogram", (), "seconds",
        "From the event that completed a pattern to its alert being journaled."),
    Row("oms_breaks_total", "counter", BY_KIND, "breaks",
        "Contradictions with the outside world."),
    Row("oms_messages_parked_total", "counter", BY_KIND, "messages",
        "Messages that an actor raised on."),
    Row("oms_border_refused_total", "counter", ACTOR, "requests",
        "Requests that the ingress refused itself: unreadable, or not the desk's to send."),
    Row("oms_border_dead_total", "counter", ACTOR, "deliveries",
        "Deliveries that the ingress made dead letters of: from nobody it knows."),
)  # fmt: skip

USE: tuple[Row, ...] = (
    Row("oms_actor_cpu_seconds_total", "counter", ACTOR, "seconds",
        "CPU time of the actor's process."),
    Row("oms_actor_resident_memory_bytes", "gauge", ACTOR, "bytes",
        "Resident memory of the actor's process."),
    Row("oms_link_backlog", "gauge", ACTOR, "messages", "Envelopes waiting to be handled."),
    Row("oms_link_unacked", "gauge", ACTOR, "messages", "Envelopes sent, not acknowledged."),
    Row("oms_actor_loop_lag_seconds", "gauge", ACTOR, "seconds",
        "How late the event loop was with its last tick."),
    Row("oms_actor_parked_messages", "gauge", ACTOR, "messages", "Messages parked now."),
    Row("oms_actor_epoch", "gauge", ACTOR, "incarnation", "Which incarnation of the actor."),
    Row("oms_actor_restarts_total", "counter", ACTOR, "restarts",
        "Incarnations that began since this target did."),
    Row("oms_actor_seen_timestamp_seconds", "gauge", ACTOR, "seconds since 1970",
        "When the host last spoke."),
    Row("oms_process_started_timestamp_seconds", "gauge", ACTOR, "seconds since 1970",
        "When the last process of the address began."),
    Row("oms_process_silent_seconds", "gauge", ACTOR, "seconds",
        "How long a process that is to serve has not said that it does."),
    Row("oms_crash_loop", "gauge", ACTOR, "0 or 1",
        "1 while processes of the address end again and again soon after they began."),
)  # fmt: skip

BROKER: tuple[Row, ...] = (
    Row("oms_broker_connected", "gauge", ACTOR, "0 or 1",
        "Whether the border has a channel to the broker."),
    Row("oms_broker_messages", "gauge", ("queue",), "messages",
        "Messages that wait in the broker, as the ingress last saw."),
    Row("oms_broker_longest_messages", "gauge", ("queue",), "messages",
        "Messages that wait in the longest queue of that sort."),
)  # fmt: skip

JOURNAL: tuple[Row, ...] = (
    Row("oms_journal_commit_seconds", "histogram", BY_KIND, "seconds", "How long one commit took."),
    Row("oms_journal_bytes", "gauge", BY_KIND, "bytes", "Size of the journals' files."),
    Row("oms_audit_lag_seconds", "histogram", (), "seconds",
        "From an entry to compliance having it durable."),
)  # fmt: skip

BUSINESS: tuple[Row, ...] = (
    Row("oms_orders_received_total", "counter", (), "orders",
        "New orders that reached an account."),
    Row("oms_orders_accepted_total", "counter", (), "orders", "Orders that passed every rule."),
    Row("oms_orders_adopted_total", "counter", (), "orders",
        "Orders that a venue made, taken over."),
    Row("oms_orders_refused_total", "counter", ("rule",), "orders", "Orders refused, by rule."),
    Row("oms_orders_rejected_total", "counter", ("reason",), "orders",
        "Accepted orders that a venue rejected."),
    Row("oms_order_transitions_total", "counter", ("exec_type",), "moves",
        "Moves of orders at accounts."),
    Row("oms_fills_total", "counter", (), "executions", "Executions booked by accounts."),
    Row("oms_duplicate_requests_total", "counter", ("kind",), "requests",
        "Requests that came again."),
    Row("oms_duplicate_executions_total", "counter", (), "executions",
        "Executions that a venue repeated."),
    Row("oms_open_orders", "gauge", BY_KIND, "orders",
        "Orders of accounts, and child orders at venues, that can still trade."),
    Row("oms_in_doubt_orders", "gauge", (), "requests",
        "Requests that a venue may or may not have."),
    Row("oms_in_doubt_oldest_timestamp_seconds", "gauge", ACTOR, "seconds since 1970",
        "Since when the oldest request in doubt at the venue is; absent where none is."),
    Row("oms_venue_session_up", "gauge", ACTOR, "0 or 1", "Whether the FIX session is logged on."),
)  # fmt: skip

CONSERVATION: tuple[Row, ...] = (
    Row("oms_conservation", "gauge", ("law",), "what the law counts",
        "What is out of balance; 0 at rest, as the sum over all shards of compliance."),
    Row("oms_journaled_total", "counter", ("total",), "what the total counts",
        "Totals of all time from compliance's journal: a restart does not reset them."),
    Row("oms_violations_total", "counter", (), "entries",
        "Entries that break a rule no entry may break."),
)  # fmt: skip

GROUND: tuple[Row, ...] = (
    Row("oms_supervisor_up", "gauge", (), "0 or 1", "Whether the supervisor's process is alive."),
    Row("oms_disk_free_bytes", "gauge", (), "bytes", "Free space where the journals are."),
    Row("oms_disk_size_bytes", "gauge", (), "bytes", "Size of the disk where the journals are."),
    Row("oms_clock_synchronized", "gauge", (), "0 or 1",
        "Whether the kernel says that the clock follows a time source."),
    Row("oms_clock_error_seconds", "gauge", (), "seconds",
        "By how much the clock may be wrong, as the kernel estimates."),
    Row("oms_clock_offset_seconds", "gauge", (), "seconds",
        "Offset from UTC that is being corrected, as the audit process saw it."),
    Row("oms_clock_divergence_seconds", "gauge", (), "seconds",
        "How far from UTC the clock may well be."),
    Row("oms_clock_maximum_error_seconds", "gauge", (), "seconds",
        "The largest error that the clock's source allows."),
    Row("oms_clock_bad", "gauge", (), "0 or 1",
        "Whether the clock is further from UTC than it may be, or nobody knows."),
    Row("oms_clock_looked_at_timestamp_seconds", "gauge", (), "seconds since 1970",
        "When the clock was looked at."),
    Row("oms_anchored_timestamp_seconds", "gauge", (), "seconds since 1970",
        "When the journals were anchored last."),
    Row("oms_audit_alarms", "gauge", (), "journals", "Journals that are not what was anchored."),
    Row("oms_audit_failures_total", "counter", (), "records",
        "Anchors and clock records that could not be written."),
    Row("oms_spans_exported_total", "counter", (), "spans", "Spans that reached the collector."),
    Row("oms_spans_dropped_total", "counter", (), "spans", "Spans that did not."),
)  # fmt: skip

FOREIGN: tuple[Row, ...] = (
    Row("up", "gauge", (), "0 or 1", "Prometheus: whether the last scrape succeeded."),
    Row("ALERTS", "gauge", ("alertname", "severity", "alertstate"), "1",
        "Prometheus: an alert that is pending or firing."),
    Row("rabbitmq_alarms_memory_used_watermark", "gauge", (), "0 or 1",
        "RabbitMQ takes no message in: it is short of memory."),
    Row("rabbitmq_alarms_free_disk_space_watermark", "gauge", (), "0 or 1",
        "RabbitMQ takes no message in: its disk is full."),
    Row("rabbitmq_queue_messages_ready", "gauge", (), "messages", "Messages that wait."),
    Row("rabbitmq_queue_messages_unacked", "gauge", (), "messages",
        "Messages delivered and not acknowledged."),
    Row("rabbitmq_connections", "gauge", (), "connections", "Open connections."),
    Row("rabbitmq_process_resident_memory_bytes", "gauge", (), "bytes", "Memory of the broker."),
    Row("rabbitmq_disk_space_available_bytes", "gauge", (), "bytes",
        "Free space where the broker keeps its messages."),
    Row("rabbitmq_global_messages_received_total", "counter", ("protocol",), "messages",
        "Messages that publishers sent."),
    Row("rabbitmq_global_messages_confirmed_total", "counter", ("protocol",), "messages",
        "Messages on disk, and confirmed."),
    Row("rabbitmq_raft_entry_commit_latency_seconds", "gauge", (), "seconds",
        "How long quorum queues take to commit."),
)  # fmt: skip
"""What others expose and rules or dashboards read; with RabbitMQ's plugin rabbitmq_prometheus."""

GROUPS: dict[str, tuple[Row, ...]] = {
    "Stages: rate, errors, duration": RED,
    "Actors: utilisation, saturation, errors": USE,
    "Broker": BROKER,
    "Journal": JOURNAL,
    "Business": BUSINESS,
    "Conservation": CONSERVATION,
    "Machine and supervisor": GROUND,
}

OURS: dict[str, Row] = {row.name: row for rows in GROUPS.values() for row in rows}
ALL: dict[str, Row] = OURS | {row.name: row for row in FOREIGN}


def row(name: str) -> Row:
    """The metric of that name, which is to be exposed.

    Raises:
        KeyError: it has no row; the message says where one belongs.
    """
    try:
        return OURS[name]
    except KeyError:
        raise KeyError(f"{name} has no row: add one to infra/monitoring/table.py") from None


def series(rows: dict[str, Row]) -> dict[str, tuple[str, ...]]:
    """Each name that can be queried, with its labels: a histogram is three of them."""
    found: dict[str, tuple[str, ...]] = {}
    for one in rows.values():
        if one.kind == "histogram":
            found[f"{one.name}_bucket"] = (*one.labels, "le")
            found[f"{one.name}_count"] = found[f"{one.name}_sum"] = one.labels
        else:
            found[one.name] = one.labels
    return found


def lane(address: Address) -> str:
    """Under what name an actor is shown: accounts and books as one of a few lanes of their kind.

    A name of theirs is nobody's business in a metric, and there may be thousands.
    """
    kind, _, name = address.partition("/")
    if kind in ("account", "book"):
        return f"{kind}#{crc32(name.encode()) % LANES:02d}"
    return address
