"""A measurement as a document and as tables, and what processes and journals cost."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra import endpoints
from infra.bench import echo_load, report
from infra.bench.usage import LOAD, Usage, fsync_ms, journal_bytes, memory, processes, usage
from infra.broker import PrivateBroker
from infra.journals.sqlite import SqliteJournal

BURN = "s = 0\nfor i in range(5_000_000): s += i\nprint('burnt', flush=True)\ninput()"


def times(p50: float) -> dict[str, float]:
    return {"p50": p50, "p99": 3 * p50, "p999": 5 * p50, "max": 6 * p50}


def run(ms: float, sustained: bool = True) -> dict[str, Any]:
    return {
        "sustained": sustained,
        "ack_ms": times(ms),
        "new_ms": times(2 * ms),
        "fill_ms": times(3 * ms),
        "cpu_us_per_order": {"account/a1": 100.0, "account/a2": 50.0, "total": 150.0},
        "cpu_elsewhere": 0.25,
    }


def measured(rates: dict[str, Any], speed: float = 2000) -> dict[str, Any]:
    return {
        "fsync_ms": 0.5,
        "echo": {
            "msgs_per_s": 4000,
            "rate": 500,
            "ms": times(2),
            "cpu_us_per_msg": {"total": 300.0},
            "cpu_elsewhere": 0.0,
        },
        "burst": {**run(100), "orders_per_s": speed, "journal_bytes_per_order": 9000},
        "rates": rates,
        "memory": {"account/a1": {"uss_bytes": 60_000_000, "pss_bytes": 61_000_000}},
        "ledger": {"line": "sent=1", "lost": 0, "duplicated": 0},
    }


def test_the_latencies_on_top_are_those_of_the_highest_rate_that_was_sustained() -> None:
    rates = {"200": run(1), "500": run(5), "1000": run(900, sustained=False)}
    whole = report.document(measured(rates), {"window": 500})
    assert whole["latency_rate"] == 500
    assert whole["ack_ms"]["p50"] == 5
    assert whole["fill_ms"]["p99"] == 45
    assert json.loads(json.dumps(whole)) == whole


def test_the_result_has_exactly_what_runs_are_compared_by() -> None:
    config = {"window": 500, "makers": "house", "workload": "each order fills once"}
    found = report.result(report.document(measured({"200": run(1), "500": run(5)}), config))
    latencies = {"ack_ms", "new_ms", "fill_ms"}
    others = {"orders_per_s", "cpu_us_per_order", "echo_msgs_per_s", "lost", "duplicated", "config"}
    assert set(found) == latencies | others
    for kind in latencies:
        assert set(found[kind]) == {"p50", "p99", "p999"}
    assert found["ack_ms"]["p50"] == 5
    assert (found["orders_per_s"], found["echo_msgs_per_s"]) == (2000, 4000)
    assert found["config"]["workload"] == "each order fills once"
    assert found["config"]["latency_rate"] == 500


def test_where_no_rate_was_sustained_the_lowest_one_is_shown() -> None:
    rates = {"500": run(700, sustained=False), "1000": run(900, sustained=False)}
    assert report.document(measured(rates), {"window": 5})["latency_rate"] == 500


def test_every_number_is_also_a_multiple_of_the_echo() -> None:
    whole = report.document(measured({"500": run(5)}), {"window": 500})
    assert whole["times_echo"]["orders_per_s"] == 0.5
    assert whole["times_echo"]["cpu_us_per_order"] == 0.5
    assert whole["times_echo"]["ack_ms"]["p50"] == 2.5
    assert whole["times_echo"]["fill_ms"]["p999"] == 7.5


def test_budgets_are_met_or_missed_and_goals_reached_or_not_yet() -> None:
    rates = {"200": run(11), "500": run(11)}
    whole = report.document(measured(rates, speed=600), {"window": 500})
    verdicts = {(row["kind"], row["what"]): row["verdict"] for row in whole["budgets"]}
    assert verdicts == {
        ("budget", "sustained burst, orders/s"): "met",
        ("budget", "ack p50 at 200 orders/s, ms"): "missed",
        ("budget", "ack p99 at 200 orders/s, ms"): "met",
        ("budget", "fill p50 at 200 orders/s, ms"): "met",
        ("budget", "fill p99 at 200 orders/s, ms"): "met",
        ("goal", "sustained burst, orders/s"): "not yet",
        ("goal", "ack p50 at 500 orders/s, ms"): "not yet",
        ("goal", "ack p99 at 500 orders/s, ms"): "met",
        ("goal", "fill p50 at 500 orders/s, ms"): "not yet",
        ("goal", "fill p99 at 500 orders/s, ms"): "met",
    }


def test_the_tables_show_what_was_not_measured_and_what_was_not_sustained() -> None:
    whole = report.document(measured({"200": run(5, sustained=False)}), {"window": 500})
    console = Console(width=120, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    for table in report.tables(whole):
        console.print(table)
    text = console.export_text()
    for words in ("not sustained", "not measured", "met", "account", "0.50 of the echo's", "25%"):
        assert words in text


def test_other_programs_on_the_machine_are_told_where_there_are_any() -> None:
    whole = report.document(measured({"500": run(5)}), {"window": 500})
    assert "0% during the echo, 25% during the burst, 25% during 500/s" in report.disturbance(whole)
    for part in (whole["burst"], whole["rates"]["500"]):
        part["cpu_elsewhere"] = 0.05
    assert report.disturbance(whole) == ""


def test_cpu_is_counted_by_process_and_for_each_order(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        names = processes(tmp_path, echo=child.pid)
        before = usage(names)
        assert child.stdout is not None
        assert child.stdout.readline() == b"burnt\n"
        spent = usage(names).since(before)
        found = memory(names)
        child.communicate(b"\n")
    assert names[os.getpid()] == LOAD
    assert spent.cpu["echo"] > 0.02
    assert spent.per(10)["echo"] == pytest.approx(spent.cpu["echo"] * 1e5, abs=0.1)
    assert spent.per(10)["total"] >= spent.per(10)["echo"]
    assert found["echo"]["uss_bytes"] > 1_000_000
    assert usage(names).cpu.keys() == {LOAD}  # the other one has ended


def test_what_others_took_of_the_machine_is_told_apart() -> None:
    cpus = os.cpu_count() or 1
    busy = Usage(at=10.0, cpu={"a": 2.0}, machine=2.0 + 5.0 * cpus)
    assert busy.elsewhere() == 0.5


def test_a_journal_counts_with_what_is_in_its_write_ahead_log(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journals" / "account" / "a1.sqlite")
    journal.open()
    before = journal_bytes(tmp_path)
    journal.append([], {f"book/{number}": number for number in range(2000)})
    after = journal_bytes(tmp_path)
    journal.close()
    assert after["account/a1"] - before["account/a1"] > 2000 * 8


def test_a_commit_to_the_disk_takes_time_and_leaves_nothing(tmp_path: Path) -> None:
    assert fsync_ms(tmp_path, 5) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.live
async def test_the_plain_echo_brings_every_message_back(
    tmp_path: Path, clean_broker: PrivateBroker
) -> None:
    endpoints.write(tmp_path, bench=clean_broker.url("bench"))
    job = echo_load.EchoJob(count=300, window=50, rate=100, body=b'{"an": "order"}')
    found = await echo_load.measure(tmp_path, job)
    assert found["msgs_per_s"] > 20
    assert 0 < found["ms"]["p50"] <= found["ms"]["p99"]
    assert found["cpu_us_per_msg"]["echo"] > 0
