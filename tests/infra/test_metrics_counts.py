"""Given entries and vitals, then these metrics: nothing else feeds them."""

import shutil
import subprocess
import time
import urllib.request
from collections import Counter

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as open_metrics

from actors.conservation import counts
from infra.gauges import QUIET
from infra.metrics import BUCKETS, LABEL_VALUES, Metrics
from infra.monitoring.table import lane
from infra.vitals import Vitals
from messages import events as ev
from messages.entry import EntryCopy
from messages.fix import ExecType, OrdRejReason
from tests.infra.test_metrics_entries import (
    MS,
    START,
    TRACE_ID,
    accepted,
    child_taken,
    duplicate,
    entry,
    executed,
    filled,
    journey,
    journeys,
    parked,
    received,
    refused,
)


class Bench:
    """Metrics on a registry of their own and a clock that stands still."""

    def __init__(self) -> None:
        self.now = START + 10 * MS
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry, lambda: self.now)
        self.totals: Counter[str] = Counter()
        self.metrics.totals(self.totals)

    def hear(self, *entries: EntryCopy) -> None:
        for each in entries:
            self.totals.update(counts(each))
            self.metrics.observe(each)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_one_order_from_the_desk_to_its_fill(bench: Bench) -> None:
    bench.hear(*journey())
    assert bench.value("oms_orders_received_total") == 1
    assert bench.value("oms_orders_accepted_total") == 1
    assert bench.value("oms_fills_total") == 1
    assert bench.value("oms_audited_entries_total", actor_kind="book") == 3
    for kind, event in (("account", "OrderAccepted"), ("venue", "VenueExecuted")):
        expected = 1 if kind == "account" else 2
        assert bench.value("oms_events_total", actor_kind=kind, event=event) == expected


def test_latency_runs_from_the_border_to_the_entry_and_carries_the_trace(bench: Bench) -> None:
    bench.hear(*journey())
    assert bench.value("oms_ack_seconds_sum") == pytest.approx(0.001)
    assert bench.value("oms_new_seconds_sum") == pytest.approx(0.0065)
    assert bench.value("oms_fill_seconds_sum") == pytest.approx(0.0075)
    assert bench.value("oms_ack_seconds_bucket", le="0.001") == 1
    assert bench.value("oms_ack_seconds_bucket", le="0.0005") == 0
    text = open_metrics(bench.registry).decode()
    assert f'oms_ack_seconds_bucket{{le="0.001"}} 1.0 # {{trace_id="{TRACE_ID}"}} 0.001' in text


def test_every_promised_limit_is_an_edge_of_a_bucket() -> None:
    assert {0.001, 0.003, 0.01, 0.03, 0.05, 0.1, 1.0, 5.0} <= set(BUCKETS)
    assert list(BUCKETS) == sorted(BUCKETS)


def test_an_order_accepted_without_pending_new_has_no_ack(bench: Bench) -> None:
    bench.hear(received(1, accepted()))
    assert bench.value("oms_ack_seconds_count") == 0
    assert bench.value("oms_orders_accepted_total") == 1


def test_a_refusal_counts_by_rule_and_is_an_ack(bench: Bench) -> None:
    bench.hear(received(1, refused(), at=START + 2 * MS))
    assert bench.value("oms_orders_refused_total", rule="max_order_qty") == 1
    assert bench.value("oms_ack_seconds_sum") == pytest.approx(0.002)


def test_rules_beyond_the_bound_are_counted_together(bench: Bench) -> None:
    for n in range(LABEL_VALUES + 20):
        refusal = refused().Refusal.model_copy(update={"Rule": f"rule{n}"})
        bench.hear(received(n + 1, refused().model_copy(update={"Refusal": refusal})))
    assert bench.value("oms_orders_refused_total", rule="rule0") == 1
    assert bench.value("oms_orders_refused_total", rule="other") == 20
    text = generate_latest(bench.registry).decode()
    assert text.count("oms_orders_refused_total{") == LABEL_VALUES + 1


def test_no_trace_or_an_unsampled_one_is_no_exemplar(bench: Bench) -> None:
    for number, trace in enumerate(("-", f"00-{TRACE_ID}-{1:016x}-00"), 1):
        bench.hear(received(number, refused(), Trace=trace))
    assert bench.value("oms_ack_seconds_count") == 2
    assert "trace_id" not in open_metrics(bench.registry).decode()


def test_a_clock_that_is_behind_gives_no_negative_latency(bench: Bench) -> None:
    bench.now = START - 5 * MS
    bench.hear(received(1, refused(), at=START - MS))
    assert bench.value("oms_ack_seconds_sum") == 0
    assert bench.value("oms_audit_lag_seconds_sum") == 0


