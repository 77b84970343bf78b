"""``oms chaos``: faults of every kind while orders flow, and the proof that nothing is missing."""

import asyncio
import logging
import random
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import click
from rich.table import Table

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk_outbox import Refused
from infra import at_rest, installation
from infra.broker_process import BrokerUnavailable
from infra.chaos import NotBack, links, report
from infra.chaos.disk import NoDisk
from infra.chaos.faults import FAULTS, NODES, POSTGRES, Ground
from infra.chaos.load import Load
from infra.chaos.postgres import NoServer
from infra.chaos.scenery import Scenery, market
from infra.chaos.storm import Fault, Plan, Storm, play
from infra.commands.options import console, fail, say
from infra.journals import JournalFailed
from infra.monitoring.watching import recording
from infra.prometheus import PrometheusUnavailable
from infra.reference import SAMPLE, ReferenceRefused
from infra.session import Session
from infra.settings import Settings
from infra.supervisor import CannotStart

CANNOT_GO_ON = (
    NotBack, CannotStart, NoDisk, NoServer, links.CannotCut, BrokerUnavailable, BrokerGone, Refused,
    PrometheusUnavailable, JournalFailed,
)  # fmt: skip

REST_S = {"sqlite": at_rest.LAG_S, "postgres": 40.0}
"""Reading every journal over a connection takes longer than reading files."""

HUNG_AFTER_S = 5.0
"""Sooner than usual: a short run has no time to wait for it."""


@click.command()
@click.option("--minutes", default=0.7, show_default=True, help="How long orders flow, at least.")
@click.option("--kills", default=10, show_default=True, help="Faults, spread over the kinds.")
@click.option(
    "--kind", "kinds", type=click.Choice([*FAULTS]), multiple=True, help="Only these kinds."
)
@click.option(
    "--journal",
    type=click.Choice(["sqlite", "postgres"]),
    help="Where entries are kept; postgres: on a server of its own, or that of OMS_JOURNAL_URL.",
)
@click.option(
    "--nodes", type=click.IntRange(1, 2), default=1, show_default=True, help="Two raylets, or one."
)
@click.option("--rate", default=50, show_default=True, help="Messages a second of all desks.")
@click.option("--seed", default=1, show_default=True, help="Chooses requests, victims, instants.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/chaos"),
    show_default=True,
    help="Folder of the installation; an earlier one in it is deleted.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report.json, report.md and timeline.svg; default: in the data folder.",
)
@click.option(
    "--prometheus",
    is_flag=True,
    help="Let a Prometheus watch, and add overview.svg and dashboards.svg to the report.",
)
def chaos(
    minutes: float,
    kills: int,
    kinds: tuple[str, ...],
    journal: str | None,
    nodes: int,
    rate: int,
    seed: int,
    data: Path,
    folder: Path | None,
    prometheus: bool,
) -> None:
    """Trade, hurt everything in turn, and add up what the desks saw.

    Exits with 1 unless nothing was lost, nothing came twice, and every part agrees at rest.
    """
    data = data.absolute()
    for name in ("aio_pika", "aiormq", "gateways.amqp"):  # that the broker is away is no news here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    folder = folder or data / "report"
    title = f"oms chaos: {rate} messages/s, {kills} faults, seed {seed}"
    try:
        Scenery.clear(data)
        installation.clear(data)
        settings = _settings(data, journal, nodes, prometheus=prometheus)
        chosen = _chosen(kinds, settings)
        scenery = Scenery(settings)
    except (CannotStart, NoDisk, ReferenceRefused) as error:
        raise fail(error) from error
    try:
        left_out = scenery.put_up(chosen)
        plan = Plan(minutes, kills, seed, rate, _possible(chosen, left_out))
        installation.up(scenery.settings, say)
        with recording(data, title, folder) if prometheus else nullcontext():
            storm = asyncio.run(_play(data, plan, scenery))
        judged = report.judge(storm, at_rest.examine(data, REST_S[settings.journal]), left_out)
    except CANNOT_GO_ON as error:
        raise fail(error) from error
    finally:
        installation.down(data)
        scenery.take_away()
    report.write(judged, folder)
    _show(judged, folder)
    if not judged.good:
        raise fail(f"{len(judged.problems)} problems; the journals and logs are in {data}")


