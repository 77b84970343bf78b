"""Old entries in a second file: they stay part of the journal, whatever happens while they move."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra import snapshots
from infra.cli import main
from infra.hosts.restart import recover
from infra.journals import JournalDamaged, archive
from infra.journals.archive import archive_of, move
from infra.journals.reading import owes
from infra.journals.sqlite import SqliteJournal
from infra.replayed import CannotRead, entries
from infra.shell import Shell
from infra.snapshots import Snapshots
from infra.verified import verify
from messages.base import Instant
from messages.entry import Entry
from tests.actors.toy import START, Toy, note, shell
from tests.infra.journaled_day import Day, file_of, new

NAME = "toy.sqlite"
GROWTH = "account/growth"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PAUSE_S", 0.0)
    monkeypatch.setattr(archive, "BATCH", 3)


def grown(path: Path, count: int = 20, *, heard: int = 20, kept: int = 15) -> list[Entry]:
    """That many entries, one a second, each with a send, and a snapshot after ``kept``."""
    toy, rows = shell(), []
    with closing(SqliteJournal(path)) as journal:
        toy.epoch = journal.open()
        for number in range(1, count + 1):
            now = START + number * 1_000_000_000
            entry = toy.take(note(number, f"w{number}", To=("reader/1",)), now)
            assert entry
            rows.append(entry)
            journal.append([entry])
            if number == kept:
                journal.save_snapshot(number, snapshots.stamp(), snapshots.dump(toy))
        journal.append([], {"reader/1": heard})
    return rows


def second(number: int) -> Instant:
    return START + number * 1_000_000_000


def numbers(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as db:
        return [n for (n,) in db.execute("SELECT number FROM main.entries ORDER BY number")]


def restarted(path: Path) -> tuple[Shell, int]:
    """The toy after a restart, and how many entries that took."""
    with closing(SqliteJournal(path)) as journal:
        kept = Snapshots(journal)
        epoch = journal.open()
        found, _ = recover(journal, kept, Toy, epoch, compliance=None, is_local=lambda _: False)
        return found, found.number - kept._number


@pytest.mark.parametrize(
    ("before", "heard", "kept", "last"),
    [
        (10, 20, 15, 9),  # what is older
        (99, 20, 15, 15),  # and no more than the snapshot covers
        (99, 6, 15, 6),  # nor than was heard
        (99, 20, 0, 0),
        (1, 20, 15, 0),
    ],
)
def test_what_no_restart_needs_is_moved(
    tmp_path: Path, before: int, heard: int, kept: int, last: int
) -> None:
    path = tmp_path / NAME
    rows = grown(path, heard=heard, kept=kept)
    assert move(path, second(before)) == last
    assert numbers(path) == list(range(last + 1, 21))
    assert list(entries(path)) == rows
    assert move(path, second(before)) == 0


def test_everybody_reads_one_journal(tmp_path: Path) -> None:
    path = tmp_path / NAME
    rows = grown(path)
    move(path, second(5))
    move(path, second(11))
    with closing(SqliteJournal(path)) as journal:
        assert journal.open() == 2
        for after in (0, 3, 10, 11, 19):
            assert list(journal.read(after)) == rows[after:]
    assert not owes(path)


def test_a_restart_from_the_snapshot_needs_no_archive_and_a_full_replay_takes_it_in(
    tmp_path: Path,
) -> None:
    """I5."""
    path = tmp_path / NAME
    grown(path)
    whole, _ = restarted(path)
    move(path, second(99))
    aside = archive_of(path).rename(tmp_path / "aside")
    found, replayed = restarted(path)
    assert (found.state_digest(), replayed) == (whole.state_digest(), 5)
    with closing(sqlite3.connect(path)) as db, db:  # as if by other code
        db.execute("UPDATE snapshot SET stamp = 'other'")
    with pytest.raises(JournalDamaged, match=r"up to 15 were archived.*put it back"):
        restarted(path)
    with pytest.raises(CannotRead, match="put it back"):
        list(entries(path))
    aside.rename(archive_of(path))
    found, replayed = restarted(path)
    assert (found.state_digest(), replayed) == (whole.state_digest(), 20)


def test_a_journal_goes_on_behind_its_archive(tmp_path: Path) -> None:
    path = tmp_path / NAME
    grown(path, 20, kept=20)
    move(path, second(99))
    assert numbers(path) == []
    toy, _ = restarted(path)
    with closing(SqliteJournal(path)) as journal:
        toy.epoch = journal.open()
        entry = toy.take(note(21, "w21"), second(21))
        assert entry
        journal.append([entry])
    assert restarted(path)[0].number == 21
    assert [entry.number for entry in entries(path)] == list(range(1, 22))


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_move_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Between the two commits an entry lies in both files, and counts once."""
    path = tmp_path / NAME
    rows = grown(path)
    seen = 0

    def killed(*words: object) -> bytes:
        nonlocal seen
        seen += 1
        if seen == at:
            raise KeyboardInterrupt
        return right(*words)

    right = archive.seal  # called between the commit of the archive and that of the journal
    monkeypatch.setattr(archive, "seal", killed)
    with pytest.raises(KeyboardInterrupt):
        move(path, second(99))
    assert list(entries(path)) == rows
    assert restarted(path)[0].number == 20
    monkeypatch.undo()
    assert move(path, second(99)) == 15 - 3 * (at - 1)
    assert list(entries(path)) == rows
    assert numbers(path) == [16, 17, 18, 19, 20]


