"""``oms audit``: prove the journals against their anchors, make one, see what must be kept."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from messages.base import format_time

if TYPE_CHECKING:
    from infra.audit.retention import Kept
    from infra.audit.verify import Audit, Audited


@click.group()
def audit() -> None:
    """Prove that the journals are what was written, and how long they are kept."""


@audit.command()
@click.argument("actor", required=False)
@click.option("--head", default="", help="The seal of an anchor, noted elsewhere: oms audit head.")
@data_option
@shown.json_option
def verify(actor: str | None, head: str, data: Path, as_json: bool) -> None:
    """Check journals against hash chain and anchors; exit code 1 names the first broken entry.

    ACTOR is an address, account/growth for example; all of them where it is left out. Works while
    everything runs, and when nothing does.
    """
    from infra.audit.sealed import KeyMissing
    from infra.audit.verify import audit as prove
    from infra.journals import JournalFailed

    try:
        with shown.progress(data) as watch:
            found = prove(data, actor, watch, head)
    except (JournalFailed, KeyMissing) as error:
        raise fail(error) from error
    if as_json:
        shown.print_json(_as_dict(found))
    else:
        _print(found)
    if not found.sound:
        raise click.exceptions.Exit(1)


@audit.command()
@data_option
def anchor(data: Path) -> None:
    """Anchor every journal now: where no process does it each hour, or before a backup."""
    import time

    from infra.audit import store
    from infra.audit.anchors import Anchors
    from infra.audit.host import FAILURES
    from infra.settings import Settings, SettingsMissing

    try:
        file = store.open_to_write(Settings.of(data), store.ANCHORS)
        line, alarms = Anchors(file, data).anchor(time.time_ns())
    except (SettingsMissing, *FAILURES) as error:
        raise fail(error) from error
    count = len(line.said["Journals"])
    click.echo(f"anchor {line.number}: {count} journals have grown; seal {line.seal}")
    for alarm in alarms:
        console.print(Text(f"{alarm.actor}: {alarm.what}", style="bold red"), soft_wrap=True)
    if alarms:
        raise click.exceptions.Exit(1)


@audit.command()
@data_option
def head(data: Path) -> None:
    """The latest anchor and its seal: note it elsewhere, and nobody can remove it unseen."""
    from infra.audit import store
    from infra.audit.sealed import KeyMissing, SealBroken
    from infra.settings import Settings, SettingsMissing

    last = None
    try:
        file = store.open_to_read(Settings.of(data), store.ANCHORS)
        for line in file.read() if file else ():
            last = line
    except (SettingsMissing, KeyMissing, SealBroken) as error:
        raise fail(error) from error
    if last is None:
        raise fail(f"nothing was anchored yet: oms audit anchor --data {data}")
    click.echo(f"{last.number} {format_time(last.at)} {last.seal}")


@audit.command()
@data_option
@shown.json_option
def retention(data: Path, as_json: bool) -> None:
    """How long each journal must be kept, by whose rule, and what of it is due. Deletes nothing."""
    from infra.audit.retention import report
    from infra.audit.sealed import KeyMissing, SealBroken
    from infra.journals import JournalFailed
    from infra.settings import SettingsMissing

    try:
        found = report(data)
    except (JournalFailed, SettingsMissing, KeyMissing, SealBroken) as error:
        raise fail(error) from error
    if as_json:
        shown.print_json([_kept_dict(one) for one in found])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    words = ("Record", "Class", "By")
    for name in ("Record", "Class", "Entries", "Archived", "From", "Keep until", "Past", "By"):
        table.add_column(name, justify="left" if name in words else "right")
    for one in found:
        table.add_row(
            Text(one.name, style="cyan"), f"{one.rule.name}, {one.rule.years} y",
            f"{one.entries:,}",
            f"{one.archived:,}" if one.archived else "", _day(one.first_at), _day(one.keep_until),
            Text(f"{one.past:,}", style="yellow") if one.past else "", one.rule.source,
        )  # fmt: skip
    shown.print_table(table)
    movable = sum(one.may_move for one in found)
    click.echo(
        f"{sum(one.past for one in found):,} entries need not be kept any more, {movable:,} not at "
        f"hand (oms journal archive); nothing deletes any"
    )


@audit.command()
@data_option
@shown.json_option
def clock(data: Path, as_json: bool) -> None:
    """How far this machine's clock is from UTC; exit code 1 where that is too far."""
    from infra.audit.clock import read_clock
    from infra.settings import Settings, SettingsMissing

    try:
        limit = Settings.of(data).clock_limit_s
    except SettingsMissing:
        limit = Settings().clock_limit_s
    try:
        reading = read_clock()
    except OSError as error:
        raise fail(f"the kernel does not tell of its clock: {error}") from error
    fault = reading.fault(limit)
    if as_json:
        told = {**reading._asdict(), "divergence_s": reading.divergence_s, "limit_s": limit}
        shown.print_json({**told, "good": not fault, "fault": fault or None})
    else:
        click.echo(
            f"{reading.source}: offset {reading.offset_s * 1e3:.3f} ms, divergence "
            f"{reading.divergence_s * 1e3:.3f} ms of at most {limit * 1e3:.3f} ms, largest "
            f"possible error {reading.most_s * 1e3:.1f} ms"
        )
        word = Text(f"bad: {fault}", style="bold red") if fault else Text("good", style="green")
        console.print(word, soft_wrap=True)
    if fault:
        raise click.exceptions.Exit(1)


