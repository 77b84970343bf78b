"""``oms journal recovery``: how long a start takes on a journal of so many entries."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from infra.commands import shown
from infra.commands.options import console, fail, say

if TYPE_CHECKING:
    from infra.bench.recovery import Took


@click.command()
@click.option("--entries", default=1_000_000, show_default=True, type=click.IntRange(1_000))
@click.option("--server", help="URL of a PostgreSQL server; without it the journal is a file.")
@shown.json_option
def recovery(entries: int, server: str | None, as_json: bool) -> None:
    """Make an account's journal of so many entries, and measure starts, reading and verification.

    In a folder of its own that is deleted; on a server, whose database must have no journals yet,
    the journal stays.
    """
    from infra.bench.recovery import HOW, grow, measure
    from infra.journals import JournalFailed, journal_of, journals, prepare, reading
    from infra.settings import Settings

    with tempfile.TemporaryDirectory(prefix="oms-recovery-") as folder:
        data = Path(folder)
        chosen = {"journal": "postgres", "journal_url": server} if server else {"journal": "sqlite"}
        settings = Settings.model_validate({"data": data, **chosen})
        settings.save()
        try:
            prepare(settings)
            if journals(data):
                raise fail(f"there are journals on {server} already: name an empty database")
            length = grow(data, entries)
            path = journal_of(data, "account/growth")
            size = reading.size(path)
            if not as_json:
                say("journal", f"{length:,} entries, {size / 1e6:,.0f} MB")
            found = [measure(data, how) for how in HOW]
        except (JournalFailed, RuntimeError) as error:
            raise fail(error) from error
    if as_json:
        told = [took._asdict() for took in found]
        shown.print_json({"Entries": length, "Bytes": size, "Measured": told})
        return
    console.print(_table(found))


def _table(found: "list[Took]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("what", "s", "CPU s", "us an entry", "MB at most"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for took in found:
        table.add_row(
            took.what, f"{took.seconds:,.2f}", f"{took.cpu_s:,.2f}",
            f"{took.seconds / took.entries * 1e6:,.1f}", f"{took.at_most_mb:,}",
        )  # fmt: skip
    return table
