"""What a storm does is decided by its seed, and every kind of fault gets its turn."""

from collections import Counter

import pytest

from infra.chaos.faults import FAULTS
from infra.chaos.storm import Plan


def plan(kills: int, seed: int = 1) -> Plan:
    return Plan(1.0, kills, seed, 50, tuple(FAULTS))


@pytest.mark.parametrize("kills", [5, len(FAULTS), 60, 200])
def test_faults_are_spread_evenly_over_the_kinds(kills: int) -> None:
    counts = Counter(plan(kills).faults())
    assert counts.total() == kills
    spread = [counts[kind] for kind in FAULTS]
    assert max(spread) - min(spread) <= 1


def test_the_same_seed_gives_the_same_faults_and_another_one_others() -> None:
    assert plan(60).faults() == plan(60).faults()
    assert plan(60).faults() != plan(60, seed=2).faults()


def test_a_short_storm_has_a_kill_of_every_kind_of_process() -> None:
    kinds = ("account", "book", "venue", "compliance", "ingress", "egress", "paper", "broker")
    assert set(kinds) <= set(plan(10).faults())


def test_every_fault_says_what_it_does_and_how_it_is_measured() -> None:
    for kind, fault in FAULTS.items():
        assert fault.does, kind
        assert " to " in f"{fault.back} ", kind