def test_audit_lag_is_from_the_entry_to_hearing_of_it(bench: Bench) -> None:
    bench.hear(entry("book/AAPL", 1, at=bench.now - 4 * MS))
    assert bench.value("oms_audit_lag_seconds_sum") == pytest.approx(0.004)


def test_alarms_stand_at_0_before_the_first_and_count_by_kind(bench: Bench) -> None:
    assert bench.value("oms_breaks_total", actor_kind="venue") == 0
    assert bench.value("oms_messages_parked_total", actor_kind="account") == 0
    break_found = ev.BreakFound(OrderID="acme-1", What="a fill for an unknown order")
    violation = ev.ViolationFound(Actor="book/AAPL", Number=3, What="a gap")
    bench.hear(
        entry("venue/XNAS", 1, break_found),
        received(1, parked("NewOrderSingle")),
        entry("compliance/0", 1, violation),
    )
    assert bench.value("oms_breaks_total", actor_kind="venue") == 1
    assert bench.value("oms_messages_parked_total", actor_kind="account") == 1
    assert bench.value("oms_violations_total") == 1


def test_repeats_and_rejections_have_their_counters(bench: Bench) -> None:
    rejected = ev.OrderRejected(
        OrderID="acme-1", ExecID="e", OrdRejReason=OrdRejReason.ExchangeClosed
    )
    bench.hear(
        received(1, duplicate()),
        entry("venue/XNAS", 1, ev.DuplicateExecution(ExecID="x-1")),
        entry("account/acme", 2, rejected),
    )
    assert bench.value("oms_duplicate_requests_total", kind="NewOrderSingle") == 1
    assert bench.value("oms_duplicate_executions_total") == 1
    assert bench.value("oms_orders_rejected_total", reason="ExchangeClosed") == 1
    assert bench.value("oms_orders_rejected_total", reason="Other") == 0


def test_conservation_is_0_at_rest_and_says_on_which_side_something_is_missing(
    bench: Bench,
) -> None:
    *before, last = journey()
    bench.hear(*before)
    assert bench.value("oms_conservation", law="fills") == -1
    bench.hear(last)
    assert bench.value("oms_conservation", law="fills") == 0
    assert bench.value("oms_conservation", law="orders") == 0
    bench.hear(received(9))
    assert bench.value("oms_conservation", law="orders") == 1


def test_a_restart_of_compliance_keeps_the_totals_and_the_balance(bench: Bench) -> None:
    bench.hear(*journey()[:-1])
    again = Bench()
    again.metrics.totals(bench.totals)
    assert again.value("oms_orders_received_total") == 0
    assert again.value("oms_journaled_total", total="orders_received") == 1
    assert again.value("oms_conservation", law="fills") == -1


def test_without_totals_the_laws_are_absent_and_not_0() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    assert registry.get_sample_value("oms_conservation", {"law": "orders"}) is None
    assert registry.get_sample_value("oms_conservation", {"law": "reports"}) == 0


def test_reports_owed_are_the_sum_of_the_last_words_of_hosts(bench: Bench) -> None:
    bench.metrics.vitals(Vitals(actor="account/acme", at=START, reports_unconfirmed=3))
    bench.metrics.vitals(Vitals(actor="account/beta", at=START, reports_unconfirmed=2))
    assert bench.value("oms_conservation", law="reports") == 5
    bench.metrics.vitals(Vitals(actor="account/acme", at=START + MS))
    late = Vitals(actor="account/acme", at=START - MS, reports_unconfirmed=9)
    bench.metrics.vitals(late)
    assert bench.value("oms_conservation", law="reports") == 2


def test_vitals_become_gauges_and_commit_times(bench: Bench) -> None:
    bench.metrics.vitals(
        Vitals(
            actor="book/AAPL",
            backlog=7,
            unacked=4,
            commit_ns=[300_000, 2_000_000],
            at=START,
            rss_bytes=50_000_000,
            parked=1,
        )
    )
    assert bench.value("oms_link_backlog", actor=lane("book/AAPL")) == 7
    assert bench.value("oms_link_unacked", actor=lane("book/AAPL")) == 4
    assert bench.value("oms_actor_parked_messages", actor=lane("book/AAPL")) == 1
    assert bench.value("oms_actor_resident_memory_bytes", actor=lane("book/AAPL")) == 50_000_000
    assert bench.value("oms_actor_seen_timestamp_seconds", actor=lane("book/AAPL")) == START / 1e9
    assert bench.value("oms_journal_commit_seconds_count", actor_kind="book") == 2
    assert bench.value("oms_journal_commit_seconds_bucket", actor_kind="book", le="0.0005") == 1


