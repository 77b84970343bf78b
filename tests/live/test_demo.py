"""``oms demo`` and ``oms chaos`` as a user runs them: the proof at the end, and nothing left."""

import json
from pathlib import Path

import pytest

from tests.live.stage import left_running, oms

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


def test_the_demo_ends_with_its_proof_and_leaves_nothing_running(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    done = oms(data, "demo", "--data", str(data), "--orders", "300")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SIGKILL to account/growth" in done.stdout
    assert "lost=0 duplicated=0" in "".join(done.stdout.splitlines()[-2:])
    assert "Traceback" not in done.stderr
    assert left_running(data) == []


def test_chaos_says_how_long_each_victim_was_away_and_that_nothing_is_missing(
    tmp_path: Path,
) -> None:
    data, report = tmp_path / "chaos", tmp_path / "report.json"
    words = ("--kind", "egress", "--kills", "2", "--orders", "100", "--json", str(report))
    done = oms(data, "chaos", "--data", str(data), *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SIGKILL egress/0") == 2
    assert "lost=0 duplicated=0" in done.stdout.splitlines()[-1]
    told = json.loads(report.read_text())
    assert (told["problems"], told["ledger"]["lost"], told["ledger"]["open"]) == ([], 0, 0)
    away = told["back_s"]["egress"]
    assert away["kills"] == len(told["kills"]) == 2
    assert 0 < away["p50"] <= away["max"] < 60
    assert left_running(data) == []


@pytest.mark.parametrize("command", ["demo", "chaos"])
def test_a_folder_that_is_no_installation_is_not_deleted(tmp_path: Path, command: str) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("years of work")
    done = oms(tmp_path, command, "--data", str(tmp_path))
    assert done.returncode == 1
    assert "is no installation, and is not deleted" in done.stderr
    assert precious.read_text() == "years of work"
