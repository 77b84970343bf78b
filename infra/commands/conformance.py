"""``oms conformance``: FIX's order state change matrices against the system, row by row."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.markup import escape

from infra.commands.options import console, fail, say
from infra.conformance.in_process import InProcess
from infra.conformance.live import Live
from infra.conformance.player import Player
from infra.conformance.scenarios import Scenario, ScenariosRefused, load
from infra.conformance.stage import DEFAULT_CURRENCY, CannotPlay, Cast, Stage
from infra.conformance.verdict import Verdict, summary
from infra.supervisor import CannotStart


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--in-process", is_flag=True, help="The same actors, without broker, Ray and FIX.")
@click.option("--only", multiple=True, metavar="ID", help="Play this scenario; may be repeated.")
@click.option("--patience", default=5.0, show_default=True, help="Seconds to wait for a report.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/conformance"),
    show_default=True,
    help="Folder of the private installation; an earlier one in it is deleted.",
)
@click.option("--json", "report", type=click.Path(path_type=Path), help="Write the result here.")
def conformance(
    files: tuple[Path, ...],
    in_process: bool,
    only: tuple[str, ...],
    patience: float,
    data: Path,
    report: Path | None,
) -> None:
    """Play the scenarios of FILES: desk over AMQP, venue over FIX, every report compared.

    Exits with 1 unless every scenario passed.
    """
    for name in ("aio_pika", "aiormq", "gateways.amqp"):  # a broker that ends is no news here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    began = time.monotonic()
    try:
        scenarios = _chosen([one for file in files for one in load(file)], only)
        cast = _cast(scenarios)
        if in_process:
            verdicts = asyncio.run(_play(InProcess(cast), cast, scenarios))
        else:
            verdicts = asyncio.run(_play_live(cast, scenarios, data.absolute(), patience))
    except (ScenariosRefused, CannotStart, CannotPlay) as error:
        raise fail(error) from error
    took = time.monotonic() - began
    if report:
        mode = "in-process" if in_process else "live"
        _write(report, json.dumps(summary(mode, took, verdicts), indent=2) + "\n")
    passed = sum(verdict.passed for verdict in verdicts)
    rows = sum(verdict.rows for verdict in verdicts)
    console.print(f"{rows} rows in {took:.1f} s", highlight=False)
    colour = "green" if passed == len(verdicts) else "red"
    console.print(f"[{colour}]passed {passed} of {len(verdicts)}[/]", highlight=False)
    if passed < len(verdicts):
        raise click.exceptions.Exit(1)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise fail(f"cannot write {path}: {error.strerror}") from error


def _chosen(scenarios: list[Scenario], only: Sequence[str]) -> list[Scenario]:
    if not only:
        return scenarios
    if missing := set(only) - {scenario.id for scenario in scenarios}:
        raise ScenariosRefused(f"no scenario {', '.join(sorted(missing))} in these files")
    return [scenario for scenario in scenarios if scenario.id in only]


def _cast(scenarios: Sequence[Scenario]) -> Cast:
    """Instruments for whatever the rows name."""
    rows = [row.fields for scenario in scenarios for row in scenario.rows]
    currencies = dict.fromkeys(
        [DEFAULT_CURRENCY, *(r["Currency"] for r in rows if "Currency" in r)]
    )
    symbols = dict.fromkeys(row["Symbol"] for row in rows if "Symbol" in row)
    try:
        cast = Cast(tuple(currencies), tuple(symbols))
        cast.reference(port=1)
    except ValueError as error:
        words = " ".join(str(error).split())
        raise ScenariosRefused(f"no such instrument can be traded: {words}") from error
    return cast


async def _play_live(
    cast: Cast, scenarios: Sequence[Scenario], data: Path, patience: float
) -> list[Verdict]:
    async with Live(cast, data, patience, say) as stage:
        return await _play(stage, cast, scenarios)


async def _play(stage: Stage, cast: Cast, scenarios: Sequence[Scenario]) -> list[Verdict]:
    player = Player(stage, cast, secrets.token_hex(3))
    width = max(len(scenario.id) for scenario in scenarios)
    verdicts = []
    for scenario in scenarios:
        verdict = await player.play(scenario)
        _tell(verdict, width)
        verdicts.append(verdict)
    return verdicts


def _tell(verdict: Verdict, width: int) -> None:
    """One line, and one for the first row that differs."""
    scenario = verdict.scenario
    word = "[green]passed[/]" if verdict.passed else "[bold red]FAILED[/]"
    events = dict.fromkeys(event for played in verdict.variants for event in played.events)
    told = f"  ({', '.join(events)})" if events else ""
    line = f"{scenario.id:<{width}}  {word}  {escape(scenario.title + told)}"
    console.print(line, highlight=False, soft_wrap=True)
    for played in verdict.variants:
        if played.failure:
            where = f"{' ' * width}  {played.name}, {played.failure.line()}"
            console.print(escape(where), highlight=False, soft_wrap=True)
            return
