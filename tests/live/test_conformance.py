"""``oms conformance`` on the real parts: the same verdicts as in process, and nothing left."""

import json
from pathlib import Path

import pytest

from tests.infra.test_conformance_player import ACKNOWLEDGED, FILLED, NEW
from tests.infra.test_conformance_scenarios import SAMPLE, written
from tests.live.stage import left_running, oms

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


def test_the_sample_passes_over_amqp_and_fix_and_a_wrong_row_is_found(tmp_path: Path) -> None:
    wrong = FILLED.replace("CumQty: 100", "CumQty: 90")
    steps = (NEW, ACKNOWLEDGED, wrong.replace("AvgPx: 7", "AvgPx: 8"))
    path = written(tmp_path, "".join(f"  - {{{step}}}\n" for step in steps))
    data, report = tmp_path / "conformance", tmp_path / "report.json"
    done = oms(
        data, "conformance", str(path), str(SAMPLE), "--data", str(data), "--json", str(report)
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "passed 5 of 6"
    assert "CumQty: expected 90, got 100; AvgPx: expected 8, got 7" in done.stdout
    assert "Traceback" not in done.stderr
    told = json.loads(report.read_text())
    assert (told["mode"], told["passed"]) == ("live", 5)
    assert [one["passed"] for one in told["scenarios"]] == [False] + 5 * [True]
    assert left_running(data) == []


def test_a_folder_that_is_no_installation_is_not_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("years of work")
    done = oms(tmp_path, "conformance", str(SAMPLE), "--data", str(tmp_path))
    assert done.returncode == 1
    assert "is no installation, and is not deleted" in done.stderr
    assert precious.read_text() == "years of work"
