"""What commands read: from the newest snapshot on, held against the journal as at a start (I5)."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from infra import snapshots
from infra.journals.sqlite import SqliteJournal
from infra.replayed import CannotRead, account_states, latest, replay
from infra.shell import Shell
from tests.infra.journaled_day import Day, cancel, new

ACCOUNT = "account/growth"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with a snapshot in its midst."""
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        _keep(tmp_path, day.shell(ACCOUNT))
        day.desk("alpha", new("a-2"))
        day.desk("alpha", cancel("c-1", "a-1", "growth"))
        return day.journal(ACCOUNT)


def _keep(data: Path, shell: Shell, **changed: object) -> None:
    with closing(sqlite3.connect(data / "journals" / f"{ACCOUNT}.sqlite")) as db, db:
        row = {"number": shell.number, "data": snapshots.dump(shell)} | changed
        values = (row["number"], snapshots.stamp(), row["data"])
        db.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?)", values)


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def test_the_state_is_that_of_a_whole_replay_and_only_what_is_new_is_read(path: Path) -> None:
    told: list[int] = []
    whole = replay(ACCOUNT, path)
    _change(path, "UPDATE entries SET events = 'not JSON' WHERE number = 2")
    shell = latest(ACCOUNT, path, lambda _, number: told.append(number))
    assert shell.state_digest() == whole.state_digest()
    assert (shell.number, shell.heard, shell.sent) == (whole.number, whole.heard, whole.sent)
    assert sorted(account_states(path.parents[2])["growth"].orders) == ["growth-1", "growth-2"]
    with pytest.raises(CannotRead, match="after entry 1"):
        replay(ACCOUNT, path)


def test_a_snapshot_after_the_last_entry_is_all_there_is_to_read(path: Path) -> None:
    whole = replay(ACCOUNT, path)
    _keep(path.parents[2], whole)
    assert latest(ACCOUNT, path).state_digest() == whole.state_digest()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM snapshot",
        "UPDATE snapshot SET stamp = 'of another release'",
        "UPDATE snapshot SET data = substr(data, 1, length(data) - 1)",
    ],
)
def test_without_a_snapshot_that_can_be_used_all_is_replayed(path: Path, statement: str) -> None:
    digest = replay(ACCOUNT, path).state_digest()
    _change(path, statement)
    assert latest(ACCOUNT, path).state_digest() == digest


def test_a_snapshot_of_another_journal_is_named(path: Path) -> None:
    """I6."""
    other = replay(ACCOUNT, path)
    other.chain = b"\x01" * 32
    _keep(path.parents[2], other)
    with pytest.raises(CannotRead, match=f"snapshot after entry {other.number} does not belong"):
        latest(ACCOUNT, path)


def test_an_entry_behind_the_snapshot_that_was_changed_is_named(path: Path) -> None:
    """I6."""
    last = replay(ACCOUNT, path).number
    _change(path, f"UPDATE entries SET at = at + 1 WHERE number = {last}")
    with pytest.raises(CannotRead, match=f"after entry {last - 1}.*oms doctor"):
        latest(ACCOUNT, path)


def test_a_journal_that_lost_its_end_is_named(path: Path) -> None:
    """I6."""
    last = replay(ACCOUNT, path).number
    _change(path, f"DELETE FROM entries WHERE number = {last}")
    with pytest.raises(CannotRead, match=f"{last} entries were written and the last is {last - 1}"):
        latest(ACCOUNT, path)
    _change(path, "DELETE FROM entries")
    with pytest.raises(CannotRead, match="does not belong to that entry"):
        latest(ACCOUNT, path)


def test_a_journal_without_an_entry_is_an_actor_as_it_was_born(tmp_path: Path) -> None:
    path = tmp_path / "journals" / f"{ACCOUNT}.sqlite"
    path.parent.mkdir(parents=True)
    SqliteJournal(path).close()
    assert latest(ACCOUNT, path).number == 0
