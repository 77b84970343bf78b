"""A bit that flips in a SQLite journal, wherever it is: it changes nothing, or it is detected (I6).

Real files, damaged copies of them, and all that an actor does at its start: open, acknowledgements,
snapshot, replay. Then it goes on writing, for damage may also wait in what is not yet in use.
"""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra import snapshots
from infra.journals import JournalDamaged, JournalFailed, sqlite_file
from infra.journals.sqlite import SqliteJournal
from infra.journals.wal import FRAME, HEADER
from infra.shell import JournalCorrupt, Shell
from tests.actors.toy import Toy, entries, shell

STAMP = "this code"
NAME = "toy.sqlite"
DETECTED = (JournalFailed, JournalCorrupt)
BATCH = 5

Known = tuple[Any, ...]


def written(path: Path) -> None:
    """Several incarnations, two recipients, a snapshot and what followed it."""
    toy = shell()
    for turn in range(4):
        with closing(SqliteJournal(path)) as journal:
            toy.epoch = journal.open()
            for _ in range(4):
                journal.append(entries(BATCH, after=toy), {"reader/1": toy.number - 3})
                toy.take_outbox()
            if turn == 2:
                journal.save_snapshot(toy.number, STAMP, snapshots.dump(toy) + b" " * 9000)
            journal.append([], {"reader/2": turn})


def started(path: Path) -> Known:
    """What an actor knows after its start, and whether it can go on."""
    with closing(SqliteJournal(path)) as journal:
        epoch = journal.open()
        toy = Shell(Toy(), epoch)
        for entry in journal.read():
            toy.replay(entry)
        known = (toy.state_digest(), toy.number, toy.chain, dict(toy.heard), dict(toy.sent))
        known += (epoch, journal.acknowledged())
        kept = journal.snapshot(STAMP)
        if kept and snapshots.restore(fresh := Shell(Toy()), kept[1].rstrip(b" ")):
            assert fresh.number <= toy.number
        for _ in range(3):  # uses free pages, and splits full ones
            journal.append(entries(BATCH, after=toy), {"reader/3": toy.number})
        journal.save_snapshot(toy.number, STAMP, bytes(20_000))
        digest = toy.state_digest()
    with closing(SqliteJournal(path)) as journal:
        again = Shell(Toy(), journal.open())
        for entry in journal.read():
            again.replay(entry)
    assert again.state_digest() == digest
    return known


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / NAME
    written(path)
    assert not path.with_name(f"{NAME}-wal").exists()
    return path


@pytest.fixture(scope="module")
def sound(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """What is known of the undamaged file."""
    return started(Path(shutil.copy(original, tmp_path_factory.mktemp("sound"))))


def harmless_or_detected(original: Path, sound: Known, place: int, bit: int) -> bool:
    """Whether the damage is detected; an AssertionError where it is neither."""
    folder = original.parent / "damaged"
    folder.mkdir(exist_ok=True)
    path = folder / NAME
    for old in folder.iterdir():
        old.unlink()
    content = bytearray(original.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)
    try:
        known = started(path)
    except DETECTED as error:
        told = str(error)
    else:
        assert known == sound, f"byte {place}, bit {bit}"
        return False
    assert NAME in told or "toy/1" in told
    return True


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_bit_that_flips_anywhere_is_harmless_or_detected(
    original: Path, sound: Known, data: st.DataObject
) -> None:
    size = original.stat().st_size
    place = data.draw(st.integers(0, size - 1))
    harmless_or_detected(original, sound, place, data.draw(st.integers(0, 7)))


def test_a_bit_that_flips_in_the_header_or_the_tables_is_harmless_or_detected(
    original: Path, sound: Known
) -> None:
    chance = random.Random(7)
    places = [*range(100), *chance.sample(range(100, 4096), 150)]
    found = [harmless_or_detected(original, sound, place, chance.randrange(8)) for place in places]
    assert 0 < sum(found) < len(found)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.77, 0.99, 0.9999])
def test_a_file_that_ends_too_early_is_detected(
    original: Path, tmp_path: Path, share: float
) -> None:
    content = original.read_bytes()
    (tmp_path / NAME).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(JournalFailed, match="Restore the file"):
        started(tmp_path / NAME)


