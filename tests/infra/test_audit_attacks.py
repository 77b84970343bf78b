"""An insider changes journals in every way there is: each is found, and the entry is named."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.audit import store
from infra.audit.anchors import Anchors
from infra.audit.sealed import KeyMissing, SealBroken, SealedFile
from infra.cli import main
from infra.journals import archive
from infra.journals.archive import archive_of, move
from infra.journals.sqlite import SqliteJournal
from infra.journals.sqlite_file import seal
from infra.replayed import entries, replay
from infra.settings import Settings
from infra.snapshots import dump, stamp
from messages.base import SECOND
from messages.entry import Entry
from tests.infra.journaled_day import START, file_of, new, traded_day

GROWTH = "account/growth"
NOW = START + 3600 * SECOND


def anchored(data: Path) -> None:
    file = store.open_to_write(Settings.of(data), store.ANCHORS)
    Anchors(file, data).anchor(NOW)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day, anchored after its seventh request and at its end; two entries came since."""
    data = tmp_path_factory.mktemp("written")
    with traded_day(data) as day:
        Settings(data=data).save()
        anchored(data)
        day.desk("alpha", new("z-1", 3))
        anchored(data)
        day.desk("alpha", new("z-2", 4))
    return data


@pytest.fixture
def data(written: Path, tmp_path: Path) -> Path:
    """A copy to be attacked."""
    copy = tmp_path / "data"
    shutil.copytree(written, copy)
    Settings(data=copy).save()
    return copy


def run(data: Path, *words: str) -> Result:
    command, *rest = words
    return CliRunner().invoke(main, ["audit", command, "--data", str(data), *rest])


def of(data: Path, actor: str = GROWTH) -> dict[str, object]:
    """What the audit says of one journal."""
    told = json.loads(run(data, "verify", "--json").stdout)
    found: dict[str, object] = next(j for j in told["Journals"] if j["Actor"] == actor)
    return found


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def rewrite(path: Path, number: int, old: bytes, new_: bytes) -> None:
    """As one who knows how: the content is changed and every hash from there on computed anew."""
    found = list(entries(path))
    with closing(sqlite3.connect(path)) as db, db:
        chain = found[number - 2].chain if number > 1 else b""
        for entry in found[number - 1 :]:
            if entry.number == number:
                assert old in entry.events
                entry = entry._replace(events=entry.events.replace(old, new_))
            entry = entry.sealed(chain)
            chain = entry.chain
            db.execute(
                "UPDATE entries SET events = ?, chain = ? WHERE number = ?",
                (entry.events, entry.chain, entry.number),
            )


def cut(path: Path, last: int) -> None:
    """The end is removed, and the head says so under a right seal."""
    with closing(sqlite3.connect(path)) as db, db:
        (epoch,) = db.execute("SELECT epoch FROM head").fetchone()
        db.execute("DELETE FROM entries WHERE number > ?", (last,))
        mark = seal("head", epoch, last)
        db.execute("UPDATE head SET number = ?, seal = ?", (last, mark))
        db.execute("DELETE FROM snapshot")


def flip(path: Path) -> None:
    (events,) = (e.events for e in entries(path, "number = 7"))
    flipped = bytes([events[20] ^ 1])
    change(path, f"UPDATE entries SET events = x'{(events[:20] + flipped + events[21:]).hex()}' "
                 f"WHERE number = 7")  # fmt: skip


def reorder(path: Path) -> None:
    change(
        path,
        "UPDATE entries SET number = -6 WHERE number = 6",
        "UPDATE entries SET number = 6 WHERE number = 7",
        "UPDATE entries SET number = 7 WHERE number = -6",
    )


def forge_first(path: Path) -> None:
    rewrite(path, 1, b'"1000000"', b'"9000000"')


ATTACKS: dict[str, tuple[Callable[[Path], None], int, str]] = {
    "flip a bit": (flip, 7, "its hash is not that of its content"),
    "drop a row": (
        lambda path: change(path, "DELETE FROM entries WHERE number = 5"),
        5,
        "entry 5 is missing: the next is 6",
    ),
    "swap two rows": (reorder, 6, "its hash is not that of its content"),
    "rewrite with right hashes": (
        lambda path: rewrite(path, 9, b'"growth-E4"', b'"growth-E9"'),
        9,
        "entry 9 is not the one that was anchored at",
    ),
    "rewrite all with right hashes": (forge_first, 1, "entry 1 is not the one that was anchored"),
    "truncate": (lambda path: cut(path, 15), 16, "entry 16 is not there; it was anchored at"),
    "empty": (lambda path: cut(path, 0), 1, "entry 1 is not there; it was anchored at"),
}


def test_sound_journals_pass_and_say_how_far_they_are_anchored(data: Path) -> None:
    result = run(data, "verify")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("sound") == 6
    assert "2 anchors, the latest at" in result.stdout
    told = of(data)
    assert (told["Entry"], told["Differs"]) == (None, None)
    number = replay(GROWTH, file_of(data, GROWTH)).number
    assert told["Entries"] == number
    assert int(str(told["Anchored"])) < number


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_is_found_and_the_first_broken_entry_named(data: Path, attack: str) -> None:
    """I6, also against one who can compute the hashes."""
    do, entry, differs = ATTACKS[attack]
    do(file_of(data, GROWTH))
    told = of(data)
    assert told["Entry"] == entry, told
    assert differs in str(told["Differs"])
    shown = run(data, "verify")
    assert shown.exit_code == 1
    assert f"broken at {entry}" in shown.stdout
    assert f"{GROWTH}: " in shown.stdout
    assert shown.stdout.count("sound") == 5