def test_a_broken_entry_is_not_archived(tmp_path: Path) -> None:
    """I6: what is put away must be what was written."""
    path = tmp_path / NAME
    grown(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE entries SET at = at + 1 WHERE number = 5")
    with pytest.raises(JournalDamaged, match="entry 5 is not what was written"):
        move(path, second(99))
    assert numbers(path) == list(range(4, 21))


def test_an_actor_that_runs_goes_on_writing(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        for number in range(4):
            day.desk("alpha", new(f"a-{number}"))
        live = day.shell(GROWTH)
        day._journals[GROWTH].append([], {"desk/alpha": 99})
        day._journals[GROWTH].save_snapshot(live.number, snapshots.stamp(), snapshots.dump(live))
        assert move(file_of(tmp_path, GROWTH), day.now + 1) == live.number
        day.desk("alpha", new("a-9"))
        assert verify(GROWTH, file_of(tmp_path, GROWTH)).fault == ""


def test_what_was_changed_in_the_archive_is_found(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        live = day.shell(GROWTH)
        journal = day._journals[GROWTH]
        journal.append([], {"desk/alpha": 99})
        journal.save_snapshot(live.number, snapshots.stamp(), snapshots.dump(live))
    path = file_of(tmp_path, GROWTH)
    assert move(path, day.now + 1) == live.number
    sound = verify(GROWTH, path)
    assert (sound.fault, sound.archived, sound.entries) == ("", live.number, live.number)
    with closing(sqlite3.connect(archive_of(path))) as db, db:
        db.execute("UPDATE entries SET trace = 'x' WHERE number = 3")
    assert verify(GROWTH, path).broken == 3
    archive_of(path).unlink()
    assert "put it back" in verify(GROWTH, path).fault


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["journal", "archive", "--data", str(data), *words])


def test_the_command_tells_what_it_moved(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        live = day.shell(GROWTH)
        day._journals[GROWTH].append([], {"desk/alpha": 99})
        kept = snapshots.dump(live)
        day._journals[GROWTH].save_snapshot(live.number, snapshots.stamp(), kept)
    result = run(tmp_path, "--before", "2030-01-01")
    assert result.exit_code == 0
    assert f"account/growth: {live.number} entries moved" in result.stdout
    assert "account/macro: 0 entries moved" in result.stdout
    verified = CliRunner().invoke(main, ["journal", "verify", "--data", str(tmp_path)])
    assert verified.exit_code == 0
    trail = CliRunner().invoke(main, ["trail", "a-1", "--json", "--data", str(tmp_path)])
    assert "OrderAccepted" in trail.stdout
    assert run(tmp_path, "--before", "soon").exit_code == 1
