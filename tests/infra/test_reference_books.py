"""What a book is told: its instrument, what the instrument's venues do by themselves, its days."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from infra import calendars, native, reference
from infra.calendars import CalendarUnknown
from infra.calendars.exchanges import calendar
from infra.reference import SAMPLE, load
from messages.fix import ExecInst, OrdType
from messages.reference import InstrumentDefinition, VenueDefinition
from messages.sessions import SessionCalendar

pytestmark = pytest.mark.filterwarnings("ignore:Series.values")


def given(tmp_path: Path, *changes: tuple[str, str]) -> reference.Reference:
    """The sample with these changes."""
    text = SAMPLE.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file = tmp_path / "reference.toml"
    file.write_text(text)
    return load(file)


def test_a_book_is_told_what_its_venues_do_in_the_order_of_the_file(tmp_path: Path) -> None:
    instrument, *venues = given(tmp_path).about("book/MSFT", tmp_path)
    assert isinstance(instrument, InstrumentDefinition)
    assert [venue.Venue for venue in venues] == ["XPAR", "XLON"]  # type: ignore[attr-defined]
    for venue in venues:
        assert isinstance(venue, VenueDefinition)
        assert venue.Native is not None
        assert OrdType.Limit in venue.Native.OrdTypes


def test_only_the_instruments_own_venues_are_told(tmp_path: Path) -> None:
    _, *venues = given(tmp_path).about("book/BARC", tmp_path)
    assert [venue.Venue for venue in venues] == ["XLON"]  # type: ignore[attr-defined]


def test_what_the_file_says_of_a_venue_is_worth_more_than_its_dialect(tmp_path: Path) -> None:
    said = 'Venue = "XPAR"\nNative = { OrdTypes = ["Limit"], TimesInForce = ["Day"] }'
    _, venue, _ = given(tmp_path, ('Venue = "XPAR"', said)).about("book/AAPL", tmp_path)
    assert isinstance(venue, VenueDefinition)
    assert venue.Native is not None
    assert venue.Native.OrdTypes == (OrdType.Limit,)
    assert not venue.Native.MarketData


def test_what_was_written_down_is_what_the_dialects_say(tmp_path: Path) -> None:
    from_dialects = list(given(tmp_path).about("book/AAPL"))
    native.write(tmp_path)
    assert list(given(tmp_path).about("book/AAPL", tmp_path)) == from_dialects
    said = json.loads((tmp_path / native.FILE).read_text())
    assert said["Paper"]["MarketData"] is True
    assert ExecInst.MidPricePeg not in said["FIX44"]["ExecInsts"]


def test_a_book_reads_what_venues_do_without_the_fix_engine(tmp_path: Path) -> None:
    native.write(tmp_path)
    program = (
        "import sys; from pathlib import Path; from infra import reference; "
        f"told = list(reference.load().about('book/AAPL', Path({str(tmp_path)!r}))); "
        "assert told[1].Native; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"quickfix", "pandas"} & set(loaded.stdout.split())


def test_a_book_is_told_the_days_its_instrument_trades(tmp_path: Path) -> None:
    days = calendar("XPAR", date(2026, 11, 1), 60)
    file = calendars.path(tmp_path, "XPAR")
    file.parent.mkdir()
    file.write_text(days.model_dump_json())
    found = given(tmp_path, ('Symbol = "SAP"', 'Symbol = "SAP"\nCalendar = "XPAR"'))
    assert found.calendars == ("XPAR",)
    *_, last = found.about("book/SAP", tmp_path)
    assert last == days
    assert not any(isinstance(m, SessionCalendar) for m in found.about("book/AAPL", tmp_path))


def test_a_book_whose_days_are_not_there_says_so(tmp_path: Path) -> None:
    found = given(tmp_path, ('Symbol = "SAP"', 'Symbol = "SAP"\nCalendar = "XPAR"'))
    with pytest.raises(CalendarUnknown, match="oms up"):
        list(found.about("book/SAP", tmp_path))