def test_a_large_file_is_checked_in_its_small_tables_and_at_its_end(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest by its chain, when it is read."""
    monkeypatch.setattr(sqlite_file, "QUICK_BYTES", 0)
    path = Path(shutil.copy(original, tmp_path))
    with closing(SqliteJournal(path)) as journal:
        assert journal.open() == 5
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE head SET seal = x'00'")
    with closing(SqliteJournal(path)) as journal, pytest.raises(JournalDamaged, match="its head"):
        journal.open()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE head SET epoch = epoch - 1", "its head is not"),
        ("UPDATE head SET epoch = epoch + 1", "its head is not"),
        ("DELETE FROM head", "NoneType"),
        ("UPDATE acknowledged SET seq = seq + 1 WHERE recipient = 'reader/2'", "reader/2"),
        ("UPDATE acknowledged SET recipient = 'reader/9' WHERE recipient = 'reader/2'", "reader/9"),
        ("INSERT INTO archived VALUES (1, 4, x'00')", "archive"),
        ("PRAGMA application_id = 7", "application id is 0x7"),
        ("PRAGMA user_version = 1", "version 1"),
        ("DROP TABLE acknowledged", "tables"),
        ("ALTER TABLE entries ADD COLUMN more TEXT", "tables"),
    ],
)
def test_what_has_no_chain_is_guarded_too(
    original: Path, tmp_path: Path, statement: str, what: str
) -> None:
    path = Path(shutil.copy(original, tmp_path))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)
    with pytest.raises(JournalDamaged, match=what) as refused:
        started(path)
    assert "from a backup" in str(refused.value)
    assert "oms journal verify" in str(refused.value)


def test_a_file_of_a_newer_release_is_refused(original: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(original, tmp_path))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalFailed, match=r"version 99.*a newer one"):
        started(path)


def test_another_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as db, db:
        db.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(JournalDamaged, match="application id"):
        SqliteJournal(tmp_path / NAME)


# ---- the write-ahead log that a killed process leaves behind


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as a SIGKILL leaves it: most of it is in the log."""
    folder = tmp_path_factory.mktemp("killed")
    living = tmp_path_factory.mktemp("living") / NAME
    with closing(SqliteJournal(living)) as journal:
        toy = shell()
        toy.epoch = journal.open()
        for _ in range(6):
            journal.append(entries(BATCH, after=toy), {"reader/1": toy.number})
        for path in living.parent.iterdir():
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
    return folder / NAME


def commits(log: bytes) -> list[int]:
    """Where each commit ends."""
    size = HEADER.unpack_from(log)[2]
    frames = range(HEADER.size, len(log), FRAME.size + size)
    return [at + FRAME.size + size for at in frames if FRAME.unpack_from(log, at)[1]]


def recovered(killed: Path, folder: Path, log: bytes) -> int:
    """The number of the last entry that is there with this log."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(killed, folder)
    (folder / f"{NAME}-wal").write_bytes(log)
    return int(started(folder / NAME)[1])


def test_a_bit_that_flips_in_the_log_is_detected_unless_it_is_in_the_last_two_commits(
    killed: Path, tmp_path: Path
) -> None:
    """There it looks like a commit that the kill has torn. Then others have heard of more, and say
    so: test_commands_doctor.
    """
    log = killed.with_name(f"{NAME}-wal").read_bytes()
    assert recovered(killed, tmp_path / "x", log) == 6 * BATCH
    *_, third_last, _, _ = commits(log)
    chance = random.Random(3)
    detected = 0
    for place in [*range(32), *chance.sample(range(32, len(log)), 150)]:
        broken = bytearray(log)
        broken[place] ^= 1 << chance.randrange(8)
        try:
            last = recovered(killed, tmp_path / "x", bytes(broken))
        except DETECTED:
            detected += 1
            continue
        assert place >= third_last or last == 6 * BATCH, place
        assert last >= 4 * BATCH
        assert last % BATCH == 0
    assert detected > 100


@pytest.mark.parametrize("missing", [1, 4000, 4120, 5000])
def test_a_log_that_ends_too_early_gives_back_whole_commits_only(
    killed: Path, tmp_path: Path, missing: int
) -> None:
    log = killed.with_name(f"{NAME}-wal").read_bytes()
    assert recovered(killed, tmp_path / "x", log[:-missing]) in (4 * BATCH, 5 * BATCH)


def test_a_damaged_log_is_left_as_it_is(killed: Path, tmp_path: Path) -> None:
    """Whoever repairs it needs every byte; SQLite would delete it when the last one closes it."""
    shutil.copy(killed, tmp_path)
    log = tmp_path / f"{NAME}-wal"
    broken = bytearray(killed.with_name(log.name).read_bytes())
    broken[HEADER.size + 200] ^= 1
    log.write_bytes(broken)
    for _ in range(2):
        with pytest.raises(JournalDamaged, match="commits lie behind a frame"):
            SqliteJournal(tmp_path / NAME)
        assert log.read_bytes() == broken
