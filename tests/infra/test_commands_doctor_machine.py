"""What `oms doctor` says of the machine and of the disk, good or bad."""

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.checks import Check, Verdict, disk, graded, machine
from infra.clock import Reading

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


def test_a_measure_is_graded_against_two_bounds() -> None:
    words: dict[str, Any] = {"found": "f", "remedy": "r"}
    low = [graded("n", v, warn=10, fail=5, **words).verdict for v in (4, 5, 9, 10)]
    high = [graded("n", v, warn=5, fail=10, less=False, **words).verdict for v in (5, 6, 10, 11)]
    assert low == [FAIL, WARN, WARN, OK]
    assert high == [OK, WARN, WARN, FAIL]
    assert [graded("n", v, warn=10, fail=5, **words).remedy for v in (4, 10)] == ["r", ""]


@pytest.mark.parametrize(
    ("config_args", "prefix", "optimised"),
    [
        ("'--prefix=/opt/python' '--enable-shared'", "/opt/python", False),
        ("'--prefix=/opt/python' '--enable-optimizations' '--with-lto'", "/opt/python", True),
        ("'--prefix=/usr' '--enable-shared'", "/usr", True),  # Debian does it by make profile-opt
        (None, "/opt/python", True),
    ],
)
def test_a_python_built_without_optimisations_is_known_by_its_configure_arguments(
    config_args: str | None, prefix: str, optimised: bool
) -> None:
    assert machine.is_optimised(config_args, prefix) is optimised


def test_a_slow_python_is_a_warning_with_a_remedy_and_a_fast_one_is_fine() -> None:
    slow, fast = machine.python(optimised=False), machine.python(optimised=True)
    assert (slow.verdict, fast.verdict) == (WARN, OK)
    assert "PYTHON=/usr/bin/python3" in slow.remedy
    assert sys.executable in slow.found


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize(("answer", "verdict"), [(b"\x01\x00", OK), (b"HTTP/1.1 400", FAIL)])
def test_a_given_broker_must_speak_amqp(
    listener: socket.socket, answer: bytes, verdict: Verdict
) -> None:
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(8))
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    check = machine.running_broker(f"amqp://desk:secret@127.0.0.1:{port}/oms")
    thread.join()
    assert check.verdict is verdict
    assert heard == [b"AMQP\0\0\x09\x01"]
    assert "secret" not in " ".join(check)


def test_a_given_broker_that_does_not_listen_fails(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    check = machine.running_broker(f"amqp://127.0.0.1:{port}/")
    assert check.verdict is FAIL
    assert "OMS_AMQP_URL" in check.remedy


def test_a_missing_broker_fails_and_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "oms doctor --unpack-broker" in machine.broker(None).remedy
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    check = machine.broker(None)
    assert (check.verdict, "OMS_AMQP_URL" in check.remedy) == (FAIL, True)


def test_prometheus_is_only_missed(tmp_path: Path) -> None:
    assert machine.prometheus_program(tmp_path / "prometheus").verdict is WARN
    assert machine.prometheus_program(Path(sys.executable)).verdict is OK


@pytest.mark.parametrize(
    ("synchronized", "most_s", "verdict"),
    [(True, 0.0005, OK), (True, 0.25, WARN), (False, 0, WARN)],
)
def test_the_clock_is_told_as_the_kernel_tells_it(
    synchronized: bool, most_s: float, verdict: Verdict
) -> None:
    reading = Reading(synchronized, 0, 0, most_s, "kernel")
    assert machine.clock_offset(lambda: reading).verdict is verdict


def test_a_kernel_that_does_not_tell_of_its_clock_is_told() -> None:
    def silent() -> Reading:
        raise OSError(1, "adjtimex")

    assert machine.clock_offset(silent).verdict is WARN


@pytest.mark.parametrize(("source", "verdict"), [("tsc\n", OK), ("hpet\n", WARN), (None, OK)])
def test_a_slow_clock_source_is_told(tmp_path: Path, source: str | None, verdict: Verdict) -> None:
    if source:
        (tmp_path / "current").write_text(source)
    assert machine.clock_source(tmp_path / "current").verdict is verdict


def test_limits_of_a_container_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    (tmp_path / "cpu.max").write_text("40000 100000\n")
    (tmp_path / "memory.max").write_text(f"{2048 * machine.MIB}\n")
    (tmp_path / "memory.current").write_text(f"{1500 * machine.MIB}\n")
    assert machine.cores() == Check("cores", FAIL, "0.4 usable", machine.cores().remedy)
    assert (machine.memory().verdict, machine.memory().found) == (FAIL, "548 MiB available")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine.cores().verdict in (OK, WARN)


# ---- the disk

MOUNTS = """\
overlay / overlay rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
server:/x /mnt/net\\040share nfs4 rw 0 0
/dev/sda /mnt ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind", "verdict"),
    [
        ("/srv/oms", "overlay", OK),
        ("/dev/shm/oms", "tmpfs", WARN),
        ("/mnt/net share/oms", "nfs4", WARN),
        ("/mnt/oms", "ext4", OK),
    ],
)
def test_a_file_system_that_forgets_is_told(
    tmp_path: Path, folder: str, kind: str, verdict: Verdict
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert disk.file_system_of(Path(folder), mounts) == kind
    assert disk.file_system(Path(folder), kind).verdict is verdict


def test_fsync_is_measured_and_leaves_no_file(tmp_path: Path) -> None:
    times = disk.fsync_times(tmp_path, writes=20)
    assert len(times) == 20
    assert times == sorted(times)
    assert times[0] > 0
    assert list(tmp_path.iterdir()) == []
    assert disk.percentiles([n / 1000 for n in range(200)]) == (100.0, 198.0)


@pytest.mark.parametrize(
    ("p50", "p99", "verdict"), [(0.3, 5, OK), (0.3, 60, WARN), (8, 20, WARN), (120, 300, FAIL)]
)
def test_a_slow_disk_is_told(p50: float, p99: float, verdict: Verdict) -> None:
    assert disk.durability(p50, p99).verdict is verdict


def test_a_file_where_the_folder_should_be_fails(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    check = disk.writable(disk.nearest(tmp_path / "var" / "x"), tmp_path / "var" / "x")
    assert (check.verdict, "--data" in check.remedy) == (FAIL, True)
