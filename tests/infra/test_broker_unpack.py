"""RabbitMQ without installing it: from Debian's packages, in a folder."""

from pathlib import Path

import pytest

from infra.broker import BrokerUnavailable, PrivateBroker
from infra.broker_unpack import DONE, SERVER, _rewrite, unpack


def test_without_apt_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerUnavailable, match=r"without apt-get: .*OMS_AMQP_URL"):
        unpack(tmp_path / "rabbit")
    assert not (tmp_path / "rabbit").exists()


def test_what_is_unpacked_already_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DONE).write_text(str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert unpack(tmp_path) == tmp_path / SERVER


def test_a_folder_that_was_moved_is_not_taken_for_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DONE).write_text("/where/it/was")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrokerUnavailable):
        unpack(tmp_path)


def test_erlangs_scripts_learn_where_they_are(tmp_path: Path) -> None:
    erlang = tmp_path / "usr/lib/erlang"
    scripts = ["bin/erl", "bin/start", "erts-13/bin/erl", "erts-13/bin/start", "releases/RELEASES"]
    for name in scripts:
        (erlang / name).parent.mkdir(parents=True, exist_ok=True)
        (erlang / name).write_text("ROOTDIR=/usr/lib/erlang\nexec /usr/lib/erlang/x")
    _rewrite(tmp_path)
    for name in scripts:
        assert (erlang / name).read_text() == f"ROOTDIR={erlang}\nexec {erlang}/x"


@pytest.mark.live
def test_an_unpacked_broker_runs_from_its_folder_alone(tmp_path: Path) -> None:
    try:
        server = unpack(tmp_path / "rabbit")
    except BrokerUnavailable as error:
        pytest.skip(str(error))
    with PrivateBroker(tmp_path / "data", ["alpha"], 1, server=server) as broker:
        program = Path(f"/proc/{broker.pid}/exe").resolve()
        assert program.is_relative_to(tmp_path / "rabbit")
        assert "orders.0" in broker.ctl("list_queues", "-p", "oms", "name")
    assert broker.returncode == 0
