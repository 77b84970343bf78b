"""The simulator itself: a seed repeats itself anywhere, no seed has a violation, and one that had
one would tell where to look.
"""

import multiprocessing
import os
import subprocess
import sys
from collections import Counter

import pytest
from click.testing import CliRunner

from infra.commands.sim import sim
from infra.sim.faults import FAULTS, plan
from infra.sim.oracle import checks
from infra.sim.run import Outcome, run
from tests.sim import mutants_of_trading
from tests.sim.mutant import planted

SEEDS = range(1, 501)
"""The share of one CI run; a night runs thousands."""

DIGEST = (
    "from infra.sim.run import run; o = run(7, ('all',), 120); "
    "print(o.digest, o.entries, o.crashes, o.network_faults, o.disk_faults)"
)


def _seed(number: int) -> Outcome:
    return run(number, ("all",))


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=20) as pool:
        return pool.map(_seed, SEEDS, chunksize=1)


@pytest.mark.timeout(1800)
def test_no_seed_violates_anything(outcomes: list[Outcome]) -> None:
    assert {o.seed: o.violations for o in outcomes if o.violations} == {}


@pytest.mark.timeout(1800)
def test_the_seeds_meet_every_kind_of_fault(outcomes: list[Outcome]) -> None:
    kinds = sum((o.kinds for o in outcomes), Counter[str]())
    met = {kind for kind, count in kinds.items() if count}
    assert met >= {
        "before_write", "before_sync", "after_sync", "between_sends", "in_snapshot",
        "in_takeover", "half_written", "kill", "power lost", "stopped, then a zombie",
        "fail_stop", "passivated", "compliance down for long", "broker", "venue",
        "late", "connection cut", "call lost", "call doubled", "partition", "session cut",
        "redelivered by the broker", "swallowed on the way to a venue", "said again by a venue",
        "disk: full", "disk: io_error", "disk: bit_flip", "disk: lost_unsynced",
        "disk: half_written", "clock jumps", "disconnects", "telephoned", "halts", "days",
        "rule books", "kills of a scope",
    }  # fmt: skip


@pytest.mark.timeout(1800)
def test_the_seeds_are_as_harsh_as_they_are_said_to_be(outcomes: list[Outcome]) -> None:
    seeds = len(outcomes)
    assert sum(o.orders for o in outcomes) >= 300 * seeds
    assert sum(o.crashes for o in outcomes) >= 10 * seeds
    assert sum(o.network_faults for o in outcomes) >= 1000 * seeds
    assert sum(o.disk_faults for o in outcomes) >= 2 * seeds


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_a_seed_does_the_same_in_another_process(hash_seed: str) -> None:
    here = run(7, ("all",), 120)
    there = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert there.stdout.split() == [
        here.digest, *map(str, (here.entries, here.crashes, here.network_faults, here.disk_faults))
    ]  # fmt: skip


def test_two_seeds_do_different_things() -> None:
    assert run(1, ("none",), 20).digest != run(3, ("none",), 20).digest


@pytest.mark.parametrize("name", FAULTS)
def test_each_kind_of_fault_can_strike_alone(name: str) -> None:
    outcome = run(2, (name,), 60)
    assert outcome.violations == {}
    assert plan((name,)) != plan(("none",))


def test_without_faults_nothing_crashes() -> None:
    outcome = run(2, ("none",), 60)
    assert (outcome.violations, outcome.crashes, outcome.disk_faults) == ({}, 0, 0)


def test_a_violation_tells_how_to_see_it_again_and_what_became_of_its_order() -> None:
    assert mutants_of_trading
    with planted("an_expired_order_is_kept_open"):
        found = CliRunner().invoke(sim, ["--seed", "2", "--seeds", "1", "--jobs", "1",
                                         "--orders", "100", "--faults", "crash"])  # fmt: skip
    assert found.exit_code == 1, found.output
    assert "again: oms sim --seed 2 --seeds 1 --orders 100 --faults crash" in found.output
    assert "violations=" in found.output
    assert "account/" in found.output
    assert "NewOrder" in found.output


def test_every_invariant_that_applies_has_a_check() -> None:
    none = {number for number, names in checks.INVARIANTS.items() if not names}
    assert none == {32, 34, 39}  # each with its reason in docs/RELIABILITY.md
