"""It cannot start: one line that says what is missing and what helps, and nothing left running."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import supervisor
from infra.broker import PrivateBroker
from infra.settings import Settings
from tests.live.stage import left_running, oms

pytestmark = [pytest.mark.live, pytest.mark.timeout(150)]


def refused(data: Path, *words: str, **environment: str) -> str:
    """``oms up`` that fails as it should; the one line it says."""
    done = oms(data, "up", "--data", str(data), *words, **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error ")
    assert left_running(data) == []
    return done.stderr


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        yield stranger.getsockname()[1]


def test_without_rabbitmq_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "rabbitmq_server", lambda data: data / "rabbitmq-server")
    settings = Settings(data=tmp_path)
    settings.save()
    with pytest.raises(supervisor.CannotStart, match=r"RabbitMQ is missing.*OMS_AMQP_URL"):
        supervisor.Supervisor(settings).start()
    assert left_running(tmp_path) == []


def test_a_broker_that_does_not_answer_is_named(tmp_path: Path, taken: int) -> None:
    said = refused(tmp_path, "--amqp-url", f"amqp://gateway:secret@127.0.0.1:{taken + 1}/oms")
    assert f"127.0.0.1:{taken + 1}" in said
    assert "is it running" in said
    assert "secret" not in said


def test_a_port_that_is_taken_is_named_with_what_to_do(tmp_path: Path, taken: int) -> None:
    broker = PrivateBroker(tmp_path / "rabbitmq", ("alpha", "beta"), 4)
    broker.port()
    ports = tmp_path / "rabbitmq" / "ports.json"
    ports.write_text(ports.read_text().replace(str(broker.port()), str(taken)))
    said = refused(tmp_path)
    assert f"port {taken} (amqp)" in said
    assert "ports.json" in said


def test_a_metrics_port_that_is_taken_is_named(tmp_path: Path, taken: int) -> None:
    said = refused(tmp_path, "--metrics-port", str(taken))
    assert f"127.0.0.1:{taken}" in said
    assert "give another port" in said


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    said = refused(tmp_path / "file" / "data")
    assert f"cannot write to {tmp_path / 'file' / 'data'}" in said
    assert "--data" in said


def test_reference_data_that_does_not_hold_is_named_by_its_field(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    sample = Path(supervisor.__file__).with_name("sample.toml").read_text()
    wrong.write_text(sample.replace('ReferencePx = "190"', "ReferencePx = 190"))
    said = refused(tmp_path / "data", "--config", str(wrong))
    assert "wrong.toml" in said
    assert "ReferencePx" in said


def test_a_ray_that_cannot_start_is_told_in_one_line(tmp_path: Path) -> None:
    said = refused(tmp_path, RAY_TMPDIR=f"/tmp/{'long' * 25}")  # too long for its sockets
    assert "Ray did not start" in said
    assert "oms doctor" in said


def test_a_ray_that_runs_already_is_not_used(tmp_path: Path, taken: int) -> None:
    done = oms(tmp_path, "up", "--data", str(tmp_path), RAY_ADDRESS=f"127.0.0.1:{taken}")
    try:
        assert done.returncode == 0, done.stderr
    finally:
        oms(tmp_path, "down", "--data", str(tmp_path))
    assert left_running(tmp_path) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with less room than a broker wants."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a tiny file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_in_one_line(tiny_disk: Path) -> None:
    said = refused(tiny_disk / "data")
    assert "0 MB are free" in said
    assert "df -h" in said
