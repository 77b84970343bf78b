"""``oms sim``: the whole system under faults in one thread, seed by seed, judged from outside."""

import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from rich.table import Table

from infra.commands.options import console, fail, say
from infra.sim.faults import FAULTS
from infra.sim.oracle.checks import CHECKS
from infra.sim.run import ORDERS, Outcome, run

NAMES = (*FAULTS, "all", "none")
LONGEST = 200
"""Lines of the story of an order that are printed."""
LOOKED_AT = ("entries", "reports", "sends", "acknowledgements", "orders at venues")
COUNTED = ("orders", "entries", "fills", "crashes", "network_faults", "disk_faults", "virtual_s")
SHOWN = 3
"""So many sentences of each violated check are printed."""


@click.command()
@click.option("--seed", default=1, show_default=True, help="The first seed.")
@click.option("--seeds", default=20, show_default=True, help="How many, one after the other.")
@click.option("--faults", default="all", show_default=True,
              help=f"Comma-separated: {', '.join(NAMES)}.")  # fmt: skip
@click.option("--orders", default=ORDERS, show_default=True, help="New orders in each run.")
@click.option("--jobs", default=0, help="Processes; 0: one for each core.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the totals there.")
def sim(seed: int, seeds: int, faults: str, orders: int, jobs: int, file: Path | None) -> None:
    """Run the whole system under simulated faults, and judge what came of it.

    The same seed does the same thing everywhere: a violation is replayed by the one command that is
    printed with it.
    """
    names = tuple(faults.split(","))
    if wrong := [name for name in names if name not in NAMES]:
        fail(f"--faults {wrong[0]}: there are {', '.join(NAMES)}")
    totals: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    violations = 0
    for number, outcome in enumerate(_outcomes(range(seed, seed + seeds), names, orders, jobs), 1):
        for name in COUNTED:
            totals[name] += round(getattr(outcome, name))
        kinds += outcome.kinds
        checked += outcome.checked
        violations += len(outcome.violations)
        _tell(outcome, faults, orders)
        if number % max(1, seeds // 10) == 0:
            say(f"{number} of {seeds} seeds", f"{totals['orders']:,} orders")
    _table(kinds)
    looked = ", ".join(f"{checked[name]:,} {name}" for name in LOOKED_AT)
    say(f"{len(CHECKS)} checks a seed", looked)
    result = {"seeds": seeds, **totals, "violations": violations}
    if file:
        kept = {**result, "kinds": kinds, "checked": checked, "faults": faults, "first_seed": seed}
        file.write_text(json.dumps(kept, indent=2) + "\n")
    names_shown = ("seeds", "orders", "crashes", "network_faults", "disk_faults", "violations")
    console.print(" ".join(f"{name}={result[name]}" for name in names_shown), highlight=False)
    if violations:
        raise SystemExit(1)


def _outcomes(seeds: range, faults: tuple[str, ...], orders: int, jobs: int) -> Iterator[Outcome]:
    """In the order of the seeds, however many processes there are."""
    work = [(seed, faults, orders) for seed in seeds]
    count = min(jobs or os.cpu_count() or 1, len(work))
    if count == 1:
        yield from (run(*one) for one in work)
        return
    with multiprocessing.get_context("fork").Pool(count) as pool:
        yield from pool.imap(_run, work, chunksize=1)


def _run(work: tuple[int, tuple[str, ...], int]) -> Outcome:
    return run(*work)


def _tell(outcome: Outcome, faults: str, orders: int) -> None:
    if not outcome.violations:
        return
    console.print(f"[red]VIOLATED[/red] seed {outcome.seed}, digest {outcome.digest}")
    for name, sentences in outcome.violations.items():
        for sentence in sentences[:SHOWN]:
            console.print(f"  {name}: {sentence}", highlight=False, markup=False)
        if len(sentences) > SHOWN:
            console.print(f"  {name}: and {len(sentences) - SHOWN} more")
    for line in outcome.trace[:LONGEST]:
        console.print(f"    {line}", highlight=False, markup=False, soft_wrap=True)
    again = f"oms sim --seed {outcome.seed} --seeds 1 --orders {orders} --faults {faults}"
    console.print(f"  again: {again}", highlight=False)


def _table(kinds: Counter[str]) -> None:
    table = Table("what happened", "times")
    for name, count in sorted(kinds.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{count:,}")
    console.print(table)
