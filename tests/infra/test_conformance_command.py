"""``oms conformance --in-process``: what it prints, what it writes, and how it exits."""

import json
import tomllib
from pathlib import Path

from click.testing import CliRunner, Result

from infra.as_toml import toml
from infra.cli import main
from infra.conformance.stage import Cast
from infra.reference import load as load_reference
from tests.infra.test_conformance_player import ACKNOWLEDGED, FILLED, NEW
from tests.infra.test_conformance_scenarios import SAMPLE, written


def oms(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["conformance", *map(str, words)])


def test_the_sample_passes_and_says_so_at_the_end() -> None:
    done = oms(SAMPLE, "--in-process")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].split()[:2] == ["S.1", "passed"]
    assert lines[-1] == "passed 5 of 5"
    assert "(somebody_telephones)" in done.output


def test_the_first_row_that_differs_is_shown_and_the_exit_code_is_1(tmp_path: Path) -> None:
    wrong = FILLED.replace("LeavesQty: 0", "LeavesQty: 5").replace("t: 3", "t: 2")
    path = written(tmp_path, "".join(f"  - {{{step}}}\n" for step in (NEW, wrong, ACKNOWLEDGED)))
    report = tmp_path / "report.json"
    done = oms(SAMPLE, path, "--in-process", "--json", report)
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "passed 5 of 6"
    assert "T    FAILED  test" in done.output
    where = "main, row 2 (t 2, out ExecutionReport): LeavesQty: expected 5, got 0"
    assert where in done.output
    told = json.loads(report.read_text())
    assert (told["mode"], told["passed"], told["total"]) == ("in-process", 5, 6)
    last = told["scenarios"][-1]
    assert (last["id"], last["passed"], last["file"]) == ("T", False, str(path))
    assert last["variants"][0]["failure"] == {
        "row": 2,
        "t": "2",
        "dir": "out",
        "msg": "ExecutionReport",
        "note": "",
        "differences": [{"field": "LeavesQty", "expected": "5", "got": "0"}],
    }


def test_one_scenario_can_be_chosen() -> None:
    done = oms(SAMPLE, "--in-process", "--only", "S.2")
    assert done.output.splitlines()[-1] == "passed 1 of 1"
    done = oms(SAMPLE, "--in-process", "--only", "S.9")
    assert done.exit_code == 1


def test_a_file_that_cannot_be_played_is_an_error_in_one_line(tmp_path: Path) -> None:
    done = oms(tmp_path / "nowhere.yaml", "--in-process")
    assert done.exit_code == 1
    assert done.stderr.startswith("error ")
    assert "nowhere.yaml: No such file" in done.stderr
    path = written(tmp_path, f"  - {{{NEW}, Symbol: 'no name'}}\n")
    assert "no such instrument can be traded" in oms(path, "--in-process").stderr


def test_the_reference_file_of_the_installation_says_what_the_cast_says(tmp_path: Path) -> None:
    reference = Cast(("USD", "EUR"), ("IBM",)).reference(port=4711)
    path = tmp_path / "conformance.toml"
    path.write_text(toml(reference))
    assert tomllib.loads(path.read_text())["desks"] == ["buyside"]
    assert load_reference(path) == reference
