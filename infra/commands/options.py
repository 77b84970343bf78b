"""What commands share: the data folder, and how they speak."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

console = Console()
errors = Console(stderr=True)

data_option: Callable[[Any], Any] = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="OMS_DATA",
    default=Path("var"),
    show_default=True,
    help="Folder of the installation: journals, broker, logs.",
)


def say(part: str, what: str) -> None:
    """One progress line."""
    mark = "[green]ready[/]" if part == "ready" else f"[cyan]{part}[/]"
    console.print(f"  {mark:<24} {what}", highlight=False)


def fail(reason: object) -> "click.exceptions.Exit":
    """One clear line on standard error, and the exit code 1."""
    errors.print(f"[red]error[/] {escape(str(reason))}", highlight=False, soft_wrap=True)
    return click.exceptions.Exit(1)
