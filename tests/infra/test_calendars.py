"""Trading days: holidays, half days, clocks that change, and files that are written once."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra import calendars
from infra.calendars import CalendarUnknown, files
from infra.calendars.exchanges import calendar
from infra.calendars.files import CalendarFiles
from infra.calendars.shown import HALF, HOLIDAY, OPEN, days
from infra.cli import main
from messages.base import parse_time
from messages.fix import TradingPhase
from messages.sessions import SessionCalendar, TradingDay

pytestmark = pytest.mark.filterwarnings("ignore:Series.values")


def day_of(exchange: str, day: date) -> TradingDay | None:
    """The trading day, None where the exchange is closed."""
    found = calendar(exchange, day, 1).Days
    assert len(found) <= 1
    return found[0] if found else None


def hours(exchange: str, day: date) -> str:
    """Open and close in UTC."""
    trading = day_of(exchange, day)
    return f"{_clock(trading.Opens)}-{_clock(trading.Closes)}" if trading else "closed"


def phases(exchange: str, day: date) -> list[str]:
    trading = day_of(exchange, day)
    assert trading is not None
    return [f"{_clock(one.At)} {one.Phase}" for one in trading.Phases]


def _clock(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1_000_000_000, UTC):%H:%M}"


# ---- days


def test_new_york_is_closed_on_thanksgiving_and_closes_early_the_day_after() -> None:
    assert hours("XNYS", date(2026, 11, 25)) == "14:30-21:00"
    assert hours("XNYS", date(2026, 11, 26)) == "closed"
    assert hours("XNYS", date(2026, 11, 27)) == "14:30-18:00"


def test_a_trading_day_is_told_in_nanoseconds_with_its_date() -> None:
    trading = day_of("XNYS", date(2026, 11, 27))
    assert trading is not None
    assert trading.TradeDate == "20261127"
    assert trading.Closes == parse_time("2026-11-27T18:00:00Z")


def test_london_has_a_half_day_on_christmas_eve_and_is_closed_at_christmas() -> None:
    assert hours("XLON", date(2026, 12, 23)) == "08:00-16:30"
    assert hours("XLON", date(2026, 12, 24)) == "08:00-12:30"
    assert hours("XLON", date(2026, 12, 25)) == "closed"
    assert hours("XLON", date(2026, 12, 28)) == "closed"  # Boxing Day is a Saturday


def test_the_clocks_change_in_march_and_october_and_not_on_the_same_day_everywhere() -> None:
    assert hours("XNYS", date(2027, 3, 12)) == "14:30-21:00"
    assert hours("XNYS", date(2027, 3, 15)) == "13:30-20:00"
    assert hours("XLON", date(2027, 3, 26)) == "closed"  # Good Friday
    assert hours("XLON", date(2027, 3, 25)) == "08:00-16:30"
    assert hours("XLON", date(2027, 3, 30)) == "07:00-15:30"
    assert hours("XLON", date(2026, 10, 23)) == "07:00-15:30"
    assert hours("XLON", date(2026, 10, 26)) == "08:00-16:30"
    assert hours("XNYS", date(2026, 10, 30)) == "13:30-20:00"
    assert hours("XNYS", date(2026, 11, 2)) == "14:30-21:00"


def test_a_weekend_has_no_trading_day() -> None:
    assert [d.TradeDate for d in calendar("XNYS", date(2026, 11, 20), 5).Days] == [
        "20261120", "20261123", "20261124",
    ]  # fmt: skip


# ---- phases


def test_a_day_in_new_york_goes_from_before_the_open_to_the_cross_at_the_close() -> None:
    assert phases("XNYS", date(2026, 11, 24)) == [
        "14:00 PreOpen", "14:28 OpeningAuction", "14:30 Continuous",
        "21:00 ClosingAuction", "21:02 Closed",
    ]  # fmt: skip


def test_calls_in_europe_are_phases_of_their_own() -> None:
    assert phases("XLON", date(2026, 11, 24)) == [
        "07:30 PreOpen", "07:50 OpeningAuction", "08:00 Continuous",
        "16:30 ClosingAuction", "16:35 Closed",
    ]  # fmt: skip
    assert phases("XPAR", date(2026, 11, 24)) == [
        "06:15 OpeningAuction", "08:00 Continuous", "16:30 ClosingAuction", "16:35 Closed",
    ]  # fmt: skip


def test_the_closing_call_of_a_half_day_in_paris_ends_with_it() -> None:
    assert phases("XPAR", date(2026, 12, 24))[-2:] == ["13:00 ClosingAuction", "13:05 Closed"]


def test_tokyo_is_closed_at_noon() -> None:
    assert phases("XTKS", date(2026, 11, 24)) == [
        "23:30 PreOpen", "00:00 Continuous", "02:30 Closed", "03:30 Continuous", "06:30 Closed",
    ]  # fmt: skip


@pytest.mark.parametrize("exchange", ["XNYS", "XNAS", "XLON", "XPAR", "XTKS", "CMES", "XTAE"])
def test_phases_follow_each_other_and_the_last_is_the_end(exchange: str) -> None:
    found = calendar(exchange, date(2026, 11, 1), 420)
    every = [phase for day in found.Days for phase in day.Phases]
    assert [phase.At for phase in every] == sorted(phase.At for phase in every)
    for day in found.Days:
        assert day.Phases[-1].Phase is TradingPhase.Closed
        assert any(p.Phase is TradingPhase.Continuous and p.At == day.Opens for p in day.Phases)
    assert [day.TradeDate for day in found.Days] == sorted({day.TradeDate for day in found.Days})


def test_an_exchange_that_never_sleeps_opens_the_moment_it_closes() -> None:
    found = calendar("CMES", date(2026, 11, 17), 2).Days
    assert [p.Phase for p in found[1].Phases] == [TradingPhase.Continuous, TradingPhase.Closed]
    assert found[1].Opens == found[0].Closes


def test_days_go_on_as_far_as_the_holidays_are_known() -> None:
    last = calendar("XSHG", date(2026, 11, 1), 2_000).Days[-1]
    assert "20261201" < last.TradeDate < "20310101"


def test_an_unknown_exchange_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CalendarUnknown, match=r"NOPE is no exchange calendar.*XNYS"):
        calendar("NOPE", date(2026, 11, 1), 10)


# ---- files


def test_who_reads_calendars_does_not_load_the_library() -> None:
    load = (
        "import sys, infra.calendars, infra.calendars.files, infra.calendars.shown, "
        "infra.reference, infra.compose; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", load], capture_output=True, text=True, check=True
    )
    assert not {"pandas", "numpy", "exchange_calendars"} & set(loaded.stdout.split())


def test_files_are_written_and_read_back(tmp_path: Path) -> None:
    CalendarFiles(tmp_path, ["XNYS", "XLON"]).write()
    found = calendars.read(tmp_path, "XLON")
    assert found.Calendar == "XLON"
    today = datetime.now(UTC).date()
    assert found.Days[0].TradeDate <= f"{today - timedelta(days=7):%Y%m%d}"
    assert found.Days[-1].TradeDate >= f"{today + timedelta(days=395):%Y%m%d}"
    assert sorted(file.name for file in (tmp_path / "calendars").iterdir()) == [
        "XLON.json", "XNYS.json",
    ]  # fmt: skip


def test_a_file_of_today_is_left_alone_and_one_of_yesterday_is_written_again(
    tmp_path: Path,
) -> None:
    CalendarFiles(tmp_path, ["XNYS"]).write()
    file = calendars.path(tmp_path, "XNYS")
    before = file.stat().st_mtime_ns
    CalendarFiles(tmp_path, ["XNYS"]).write()
    assert file.stat().st_mtime_ns == before
    os.utime(file, (0, 0))
    fresh = CalendarFiles(tmp_path, ["XNYS"])
    fresh.refresh()
    for process in fresh._making.values():
        process.wait(30)
    fresh.refresh()
    assert file.stat().st_mtime_ns > before


def test_what_a_file_says_does_not_change_from_day_to_day_of_a_month(tmp_path: Path) -> None:
    for day in (date(2026, 11, 2), date(2026, 11, 29)):
        process = files.making("XNYS", day, tmp_path / day.isoformat())
        assert process.communicate(timeout=60)[1] == b""
    first, second = sorted(tmp_path.iterdir())
    assert first.read_bytes() == second.read_bytes()


def test_a_calendar_that_cannot_be_written_stops_the_start_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(CalendarUnknown, match="NOPE is no exchange calendar"):
        CalendarFiles(tmp_path, ["NOPE"]).write()


def test_a_calendar_that_cannot_be_written_again_stays(tmp_path: Path) -> None:
    file = calendars.path(tmp_path, "NOPE")
    file.parent.mkdir()
    file.write_text(SessionCalendar(Calendar="NOPE", Days=()).model_dump_json())
    os.utime(file, (0, 0))
    CalendarFiles(tmp_path, ["NOPE"]).write()
    assert calendars.read(tmp_path, "NOPE").Calendar == "NOPE"


def test_a_full_disk_does_not_end_whoever_refreshes_calendars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "making", full)
    fresh = CalendarFiles(tmp_path, ["XNYS"])
    fresh.refresh()
    fresh.refresh()
    with pytest.raises(OSError, match="No space left"):
        CalendarFiles(tmp_path, ["XNYS"]).write()


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalendarUnknown, match="oms up"):
        calendars.read(tmp_path, "XNYS")
    calendars.path(tmp_path, "XNYS").parent.mkdir()
    calendars.path(tmp_path, "XNYS").write_text("{")
    with pytest.raises(CalendarUnknown, match=r"XNYS\.json cannot be read: delete it"):
        calendars.read(tmp_path, "XNYS")


# ---- the command


def test_the_next_days_show_holidays_and_half_days_and_no_weekends() -> None:
    found = list(days(calendar("XNYS", date(2026, 11, 1), 400), date(2026, 11, 25), 6))
    assert [(day.date.day, day.kind) for day in found] == [
        (25, OPEN), (26, HOLIDAY), (27, HALF), (30, OPEN),
    ]  # fmt: skip


def test_oms_calendar_prints_the_table_and_json(tmp_path: Path) -> None:
    words = ["calendar", "XNYS", "--from", "2026-11-25", "--days", "3", "--data", str(tmp_path)]
    file = calendars.path(tmp_path, "XNYS")
    file.parent.mkdir()
    file.write_text(calendar("XNYS", date(2026, 11, 1), 60).model_dump_json())
    shown = CliRunner().invoke(main, words)
    assert shown.exit_code == 0, shown.output
    assert "2026-11-26" in shown.output
    assert "holiday" in shown.output
    assert "1 half days, 1 holidays" in shown.output
    said = json.loads(CliRunner().invoke(main, [*words, "--json"]).output)
    assert [day["Day"] for day in said] == ["open", "holiday", "half day"]
    assert said[2]["Closes"] == "2026-11-27T18:00:00.000000000Z"


def test_oms_calendar_shows_one_that_the_installation_does_not_use(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["calendar", "XPAR", "--data", str(tmp_path)])
    assert found.exit_code == 0, found.output
    assert "Continuous" in found.output
    refused = CliRunner().invoke(main, ["calendar", "NOPE", "--data", str(tmp_path)])
    assert refused.exit_code == 1
    assert "is no exchange calendar" in refused.output
