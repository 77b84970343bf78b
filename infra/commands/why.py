"""``oms why``: why an order is in the state it is in, in plain words, out of the journals."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from infra.commands.orders import STYLES
from infra.commands.trail import MANY, not_found
from messages.base import format_time

if TYPE_CHECKING:
    from infra.why import Why


@click.command()
@click.argument("clordid")
@data_option
@click.option("--desk", help="The desk whose ClOrdID it is, where several use the same one.")
@shown.json_option
def why(clordid: str, data: Path, desk: str | None, as_json: bool) -> None:
    """Say why the order with that ClOrdID (or OrderID) is in the state it is in.

    The last decisive event, the rule that refused it with inputs and limit, which message caused
    it, and what it waits for.
    """
    from infra.followed import find
    from infra.replayed import CannotRead
    from infra.why import why as explain

    try:
        orders = find(data, clordid, desk)
        if not orders:
            raise fail(not_found(data, clordid, desk))
        found = [explain(data, order) for order in orders[:MANY]]
    except CannotRead as error:
        raise fail(error) from error
    if as_json:
        shown.print_json([_as_dict(one) for one in found])
        return
    for one in found:
        _print(one)
    if len(orders) > MANY:
        click.echo(f"... and {len(orders) - MANY} more orders that {clordid} names")


def _as_dict(one: "Why") -> dict[str, object]:
    return {
        "Account": one.account,
        "Desk": one.desk,
        "OrderID": one.order_id or None,
        "ClOrdIDs": one.clordids,
        "OrdStatus": one.status,
        "Why": one.reason,
        "At": format_time(one.at) if one.at else None,
        "Actor": one.actor or None,
        "Entry": one.entry,
        "Event": one.event or None,
        "Refusal": one.refusal.model_dump(mode="json", exclude_none=True) if one.refusal else None,
        "CausedBy": one.causes,
        "Since": one.since,
        "WaitsFor": one.waits,
        "Breaks": one.alarms,
    }


def _print(one: "Why") -> None:
    names = ", ".join(one.clordids) or "made at the venue"
    what = f"order {one.order_id}" if one.order_id else "a request without an order"
    status = one.status or "not handled"
    head = Text(f"{what} of desk {one.desk} in account {one.account} ({names}) is ", style="bold")
    head.append(status, style=f"bold {STYLES.get(one.status, 'yellow') if one.status else 'red'}")
    console.print(head, soft_wrap=True)
    _line("because", one.reason)
    if one.at:
        _line("at", f"{format_time(one.at)}, entry {one.entry} of {one.actor}: {one.event}")
    if one.refusal:
        said = one.refusal.model_dump(mode="json", exclude_none=True)
        _line("rule", ", ".join(f"{name} {value}" for name, value in said.items()))
    for number, cause in enumerate(one.causes):
        _line("caused by" if not number else "and that by", cause)
    for told in one.since:
        _line("since then", told)
    for wait in one.waits:
        _line("waits for", wait)
    if one.status and not one.waits:
        _line("waits for", "nothing: it is over")
    for alarm in one.alarms:
        _line("break", alarm, "bold red")


def _line(name: str, text: str, style: str = "") -> None:
    line = Text(f"  {name:<12}", style="cyan")
    line.append(text, style=style)
    console.print(line, soft_wrap=True)