def test_an_incarnation_after_the_first_one_heard_is_a_restart(bench: Bench) -> None:
    bench.hear(*(entry("book/AAPL", n, Epoch=epoch) for n, epoch in enumerate((3, 3, 4, 6), 1)))
    assert bench.value("oms_actor_epoch", actor=lane("book/AAPL")) == 6
    assert bench.value("oms_actor_restarts_total", actor=lane("book/AAPL")) == 2


def test_a_quiet_actor_is_shown_no_longer_unless_it_owes_something(bench: Bench) -> None:
    bench.hear(entry("book/AAPL", 1), received(1, accepted()))
    bench.metrics.vitals(Vitals(actor="book/MSFT", at=START, unacked=1))
    bench.now += QUIET + 1
    assert bench.value("oms_actor_epoch", actor=lane("book/AAPL")) is None
    assert bench.value("oms_actor_epoch", actor=lane("account/acme")) == 1
    assert bench.value("oms_link_unacked", actor=lane("book/MSFT")) == 1
    bench.hear(entry("book/AAPL", 2, Epoch=2))
    assert bench.value("oms_actor_restarts_total", actor=lane("book/AAPL")) == 0


def test_open_orders_are_those_that_can_still_trade(bench: Bench) -> None:
    def opened() -> tuple[float | None, float | None]:
        return (
            bench.value("oms_open_orders", actor_kind="account"),
            bench.value("oms_open_orders", actor_kind="venue"),
        )

    entries = journey()
    bench.hear(*entries[:3])
    assert opened() == (1, 1)
    bench.hear(*entries[3:7])
    assert opened() == (1, 0)
    bench.hear(entries[7])
    assert opened() == (0, 0)


def test_where_the_events_do_not_go_back_to_the_first_the_host_is_believed(bench: Bench) -> None:
    bench.hear(entry("account/acme", 400, filled(order="older")))
    assert bench.value("oms_open_orders", actor_kind="account") == 0
    told = Vitals(actor="account/acme", at=START, open_orders=12, in_doubt_orders=2)
    bench.metrics.vitals(told)
    assert bench.value("oms_open_orders", actor_kind="account") == 12
    assert bench.value("oms_in_doubt_orders") == 2


def test_a_request_is_in_doubt_until_the_venue_speaks(bench: Bench) -> None:
    doubt = ev.WentInDoubt(ClOrdID="xnas-1")
    bench.hear(entry("venue/XNAS", 1, child_taken()), entry("venue/XNAS", 2, doubt))
    assert bench.value("oms_in_doubt_orders") == 1
    bench.hear(entry("venue/XNAS", 3, executed(ExecType.New)))
    assert bench.value("oms_in_doubt_orders") == 0


def test_the_metrics_page_is_served_and_says_where_a_port_is_taken(bench: Bench) -> None:
    port = bench.metrics.serve(0)
    try:
        url = f"http://127.0.0.1:{port}/metrics"
        accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
        with urllib.request.urlopen(urllib.request.Request(url, headers=accept)) as answer:
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            assert answer.read().endswith(b"# EOF\n")
        other = Bench()
        with pytest.raises(OSError, match=f"{port}.*give another port"):
            other.metrics.serve(port)
    finally:
        bench.metrics.close()
    again = Bench()
    assert again.metrics.serve(port) == port
    again.metrics.close()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="apt-get install prometheus")
def test_the_names_pass_promtool(bench: Bench) -> None:
    bench.hear(*journey(), received(90, refused()), received(91, duplicate()))
    bench.metrics.vitals(Vitals(actor="account/acme", at=START, commit_ns=[1]))
    run = subprocess.run(
        ["promtool", "check", "metrics"],
        input=generate_latest(bench.registry),
        capture_output=True,
        timeout=30,
    )
    assert (run.returncode, run.stdout + run.stderr) == (0, b"")


def test_an_entry_costs_microseconds(bench: Bench) -> None:
    entries = list(journeys(200))
    best = float("inf")
    for _ in range(5):
        metrics = Metrics(CollectorRegistry())
        begun = time.thread_time_ns()
        for each in entries:
            metrics.observe(each)
        best = min(best, (time.thread_time_ns() - begun) / len(entries))
    assert best < 60_000, f"{best:.0f} ns of CPU an entry"  # 5 µs; the rest is for slow machines
