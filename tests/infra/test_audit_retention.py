"""How long records are kept: by class, told by a report, and respected by the archive."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from infra.audit import retention
from infra.audit.host import AuditHost
from infra.audit.retention import CLASSES, later, report
from infra.cli import main
from infra.journals import archive
from infra.journals.archive import archive_of
from infra.journals.sqlite import SqliteJournal
from infra.replayed import replay
from infra.settings import Settings
from infra.snapshots import dump, stamp
from messages.base import format_time, parse_time
from tests.infra.journaled_day import START, file_of, traded_day

GROWTH = "account/growth"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(archive, "PAUSE_S", 0.0)
    with traded_day(tmp_path):
        Settings(data=tmp_path).save()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def covered(data: Path) -> Path:
    """The account's journal with a snapshot at its end, and everything heard."""
    path = file_of(data, GROWTH)
    with closing(SqliteJournal(path)) as journal:
        journal.open()
        shell = replay(GROWTH, path)
        journal.save_snapshot(shell.number, stamp(), dump(shell))
        journal.append([], dict(shell.sent))
    return path


def in_journal(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        (count,) = db.execute("SELECT count(*) FROM main.entries").fetchone()
        return int(count)


def test_every_kind_of_actor_and_file_has_a_class_that_says_who_asks_for_it() -> None:
    assert {"account", "book", "venue", "compliance", "anchors", "clock"} == CLASSES.keys()
    for rule in CLASSES.values():
        assert rule.years >= 5
        assert 0 < rule.at_hand <= rule.years
        assert any(name in rule.source for name in ("17a-4", "MiFID", "FINRA"))
    assert retention.of("rules").years == max(rule.years for rule in CLASSES.values())


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        ("2026-11-23", 6, "2032-11-23"),
        ("2024-02-29", 5, "2029-03-01"),
        ("2024-02-29", 4, "2028-02-29"),
    ],
)
def test_years_are_those_of_the_calendar(day: str, years: int, then: str) -> None:
    assert format_time(later(parse_time(f"{day}T12:00:00Z"), years))[:10] == then


def test_the_report_says_until_when_each_is_kept(data: Path) -> None:
    AuditHost(Settings.of(data)).turn()
    told = json.loads(run("audit", "retention", "--data", str(data), "--json").stdout)
    by_name = {one["Record"]: one for one in told}
    growth = by_name[GROWTH]
    assert (growth["Class"], growth["Years"], growth["Past"]) == ("blotter", 6, 0)
    assert growth["KeepUntil"].startswith("2032-11-23")
    assert by_name["book/AAPL"]["Years"] == 7
    assert (by_name["anchors.jsonl"]["Entries"], by_name["clock.jsonl"]["Entries"]) == (1, 1)
    shown = run("audit", "retention", "--data", str(data)).stdout
    assert "SEC 17a-4(a)" in shown
    assert "nothing deletes any" in shown


def test_what_is_past_its_time_is_due_and_still_there(data: Path) -> None:
    count = replay(GROWTH, file_of(data, GROWTH)).number
    for years, past, movable in ((1, 0, 0), (3, 0, count), (7, count, count)):
        (kept,) = (one for one in report(data, later(START, years)) if one.name == GROWTH)
        assert (kept.entries, kept.past, kept.may_move) == (count, past, movable)


def test_an_archive_beside_its_journal_is_at_hand_and_takes_anything(data: Path) -> None:
    path = covered(data)
    before = format_time(time.time_ns() + 10**18)
    result = run("journal", "archive", GROWTH, "--before", before, "--data", str(data))
    assert result.exit_code == 0, result.output
    assert in_journal(path) == 0


@pytest.mark.parametrize(("years", "left"), [(1, 17), (3, 0)])
def test_an_archive_elsewhere_takes_only_what_need_not_be_at_hand(
    data: Path, monkeypatch: pytest.MonkeyPatch, years: int, left: int
) -> None:
    path = covered(data)
    archive_of(path).symlink_to(data / "shelf")
    now = later(START, years)
    monkeypatch.setattr(retention, "time", SimpleNamespace(time_ns=lambda: now))
    before = format_time(now)
    result = run("journal", "archive", GROWTH, "--before", before, "--data", str(data))
    assert result.exit_code == 0, result.output
    assert "its archive lies elsewhere, and 2 years (blotter) stay at hand" in result.stdout
    assert in_journal(path) == left
    assert run("audit", "verify", GROWTH, "--data", str(data)).exit_code == 0


def test_the_clock_is_told_with_its_limit(data: Path) -> None:
    result = run("audit", "clock", "--data", str(data), "--json")
    told = json.loads(result.stdout)
    assert told["limit_s"] == 0.001
    assert result.exit_code == (0 if told["good"] else 1)
    assert ("bad" in run("audit", "clock", "--data", str(data)).stdout) != told["good"]