def test_a_journal_that_was_rewritten_with_right_hashes_is_sound_in_itself(data: Path) -> None:
    """So without the anchors nobody would know."""
    rewrite(file_of(data, GROWTH), 1, b'"1000000"', b'"9000000"')
    (data / "anchors" / store.ANCHORS).unlink()
    told = of(data)
    assert (told["Entry"], told["Differs"]) == (None, None)


def test_a_journal_that_is_gone_is_named(data: Path) -> None:
    file_of(data, GROWTH).unlink()
    told = of(data)
    assert told["Entry"] == 1
    assert "the journal is gone" in str(told["Differs"])


def test_an_archive_that_was_changed_or_is_gone_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PAUSE_S", 0.0)
    path = file_of(data, GROWTH)
    with closing(SqliteJournal(path)) as journal:
        epoch = journal.open()
        shell = replay(GROWTH, path)
        assert epoch
        journal.save_snapshot(shell.number, stamp(), dump(shell))
        journal.append([], {to: seq for to, seq in shell.sent.items()})
    assert move(path, NOW) > 5
    assert of(data)["Differs"] is None
    change(archive_of(path), "UPDATE entries SET at = at + 1 WHERE number = 3")
    assert of(data)["Entry"] == 3
    archive_of(path).unlink()
    told = of(data)
    assert told["Entry"] == 1
    assert "growth.archive is not there" in str(told["Differs"])


def test_what_was_cut_before_the_next_anchor_is_not_anchored_over(data: Path) -> None:
    cut(file_of(data, GROWTH), 15)
    result = run(data, "anchor")
    assert result.exit_code == 1
    assert "was anchored and is not there" in result.stdout
    assert of(data)["Entry"] == 16


# ---- the anchors themselves


def lines(data: Path) -> list[bytes]:
    return (data / "anchors" / store.ANCHORS).read_bytes().splitlines(keepends=True)


def test_an_anchor_that_was_changed_or_left_out_is_named(data: Path) -> None:
    path, kept = data / "anchors" / store.ANCHORS, lines(data)
    path.write_bytes(kept[0].replace(b'"Number":', b'"Number": ', 1) + kept[1])
    result = run(data, "verify")
    assert result.exit_code == 1
    assert "anchors.jsonl line 1: its seal is not that of its content" in result.stdout
    path.write_bytes(kept[1])
    assert "anchors.jsonl line 1: its seal is not" in run(data, "verify").stdout


def test_the_latest_anchors_cannot_be_removed_from_one_who_noted_the_seal(data: Path) -> None:
    number, _, noted = run(data, "head").stdout.split()
    assert number == "2"
    assert run(data, "verify", "--head", noted).exit_code == 0
    path = data / "anchors" / store.ANCHORS
    path.write_bytes(lines(data)[0])
    assert run(data, "verify").exit_code == 0
    result = run(data, "verify", "--head", noted)
    assert result.exit_code == 1
    assert f"no anchor has the seal {noted}" in result.stdout


def test_without_the_key_nothing_can_be_added_and_nothing_is_taken_for_proved(data: Path) -> None:
    path = data / "anchors" / store.ANCHORS
    stranger = SealedFile(path, b"another key, thirty-two characters")
    with pytest.raises(SealBroken, match="line 1"):
        stranger.append(NOW, {"Journals": {}})
    (data / store.KEY).unlink()
    result = run(data, "verify")
    assert result.exit_code == 1
    assert "should hold the key of the anchors" in result.stderr
    with pytest.raises(KeyMissing):  # a new key would begin a new truth
        store.open_to_write(Settings.of(data), store.ANCHORS)


def test_a_key_that_everybody_may_read_is_refused(data: Path) -> None:
    (data / store.KEY).chmod(0o644)
    assert "chmod 600" in run(data, "verify").stderr


def test_a_line_that_was_being_written_when_its_writer_died_is_written_over(data: Path) -> None:
    path = data / "anchors" / store.ANCHORS
    with path.open("ab") as file:
        file.write(b"deadbeef {half a li")
    assert run(data, "verify").exit_code == 0
    assert run(data, "anchor").exit_code == 0
    assert len(lines(data)) == 3
    assert run(data, "verify").exit_code == 0


def test_two_processes_may_anchor_the_same_installation(data: Path) -> None:
    settings = Settings.of(data)
    both = [Anchors(store.open_to_write(settings, store.ANCHORS), data) for _ in range(2)]
    for each in (*both, *both):
        each.anchor(NOW)
    assert len(lines(data)) == 6
    assert run(data, "verify").exit_code == 0
    cut(file_of(data, GROWTH), 15)
    assert of(data)["Entry"] == 16


def test_the_store_and_the_key_can_lie_elsewhere(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    with traded_day(data):
        pass
    key = tmp_path / "key"
    Settings(data=data, anchors=elsewhere, anchor_key_file=key).save()
    assert run(data, "anchor").exit_code == 0
    assert [p.name for p in elsewhere.iterdir()] == [store.ANCHORS]
    assert key.stat().st_mode & 0o777 == 0o600
    assert run(data, "verify").exit_code == 0


def test_before_the_first_anchor_the_command_says_so(tmp_path: Path) -> None:
    with traded_day(tmp_path):
        pass
    Settings(data=tmp_path).save()
    result = run(tmp_path, "verify")
    assert result.exit_code == 0
    assert "nothing was anchored yet" in result.stdout
    assert "oms audit anchor" in run(tmp_path, "head").stderr


def test_an_entry_of_the_chain_is_as_it_was_written(data: Path) -> None:
    """What ``rewrite`` does is what the shell does, so the attack is a fair one."""
    found = list(entries(file_of(data, GROWTH)))
    again = Entry(*found[8]).sealed(found[7].chain)
    assert again == found[8]
