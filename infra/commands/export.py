"""``oms export``: order events and transactions as regulators ask for them, from the journals."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail

if TYPE_CHECKING:
    from infra.audit.clock import Spells
    from infra.exports.parties import Reporting
    from infra.exports.regime import Export, Rejected

NAMES = ("cat", "rts24", "rts22")
SHOWN = 10
"""Rejected records that the terminal shows."""


@click.command()
@click.argument("regime", type=click.Choice(NAMES))
@click.option(
    "--date", "day", required=True, help="The day, 2026-11-23: of New York for cat, else of UTC."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="JSON lines; what the field check rejects goes to FILE.rejected.",
)  # fmt: skip
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False),
    help="Reference data with the [reporting] tables; default: that of the installation.",
)  # fmt: skip
@data_option
@shown.json_option
def export(
    regime: str, day: str, out: Path, config: Path | None, data: Path, as_json: bool
) -> None:
    """Write the records of one day; exit code 1 if the field check rejects any.

    cat: order events of the Consolidated Audit Trail; rts24: MiFID II order records; rts22:
    transaction reports. Works while everything runs, and when nothing does.
    """
    from infra.exports import REGIMES
    from infra.exports.facts import Facts
    from infra.exports.fields import to_json
    from infra.exports.regime import export as make
    from infra.replayed import CannotRead

    try:
        when = date.fromisoformat(day)
    except ValueError as error:
        raise fail(f"--date {day}: give a day such as 2026-11-23") from error
    about = _reporting(data, config)
    try:
        found = make(REGIMES[regime](), Facts(data, _spells(data)), about, when)
    except CannotRead as error:
        raise fail(error) from error
    refused = out.with_name(f"{out.name}.rejected")
    try:
        out.write_text("".join(f"{to_json(record)}\n" for record in found.records))
        refused.unlink(missing_ok=True)
        if found.rejected:
            refused.write_text("".join(f"{_rejected(one)}\n" for one in found.rejected))
    except OSError as error:
        raise fail(f"{out}: {error.strerror}") from error
    if as_json:
        shown.print_json(_as_dict(found, out))
    else:
        _print(REGIMES[regime]().title, found, out, refused)
    if found.rejected:
        raise click.exceptions.Exit(1)


def _reporting(data: Path, config: Path | None) -> "Reporting":
    from infra.reference import ReferenceRefused, load
    from infra.settings import Settings, SettingsMissing

    try:
        return load(config or Settings.of(data).config).reporting
    except (SettingsMissing, ReferenceRefused) as error:
        raise fail(error) from error


def _spells(data: Path) -> "Spells | None":
    from infra.commands.trail import clock_spells

    return clock_spells(data)


def _rejected(one: "Rejected") -> str:
    from infra.exports.fields import to_json

    faults = [fault._asdict() for fault in one.faults]
    return to_json({"Entry": one.fact, "Faults": faults, "Record": one.record})


def _reasons(found: "Export") -> dict[str, int]:
    """How many records each fault keeps out, the most frequent first."""
    counts: dict[str, int] = {}
    for one in found.rejected:
        for fault in one.faults:
            said = f"{fault.field}{f' {fault.value}' if fault.value else ''}: {fault.what}"
            counts[said] = counts.get(said, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def _as_dict(found: "Export", out: Path) -> dict[str, object]:
    return {
        "File": str(out),
        "Rows": len(found.records),
        "ByType": dict(sorted(found.counts.items())),
        "Rejected": len(found.rejected),
        "Reasons": _reasons(found),
        "NotReported": dict(sorted(found.silent.items())),
    }


def _print(title: str, found: "Export", out: Path, refused: Path) -> None:
    console.print(Text(title, style="bold"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Type", "Rows"):
        table.add_column(name, justify="right" if name == "Rows" else "left")
    for kind, count in sorted(found.counts.items()):
        table.add_row(Text(kind, style="green"), f"{count:,}")
    table.add_row(Text("all", style="bold"), f"{len(found.records):,}")
    shown.print_table(table)
    for why, count in sorted(found.silent.items()):
        console.print(Text(f"{count:,} not reported: {why}", style="dim"), soft_wrap=True)
    console.print(Text(f"{len(found.records):,} rows written to {out}"), soft_wrap=True)
    if not found.rejected:
        return
    text = f"{len(found.rejected):,} rejected by the field check, see {refused}:"
    console.print(Text(text, style="bold red"), soft_wrap=True)
    for said, count in list(_reasons(found).items())[:SHOWN]:
        console.print(Text(f"  {count:,} {said}", style="red"), soft_wrap=True)
