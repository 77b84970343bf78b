"""The dashboards as tables: a panel is a title, a unit and a few queries.

Grafana's JSON and the picture of ``oms dashboards draw`` are made of these, so both show the same.
"""

from typing import Literal, NamedTuple

RATE = "$__rate_interval"
"""Grafana's word for a window that suits scrape interval and zoom."""

Unit = Literal["short", "ops", "s", "bytes", "percentunit", "bool"]


class Panel(NamedTuple):
    """``queries``: legend and expression; a legend may name labels: ``{{actor}}``.

    ``zero``: it should read 0, and is drawn as an alarm where it does not.
    """

    title: str
    unit: Unit
    queries: tuple[tuple[str, str], ...]
    zero: bool = False
    log: bool = False


class Dashboard(NamedTuple):
    """``name``: of the file."""

    name: str
    title: str
    panels: tuple[Panel, ...]


def rate(metric: str, by: str = "", where: str = "") -> str:
    """Events a second, summed but for the label ``by``."""
    grouped = f"sum by ({by})" if by else "sum"
    chosen = f"{{{where}}}" if where else ""
    return f"{grouped} (rate({metric}{chosen}[{RATE}]))"


def quantile(q: float, metric: str, by: str = "") -> str:
    """A quantile of a histogram."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket[{RATE}])))"


FIRING = 'count by (alertname) (ALERTS{alertstate="firing",alertname!=""})'

LATENCY = Panel(
    "Latency from the border", "s",
    tuple(
        (f"{name} p{q * 100:.0f}", quantile(q, f"oms_{name}_seconds"))
        for name in ("ack", "fill") for q in (0.5, 0.99)
    ),
    log=True,
)  # fmt: skip
ORDERS = Panel(
    "Orders a second", "ops",
    (
        ("received", rate("oms_orders_received_total")),
        ("accepted", rate("oms_orders_accepted_total")),
        ("refused", rate("oms_orders_refused_total")),
        ("fills", rate("oms_fills_total")),
    ),
)  # fmt: skip
WRONG = Panel(
    "Lost, twice, unexplained", "short",
    (
        ("out of balance: {{law}}", "sum by (law) (oms:conservation_overdue)"),
        ("violations", "sum(oms_violations_total)"),
        ("breaks", "sum(oms_breaks_total)"),
        ("parked", "sum(oms_messages_parked_total)"),
    ),
    zero=True,
)  # fmt: skip
RESTARTS = Panel(
    "Incarnations begun",
    "short",
    (("{{actor}}", f"sum by (actor) (increase(oms_actor_restarts_total[{RATE}]))"),),
)

OVERVIEW = Dashboard(
    "overview", "oms: overview",
    (
        ORDERS,
        LATENCY,
        WRONG,
        Panel("Alerts firing", "short", (("{{alertname}}", FIRING),), zero=True),
        Panel("Open orders", "short", (
            ("{{actor_kind}}", "sum by (actor_kind) (oms_open_orders)"),
            ("in doubt", "sum(oms_in_doubt_orders)"),
        )),
        Panel("Served", "bool", (
            ("scraped {{instance}}", 'up{job="oms"}'),
            ("supervisor", "oms_supervisor_up"),
            ("broker at {{actor}}", "oms_broker_connected"),
            ("session {{actor}}", "oms_venue_session_up"),
        )),
    ),
)  # fmt: skip

ORDER_FLOW = Dashboard(
    "order-flow", "oms: order flow",
    (
        ORDERS,
        Panel("Moves of orders a second", "ops",
              (("{{exec_type}}", rate("oms_order_transitions_total", "exec_type") + " > 0"),)),
        Panel("Each stage, p99", "s",
              (("{{stage}}", quantile(0.99, "oms_stage_seconds", "stage")),), log=True),
        Panel("Each stage, messages a second", "ops",
              (("{{stage}}", rate("oms_stage_seconds_count", "stage")),)),
        LATENCY,
        Panel("Refused and rejected a second", "ops", (
            ("rule {{rule}}", rate("oms_orders_refused_total", "rule")),
            ("venue {{reason}}", rate("oms_orders_rejected_total", "reason") + " > 0"),
            ("border", rate("oms_border_refused_total")),
        )),
        Panel("What came again", "ops", (
            ("requests {{kind}}", rate("oms_duplicate_requests_total", "kind")),
            ("executions", rate("oms_duplicate_executions_total")),
        )),
        Panel("In doubt, age of the oldest", "s",
              (("{{actor}}", "time() - oms_in_doubt_oldest_timestamp_seconds"),)),
    ),
)  # fmt: skip

ACTORS = Dashboard(
    "actors", "oms: actors",
    (
        Panel("CPU, cores", "short",
              (("{{actor}}", rate("oms_actor_cpu_seconds_total", "actor")),)),
        Panel("Memory", "bytes", (("{{actor}}", "oms_actor_resident_memory_bytes"),)),
        Panel("Messages that wait", "short", (
            ("backlog {{actor}}", "oms_link_backlog > 0"),
            ("unacknowledged {{actor}}", "oms_link_unacked > 0"),
        )),
        Panel("Event loop late", "s", (("{{actor}}", "oms_actor_loop_lag_seconds"),)),
        RESTARTS,
        Panel("Silent for", "s", (("{{actor}}", "oms_process_silent_seconds"),)),
        Panel("Commit p50 and p99", "s", (
            ("{{actor_kind}} p50", quantile(0.5, "oms_journal_commit_seconds", "actor_kind")),
            ("{{actor_kind}} p99", quantile(0.99, "oms_journal_commit_seconds", "actor_kind")),
        ), log=True),
        Panel("Entries a commit", "short", (
            ("{{actor_kind}}",
             rate("oms_audited_entries_total", "actor_kind") + " / "
             + rate("oms_journal_commit_seconds_count", "actor_kind")),
        )),
    ),
)  # fmt: skip

BROKER = Dashboard(
    "broker", "oms: broker",
    (
        Panel("Messages that wait", "short", (("{{queue}}", "oms_broker_messages"),)),
        Panel("Longest queue of its sort", "short",
              (("{{queue}}", "oms_broker_longest_messages"),)),
        Panel("Connected", "bool", (("{{actor}}", "oms_broker_connected"),)),
        Panel("Border p99", "s", (
            ("{{stage}}",
             'histogram_quantile(0.99, sum by (stage, le) '
             f'(rate(oms_stage_seconds_bucket{{stage=~"ingress|egress"}}[{RATE}])))'),
        ), log=True),
        Panel("RabbitMQ: messages a second", "ops", (
            ("received", rate("rabbitmq_global_messages_received_total")),
            ("confirmed", rate("rabbitmq_global_messages_confirmed_total")),
        )),
        Panel("RabbitMQ: ready and unacknowledged", "short", (
            ("ready", "sum(rabbitmq_queue_messages_ready)"),
            ("unacknowledged", "sum(rabbitmq_queue_messages_unacked)"),
        )),
        Panel("RabbitMQ: memory", "bytes",
              (("{{instance}}", "rabbitmq_process_resident_memory_bytes"),)),
        Panel("RabbitMQ: alarms", "bool", (
            ("memory", "max(rabbitmq_alarms_memory_used_watermark)"),
            ("disk", "max(rabbitmq_alarms_free_disk_space_watermark)"),
        ), zero=True),
    ),
)  # fmt: skip

COMPLIANCE = Dashboard(
    "compliance", "oms: compliance",
    (
        WRONG,
        Panel("Balance now, what is on its way included", "short",
              (("{{law}}", "sum by (law) (oms_conservation)"),)),
        Panel("Compliance hears later by", "s", tuple(
            (f"p{q * 100:.0f}", quantile(q, "oms_audit_lag_seconds")) for q in (0.5, 0.99)
        ), log=True),
        Panel("Entries a second", "ops",
              (("{{actor_kind}}", rate("oms_audited_entries_total", "actor_kind")),)),
        Panel("Refused by rule", "ops", (("{{rule}}", rate("oms_orders_refused_total", "rule")),)),
        Panel("Clock may be wrong by", "s", (
            ("estimate", "oms_clock_error_seconds"),
            ("offset", "oms_clock_offset_seconds"),
            ("may well be", "oms_clock_divergence_seconds"),
            ("at most", "oms_clock_maximum_error_seconds"),
        ), log=True),
        Panel("Surveillance: alerts", "short",
              (("{{pattern}}", "sum by (pattern) (oms_surveillance_alerts_total)"),)),
        Panel("Anchors", "short", (
            ("journals that are not what was anchored", "oms_audit_alarms"),
            ("clock bad", "oms_clock_bad"),
        )),
        Panel("Journals", "bytes", (
            ("{{actor_kind}}", "oms_journal_bytes"),
            ("disk free", "oms_disk_free_bytes"),
        ), log=True),
        Panel("Objectives: share of bad requests", "percentunit", (
            ("first answer later than 50 ms", "oms:ack_errors:ratio_rate5m"),
            ("parked or a violation", "oms:loss_errors:ratio_rate5m"),
        )),
    ),
)  # fmt: skip

DASHBOARDS = (OVERVIEW, ORDER_FLOW, ACTORS, BROKER, COMPLIANCE)
