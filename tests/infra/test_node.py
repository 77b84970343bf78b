"""A further node: what it refuses, what it writes down, what it does about a hung process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra import drains, liveness, native, node, pids
from infra.cli import main
from infra.settings import SECRETS, Settings
from tests.live.stage import until

URL = "amqps://gateway@rabbit/oms?auth=EXTERNAL"


def several(data: Path, **other: object) -> Settings:
    given = {
        "data": data, "journal": "postgres", "journal_url": "postgresql://pg/oms", "link": "tls",
        "amqp_url": URL,
    }  # fmt: skip
    return Settings.model_validate(given | other)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"journal": "sqlite"}, r"OMS_JOURNAL is 'sqlite'.*'postgres'"),
        ({"link": "stream"}, r"OMS_LINK is 'stream'.*'tls'"),
        ({"amqp_url": ""}, "OMS_AMQP_URL_FILE"),
    ],
)
def test_what_nodes_would_have_to_share_is_refused(
    tmp_path: Path, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(node.CannotJoin, match=said):
        node.prepare(several(tmp_path, **wrong))
    assert list(tmp_path.iterdir()) == []


def test_a_node_writes_down_what_its_processes_read(tmp_path: Path) -> None:
    drains.ask(tmp_path)
    node.prepare(several(tmp_path))
    assert Settings.of(tmp_path).secret("amqp_url") == URL
    assert "Paper" in json.loads((tmp_path / native.FILE).read_text())
    assert not drains.asked(tmp_path)
    assert (tmp_path / SECRETS["journal_url"]).exists()


def test_a_node_without_a_token_does_not_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    given = {"OMS_JOURNAL": "postgres", "OMS_LINK": "tls", "OMS_AMQP_URL": URL}
    words = ["node", "--data", str(tmp_path), "--head", "10.0.0.1:6379"]
    done = CliRunner().invoke(main, words, env=given)
    assert done.exit_code == 1
    assert "RAY_AUTH_TOKEN_PATH" in done.stderr


def test_settings_that_do_not_go_together_are_told_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["node", "--data", str(tmp_path)], env={"OMS_JOURNAL": "sqlite"}
    )
    assert done.exit_code == 1
    assert "OMS_JOURNAL is 'sqlite'" in done.stderr


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that serves an address of this node, and has been stopped."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    pids.write(tmp_path, "account/acme", process.pid)
    process.send_signal(signal.SIGSTOP)
    yield process
    process.kill()
    process.wait()


def test_a_node_ends_its_own_process_that_hangs(
    tmp_path: Path, hanging: "subprocess.Popen[bytes]"
) -> None:
    pids.write(tmp_path, pids.SUPERVISOR)
    watch = node.Watch(Settings(data=tmp_path, hung_after_s=0.2))
    before = liveness.beaten_at(tmp_path, pids.SUPERVISOR)

    def ended() -> bool:
        watch.look()
        return hanging.poll() is not None

    until(ended, within_s=10)
    assert hanging.returncode == -signal.SIGKILL
    assert liveness.beaten_at(tmp_path, pids.SUPERVISOR) > before  # seen from outside: it looks
    assert os.getpid() in pids.read(tmp_path).values()
