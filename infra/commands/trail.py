"""``oms trail``: what became of one order, entry by entry, out of every journal it went through."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, errors, fail
from messages.base import format_time

if TYPE_CHECKING:
    from infra.audit.clock import Spells
    from infra.audit.steps import Step
    from infra.followed import Followed
    from messages.entry import EntryCopy

WIDE = 140
"""Columns of a trail that goes to a file or a pipe."""

MANY = 10
"""At most this many orders are followed: a mass cancel may name thousands."""


@click.command()
@click.argument("clordid")
@data_option
@click.option("--desk", help="The desk whose ClOrdID it is, where several use the same one.")
@click.option("--audit", is_flag=True, help="Add what compliance journaled of it.")
@click.option(
    "--events", is_flag=True, help="A line an event: rule, version, person, message, cause, entry."
)
@shown.json_option
def trail(
    clordid: str, data: Path, desk: str | None, audit: bool, events: bool, as_json: bool
) -> None:
    """Show what became of the order with that ClOrdID, be it the first or a later one.

    An order that a venue made has no ClOrdID: name it by its OrderID.
    """
    from infra.followed import collect, find
    from infra.replayed import CannotRead

    try:
        found = find(data, clordid, desk)
        if not found:
            raise fail(not_found(data, clordid, desk))
        trails = [(order, collect(data, order, audit=audit)) for order in found[:MANY]]
    except CannotRead as error:
        raise fail(error) from error
    if as_json:
        spells = clock_spells(data)
        shown.print_json([_dict(order, entries, spells) for order, entries in trails])
        return
    for order, entries in trails:
        if events:
            _print_events(order, entries, clock_spells(data))
        else:
            _print(order, entries)
    if len(found) > MANY:
        click.echo(f"... and {len(found) - MANY} more orders that {clordid} names")


def not_found(data: Path, clordid: str, desk: str | None) -> str:
    """Why nothing was found, and what may have been meant."""
    from infra.followed import find, similar

    if desk and (elsewhere := find(data, clordid)):
        desks = ", ".join(sorted({order.desk for order in elsewhere}))
        return f"desk {desk} has used no ClOrdID {clordid}, but {desks} has: leave out --desk"
    if close := similar(data, clordid):
        return f"no order has the ClOrdID {clordid}; did you mean {' or '.join(close)}?"
    return f"no order has the ClOrdID {clordid}; see which there are with: oms orders --data {data}"


def clock_spells(data: Path) -> "Spells | None":
    """When the clock was bad; None where nobody watched it, or the records cannot be proved."""
    from infra.audit import store
    from infra.audit.clock import Spells
    from infra.audit.sealed import KeyMissing, SealBroken
    from infra.settings import Settings, SettingsMissing

    try:
        file = store.open_to_read(Settings.of(data), store.CLOCK)
        return Spells(file.read()) if file else None
    except SettingsMissing:
        return None
    except (KeyMissing, SealBroken) as error:
        errors.print(Text(f"clock records: {error}", style="yellow"), soft_wrap=True)
        return None


def _step(step: "Step") -> dict[str, object]:
    told = {name: value for name, value in step._asdict().items() if value not in ("", (), None)}
    return told | {"at": format_time(step.at)}


def _dict(
    order: "Followed", entries: "list[EntryCopy]", spells: "Spells | None"
) -> dict[str, object]:
    from infra.audit.steps import steps

    return {
        "Account": order.account,
        "Desk": order.desk,
        "OrderID": order.order_id or None,
        "ClOrdIDs": order.clordids,
        "Entries": [entry.model_dump(mode="json") for entry in entries],
        "Events": [_step(step) for step in steps(entries, spells)],
    }


def _print_events(order: "Followed", entries: "list[EntryCopy]", spells: "Spells | None") -> None:
    from infra.audit.steps import steps

    _print_head(console, order)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Time", "Actor", "Entry", "Event", "Rule", "Version", "Who", "Message", "Cause"):
        table.add_column(name, justify="right" if name == "Entry" else "left", overflow="fold")
    for step in steps(entries, spells):
        time = Text(format_time(step.at)[11:-1])
        if step.clock_bad:
            time.append(" clock bad", style="bold red")
        cells = (step.told, step.rule, step.version, ", ".join(step.persons), step.message)
        style = "red" if step.rule else ""
        table.add_row(
            time, Text(step.actor, style="cyan"), str(step.entry),
            *(Text(cell, style=style) for cell in cells), Text(step.cause, style="dim"),
        )  # fmt: skip
    shown.print_table(table)


def _print(order: "Followed", entries: "list[EntryCopy]") -> None:
    from infra.tracing import waterfall

    out = console if console.is_terminal else Console(width=WIDE)
    _print_head(out, order)
    out.print(waterfall(entries, out.width))


def _print_head(out: Console, order: "Followed") -> None:
    names = ", ".join(order.clordids) or "made at the venue"
    what = f"order {order.order_id}" if order.order_id else "a request without an order,"
    out.print(
        Text(f"{what} of desk {order.desk} in account {order.account}: {names}"), style="bold"
    )
