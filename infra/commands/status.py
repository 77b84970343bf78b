"""``oms status``: which processes serve which address, and what cannot live."""

import time
from pathlib import Path

import click
from rich.table import Table

from infra import drains, endpoints, liveness, pids, starts
from infra.commands.options import console, data_option
from infra.commands.shown import lasted
from infra.monitoring.table import lane
from messages.base import SECOND


@click.command()
@data_option
def status(data: Path) -> None:
    """Show the processes of the installation, crash loops, and where its metrics are."""
    found, known = pids.read(data), starts.read(data)
    table = Table(
        "address", "pid", "runs for", "in metrics", "", title=f"{len(found)} processes in {data}"
    )
    away = set(liveness.served(data)) if "supervisor/0" in found else set()
    for address in sorted({*found, *away}):
        those = known.get(address, [])
        age = lasted(int((time.time() - those[-1].at) * SECOND)) if those else ""
        word = _word(address in found, those)
        table.add_row(address, str(found.get(address, "")), age, lane(address), word)
    console.print(table)
    for address, those in sorted(known.items()):
        if starts.looping(those):
            console.print(
                f"[red]crash loop[/] {address}: ended soon after each of its last starts, and "
                f"waits longer each time; the reason: oms logs --data {data}",
                highlight=False,
                soft_wrap=True,
            )
    if drains.asked(data):
        console.print(f"[yellow]drained[/]: take again with: oms drain --undo --data {data}")
    console.print(f"metrics: {endpoints.read(data).get('metrics', 'none')}", highlight=False)


def _word(there: bool, those: list[starts.Start]) -> str:
    if starts.looping(those):
        return "[red]crash loop[/]"
    return "" if there else "[yellow]is being started[/]"
