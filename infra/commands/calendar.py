"""``oms calendar``: the next trading days of an exchange, holidays and half days marked."""

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.table import Table
from rich.text import Text

from infra import calendars
from infra.calendars import CalendarUnknown, files
from infra.calendars.shown import HALF, HOLIDAY, Day, days
from infra.commands import shown
from infra.commands.options import data_option, fail
from messages.base import Instant, format_time
from messages.sessions import Phase, SessionCalendar

STYLES = {HALF: "yellow", HOLIDAY: "red"}


@click.command()
@click.argument("name")
@click.option("--days", "count", default=30, show_default=True, type=click.IntRange(1, 400))
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="Default: today (UTC).")
@data_option
@shown.json_option
def calendar(data: Path, name: str, count: int, first: datetime | None, as_json: bool) -> None:
    """Show the next days of the exchange NAME, e.g.: oms calendar XNYS. Times are UTC.

    Shown is what the actors are told; where the installation does not use the calendar, what it
    would be.
    """
    start = (first or datetime.now(UTC)).date()
    try:
        known = _known(data, name)
    except CalendarUnknown as error:
        raise fail(error) from error
    found = list(days(known, start, count))
    if as_json:
        shown.print_json([_as_dict(day) for day in found])
        return
    shown.print_table(_as_table(found))
    halves, holidays = (sum(day.kind == kind for day in found) for kind in (HALF, HOLIDAY))
    last = known.Days[-1].TradeDate if known.Days else "nothing"
    click.echo(f"{name}: {halves} half days, {holidays} holidays; known up to {last}")


def _known(data: Path, name: str) -> SessionCalendar:
    if calendars.path(data, name).exists():
        return calendars.read(data, name)
    with TemporaryDirectory() as folder:
        into = Path(folder) / "calendar.json"
        process = files.making(name, datetime.now(UTC).date(), into)
        try:
            said = process.communicate(timeout=files.MAKING_S)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[1]
        if process.returncode:
            raise CalendarUnknown(said.decode(errors="replace").strip())
        return SessionCalendar.model_validate_json(into.read_bytes())


def _as_dict(day: Day) -> dict[str, object]:
    trading = day.trading
    return {
        "TradeDate": f"{day.date:%Y%m%d}",
        "Day": day.kind,
        "Opens": format_time(trading.Opens) if trading else None,
        "Closes": format_time(trading.Closes) if trading else None,
        "Phases": [{"At": format_time(one.At), "Phase": one.Phase} for one in _phases(day)],
    }


def _as_table(found: list[Day]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("date", "", "day", "opens", "closes", "phases"):
        table.add_column(name)
    for day in found:
        trading = day.trading
        table.add_row(
            f"{day.date:%Y-%m-%d}",
            f"{day.date:%a}",
            Text(day.kind, style=STYLES.get(day.kind, "")),
            _clock(trading.Opens, day.date) if trading else "",
            _clock(trading.Closes, day.date) if trading else "",
            ", ".join(f"{one.Phase} {_clock(one.At, day.date)}" for one in _phases(day)),
        )
    return table


def _phases(day: Day) -> tuple[Phase, ...]:
    return day.trading.Phases if day.trading else ()


def _clock(at: Instant, day: date) -> str:
    """The time of day, with the date where it is another."""
    text = format_time(at)
    return text[11:16] if text.startswith(day.isoformat()) else f"{text[5:10]} {text[11:16]}"
