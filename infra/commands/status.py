"""``oms status``: which processes serve which address."""

from pathlib import Path

import click
from rich.table import Table

from infra import endpoints, pids
from infra.commands.options import console, data_option


@click.command()
@data_option
def status(data: Path) -> None:
    """Show the processes of the installation and where its metrics are."""
    found = pids.read(data)
    table = Table("address", "pid", title=f"{len(found)} processes in {data}")
    for address, pid in sorted(found.items()):
        table.add_row(address, str(pid))
    console.print(table)
    console.print(f"metrics: {endpoints.read(data).get('metrics', 'none')}", highlight=False)
