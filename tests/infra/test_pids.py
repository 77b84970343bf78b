"""Which process serves an address, and that a number used again is nobody's."""

import os
import subprocess
import sys
from pathlib import Path

from infra import pids


def test_a_process_is_found_by_its_address_while_it_lives(tmp_path: Path) -> None:
    assert pids.read(tmp_path) == {}
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pids.write(tmp_path, "account/a.b", child.pid)
    pids.write(tmp_path, "supervisor/0")
    assert pids.read(tmp_path) == {"account/a.b": child.pid, "supervisor/0": os.getpid()}
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert pids.read(tmp_path) == {"supervisor/0": os.getpid()}  # a zombie serves nobody
    child.wait()
    assert not pids.alive(child.pid)
    assert pids.read(tmp_path) == {"supervisor/0": os.getpid()}


def test_another_process_with_the_number_of_an_earlier_one_is_a_stranger(tmp_path: Path) -> None:
    pids.write(tmp_path, "supervisor/0")
    path = tmp_path / pids.FOLDER / "supervisor.0"
    pid, started = path.read_text().split()
    path.write_text(f"{pid} {int(started) - 1}")
    assert pids.alive(os.getpid())
    assert pids.read(tmp_path) == {}  # oms down must not end it


def test_a_file_that_is_being_written_names_nobody(tmp_path: Path) -> None:
    pids.write(tmp_path, "supervisor/0")
    path = tmp_path / pids.FOLDER / "supervisor.0"
    for text in ("", str(os.getpid()), f"{os.getpid()} "):
        path.write_text(text)
        assert pids.read(tmp_path) == {}
