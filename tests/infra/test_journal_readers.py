"""Journals on a PostgreSQL server as those see them who only read, and where their URL is kept."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from infra import snapshots
from infra.cli import main
from infra.journals import JOURNALS, JournalFailed, journal_path, journals, prepare
from infra.journals.reading import owes, size
from infra.replayed import CannotRead, latest, replay
from infra.replayed import entries as journaled
from infra.settings import Settings
from tests.actors.toy import entries
from tests.infra.journaled_day import traded_day
from tests.infra.postgres_server import PASSWORD, Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def url(server: Server) -> str:
    """A database without a journal."""
    with psycopg.connect(server.url(), autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS oms_journal, oms_reading CASCADE")
    return server.url()


@pytest.fixture
def data(tmp_path: Path, url: str) -> Path:
    """An installation whose journals are on the server."""
    Settings(data=tmp_path, journal="postgres", journal_url=url).save()
    return tmp_path


def test_the_url_is_written_to_a_file_of_its_own_that_only_its_owner_reads(
    data: Path, url: str
) -> None:
    assert PASSWORD not in (data / "settings.json").read_text()
    assert PASSWORD not in repr(Settings(data=data, journal_url=url))
    secret = data / "journal.url"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert Settings.of(data).journal_address() == url


def test_a_url_may_be_in_a_mounted_file(tmp_path: Path, url: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{url}\n")
    Settings(data=tmp_path, journal="postgres", journal_url_file=secret).save()
    assert Settings.of(tmp_path).journal_address() == url
    assert not (tmp_path / "journal.url").exists()
    prepare(Settings.of(tmp_path))


def test_a_journal_on_a_server_is_read_as_a_file_would_be(data: Path) -> None:
    journal = JOURNALS["postgres"](journal_path(data / "journals", "book/BRK.B"))
    journal.open()
    rows = entries(3)
    journal.append(rows)
    path = journals(data)["book/BRK.B"]
    assert list(journaled(path)) == rows
    assert size(path) > sum(len(row.events) for row in rows)
    assert owes(path)
    journal.append([], {"reader/1": 3})
    assert not owes(path)
    assert owes(path, copies_to="compliance/0")


def test_a_server_that_is_away_is_told_to_those_who_read(server: Server, data: Path) -> None:
    server.kill()
    with pytest.raises(JournalFailed, match="pg_isready"):
        journals(data)
    server.start()


@pytest.fixture
def both(tmp_path: Path, data: Path) -> tuple[Path, Path]:
    """The same traded day in files and on the server."""
    files = tmp_path / "files"
    files.mkdir()
    with traded_day(files):
        pass
    for address, path in journals(files).items():
        journal = JOURNALS["postgres"](journal_path(data / "journals", address))
        journal.open()
        journal.append(list(journaled(path)), {"compliance/0": 1})
        journal.close()
    return files, data


def test_a_day_on_a_server_replays_to_the_state_of_the_same_day_in_files(
    both: tuple[Path, Path],
) -> None:
    """I5."""
    files, server = journals(both[0]), journals(both[1])
    assert files.keys() == server.keys()
    for address, path in files.items():
        assert (
            replay(address, path).state_digest() == replay(address, server[address]).state_digest()
        )


def test_a_snapshot_on_a_server_is_read_as_one_in_a_file_would_be(
    both: tuple[Path, Path],
) -> None:
    """I5."""
    path = journals(both[1])["account/growth"]
    whole = replay("account/growth", path)
    kept = JOURNALS["postgres"](journal_path(both[1] / "journals", "account/growth"))
    kept.open()
    kept.save_snapshot(whole.number, snapshots.stamp(), snapshots.dump(whole))
    kept.close()
    shell = latest("account/growth", path)
    assert (shell.state_digest(), shell.number) == (whole.state_digest(), whole.number)
    whole.chain = b"\x01" * 32
    kept = JOURNALS["postgres"](journal_path(both[1] / "journals", "account/growth"))
    kept.open()
    kept.save_snapshot(whole.number, snapshots.stamp(), snapshots.dump(whole))
    kept.close()
    with pytest.raises(CannotRead, match="does not belong to that entry"):
        latest("account/growth", path)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("orders", ("--limit", "0")),
        ("positions", ()),
        ("trail", ("a-3", "--desk", "alpha", "--audit")),
        ("trail", ("a-7", "--desk", "alpha")),
    ],
)
def test_commands_that_read_say_the_same_of_a_server_as_of_files(
    both: tuple[Path, Path], command: str, words: tuple[str, ...]
) -> None:
    said = [
        CliRunner().invoke(main, [command, *words, "--json", "--data", str(data)]) for data in both
    ]
    assert [result.exit_code for result in said] == [0, 0], said[1].output
    assert len(said[0].stdout) > 100
    assert said[0].stdout == said[1].stdout
