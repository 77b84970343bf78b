"""Every alert: what it says, how soon, how loud, and an example of when it fires and when not.

``page`` wakes somebody, ``ticket`` waits for the morning. Each has a page in docs/runbooks, and the
examples are run by promtool.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from infra.monitoring.objectives import ACK, FAST, LOSS, SLOW, burns

STEP_S = 15
"""Seconds between the values of an example, where it need not last for hours."""

Series = Mapping[str, str]
"""Values by series, as promtool writes them: ``0x20`` is 0 and 20 times 0 again."""


class Alert(NamedTuple):
    """``lasts``: how long it must be so. ``fires``, ``calm``: examples, with ``step_s`` from one
    value to the next, to be looked at at ``at``.
    """

    name: str
    severity: Literal["page", "ticket"]
    expr: str
    lasts: str
    summary: str
    fires: Series
    calm: Series
    at: str = "10m"
    step_s: int = STEP_S


TOTAL = "oms_journaled_total"
PARKED, VIOLATIONS = "oms_messages_parked_total", "oms_violations_total"
RECEIVED = "oms_orders_received_total"
ON_ACCOUNT = '{actor_kind="account"}'
IN_LANE = '{actor="account#03"}'
SHARD = '{instance="compliance-0",job="oms"}'

RIGHT: tuple[Alert, ...] = (
    Alert("ConservationBroken", "page", "oms:conservation_overdue > 0", "0s",
          "{{ $value }} of law {{ $labels.law }} {{ $labels.side }} balance for 30 s",
          {f'{TOTAL}{{total="venue_trades"}}': "0x10 5x50",
           f'{TOTAL}{{total="fills_booked"}}': "0x10 4x50"},
          {f'{TOTAL}{{total="venue_trades"}}': "0+20x60",
           f'{TOTAL}{{total="fills_booked"}}': "_ 0+20x59"}),
    Alert("AuditViolation", "page", f"increase({VIOLATIONS}[5m]) > 0", "0s",
          "compliance found an entry that breaks a rule no entry may break",
          {VIOLATIONS: "0x36 1x20"}, {VIOLATIONS: "1x60"}),
    Alert("BreakFound", "page", "increase(oms_breaks_total[10m]) > 0", "0s",
          "the outside world contradicts {{ $labels.actor_kind }}s",
          {'oms_breaks_total{actor_kind="venue"}': "0x36 1x20"},
          {'oms_breaks_total{actor_kind="venue"}': "2x60"}),
    Alert("MessageParked", "page",
          f"increase({PARKED}[10m]) > 0 or oms_actor_parked_messages > 0", "0s",
          "a message was set aside: nobody has handled it",
          {PARKED + ON_ACCOUNT: "0x36 1x20"},
          {PARKED + ON_ACCOUNT: "3x60", f"oms_actor_parked_messages{IN_LANE}": "0x60"}),
    Alert("DeadLetters", "ticket", 'oms_broker_messages{queue="dead"} > 0', "1m",
          "{{ $value }} messages in dead.q",
          {'oms_broker_messages{queue="dead"}': "0x20 3x40"},
          {'oms_broker_messages{queue="dead"}': "0x60",
           'oms_broker_messages{queue="orders"}': "5x60"}),
    Alert("OrderLossBurnsFast", "page", burns(LOSS, FAST), "0s",
          "messages are parked or violate a rule, far more than 1 in 10,000",
          {RECEIVED: "0+100x80", PARKED + ON_ACCOUNT: "0+1x80", VIOLATIONS: "0x80"},
          {RECEIVED: "0+100x80", PARKED + ON_ACCOUNT: "0x80", VIOLATIONS: "0x80"}, "70m", 60),
    Alert("OrderLossBurnsSlowly", "ticket", burns(LOSS, SLOW), "0s",
          "messages are parked or violate a rule, more than 1 in 10,000",
          {RECEIVED: "0+10000x430", PARKED + ON_ACCOUNT: "0+4x430", VIOLATIONS: "0x430"},
          {RECEIVED: "0+100x430", PARKED + ON_ACCOUNT: "0x430", VIOLATIONS: "0x430"}, "3h", 60),
)  # fmt: skip
"""That all is right: nothing lost, nothing twice, nothing unexplained."""

ACKS, WITHIN = "oms_ack_seconds_count", 'oms_ack_seconds_bucket{le="0.05"}'
COMMITS = 'oms_journal_commit_seconds_bucket{actor_kind="account",le="%s"}'
LAG = 'oms_audit_lag_seconds_bucket{le="%s"}'

FAST_ENOUGH: tuple[Alert, ...] = (
    Alert("AckLatencyBurnsFast", "page", burns(ACK, FAST), "0s",
          "so many first answers take more than 50 ms that the month's allowance is used up soon",
          {ACKS: "0+100x80", WITHIN: "0+80x80"},
          {ACKS: "0+100x80", WITHIN: "0+99.5x80"}, "70m", 60),
    Alert("AckLatencyBurnsSlowly", "ticket", burns(ACK, SLOW), "0s",
          "more than 1 % of first answers take more than 50 ms",
          {ACKS: "0+100x430", WITHIN: "0+96x430"},
          {ACKS: "0+100x430", WITHIN: "0+99.5x430"}, "3h", 60),
    Alert("JournalSlow", "ticket",
          "histogram_quantile(0.99, sum by (actor_kind, le) "
          "(rate(oms_journal_commit_seconds_bucket[5m]))) > 0.05", "5m",
          "1 in 100 commits of {{ $labels.actor_kind }}s takes {{ $value | humanizeDuration }}",
          {COMMITS % "0.05": "0+10x80", COMMITS % "0.1": "0+20x80", COMMITS % "+Inf": "0+20x80"},
          {COMMITS % "0.05": "0+20x80", COMMITS % "+Inf": "0+20x80"}, "15m"),
    Alert("AuditLag", "ticket",
          "histogram_quantile(0.99, sum by (le) (rate(oms_audit_lag_seconds_bucket[5m]))) > 2",
          "2m", "compliance hears of what happens {{ $value | humanizeDuration }} later",
          {LAG % "1.0": "0+10x60", LAG % "5.0": "0+20x60", LAG % "+Inf": "0+20x60"},
          {LAG % "1.0": "0+20x60", LAG % "+Inf": "0+20x60"}),
    Alert("ActorBacklog", "ticket", "oms_link_backlog > 5000", "1m",
          "{{ $value }} messages wait at {{ $labels.actor }}",
          {f"oms_link_backlog{IN_LANE}": "0x20 9000x40"},
          {f"oms_link_backlog{IN_LANE}": "0x36 9000x2 0x20"}),
)  # fmt: skip
"""That it is fast enough."""

ALIVE: tuple[Alert, ...] = (
    Alert("TargetDown", "page", 'up{job="oms"} == 0 or absent(up{job="oms"})', "15s",
          "no metrics of {{ $labels.instance }}: nobody would see anything else",
          {f"up{SHARD}": "1x36 0x20"}, {f"up{SHARD}": "1x60"}),
    Alert("SupervisorAbsent", "page", "oms_supervisor_up == 0", "5s",
          "nothing that dies is started again",
          {"oms_supervisor_up": "1x36 0x20"}, {"oms_supervisor_up": "1x60"}),
    Alert("ActorCrashLoop", "page", "oms_crash_loop == 1", "0s",
          "processes of {{ $labels.actor }} end soon after they began, again and again",
          {f"oms_crash_loop{IN_LANE}": "0x36 1x20"}, {f"oms_crash_loop{IN_LANE}": "0x60"}),
    Alert("ActorSilent", "page", "oms_process_silent_seconds > 30", "15s",
          "{{ $labels.actor }} has served nobody for {{ $value | humanizeDuration }}",
          {f"oms_process_silent_seconds{IN_LANE}": "0.4x30 0+15x30"},
          {f"oms_process_silent_seconds{IN_LANE}": "0.4x60"}),
    Alert("ActorRestartsOften", "ticket", "increase(oms_actor_restarts_total[15m]) > 5", "0s",
          "{{ $labels.actor }} began anew {{ $value }} times in 15 minutes",
          {f"oms_actor_restarts_total{IN_LANE}": "0x10 0+1x60"},
          {f"oms_actor_restarts_total{IN_LANE}": "0x20 1x60"}),
    Alert("DiskFilling", "ticket",
          "oms_disk_free_bytes / oms_disk_size_bytes < 0.1 or "
          "(predict_linear(oms_disk_free_bytes[1h], 14400) < 0 "
          "and oms_disk_free_bytes / oms_disk_size_bytes < 0.3)",
          "5m", "the disk of the journals is nearly full, or will be within hours",
          {"oms_disk_free_bytes": "8e9x60", "oms_disk_size_bytes": "1e11x60"},
          {"oms_disk_free_bytes": "8e10x60", "oms_disk_size_bytes": "1e11x60"}),
    Alert("DiskFull", "page",
          "oms_disk_free_bytes < 536870912 or oms_disk_free_bytes / oms_disk_size_bytes < 0.02",
          "0s", "the disk of the journals is as good as full: actors will stop",
          {"oms_disk_free_bytes": "4e8x60", "oms_disk_size_bytes": "1e11x60"},
          {"oms_disk_free_bytes": "8e9x60", "oms_disk_size_bytes": "1e11x60"}),
    Alert("ClockDrift", "ticket",
          "oms_clock_error_seconds > 0.001 or oms_clock_synchronized == 0", "10m",
          "the clock may be wrong: business clocks must be within 1 ms of UTC",
          {"oms_clock_error_seconds": "0.02x80", "oms_clock_synchronized": "1x80"},
          {"oms_clock_error_seconds": "0.0001x80", "oms_clock_synchronized": "1x80"}, "15m"),
    Alert("JournalNotAsAnchored", "page", "oms_audit_alarms > 0", "0s",
          "{{ $value }} journals are not what was anchored",
          {"oms_audit_alarms": "0x20 1x40"}, {"oms_audit_alarms": "0x60"}),
    Alert("SpansDropped", "ticket", "increase(oms_spans_dropped_total[10m]) > 100", "0s",
          "{{ $value }} spans in 10 minutes did not reach the collector of traces",
          {"oms_spans_dropped_total": "0+50x60"}, {"oms_spans_dropped_total": "0x60"}),
)  # fmt: skip
"""That everything runs."""

MEMORY, DISK = (f"rabbitmq_alarms_{what}_watermark" for what in ("memory_used", "free_disk_space"))
EGRESS = 'oms_stage_seconds_count{stage="egress"}'
OWED = 'oms_conservation{law="reports"}'

AROUND: tuple[Alert, ...] = (
    Alert("BrokerAway", "page", "oms_broker_connected == 0", "10s",
          "{{ $labels.actor }} has no channel to the broker",
          {'oms_broker_connected{actor="ingress/0"}': "1x36 0x20"},
          {'oms_broker_connected{actor="ingress/0"}': "1x60"}),
    Alert("BrokerAlarm", "page", f"{MEMORY} == 1 or {DISK} == 1", "15s",
          "RabbitMQ takes no message in: it is short of memory or disk",
          {f'{DISK}{{instance="rabbit"}}': "0x30 1x30"}, {f'{DISK}{{instance="rabbit"}}': "0x60"}),
    Alert("OrdersQueued", "page", 'oms_broker_messages{queue="orders"} > 10000', "1m",
          "{{ $value }} messages of desks wait in the broker",
          {'oms_broker_messages{queue="orders"}': "0x20 20000x40"},
          {'oms_broker_messages{queue="orders"}': "9x60"}),
    Alert("ReportsUnread", "ticket", 'oms_broker_longest_messages{queue="reports"} > 100000', "5m",
          "a desk has {{ $value }} reports that it does not read",
          {'oms_broker_longest_messages{queue="reports"}': "200000x60"},
          {'oms_broker_longest_messages{queue="reports"}': "10x60"}),
    Alert("ReportsStuck", "page",
          f"sum({OWED}) > 0 unless sum(rate({EGRESS}[1m])) > 0", "30s",
          "{{ $value }} reports are owed to desks, and none leaves",
          {OWED: "0x20 7x40", EGRESS: "100x60"}, {OWED: "7x60", EGRESS: "0+10x60"}),
    Alert("VenueSessionDown", "page", "oms_venue_session_up == 0", "1m",
          "{{ $labels.actor }} is not logged on: its orders wait, and what was sent is in doubt",
          {'oms_venue_session_up{actor="venue/XPAR"}': "1x20 0x40"},
          {'oms_venue_session_up{actor="venue/XPAR"}': "1x60"}),
    Alert("InDoubtTooLong", "page", "time() - oms_in_doubt_oldest_timestamp_seconds > 60", "0s",
          "{{ $labels.actor }} has not said for {{ $value | humanizeDuration }} what became of a "
          "request",
          {'oms_in_doubt_oldest_timestamp_seconds{actor="venue/XPAR"}': "400x60"},
          {'oms_in_doubt_oldest_timestamp_seconds{actor="venue/XPAR"}': "590x60"}),
)  # fmt: skip
"""That broker, venues and desks do their part."""

ALERTS: dict[str, tuple[Alert, ...]] = {
    "oms right": RIGHT,
    "oms fast": FAST_ENOUGH,
    "oms alive": ALIVE,
    "oms around": AROUND,
}
"""By group."""


def every() -> tuple[Alert, ...]:
    """All of them."""
    return tuple(alert for group in ALERTS.values() for alert in group)
