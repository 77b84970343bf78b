"""Does the oracle bite? Each bug that is planted must show within the seeds that it names."""

import pytest

from infra.sim.run import run
from tests.sim import mutants_of_kills, mutants_of_machinery, mutants_of_trading
from tests.sim.mutant import MUTANTS, planted

TABLES = (mutants_of_kills, mutants_of_machinery, mutants_of_trading)
LEAST = 30


@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_that_is_planted_is_seen(name: str) -> None:
    mutant = MUTANTS[name]
    with planted(name):
        assert any(run(seed, mutant.faults, mutant.orders).violations for seed in mutant.seeds), (
            f"{name} survives seeds {mutant.seeds} with faults {','.join(mutant.faults)}"
        )


def test_there_are_enough_planted_bugs_to_trust_the_oracle() -> None:
    assert len(MUTANTS) >= LEAST
    assert all(table.__doc__ for table in TABLES)


def test_a_planted_bug_is_gone_afterwards() -> None:
    name, mutant = next(iter(MUTANTS.items()))
    before = [getattr(where, attribute) for where, attribute, _ in mutant.plant()]
    with planted(name):
        during = [getattr(where, attribute) for where, attribute, _ in mutant.plant()]
    after = [getattr(where, attribute) for where, attribute, _ in mutant.plant()]
    assert before == after != during
