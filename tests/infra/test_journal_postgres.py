"""The journal on a PostgreSQL server: the contract, a server that is killed, and its schema."""

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from infra.journals import (
    Fenced,
    Journal,
    JournalDamaged,
    JournalFailed,
    postgres,
)
from infra.journals.postgres import PostgresJournal
from messages.entry import Entry
from tests.actors.toy import entries, replayed, shell
from tests.infra.journal_contract import JournalContract
from tests.infra.postgres_server import PASSWORD, Server

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def url(server: Server) -> str:
    """A database without a journal."""
    server.start()  # a test may have killed it
    meddle(server.url(), "DROP SCHEMA IF EXISTS oms_journal, oms_reading CASCADE")
    return server.url()


def opened(url: str, actor: str = "toy/1") -> PostgresJournal:
    journal = PostgresJournal(actor, url, patience_s=0.0)
    journal.open()
    return journal


def meddle(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(statement.encode())


def shown(url: str, name: str) -> str:
    """A setting, as a new connection finds it."""
    with psycopg.connect(url) as db:
        (value,) = db.execute(f"SHOW {name}".encode()).fetchone() or ("",)
    return str(value)


class TestPostgresJournal(JournalContract):
    """One database; each incarnation has a connection of its own."""

    @pytest.fixture(autouse=True)
    def in_a_database(self, url: str) -> Iterator[None]:
        self.url = url
        self.made: list[PostgresJournal] = []
        yield
        for journal in self.made:
            journal.close()

    def at(self, folder: Path) -> Journal:
        self.made.append(PostgresJournal("toy/1", self.url))
        return self.made[-1]


def test_each_actor_has_a_journal_of_its_own(url: str) -> None:
    one, other = opened(url), opened(url, "toy/2")
    one.append(entries(3), {"reader/1": 1})
    assert (list(other.read()), other.acknowledged()) == ([], {})
    assert postgres.actors(url) == ["toy/1", "toy/2"]


def test_long_journals_are_read_in_pages(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PAGE", 10)
    journal = opened(url)
    rows = entries(30)
    journal.append(rows)
    assert list(journal.read()) == rows
    assert list(journal.read(7)) == rows[7:]


def test_a_reader_that_stops_in_the_middle_does_not_hold_up_what_is_written(url: str) -> None:
    journal = opened(url)
    rows = entries(4)
    journal.append(rows[:2])
    half = journal.read()
    next(half)
    journal.append(rows[2:])
    with psycopg.connect(url) as other:
        found = other.execute("SELECT max(number) FROM oms_journal.entries").fetchone()
    assert found == (4,)


def test_the_successor_waits_for_an_append_under_way_and_sees_it(url: str) -> None:
    """I4: no gap and no fork, whichever is first."""
    rows = entries(3)
    first = opened(url)
    first.append(rows[:1])
    with psycopg.connect(url) as slow:  # an append of the first that takes its time
        slow.execute("UPDATE oms_journal.heads SET number = number WHERE actor = 'toy/1'")
        epochs: list[int] = []
        successor = PostgresJournal("toy/1", url)
        taking = threading.Thread(target=lambda: epochs.append(successor.open()))
        taking.start()
        time.sleep(0.3)
        assert epochs == []
        slow.commit()
    taking.join(10)
    assert epochs == [2]
    with pytest.raises(Fenced):
        first.append(rows[1:])
    successor.append(rows[1:])
    assert list(successor.read()) == rows


@pytest.mark.parametrize("batch", [0, 1, 500])
def test_an_append_is_one_round_trip(url: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(url)
    asked: list[object] = []
    connection = journal._db
    execute = connection.execute

    def counted(*words: object, **options: object) -> object:
        asked.append(words)
        return execute(*words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(connection, "execute", counted)
    journal.append(entries(batch), {"reader/1": 1})
    assert len(asked) == 1
    assert not connection.info.transaction_status  # idle: committed


# ---- a server that goes away


def written_until_it_fails(journal: PostgresJournal) -> tuple[int, Sequence[Entry]]:
    """The last number that was confirmed, and what was under way when it failed."""
    toy, batches = shell(), []
    with pytest.raises(JournalFailed) as failed:  # noqa: PT012  # which one fails is not known
        while True:
            batches.append(entries(20, after=toy))
            journal.append(batches[-1])
    assert failed.type is JournalFailed
    assert PASSWORD not in str(failed.value)
    return 20 * (len(batches) - 1), batches[-1]


def test_what_was_confirmed_outlives_a_server_that_is_killed(server: Server, url: str) -> None:
    """I1: and what was under way is there as a whole, or not at all."""
    journal = opened(url)
    killing = threading.Timer(0.4, server.kill)
    killing.start()
    told, batch = written_until_it_fails(journal)
    killing.join()
    assert told > 0
    with pytest.raises(JournalFailed):  # this incarnation is over, whatever becomes of the server
        journal.append(batch)
    server.start()
    with pytest.raises(JournalFailed):
        journal.append(batch)
    again = opened(url)
    rows = list(again.read())
    assert replayed(rows).number in (told, told + 20)
    again.append(entries(20, after=replayed(rows)))


def test_opening_waits_for_a_server_that_is_away(server: Server, url: str) -> None:
    opened(url).append(entries(3))
    server.kill()
    coming = threading.Timer(1.0, server.start)
    coming.start()
    again = PostgresJournal("toy/1", url, patience_s=30)
    assert again.open() == 2
    coming.join()
    assert replayed(list(again.read())).number == 3


def test_a_server_that_stays_away_is_told_with_its_place_and_no_secret(
    server: Server, url: str
) -> None:
    server.kill()
    with pytest.raises(JournalFailed) as failed:
        PostgresJournal("toy/1", url, patience_s=0.3).open()
    text = str(failed.value)
    assert "pg_isready" in text
    assert f"{server.folder}:5432/postgres" in text
    assert PASSWORD not in text
    server.start()


@pytest.mark.parametrize(
    "url", ["postgresql://a:hunter2@[x/y", "host=x password='hunter2", "hunter2", "x://hunter2"]
)
def test_a_url_that_cannot_be_read_is_not_printed(url: str) -> None:
    with pytest.raises(JournalFailed) as failed:
        PostgresJournal("toy/1", url).open()
    assert "OMS_JOURNAL_URL" in str(failed.value)
    assert "hunter2" not in str(failed.value)


def test_a_server_that_would_lose_what_it_confirms_is_refused(server: Server, url: str) -> None:
    def reload(name: str, value: str) -> None:
        meddle(url, "SELECT pg_reload_conf()")
        deadline = time.monotonic() + 20
        while shown(url, name) != value:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    for name in ("fsync", "full_page_writes"):
        meddle(url, f"ALTER SYSTEM SET {name} = off")
        reload(name, "off")
        with pytest.raises(JournalFailed, match=f"{name}=off"):
            opened(url)
        meddle(url, f"ALTER SYSTEM RESET {name}")
        reload(name, "on")


def test_a_role_that_confirms_early_is_made_to_wait(url: str) -> None:
    meddle(url, "ALTER DATABASE postgres SET synchronous_commit = off")
    found = opened(url)._db.execute("SHOW synchronous_commit").fetchone()
    meddle(url, "ALTER DATABASE postgres RESET synchronous_commit")
    assert found == ("on",)


def test_a_lost_last_row_is_found_on_opening(url: str) -> None:
    """I6."""
    opened(url).append(entries(4))
    meddle(url, "DELETE FROM oms_journal.entries WHERE number = 4")
    with pytest.raises(JournalDamaged, match="4 entries were written and the last is 3"):
        opened(url)


def test_the_driver_is_loaded_only_where_journals_are_on_a_server() -> None:
    load = (
        "import sys, infra.compose, infra.rayhost, infra.supervisor, infra.replayed, "
        "infra.journals.reading, infra.journals.sqlite, infra.hosts.actor; "
        "sys.exit('psycopg' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", load], cwd=root, check=False).returncode == 0


# ---- the schema


def version(url: str) -> int:
    with psycopg.connect(url) as db:
        found = db.execute("SELECT max(version) FROM oms_journal.migrations").fetchone()
    assert found
    return int(found[0])


def test_many_actors_that_start_at_once_make_the_schema_once(url: str) -> None:
    made = [PostgresJournal(f"toy/{n}", url) for n in range(8)]
    threads = [threading.Thread(target=journal.open) for journal in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert postgres.actors(url) == [f"toy/{n}" for n in range(8)]
    assert version(url) == max(postgres.migrations())


def test_a_schema_is_brought_up_step_by_step(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in postgres.migrations().values():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(postgres, "MIGRATIONS", tmp_path)
    opened(url).append(entries(2))
    newest = max(postgres.migrations())
    (tmp_path / f"{newest + 1:04}_note.sql").write_text("CREATE TABLE oms_journal.note (x int);")
    again = opened(url)
    assert version(url) == newest + 1
    assert replayed(list(again.read())).number == 2
    bad = tmp_path / f"{newest + 2:04}_bad.sql"
    bad.write_text("CREATE TABLE oms_journal.half (x int); SELECT 1/0;")
    with pytest.raises(JournalFailed, match="division by zero"):
        opened(url)
    assert version(url) == newest + 1
    with psycopg.connect(url) as db:  # all or nothing
        assert db.execute("SELECT to_regclass('oms_journal.half')").fetchone() == (None,)


def test_a_schema_of_a_newer_release_is_refused(url: str) -> None:
    opened(url)
    meddle(url, "INSERT INTO oms_journal.migrations (version, name) VALUES (99, 'x')")
    with pytest.raises(JournalFailed, match=r"version 99.*a newer one"):
        opened(url)


def test_a_user_who_may_not_change_the_schema_is_told_to_let_its_owner(url: str) -> None:
    role = f"clerk{next(numbers)}"
    meddle(url, f"CREATE ROLE {role} LOGIN")
    with pytest.raises(JournalFailed, match=r"may not change it.*the URL of its owner"):
        opened(url.replace("://postgres:", f"://{role}:"))
    opened(url)
    meddle(url, f"GRANT USAGE ON SCHEMA oms_journal TO {role}")
    meddle(url, f"GRANT ALL ON ALL TABLES IN SCHEMA oms_journal TO {role}")
    assert opened(url.replace("://postgres:", f"://{role}:"))._epoch == 2
