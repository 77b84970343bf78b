"""The patterns are as good as promised on cases that they were not made for."""

import json

import pytest
from click.testing import CliRunner

from actors.surveillance.patterns import NAMES
from infra.cli import main
from infra.reference import load
from infra.surveillance.cases import ACTS, cases
from infra.surveillance.cost import measured
from infra.surveillance.evaluate import DELAY_S, PRECISION, RECALL, Score, evaluate
from messages.thresholds import Thresholds

SEED = 20_261_123
"""Looked at by nobody who chose a threshold."""


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    return evaluate(load().surveillance.Bands, [SEED], 20)


def test_every_pattern_finds_the_guilty_in_time_and_hardly_anybody_else(
    scores: list[Score],
) -> None:
    assert [score.pattern for score in scores] == list(NAMES)
    for score in scores:
        assert (score.guilty, score.innocent) == (20, 20)
        assert score.recall >= RECALL, (score.pattern, score.missed)
        assert score.precision >= PRECISION - 0.05, (score.pattern, score.wrong)
        assert score.delay <= DELAY_S


def test_every_pattern_has_cases_of_guilt_and_near_misses() -> None:
    assert set(ACTS) == set(NAMES)
    for guilty, innocent in ACTS.values():
        assert len(guilty) >= 2
        assert len(innocent) >= 4


def test_a_seed_makes_the_same_cases_and_another_one_others() -> None:
    def rows(seed: int) -> list[object]:
        return [case.rows for case in cases("layering", seed, 2)]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_blind_patterns_fail_the_evaluation() -> None:
    """The judge judges: with thresholds that nothing reaches, nothing is found."""
    blind = [
        Thresholds(Band=band, LayerLevels=99, SpoofMultiple=load().surveillance.Bands[0].BlockQty)
        for band in ("large", "mid", "small")
    ]
    found = {score.pattern: score for score in evaluate(blind, [1], 3)}
    assert (found["layering"].recall, found["layering"].passes) == (0, False)
    assert (found["spoofing"].recall, found["spoofing"].passes) == (0, False)
    assert found["wash_trade"].recall == 1


def test_the_command_prints_every_pattern_and_ends_with_the_verdict() -> None:
    done = CliRunner().invoke(
        main, ["surveillance", "evaluate", "--seed", "4", "--cases", "2", "--json"]
    )
    told = json.loads(done.stdout)
    assert [row["pattern"] for row in told] == list(NAMES)
    assert done.exit_code == (0 if all(row["ok"] for row in told) else 1)


def test_what_an_order_costs_is_measured_part_by_part() -> None:
    parts = dict(measured(240))
    assert len(parts) == 5
    assert 0 < parts["all"] < 2_000