def _day(at: int | None) -> str:
    return format_time(at)[:10] if at else ""


def _kept_dict(one: "Kept") -> dict[str, object]:
    return {
        "Record": one.name,
        "Class": one.rule.name,
        "Years": one.rule.years,
        "AtHandYears": one.rule.at_hand,
        "Source": one.rule.source,
        "Entries": one.entries,
        "Archived": one.archived,
        "From": format_time(one.first_at) if one.first_at else None,
        "KeepUntil": format_time(one.keep_until) if one.keep_until else None,
        "Past": one.past,
        "MayBeArchived": one.may_move,
        "ArchivedTooEarly": one.moved,
    }


# ---- verify


def _as_dict(found: "Audit") -> dict[str, object]:
    return {
        "Anchors": found.lines,
        "LastAnchor": format_time(found.last_at) if found.last_at else None,
        "Seal": found.seal or None,
        "Fault": found.fault or None,
        "Journals": [_row_dict(one) for one in found.journals],
        "Broken": sum(bool(one.differs) for one in found.journals),
    }


def _row_dict(one: "Audited") -> dict[str, object]:
    return {
        "Actor": one.address,
        "Entries": one.verified.entries if one.verified else 0,
        "Anchored": one.anchored,
        "Entry": one.entry,
        "Differs": one.differs or None,
        "Digest": one.verified.state if one.verified else None,
    }


def _print(found: "Audit") -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Actor", "Entries", "Anchored", "Verdict"):
        table.add_column(name, justify="right" if name in ("Entries", "Anchored") else "left")
    for one in found.journals:
        table.add_row(
            Text(one.address),
            f"{one.verified.entries:,}" if one.verified else "",
            f"{one.anchored:,}" if one.anchored else Text("never", style="yellow"),
            _verdict(one),
        )
    shown.print_table(table)
    for one in found.journals:
        if one.differs:
            console.print(Text(f"{one.address}: {one.differs}", style="bold red"), soft_wrap=True)
    if found.fault:
        console.print(Text(f"anchors: {found.fault}", style="bold red"), soft_wrap=True)
    elif found.last_at is None:
        click.echo("nothing was anchored yet, so only the hash chains prove it: oms audit anchor")
    else:
        click.echo(
            f"{found.lines:,} anchors, the latest at {format_time(found.last_at)}; what came "
            f"after it is proved by its hash chain only"
        )


def _verdict(one: "Audited") -> Text:
    if one.differs:
        return Text(f"broken at {one.entry}" if one.entry else "damaged", style="bold red")
    return Text("sound", style="green")
