"""The same attacks on journals in PostgreSQL: each is found and the first broken entry named."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from infra.audit import store
from infra.audit.anchors import Anchors
from infra.cli import main
from infra.journals.postgres import PostgresJournal
from infra.replayed import entries
from infra.settings import Settings
from messages.base import SECOND
from messages.entry import Entry
from tests.infra.journaled_day import START, file_of, traded_day
from tests.infra.postgres_server import Server

GROWTH = "account/growth"
NOW = START + 3600 * SECOND


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = Server()
    yield server.url()
    server.close()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """What an account journals in a day."""
    data = tmp_path_factory.mktemp("day")
    with traded_day(data):
        pass
    return list(entries(file_of(data, GROWTH)))


@pytest.fixture
def data(tmp_path: Path, url: str, day: list[Entry]) -> Path:
    """An installation whose journals are on the server, anchored."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS oms_journal, oms_reading CASCADE")
    Settings(data=tmp_path, journal="postgres", journal_url=url).save()
    journal = PostgresJournal(GROWTH, url, patience_s=0.0)
    journal.open()
    journal.append(day)
    journal.close()
    settings = Settings.of(tmp_path)
    Anchors(store.open_to_write(settings, store.ANCHORS), tmp_path).anchor(NOW)
    return tmp_path


def rewritten(day: list[Entry], number: int) -> list[tuple[str, tuple[object, ...]]]:
    """The statements of one who can compute the hashes."""
    statements = []
    chain = day[number - 2].chain
    for entry in day[number - 1 :]:
        changed = entry
        if entry.number == number:
            changed = entry._replace(events=entry.events.replace(b"growth-", b"growth_", 1))
            assert changed != entry
        changed = changed.sealed(chain)
        chain = changed.chain
        query = "UPDATE oms_journal.entries SET events = %s, chain = %s WHERE number = %s"
        statements.append((query, (changed.events, changed.chain, changed.number)))
    return statements


ATTACKS: dict[str, tuple[list[tuple[str, tuple[object, ...]]], int]] = {
    "flip": ([("UPDATE oms_journal.entries SET events = '[]' WHERE number = 7", ())], 7),
    "drop": ([("DELETE FROM oms_journal.entries WHERE number = 5", ())], 5),
    "reorder": (
        [
            ("UPDATE oms_journal.entries SET number = -6 WHERE number = 6", ()),
            ("UPDATE oms_journal.entries SET number = 6 WHERE number = 7", ()),
            ("UPDATE oms_journal.entries SET number = 7 WHERE number = -6", ()),
        ],
        6,
    ),
    "truncate": (
        [
            ("DELETE FROM oms_journal.entries WHERE number > 12", ()),
            ("UPDATE oms_journal.heads SET number = 12", ()),
        ],
        13,
    ),
    "rewrite": ([], 9),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_is_found_on_a_server_too(
    data: Path, url: str, day: list[Entry], attack: str
) -> None:
    """I6."""
    statements, number = ATTACKS[attack]
    with psycopg.connect(url, autocommit=True) as db:
        for query, values in statements or rewritten(day, number):
            db.execute(query.encode(), values)
    result = CliRunner().invoke(main, ["audit", "verify", "--data", str(data), "--json"])
    assert result.exit_code == 1, result.output
    (told,) = json.loads(result.stdout)["Journals"]
    assert told["Entry"] == number, told


def test_a_sound_journal_on_a_server_passes(data: Path) -> None:
    result = CliRunner().invoke(main, ["audit", "verify", "--data", str(data)])
    assert result.exit_code == 0, result.output
    assert "sound" in result.stdout
