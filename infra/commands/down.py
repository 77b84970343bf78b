"""``oms down``: end an installation."""

from pathlib import Path

import click

from infra import installation
from infra.commands.options import console, data_option


@click.command()
@data_option
def down(data: Path) -> None:
    """End every process of the installation. Nothing durable is touched."""
    if installation.down(data):
        console.print("everything has ended")
    else:
        console.print(f"nothing runs in {data}")
