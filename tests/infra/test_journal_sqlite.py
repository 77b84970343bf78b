"""The journal in SQLite: the contract, a file that was meddled with, and a disk that fails."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.journals import JOURNALS, Journal, JournalDamaged, JournalFailed, journal_path
from infra.journals.reading import owes
from infra.journals.sqlite import SqliteJournal
from infra.journals.sqlite_file import TAIL
from infra.replayed import entries as journaled
from infra.shell import JournalCorrupt
from tests.actors.toy import entries, replayed
from tests.infra.journal_contract import JournalContract

ROOT = Path(__file__).parents[2]
NAME = "toy.sqlite"


def opened(folder: Path) -> SqliteJournal:
    journal = SqliteJournal(folder / NAME)
    journal.open()
    return journal


def meddle(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / NAME)) as db:
        db.execute(statement)
        db.commit()


class TestSqliteJournal(JournalContract):
    """One file; each incarnation has a connection of its own."""

    opened: list[SqliteJournal]

    @pytest.fixture(autouse=True)
    def closed_in_the_end(self) -> Iterator[None]:
        self.opened = []
        yield
        for journal in self.opened:
            journal.close()

    def at(self, folder: Path) -> Journal:
        self.opened.append(SqliteJournal(folder / NAME))
        return self.opened[-1]


def test_each_address_has_a_file_of_its_own_even_where_names_differ_after_a_dot(
    tmp_path: Path,
) -> None:
    for name in ("BRK.A", "BRK.B"):
        with closing(JOURNALS["sqlite"](journal_path(tmp_path, f"book/{name}"))) as journal:
            assert journal.open() == 1
        assert (tmp_path / "book" / f"{name}.sqlite").exists()


def test_every_commit_is_flushed_to_the_disk(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET events = CAST(replace(events, 'w2', 'w9') AS BLOB) WHERE number = 2",
        "UPDATE entries SET sender = 'other/9' WHERE number = 3",
        "UPDATE entries SET chain = zeroblob(32) WHERE number = 1",
        "DELETE FROM entries WHERE number = 2",
        "UPDATE entries SET number = 0 WHERE number = 3",
    ],
)
def test_a_row_that_was_meddled_with_is_found_by_replay(tmp_path: Path, statement: str) -> None:
    """I6: far from the end, where opening does not look."""
    with closing(opened(tmp_path)) as journal:
        journal.append(entries(TAIL + 5))
    meddle(tmp_path, statement)
    with closing(opened(tmp_path)) as journal, pytest.raises(JournalCorrupt):
        replayed(list(journal.read()))


@pytest.mark.parametrize("number", [2, 3])
def test_a_row_at_the_end_that_was_meddled_with_is_found_on_opening(
    tmp_path: Path, number: int
) -> None:
    """I6."""
    with closing(opened(tmp_path)) as journal:
        journal.append(entries(4))
    meddle(tmp_path, f"UPDATE entries SET trace = 'x' WHERE number = {number}")
    with pytest.raises(JournalDamaged, match=f"entry {number} is not the one.*from a backup"):
        SqliteJournal(tmp_path / NAME)


def test_a_lost_last_row_is_found_on_opening(tmp_path: Path) -> None:
    """I6: the chain of what is left is whole, so only the head can tell."""
    with closing(opened(tmp_path)) as journal:
        journal.append(entries(4))
    meddle(tmp_path, "DELETE FROM entries WHERE number = 4")
    with (
        closing(SqliteJournal(tmp_path / NAME)) as journal,
        pytest.raises(JournalDamaged, match="4 entries were written and the last is 3"),
    ):
        journal.open()


def test_a_batch_that_fails_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    rows = entries(4)
    with closing(opened(tmp_path)) as journal:
        journal.append(rows[:1])
        torn = rows[3]._replace(events=None)  # type: ignore[arg-type]  # refused by the table
        with pytest.raises(JournalFailed, match="df -h"):
            journal.append([rows[1], rows[2], torn], {"reader/1": 1})
        assert list(journal.read()) == rows[:1]
        assert journal.acknowledged() == {}
        journal.append(rows[1:])
        assert list(journal.read()) == rows


def test_a_journal_that_is_no_journal_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("this is not a database, whatever its name says" * 20)
    with pytest.raises(JournalFailed, match=NAME):
        SqliteJournal(tmp_path / NAME)


def test_a_closed_journal_fails_and_does_not_pretend(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.close()
    with pytest.raises(JournalFailed):
        journal.append(entries(1))


def test_a_journal_in_use_can_be_read_by_others(tmp_path: Path) -> None:
    rows = entries(3)
    with closing(opened(tmp_path)) as journal:
        journal.append(rows[:2])
        assert list(journaled(tmp_path / NAME)) == rows[:2]
        journal.append(rows[2:])
        assert list(journaled(tmp_path / NAME)) == rows


def test_a_journal_says_whether_its_actor_owes_something(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        assert not owes(tmp_path / NAME)
        journal.append(entries(3))
        assert owes(tmp_path / NAME)
        journal.append([], {"reader/1": 2})
        assert owes(tmp_path / NAME)
        journal.append([], {"reader/1": 3})
        assert not owes(tmp_path / NAME)


def test_an_actor_owes_every_entry_to_whoever_is_to_hear_of_all(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        assert not owes(tmp_path / NAME, copies_to="compliance/0")
        journal.append(entries(3), {"reader/1": 3})
        assert owes(tmp_path / NAME, copies_to="compliance/0")
        journal.append([], {"compliance/0": 3})
        assert not owes(tmp_path / NAME, copies_to="compliance/0")


# ---- a process that is killed, and a disk that is full

WRITER = """
import sys
from pathlib import Path
from infra.journals.sqlite import SqliteJournal
from infra.journals.sqlite_file import TAIL
from tests.actors.toy import entries, shell
journal = SqliteJournal(Path(sys.argv[1]))
journal.open()
toy = shell()
for entry in journal.read():
    toy.replay(entry)
