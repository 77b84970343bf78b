"""Crash loops: several short lives in a row, each further start later, and everybody can see it."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from infra import starts
from infra.lives import Lives
from infra.monitoring.table import lane
from infra.starts import FREE, LONGEST_PAUSE_S, SHORT_S, Start

ADDRESS = "account/acme"


def lives(data: Path, *seconds: float) -> tuple[list[float], float]:
    """The pauses of processes that live so long each, and when the last one began."""
    at, pauses = 1_000.0, []
    for lived in (*seconds, 0.0):
        pauses.append(starts.begin(data, ADDRESS, at))
        last, at = at, at + pauses[-1] + lived
    return pauses, last


def test_the_first_short_lives_are_not_punished(tmp_path: Path) -> None:
    assert lives(tmp_path, *[0.1] * (FREE - 1))[0] == [0.0] * FREE


def test_each_further_start_waits_twice_as_long_up_to_a_bound(tmp_path: Path) -> None:
    pauses, _ = lives(tmp_path, *[0.1] * 12)
    assert pauses[FREE : FREE + 4] == [0.25, 0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_one_long_life_ends_a_loop_however_long_it_had_waited(tmp_path: Path) -> None:
    pauses, last = lives(tmp_path, *[0.1] * 8, SHORT_S)
    assert pauses[-2] > 0
    assert pauses[-1] == 0.0
    assert not starts.looping(starts.read(tmp_path)[ADDRESS], last)


def test_a_loop_is_seen_by_all_until_nothing_has_started_for_a_while(tmp_path: Path) -> None:
    _, last = lives(tmp_path, *[0.1] * (FREE + 1))
    known = starts.read(tmp_path)[ADDRESS]
    assert starts.looping(known, last)
    assert not starts.looping(known, last + starts.LOOP_S)
    assert not starts.looping(known[:FREE], last)
    assert not starts.looping([], last)


def test_only_the_last_starts_are_kept_and_an_end_that_was_meant_forgets_them(
    tmp_path: Path,
) -> None:
    lives(tmp_path, *[60.0] * 50)
    lasting = starts.read(tmp_path)[ADDRESS]
    assert len(lasting) == starts.KEPT
    assert lasting[-1] == Start(1_000.0 + 50 * 60.0, 0.0)
    starts.forget(tmp_path, ADDRESS)
    assert starts.read(tmp_path) == {}


def test_addresses_with_dots_in_their_names_are_told_apart(tmp_path: Path) -> None:
    starts.begin(tmp_path, "book/BRK.B")
    starts.begin(tmp_path, "book/BRK.A")
    assert sorted(starts.read(tmp_path)) == ["book/BRK.A", "book/BRK.B"]


@pytest.mark.parametrize(("ends", "loop"), [(0, 0.0), (FREE + 1, 1.0)])
def test_a_loop_is_a_metric(tmp_path: Path, ends: int, loop: float) -> None:
    for _ in range(ends + 1):
        starts.begin(tmp_path, ADDRESS)
    registry = CollectorRegistry()
    registry.register(Lives(tmp_path))
    assert registry.get_sample_value("oms_crash_loop", {"actor": lane(ADDRESS)}) == loop
    name = "oms_process_started_timestamp_seconds"
    at = starts.read(tmp_path)[ADDRESS][-1].at
    assert registry.get_sample_value(name, {"actor": lane(ADDRESS)}) == at
