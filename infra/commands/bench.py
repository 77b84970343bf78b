"""``oms bench``: how fast, how long, at what cost; on this machine, with every real part."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from gateways.fix.scripted import free_port
from infra.bench import config as reference_data
from infra.bench import kills_report, report
from infra.bench.kills import Job as KillJob
from infra.bench.load import Job
from infra.bench.stage import installed
from infra.bench.takers import WORKLOAD, Makers
from infra.commands.options import console, fail, say
from infra.reference import Reference
from infra.supervisor import CannotStart


@click.command()
@click.option("--accounts", default=4, show_default=True, type=click.IntRange(1, 1000))
@click.option("--instruments", default=4, show_default=True, type=click.IntRange(1, 1000))
@click.option("--venues", default=1, show_default=True, type=click.IntRange(1, 20))
@click.option("--orders", default=5000, show_default=True, help="Of the burst.")
@click.option("--window", default=500, show_default=True, help="Orders under way at once in it.")
@click.option(
    "--rate", "rates", multiple=True, type=int, default=(200, 500, 1000), show_default=True,
    help="Orders a second, for the latency; give it as often as you like.",
)  # fmt: skip
@click.option("--seconds", default=10, show_default=True, help="At each rate.")
@click.option(
    "--makers", default=Makers.HOUSE, show_default=True, type=click.Choice(list(Makers)),
    help="Who fills the orders: the paper exchange, or deep orders of the same desk (2 accounts).",
)  # fmt: skip
@click.option(
    "--kills", default=0, type=click.IntRange(0),
    help="Measure the kill switch instead: so many kills of each scope at each rate.",
)  # fmt: skip
@click.option("--packed", is_flag=True, help="Orders of an account share messages.")
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="The result, as JSON."
)
@click.option(
    "--details", type=click.Path(path_type=Path, dir_okay=False),
    help="All that was measured, as JSON: every rate, memory, the ledger.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Keep the data folder.")
def bench(
    accounts: int,
    instruments: int,
    venues: int,
    kills: int,
    file: Path | None,
    details: Path | None,
    keep: bool,
    **words: Any,
) -> None:
    """Measure orders per second, latencies, CPU and memory, and compare with a plain echo.

    Starts an installation of its own in a fresh folder and ends it. Every order fills at once
    against what rests at the venue; latencies at a rate count from when an order was due.

    With --kills every order rests: people kill each scope in turn and release it, a process dies in
    the midst of every other kill, and the time until the last new risk at the venue is measured.
    """
    rates = sorted(words["rates"])
    if kills:
        town = reference_data.people(accounts, instruments, free_port())
        _bench_kills(town, rates, kills, file, keep)
        return
    job = Job(**{**words, "rates": rates})
    if job.makers is Makers.DESK and accounts < 2:
        raise fail("an account does not trade with itself: --makers desk needs --accounts 2")
    reference = reference_data.market(accounts, instruments, venues)
    try:
        measured = _measure(reference, job, keep)
    except CannotStart as error:
        raise fail(error) from error
    size = {"accounts": accounts, "instruments": instruments, "venues": venues}
    config = {**size, **job.model_dump(mode="json"), "workload": WORKLOAD[job.makers]}
    document = report.document(measured, config)
    for table in report.tables(document):
        console.print(table)
    if disturbed := report.disturbance(document):
        console.print(f"[yellow]{disturbed}[/]", highlight=False)
    for path, found in ((file, report.result(document)), (details, document)):
        if path:
            path.write_text(json.dumps(found, indent=2) + "\n")
            console.print(f"written to {path}", highlight=False)
    good = not document["lost"] and not document["duplicated"]
    console.print(f"[{'green' if good else 'red'}]{document['ledger']['line']}[/]", highlight=False)
    if not good:
        raise fail("orders or fills were lost or duplicated")


def _bench_kills(
    reference: Reference, rates: list[int], kills: int, file: Path | None, keep: bool
) -> None:
    job = KillJob(rates=rates, kills=kills)
    try:
        found = _measure(reference, job, keep, "infra.bench.kills")
    except CannotStart as error:
        raise fail(error) from error
    console.print(kills_report.table(found))
    if file:
        config = {"cpus": os.cpu_count(), **job.model_dump()}
        file.write_text(json.dumps({"config": config, **found}, indent=2) + "\n")
        console.print(f"written to {file}", highlight=False)
    if found["late"]:
        raise fail(f"{found['late']} orders left after the venue connection had counted the last")


def _measure(
    reference: Reference, job: BaseModel, keep: bool, module: str = "infra.bench.load"
) -> dict[str, Any]:
    with installed(reference, say, bench=True, keep=keep) as settings:
        log = settings.data / "load.log"
        with log.open("ab") as errors:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, settings.data, job.model_dump_json()],
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
            )
        try:
            return _follow(process, log)
        finally:
            process.kill()
            process.wait()


def _follow(process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        word = json.loads(line)
        if "say" in word:
            say(*word["say"])
        elif "error" in word:
            raise CannotStart(word["error"])
        else:
            result: dict[str, Any] = word["result"]
            return result
    last = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise CannotStart(f"the load generator ended with {process.wait()}: {' '.join(last)}")