print("ready", flush=True)
while True:
    batch = entries(20, after=toy)
    journal.append(batch)
    print(batch[-1].number, flush=True)
"""

FULL = """
import resource, sys
from pathlib import Path
from infra.journals import JournalFailed
from infra.journals.sqlite import SqliteJournal
from infra.journals.sqlite_file import TAIL
from tests.actors.toy import entries, replayed, shell
journal = SqliteJournal(Path(sys.argv[1]))
journal.open()
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
toy, written = shell(), 0
try:
    while True:
        batch = entries(20, after=toy)
        journal.append(batch)
        written = batch[-1].number
except JournalFailed as error:
    assert "Free space" in str(error), error
    rows = list(journal.read())
    assert replayed(rows).number == written == len(rows), (written, len(rows))
    print(written)
"""


def python(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def killed_after(writer: subprocess.Popen[str], batches: int) -> int:
    """The last number that the writer was told is durable, when it was killed."""
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    told = [writer.stdout.readline() for _ in range(batches)]
    writer.kill()  # SIGKILL, wherever it is by now
    told += writer.stdout.readlines()
    writer.wait()
    return int([line for line in told if line.endswith("\n")][-1])


def test_a_writer_that_is_killed_loses_nothing_that_it_was_told_is_durable(tmp_path: Path) -> None:
    """I1, I6: three times over, each incarnation going on where the last one ended."""
    path, last = tmp_path / NAME, 0
    for batches in (3, 11, 20):
        last = max(last, killed_after(python(WRITER, path), batches))
        with closing(SqliteJournal(path)) as journal:
            journal.open()
            rows = list(journal.read())
        assert len(rows) >= last > 0
        assert len(rows) % 20 == 0, "a batch was torn"
        last = replayed(rows).number


def test_a_full_disk_stops_the_writer_and_what_was_written_stays(tmp_path: Path) -> None:
    writer = python(FULL, tmp_path / NAME)
    out, _ = writer.communicate(timeout=60)
    assert writer.returncode == 0
    written = int(out)
    assert written > 0
    with closing(opened(tmp_path)) as journal:
        toy = replayed(list(journal.read()))
        assert toy.number == written
        journal.append(entries(20, after=toy))
        assert replayed(list(journal.read())).number == written + 20


def test_a_folder_that_cannot_be_made_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalFailed, match="file"):
        SqliteJournal(tmp_path / "file" / NAME)
