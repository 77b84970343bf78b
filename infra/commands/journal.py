"""``oms journal``: look into journals, prove them, see the past, and put old entries away."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.as_of import as_of
from infra.commands.options import console, data_option, fail
from infra.commands.recovery import recovery
from messages.base import format_time

if TYPE_CHECKING:
    from infra.verified import Verified
    from messages.envelope import Address

LAST = 20
"""Entries that ``show`` shows where nothing else is asked for."""


@click.group()
def journal() -> None:
    """Look into the journals. Only archive changes anything, and everything may run meanwhile."""


journal.add_command(as_of)
journal.add_command(recovery)


@journal.command()
@click.argument("actor", required=False)
@data_option
@shown.json_option
def verify(actor: str | None, data: Path, as_json: bool) -> None:
    """Read every page and entry, check numbers and hash chain, replay; exit code 1 if any is wrong.

    ACTOR is an address, account/growth for example; all of them where it is left out.
    """
    from infra.verified import verify as verified

    found: list[Verified] = []
    with shown.progress(data) as watch:
        for address, path in _journals(data, actor).items():
            found.append(verified(address, path, watch))
    broken = [one for one in found if one.fault]
    if as_json:
        shown.print_json({"Journals": [_verdict(v) for v in found], "Broken": len(broken)})
    else:
        shown.print_table(_verdicts(found))
        for one in broken:
            console.print(Text(f"{one.address}: {one.fault}", style="bold red"), soft_wrap=True)
        if broken:
            click.echo("end everything (oms down), put these back from a backup, and start again")
    if broken:
        raise click.exceptions.Exit(1)


@journal.command()
@click.argument("actor")
@data_option
@click.option("--from", "first", type=click.IntRange(1), help="The first entry.")
@click.option("--to", "last", type=click.IntRange(1), help="The last entry.")
@click.option("--order", help="Only what names this OrderID, ClOrdID or ChildID.")
@shown.json_option
def show(
    actor: str, data: Path, first: int | None, last: int | None, order: str | None, as_json: bool
) -> None:
    """Show entries of ACTOR with events, sends and timers; the last 20 where none is named."""
    from infra.journals.reading import rows
    from infra.replayed import CannotRead
    from infra.told import as_json_line, as_text, select

    path = _journals(data, actor)[actor]
    try:
        ((end,),) = rows(path, "SELECT number FROM head")
        if (first, last, order) == (None, None, None):
            first = max(1, end - LAST + 1)
        count = 0
        for entry in select(path, first or 1, last or end, order):
            count += 1
            if as_json:
                click.echo(as_json_line(entry))
            else:
                console.print(as_text(entry), soft_wrap=True)
    except CannotRead as error:
        raise fail(error) from error
    if not as_json:
        click.echo(f"{count:,} of {end:,} entries of {actor}")


@journal.command()
@click.argument("actor", required=False)
@data_option
@click.option("--before", required=True, help="Entries older than this: 2026-11-23, or a time.")
def archive(actor: str | None, data: Path, before: str) -> None:
    """Move old entries to <journal>.archive, from which they are read where they are needed.

    Only what a snapshot covers and every recipient has heard. Everything may run meanwhile. The
    archive stays part of the journal: back it up, and leave it where it is. One that is a link to
    storage elsewhere gets only what need not be at hand any more: oms audit retention.
    """
    from infra.as_of import instant
    from infra.audit.retention import movable, of
    from infra.journals import SERVER, JournalFailed
    from infra.journals.archive import move

    try:
        when = instant(before if "T" in before or ":" in before else f"{before}T00:00:00Z")
    except ValueError as error:
        raise fail(f"{before}: {error}") from error
    moved = 0
    for address, path in _journals(data, actor).items():
        if path.suffix == SERVER:
            raise fail("journals on a server are not archived to files: use its own partitions")
        kind = address.partition("/")[0]
        last = movable(path, kind, when)
        try:
            count = move(path, last)
        except JournalFailed as error:
            raise fail(error) from error
        moved += count
        if last < when:
            years = f"{of(kind).at_hand} years ({of(kind).name})"
            click.echo(f"{address}: its archive lies elsewhere, and {years} stay at hand")
        click.echo(f"{address}: {count:,} entries moved")
    click.echo(f"{moved:,} entries moved; see all of it with: oms journal verify --data {data}")


def _journals(data: Path, actor: str | None) -> "dict[Address, Path]":
    from infra.journals import JournalFailed, journals

    try:
        known = journals(data)
    except JournalFailed as error:
        raise fail(error) from error
    if not known:
        raise fail(f"no journal in {data}: start an installation with: oms up --data {data}")
    if actor is None:
        return known
    if actor not in known:
        raise fail(f"{actor} has no journal in {data}; those that do: {', '.join(known)}")
    return {actor: known[actor]}


# ---- verify


def _verdict(found: "Verified") -> dict[str, object]:
    return {
        "Actor": found.address,
        "Entries": found.entries,
        "Archived": found.archived,
        "From": format_time(found.first_at) if found.first_at else None,
        "To": format_time(found.last_at) if found.last_at else None,
        "Bytes": found.size,
        "Snapshot": found.snapshot,
        "Digest": found.state,
        "Broken": found.broken,
        "Fault": found.fault or None,
    }


def _verdicts(found: "list[Verified]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Actor", "Entries", "Archived", "From", "To", "MB", "Snapshot", "Verdict"):
        table.add_column(name, justify="left" if name in ("Actor", "Verdict") else "right")
    for one in found:
        wrong = f"broken at {one.broken}" if one.broken else "damaged"
        table.add_row(
            Text(one.address),
            f"{one.entries:,}",
            f"{one.archived:,}" if one.archived else "",
            format_time(one.first_at)[:19] if one.first_at else "",
            format_time(one.last_at)[:19] if one.last_at else "",
            f"{one.size / 1e6:,.1f}",
            f"{one.snapshot:,}" if one.snapshot else "",
            Text(wrong, style="bold red") if one.fault else Text("sound", style="green"),
        )
    return table
