"""``oms demo`` as a user runs it: the proof at the end, and nothing left."""

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


def test_a_folder_that_is_no_installation_is_not_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("years of work")
    done = oms(tmp_path, "demo", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "is no installation, and is not deleted" in done.stderr
    assert precious.read_text() == "years of work"
