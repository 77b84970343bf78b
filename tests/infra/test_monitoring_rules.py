"""Alerts fire when they should and not otherwise, name metrics that exist, and have a runbook."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.commands.dashboards import files
from infra.monitoring.alerts import every
from infra.monitoring.rules import RUNBOOKS, document, examples, recorded
from infra.monitoring.table import ALL, OURS, series
from tests.architecture.source import ROOT
from tests.infra.test_commands_named import commands

WRITTEN = ROOT / "infra" / "monitoring" / "files"
SECTIONS = ["Meaning", "Impact", "Check", "Fix"]
WORDS = re.compile(r"\b(?:oms|rabbitmq)_[a-z_]+|\boms:[a-z_0-9:]+|\bup\b|\bALERTS\b")

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="apt-get install prometheus"
)


def promtool(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    command = ["promtool", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=115, check=False)


def expressions() -> Iterator[tuple[str, str]]:
    for group in document()["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]


def unknown(expr: str) -> set[str]:
    """Names of series in an expression that nobody exposes or records."""
    bare = re.sub(r'"[^"]*"', '""', expr)
    return set(WORDS.findall(bare)) - series(ALL).keys() - recorded().keys()


@needs_promtool
def test_the_rules_are_rules(tmp_path: Path) -> None:
    path = tmp_path / "oms.rules.yml"
    path.write_text(json.dumps(document()))
    checked = promtool("check", "rules", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"SUCCESS: {len(list(expressions()))} rules found" in checked.stdout


@needs_promtool
def test_every_alert_fires_in_its_example_and_is_calm_in_the_other(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(json.dumps(document()))
    for name, content in examples("rules.yml").items():
        (tmp_path / name).write_text(json.dumps(content))
    told = promtool("test", "rules", *tmp_path.glob("every-*.yml"))
    assert told.returncode == 0, told.stdout + told.stderr


@needs_promtool
def test_an_example_that_is_wrong_is_seen(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(json.dumps(document()))
    wrong = examples("rules.yml")["every-15s.yml"]
    wrong["tests"] = [test for test in wrong["tests"] if test["name"] == "DiskFull fires"]
    wrong["tests"][0]["input_series"][0]["values"] = "9e10x60"
    (tmp_path / "tests.yml").write_text(json.dumps(wrong))
    told = promtool("test", "rules", tmp_path / "tests.yml")
    assert told.returncode == 1
    assert "FAILED" in told.stdout + told.stderr


def test_rules_name_series_that_exist() -> None:
    wrong = {name: found for name, expr in expressions() if (found := unknown(expr))}
    assert wrong == {}


def test_a_series_that_nobody_exposes_is_seen() -> None:
    assert unknown('rate(oms_order_lost_total{rule="up"}[5m]) > 0') == {"oms_order_lost_total"}
    assert unknown("oms_ack_seconds > 1") == {"oms_ack_seconds"}, "a histogram has no such series"


def test_everything_that_must_be_watched_is_watched() -> None:
    watched = " ".join(expr for _, expr in expressions())
    for name in (
        *("oms:conservation_overdue", "oms_violations_total", "oms_breaks_total"),
        *("oms_messages_parked_total", "oms_crash_loop", "oms_supervisor_up", "oms_link_backlog"),
        *(
            "oms_in_doubt_oldest_timestamp_seconds",
            "oms_disk_free_bytes",
            "oms_clock_error_seconds",
        ),
        *("oms_broker_connected", "oms_venue_session_up", "oms_journal_commit_seconds_bucket"),
        *("rabbitmq_alarms_memory_used_watermark", "rabbitmq_alarms_free_disk_space_watermark"),
    ):
        assert name in watched, name
    assert len(OURS) > 50


def test_what_was_lost_or_came_twice_pages_at_once() -> None:
    by_name = {alert.name: alert for alert in every()}
    for name in ("ConservationBroken", "AuditViolation", "BreakFound", "MessageParked"):
        assert (by_name[name].severity, by_name[name].lasts) == ("page", "0s")


def test_the_files_are_what_the_tables_make(tmp_path: Path) -> None:
    made = {path.relative_to(tmp_path): path.read_text() for path in files(tmp_path)}
    names = sorted(p.relative_to(WRITTEN) for p in WRITTEN.rglob("*.*") if p.name in str(made))
    assert names == sorted(made)
    for name, text in made.items():
        assert (WRITTEN / name).read_text() == text, f"{name}: run `make docs`"


# ---- runbooks


def runbook(name: str) -> Path:
    return ROOT / RUNBOOKS / f"{name}.md"


@pytest.mark.parametrize("name", [alert.name for alert in every()])
def test_each_alert_leads_to_a_runbook_that_says_what_to_do(name: str) -> None:
    rules = [r for g in document()["groups"] for r in g["rules"] if r.get("alert") == name]
    assert [r["annotations"]["runbook_url"] for r in rules] == [f"docs/runbooks/{name}.md"]
    assert all(r["annotations"]["summary"] for r in rules)
    text = runbook(name).read_text()
    assert text.splitlines()[0] == f"# {name}"
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    for section in text.split("\n## ")[1:]:
        assert len(section.split()) > 8, section.splitlines()[0]
    assert [*commands(text)], "a runbook names a command that helps"
