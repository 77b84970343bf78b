"""The process on no order's path: it anchors, watches the clock, and says what it found."""

import json
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from infra.audit import store
from infra.audit.clock import Spells, parse_chrony, read_clock
from infra.audit.gauges import AuditGauges
from infra.audit.host import AuditHost
from infra.audit.status import read_status
from infra.checks.audit import checks
from infra.clock import Reading, kernel_clock
from infra.settings import Settings
from messages.base import SECOND
from tests.infra.journaled_day import START, Day, new

GOOD = Reading(True, 0.0001, 0.0002, 0.01, "kernel")
LATE = Reading(True, -0.002, 0.0001, 0.01, "kernel")
LOOSE = Reading(False, 0.0, 0.0, 16.0, "kernel")


class Town:
    """An installation with an audit process whose clock and time a test decides."""

    def __init__(self, data: Path, every_s: float = 60.0) -> None:
        self.settings = Settings(data=data, anchor_every_s=every_s)
        self.settings.save()
        self.reading = GOOD
        self.now = START
        self.host = AuditHost(self.settings, lambda: self.reading, lambda: self.now)

    def turn(self, seconds: int = 1) -> None:
        self.now += seconds * SECOND
        self.host.turn()

    def lines(self, name: str) -> list[dict[str, object]]:
        file = store.open_to_read(self.settings, name)
        return [line.said for line in file.read()] if file else []


def test_an_anchor_is_made_at_the_start_and_then_each_period(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        town = Town(tmp_path)
        town.turn()
        day.desk("alpha", new("a-1"))
        for _ in range(61):
            town.turn()
    anchors = town.lines(store.ANCHORS)
    assert len(anchors) == 2
    grown = [set(a["Journals"]) for a in anchors]  # type: ignore[call-overload]
    assert grown[1] == {"account/growth", "book/AAPL", "venue/XPAR", "compliance/0"}
    assert read_status(tmp_path)["Line"] == 2


def test_a_clock_that_turns_bad_and_good_again_is_recorded_once_each(tmp_path: Path) -> None:
    town = Town(tmp_path)
    for reading in (GOOD, GOOD, LATE, LATE, LOOSE, GOOD):
        town.reading = reading
        town.turn()
    told = [(r["Good"], r["Fault"]) for r in town.lines(store.CLOCK)]
    assert [good for good, _ in told] == [True, False, True]
    assert told[1][1] == "2.100 ms from UTC, at most 1.000 ms"
    file = store.open_to_read(town.settings, store.CLOCK)
    assert file
    spells = Spells(file.read())
    at = [spells.bad(START + n * SECOND) for n in (0, 1, 3, 5, 6)]
    assert at == [None, False, True, True, False]


def test_the_clock_is_recorded_now_and_then_though_nothing_changes(tmp_path: Path) -> None:
    town = Town(tmp_path)
    for _ in range(4):
        town.turn(1800)
    assert len(town.lines(store.CLOCK)) == 2


def test_an_anchor_that_cannot_be_made_is_tried_again_and_counted(tmp_path: Path) -> None:
    town = Town(tmp_path)
    (tmp_path / store.KEY).write_text("too short")
    (tmp_path / store.KEY).chmod(0o600)
    town.turn()
    status = read_status(tmp_path)
    assert (status["Failed"], "Line" in status) == (2, False)
    (tmp_path / store.KEY).unlink()
    town.turn(61)
    assert read_status(tmp_path)["Line"] == 1


def scrape(data: Path) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(AuditGauges(data))
    lines = generate_latest(registry).decode().splitlines()
    return {name: float(value) for name, value in (x.split() for x in lines if x[0] != "#")}


def test_the_metrics_say_what_the_process_found_last(tmp_path: Path) -> None:
    assert scrape(tmp_path) == {}
    town = Town(tmp_path)
    town.turn()
    found = scrape(tmp_path)
    assert found["oms_clock_bad"] == 0
    assert found["oms_clock_divergence_seconds"] == pytest.approx(0.0003)
    assert found["oms_anchored_timestamp_seconds"] == pytest.approx(town.now / SECOND)
    assert (found["oms_audit_alarms"], found["oms_audit_failures_total"]) == (0, 0)
    town.reading = LOOSE
    town.turn()
    found = scrape(tmp_path)
    assert found["oms_clock_bad"] == 1


def test_the_threshold_is_a_setting() -> None:
    near = Reading(True, 0.00005, 0.0001, 0.01, "kernel")
    assert near.fault(0.001) == ""
    assert near.fault(0.0001) == "0.150 ms from UTC, at most 0.100 ms"
    assert "nothing disciplines the clock" in LOOSE.fault(1.0)


def test_the_kernel_tells_of_its_clock_without_any_right() -> None:
    found = kernel_clock()
    assert found.source == "kernel"
    assert found.most_s > 0
    assert read_clock().source in ("kernel", "chrony")


def test_what_chrony_says_is_understood() -> None:
    line = (
        "A29FC87B,time.example,3,1763893521.1,-0.000012300,0.000000100,0.000020000,"
        "-10.2,0.001,0.1,0.002000000,0.000500000,64.2,Normal\n"
    )
    found = parse_chrony(line)
    assert found == Reading(True, -0.0000123, 0.00002, 0.0015, "chrony")
    lost = parse_chrony(line.replace("Normal", "Not synchronised"))
    assert lost is not None
    assert not lost.synchronized
    assert parse_chrony("506 Cannot talk to daemon") is None


def test_the_status_is_json_for_others_to_read(tmp_path: Path) -> None:
    Town(tmp_path).turn()
    assert json.loads((tmp_path / "audit.json").read_text())["Clock"]["Source"] == "kernel"


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (GOOD, "0.300 ms from UTC at most, says kernel"),
        (LATE, "allowed are 1 ms (OMS_CLOCK_LIMIT_S)"),
        (LOOSE, "nothing disciplines it"),
    ],
)
def test_the_doctor_tells_of_clock_and_anchors(tmp_path: Path, reading: Reading, told: str) -> None:
    assert list(checks(tmp_path)) == []
    town = Town(tmp_path)
    town.reading = reading
    town.turn()
    anchors, found = checks(tmp_path)
    assert anchors.verdict == "OK"
    assert told in f"{found.found} {found.remedy}"
    assert found.verdict == ("OK" if reading is GOOD else "WARN")


def test_a_journal_that_cannot_be_read_keeps_no_other_from_being_anchored(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
    town = Town(tmp_path)
    (tmp_path / "journals" / "book" / "AAPL.sqlite").write_bytes(b"junk, and a page of it" * 400)
    (tmp_path / "journals" / "book" / "NEW.sqlite").touch()  # its actor has not written yet
    town.turn()
    (anchor,) = town.lines(store.ANCHORS)
    assert "account/growth" in anchor["Journals"]  # type: ignore[operator]
    assert "book/AAPL" not in anchor["Journals"]  # type: ignore[operator]
    assert read_status(tmp_path)["Alarms"] == 1


def test_the_doctor_fails_where_a_journal_is_not_what_was_anchored(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        town = Town(tmp_path)
        day.desk("alpha", new("a-1"))
        town.turn()
        day.journal("book/AAPL").unlink()
        town.turn(61)
    assert scrape(tmp_path)["oms_audit_alarms"] == 1
    failed = [check for check in checks(tmp_path) if check.verdict == "FAIL"]
    assert "1 journals are not what was anchored" in failed[0].found
