"""CI fails when something that it started is left running, however well it has hidden."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def reap(*command: str) -> subprocess.CompletedProcess[str]:
    reaper = [sys.executable, str(ROOT / ".ci" / "reap.py"), "0.5", *command]
    return subprocess.run(reaper, capture_output=True, text=True, timeout=30)


def test_a_detached_process_is_reported_and_ended() -> None:
    daemon = "env -i setsid sleep 61.5 >/dev/null 2>&1 & env -i sleep 61.5 >/dev/null 2>&1 &"
    run = reap("sh", "-c", daemon)
    pids = [line.split()[5] for line in run.stdout.splitlines()]
    assert run.returncode == 1
    assert run.stdout.count("sleep 61.5") == len(pids) == 2
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_a_command_that_leaves_nothing_keeps_its_exit_status_and_says_no_more() -> None:
    run = reap("sh", "-c", "sleep 0.2 & echo done; exit 3")
    assert (run.returncode, run.stdout) == (3, "done\n")
