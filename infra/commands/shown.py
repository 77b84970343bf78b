"""How the commands that read show what they found: tables for people, JSON for programs.

In a table a decimal is grouped and without trailing zeros; in JSON it is the string it always is.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from infra.commands.options import console, errors
from messages.base import SECOND, Instant, short_text

if TYPE_CHECKING:
    from infra.replayed import Watch

json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead, decimals as strings."
)


def grouped(value: Decimal | None) -> str:
    """A decimal for people: ``1,234.5``; empty for None."""
    if value is None:
        return ""
    text = format(value, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Decimal | None) -> str | None:
    """A decimal for JSON: a string of digits without trailing zeros."""
    return None if value is None else short_text(value)


def lasted(nanos: Instant) -> str:
    """A time span in words, to two units at most: ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    seconds = max(0, nanos) // SECOND
    units = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min")]
    units.append((seconds % 60, "s"))
    first = next((i for i, (count, _) in enumerate(units) if count), len(units) - 1)
    told = [f"{count} {name}" for count, name in units[first : first + 2] if count]
    return " ".join(told) or "0 s"


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2))


def fits(table: Table) -> bool:
    """Whether the table can be shown here without folding; a file or a pipe has room for any."""
    return not console.is_terminal or _breadth(table) <= console.width


def print_table(table: Table) -> None:
    """Print it; where there is no terminal, as broad as it is, so that lines stay lines."""
    if console.is_terminal:
        console.print(table)
    else:
        Console(width=_breadth(table)).print(table)


def _breadth(table: Table) -> int:
    roomy = console.options.update(width=10_000, max_width=10_000)
    return max(console.width, table.__rich_measure__(console, roomy).maximum)


@contextmanager
def progress(data: Path) -> "Iterator[Watch | None]":
    """Tells on a terminal which journal is being replayed; says nothing elsewhere."""
    if not errors.is_terminal:
        yield None
        return
    with errors.status(f"reading the journals in {data}") as status:
        yield lambda address, number: status.update(f"replaying {address}: {number:,} entries")
