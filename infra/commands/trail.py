"""``oms trail``: what became of one order, entry by entry, out of every journal it went through."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail

if TYPE_CHECKING:
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
@shown.json_option
def trail(clordid: str, data: Path, desk: str | None, audit: bool, as_json: bool) -> None:
    """Show what became of the order with that ClOrdID, be it the first or a later one.

    An order that a venue made has no ClOrdID: name it by its OrderID.
    """
    from infra.followed import collect, find
    from infra.replayed import CannotRead

    try:
        found = find(data, clordid, desk)
        if not found:
            raise fail(_not_found(data, clordid, desk))
        trails = [(order, collect(data, order, audit=audit)) for order in found[:MANY]]
    except CannotRead as error:
        raise fail(error) from error
    if as_json:
        shown.print_json([_dict(order, entries) for order, entries in trails])
        return
    for order, entries in trails:
        _print(order, entries)
    if len(found) > MANY:
        click.echo(f"... and {len(found) - MANY} more orders that {clordid} names")


def _not_found(data: Path, clordid: str, desk: str | None) -> str:
    from infra.followed import find, similar

    if desk and (elsewhere := find(data, clordid)):
        desks = ", ".join(sorted({order.desk for order in elsewhere}))
        return f"desk {desk} has used no ClOrdID {clordid}, but {desks} has: leave out --desk"
    if close := similar(data, clordid):
        return f"no order has the ClOrdID {clordid}; did you mean {' or '.join(close)}?"
    return f"no order has the ClOrdID {clordid}; see which there are with: oms orders --data {data}"


def _dict(order: "Followed", entries: "list[EntryCopy]") -> dict[str, object]:
    return {
        "Account": order.account,
        "Desk": order.desk,
        "OrderID": order.order_id or None,
        "ClOrdIDs": order.clordids,
        "Entries": [entry.model_dump(mode="json") for entry in entries],
    }


def _print(order: "Followed", entries: "list[EntryCopy]") -> None:
    from infra.tracing import waterfall

    out = console if console.is_terminal else Console(width=WIDE)
    names = ", ".join(order.clordids) or "made at the venue"
    what = f"order {order.order_id}" if order.order_id else "a request without an order,"
    out.print(
        Text(f"{what} of desk {order.desk} in account {order.account}: {names}"), style="bold"
    )
    out.print(waterfall(entries, out.width))
