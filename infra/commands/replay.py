"""``oms replay``: a file of real exchange messages through the whole system, and the ledger."""

from collections import Counter
from pathlib import Path

import click
import uvloop
from rich.table import Table

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk_outbox import Refused
from infra import replay as files
from infra.bench import replaying
from infra.bench.pace import Stuck
from infra.bench.replaying import Outcome
from infra.bench.stage import installed
from infra.commands.options import console, fail, say
from infra.supervisor import CannotStart


def _speed(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """``fast`` (0), or how many times faster than it was."""
    try:
        speed = 0.0 if value == "fast" else float(value)
    except ValueError:
        speed = -1.0
    if speed < 0 or (speed == 0 and value != "fast"):
        raise click.BadParameter(f"{value!r} is neither 'fast' nor a number above 0", ctx, param)
    return speed


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--seed", default=7, show_default=True, help="Draws the account of each order.")
@click.option("--limit", type=click.IntRange(1), help="Send at most so many requests.")
@click.option(
    "--speed", callback=_speed, metavar="fast|NUMBER", default="fast", show_default=True,
    help="As fast as the answers come, or so many times the speed it had.",
)  # fmt: skip
@click.option("--window", default=2000, show_default=True, help="Unanswered requests at most.")
@click.option("--symbol", help="Name of the instrument; default: the file's name up to '_'.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False),
    help="A new folder to keep everything in; default: a temporary one.",
)  # fmt: skip
def replay(
    file: Path,
    seed: int,
    limit: int | None,
    speed: float,
    window: int,
    symbol: str | None,
    data: Path | None,
) -> None:
    """Send the orders of FILE (LOBSTER or Bitstamp messages) as two desks, and add up.

    Starts an installation of its own and ends it. The exit code is 1 where anything was lost,
    duplicated, or does not add up.
    """
    symbol = symbol or file.name.partition("_")[0].upper()
    try:
        source = files.open_source(file)
        reference = replaying.reference(source, symbol)
        with installed(reference, say, data=data) as settings:
            plan = files.Plan(
                source.events(), symbol=symbol, accounts=replaying.ACCOUNTS, seed=seed
            )
            run = replaying.Replay(
                settings, plan, window=window, limit=limit, speed=speed or None,
                tell=lambda line: say("replay", line),
            )  # fmt: skip
            outcome = uvloop.run(run.run())
    except (CannotStart, Stuck, BrokerGone, Refused, ValueError) as error:
        raise fail(error) from error
    _show(outcome)
    if not outcome.ledger.balanced:
        raise fail("the ledger does not balance; see the problems above")


def _show(outcome: Outcome) -> None:
    ledger = outcome.ledger
    table = Table("count", "", "of", title=f"{outcome.events:,} events read")
    for title, counts in (
        ("requests sent", outcome.requests),
        ("events skipped", outcome.skipped),
        ("reports heard", outcome.reports),
        ("refusals by rule", outcome.refusals),
    ):
        _rows(table, title, counts)
    console.print(table)
    sent = outcome.requests.total()
    console.print(
        f"{sent:,} requests in {outcome.seconds:.1f} s: {sent / outcome.seconds:,.0f} requests/s; "
        f"{ledger.fills:,} fills, {ledger.canceled:,} canceled, {ledger.open:,} open",
        highlight=False,
    )
    for problem in ledger.problems[:20]:
        console.print(f"[red]problem[/] {problem}", highlight=False)
    colour = "green" if ledger.balanced else "red"
    console.print(f"[{colour}]{ledger.line()}[/]", highlight=False)


def _rows(table: Table, title: str, counts: Counter[str]) -> None:
    for what, count in counts.most_common():
        table.add_row(f"{count:,}", what, title)
        title = ""
    table.add_section()
