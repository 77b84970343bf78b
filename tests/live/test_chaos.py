"""``oms chaos``: every kind of process is killed while orders flow, and it all adds up (I21)."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.chaos import KINDS
from infra.chaos.faults import FAULTS
from tests.live.stage import MARK, left_running, oms

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

TIMES = 5
CHEAP = (*KINDS, "several", "stopped")
DECISIONS = {"Kill", "ReleaseKill", "ProposeRules", "ApproveRules"}


def chaos(data: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", "chaos", "--data", str(data), *words],
        env={**os.environ, MARK: str(data), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )


def kinds(names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield from ("--kind", name)


def good(done: "subprocess.CompletedProcess[str]", folder: Path) -> dict[str, Any]:
    """Nothing was lost; the report."""
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads((folder / "report.json").read_text())
    assert told["ok"]
    assert (told["lost"], told["duplicated"], told["problems"]) == (0, 0, [])
    for name, found in told["invariants"].items():
        assert found["checked"] > 0, name
        assert found["violated"] == 0, name
    print(json.dumps(told["recovery_ms"]))
    return told


def test_nothing_is_lost_or_doubled_whatever_is_killed(tmp_path: Path) -> None:
    data, folder = tmp_path / "chaos", tmp_path / "report"
    kills = str(TIMES * len(CHEAP))
    load = ("--minutes", "0.7", "--rate", "25")
    words = (*load, "--kills", kills, "--report", str(folder), *kinds(CHEAP))
    done = chaos(data, *words)
    told = good(done, folder)
    assert told["kills"] == dict.fromkeys(CHEAP, TIMES)
    assert set(told["recovery_ms"]) == set(CHEAP)
    for kind, found in told["recovery_ms"].items():
        assert 0 < found["p50"] <= found["p99"] <= found["max"] < 60_000, kind
    assert [target["what"] for target in told["targets"]]
    assert told["orders"] > 50 * 60 * 0.6
    for wrong, found in told["wrong"].items():
        assert found["answered"] == found["sent"] > 0, wrong
    assert told["decided"].keys() == DECISIONS
    for kind, found in told["decided"].items():
        assert found["answered"] == found["sent"] > 0, kind
    assert "nothing lost" in (folder / "report.md").read_text()
    assert (folder / "timeline.svg").read_text().startswith("<svg")
    faults = re.findall(r"back after +\d", done.stdout)
    assert len(faults) == len(told["faults"]) == TIMES * len(CHEAP)
    assert "lost=0 duplicated=0" in done.stdout.splitlines()[-1]
    assert left_running(data) == []


def test_a_folder_that_is_no_installation_is_not_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("years of work")
    done = oms(tmp_path, "chaos", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "is no installation, and is not deleted" in done.stderr
    assert precious.read_text() == "years of work"


def test_the_kinds_that_there_are_can_be_read_in_the_help(tmp_path: Path) -> None:
    said = "".join(oms(tmp_path, "chaos", "--help").stdout.split())
    assert all(kind in said for kind in FAULTS)
