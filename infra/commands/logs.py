"""``oms logs``: what the hosts have logged, in one stream by time."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from infra.commands.options import console, data_option


@click.command()
@data_option
@click.option("--host", help="Only this address, e.g. account/growth.")
def logs(data: Path, host: str | None) -> None:
    """Print the structured logs of every host of the installation."""
    for line in sorted(_lines(data), key=lambda line: str(line.get("timestamp", ""))):
        if host is None or line.get("host") == host:
            console.print_json(data=line, indent=None)


def _lines(data: Path) -> Iterator[dict[str, object]]:
    for path in (*data.glob("*.log"), *data.glob("logs/*")):
        for text in path.read_text(errors="replace").splitlines():
            if text.startswith("{"):
                try:
                    yield json.loads(text)
                except json.JSONDecodeError:
                    continue  # a line cut by a kill
