"""``oms chaos``: kill processes while orders flow, and prove that nothing is missing."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
from rich.table import Table

from infra import at_rest, installation
from infra import chaos as havoc
from infra.commands.options import console, fail, say
from infra.ledger import Ledger
from infra.session import Session
from infra.settings import Settings
from infra.supervisor import CannotStart

PLAN = (*havoc.KINDS, havoc.SEVERAL)
ALL = "all"


@click.command()
@click.option("--kills", default=3, show_default=True, help="How many of each kind.")
@click.option("--kind", type=click.Choice([*PLAN, ALL]), default=ALL, show_default=True)
@click.option("--orders", default=600, show_default=True, help="Requests at least.")
@click.option("--seed", default=1, show_default=True, help="Chooses requests, victims, instants.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/chaos"),
    show_default=True,
    help="Folder of the installation; an earlier one in it is deleted.",
)
@click.option("--json", "report", type=click.Path(path_type=Path), help="Write the result here.")
def chaos(kills: int, kind: str, orders: int, seed: int, data: Path, report: Path | None) -> None:
    """SIGKILL processes while all desks trade, and add up what they saw.

    Exits with 1 unless nothing was lost, nothing came twice, and every part agrees at rest.
    """
    plan = dict.fromkeys(PLAN if kind == ALL else (kind,), kills)
    data = data.absolute()
    for name in ("aio_pika", "aiormq", "gateways.amqp"):  # that the broker is away is no news here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        installation.clear(data)
        installation.up(Settings(data=data), say)
    except CannotStart as error:
        raise fail(error) from error
    try:
        found, ledger = asyncio.run(_play(data, plan, orders, seed))
        wrong = [*ledger.problems, *_unended(ledger), *at_rest.problems(data)]
    except havoc.NotBack as error:
        raise fail(error) from error
    finally:
        installation.down(data)
    _show(found, ledger, wrong)
    if report:
        report.write_text(_json(seed, found, ledger, wrong))
    if wrong or not ledger.balanced:
        raise fail(f"{len(wrong)} problems; the journals and logs are in {data}")


async def _play(
    data: Path, plan: dict[str, int], orders: int, seed: int
) -> tuple[list[havoc.Kill], Ledger]:
    async with Session(data) as session:
        kinds = ", ".join(f"{count} x {kind}" for kind, count in plan.items())
        console.print(f"  [cyan]chaos[/]   seed {seed}; SIGKILL while orders flow: {kinds}")
        found = await havoc.torment(session, plan, orders, seed, told=_tell)
        return found, await havoc.close(session)


def _tell(kill: havoc.Kill) -> None:
    console.print(
        f"  [red]SIGKILL[/] {kill.address:<20} back after {kill.back_s:.2f} s", highlight=False
    )


def _unended(ledger: Ledger) -> list[str]:
    """Everything was canceled at the end, so an order that can still trade is a fault."""
    return [f"{ledger.open} orders are still open"] if ledger.open else []


def _show(kills: Sequence[havoc.Kill], ledger: Ledger, wrong: Sequence[str]) -> None:
    table = Table("kind", title="back in service after SIGKILL, in seconds")
    for name in ("kills", "p50", "max"):
        table.add_column(name, justify="right")
    for kind, times in havoc.by_kind(kills).items():
        table.add_row(kind, str(len(times)), f"{median(times):.2f}", f"{times[-1]:.2f}")
    console.print(table)
    for problem in wrong[:20]:
        console.print(f"[red]problem[/] {problem}", highlight=False, soft_wrap=True)
    colour = "red" if wrong or not ledger.balanced else "green"
    console.print(f"[{colour}]{ledger.line()}[/]", highlight=False)


def _json(seed: int, kills: Sequence[havoc.Kill], ledger: Ledger, wrong: Sequence[str]) -> str:
    totals = asdict(ledger)
    del totals["problems"]
    words = {
        "seed": seed,
        "ledger": totals,
        "problems": list(wrong),
        "kills": [kill._asdict() for kill in kills],
        "back_s": {
            kind: {"kills": len(times), "p50": median(times), "max": times[-1]}
            for kind, times in havoc.by_kind(kills).items()
        },
    }
    return json.dumps(words, indent=2) + "\n"