def _settings(data: Path, journal: str | None, nodes: int, *, prometheus: bool) -> Settings:
    """Those of the storm, with the market of OMS_CONFIG or one of its own."""
    settings = Settings(data=data, hung_after_s=HUNG_AFTER_S, broker_metrics=prometheus)
    changes = {"journal": journal or settings.journal, "nodes": nodes}
    settings = settings.model_copy(update=changes)
    installation.keep(settings)
    if settings.config != SAMPLE:
        return settings
    return settings.model_copy(update={"config": market(data)})


def _chosen(kinds: tuple[str, ...], settings: Settings) -> list[str]:
    """These kinds, or else every one that the options allow."""
    given = {"": True, POSTGRES: settings.journal == "postgres", NODES: settings.nodes > 1}
    for kind in kinds:
        if not given[FAULTS[kind].needs]:
            raise CannotStart(f"--kind {kind} has nothing to hit without {FAULTS[kind].needs}")
    return list(kinds) or [kind for kind, fault in FAULTS.items() if given[fault.needs]]


def _possible(chosen: list[str], left_out: Mapping[str, str]) -> list[str]:
    """The kinds that can be done here."""
    possible = [kind for kind in chosen if kind not in left_out]
    if not possible:
        raise CannotStart(f"no fault is possible here: {'; '.join(left_out.values())}")
    return possible


async def _play(data: Path, plan: Plan, scenery: Scenery) -> Storm:
    async with Session(data) as session:
        kinds = ", ".join(plan.kinds)
        console.print(
            f"  [cyan]chaos[/]   seed {plan.seed}, {plan.rate} messages/s, {plan.kills} faults: "
            f"{kinds}",
            highlight=False,
        )
        load = Load(session, plan.seed, plan.rate)
        draw = random.Random(plan.seed)  # noqa: S311  # a seeded play, no secret
        return await play(session, Ground(session, load, draw, scenery), plan, _tell)


def _tell(fault: Fault) -> None:
    note = f"  {fault.note}" if fault.note else ""
    console.print(
        f"  [red]{fault.kind:<11}[/] {fault.what:<40} back after {fault.back_s:6.2f} s{note}",
        highlight=False,
        soft_wrap=True,
    )


def _show(judged: report.Judged, folder: Path) -> None:
    told = report.document(judged)
    table = Table("fault", "", title="recovery, in seconds")
    for name in ("times", "p50", "p99", "max"):
        table.add_column(name, justify="right")
    for kind, found in told["recovery_ms"].items():
        times = [f"{found[name] / 1e3:.2f}" for name in ("p50", "p99", "max")]
        table.add_row(kind, FAULTS[kind].does, str(told["kills"][kind]), *times)
    console.print(table)
    for kind, why in judged.left_out.items():
        console.print(f"[yellow]left out[/] {kind}: {why}", highlight=False)
    for target in told["targets"]:
        colour = "green" if target["verdict"] == "met" else "yellow"
        console.print(
            f"[{colour}]{target['verdict']}[/] {target['what']}: p99 "
            f"{target['measured'] / 1e3:.2f} s of {target['p99_ms'] / 1e3:.0f} s",
            highlight=False,
        )
    for problem in judged.problems[:20]:
        console.print(f"[red]problem[/] {problem}", highlight=False, soft_wrap=True)
    checked = sum(found["checked"] for found in told["invariants"].values())
    violated = sum(found["violated"] for found in told["invariants"].values())
    colour = "green" if judged.good else "red"
    console.print(f"{checked:,} checks of invariants, {violated} violated", highlight=False)
    console.print(f"report: {folder}", highlight=False, soft_wrap=True)
    console.print(f"[{colour}]{judged.storm.ledger.line()}[/]", highlight=False)
