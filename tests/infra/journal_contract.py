"""What every journal promises. A journal's tests inherit it and say how theirs is opened."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.journals import Fenced, Journal
from infra.shell import JournalCorrupt
from messages.entry import Entry
from tests.actors.toy import entries, replayed, shell

Change = Callable[[list[Entry]], list[Entry]]


def _changed(**fields: object) -> Change:
    return lambda rows: [rows[0], rows[1]._replace(**fields), *rows[2:]]  # type: ignore[arg-type]


TAMPERED: dict[str, Change] = {
    "lost": lambda rows: [rows[0], *rows[2:]],
    "swapped": lambda rows: [rows[1], rows[0], *rows[2:]],
    "repeated": lambda rows: [rows[0], rows[0], *rows[1:]],
    "event": lambda rows: _changed(events=rows[1].events.replace(b"w2", b"w9"))(rows),
    "send": lambda rows: _changed(sends=rows[1].sends.replace(b"w2", b"w9"))(rows),
    "timer": _changed(timers=b'[["k",1,"Rang","{}"]]'),
    "sender": _changed(sender="other/2"),
    "cursor": _changed(seq=7),
    "instant": _changed(at=1),
    "cause": _changed(cause="00f067aa0ba902b7"),
    "epoch": _changed(epoch=9),
    "chain": _changed(chain=b"\0" * 32),
}


class JournalContract:
    """``at`` opens the same journal again and again: each object is one incarnation."""

    def at(self, folder: Path) -> Journal:
        """The journal in that folder, not yet opened."""
        raise NotImplementedError

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path

    @pytest.fixture
    def journal(self, folder: Path) -> Journal:
        """A journal in its first epoch."""
        found = self.at(folder)
        assert found.open() == 1
        return found

    def test_what_was_appended_is_read_in_order(self, journal: Journal) -> None:
        rows = entries(5)
        journal.append(rows[:2])
        journal.append(rows[2:])
        assert list(journal.read()) == rows
        assert list(journal.read(3)) == rows[3:]
        assert list(journal.read(5)) == []

    def test_a_new_journal_is_empty(self, journal: Journal) -> None:
        assert list(journal.read()) == []
        assert journal.acknowledged() == {}

    def test_entries_and_acknowledgements_outlive_the_incarnation(
        self, journal: Journal, folder: Path
    ) -> None:
        rows = entries(5)
        journal.append(rows[:3], {"reader/1": 2})
        journal.close()
        again = self.at(folder)
        assert again.open() == 2
        assert list(again.read()) == rows[:3]
        assert again.acknowledged() == {"reader/1": 2}
        again.append(rows[3:])
        assert list(again.read()) == rows

    def test_each_opening_is_a_new_epoch(self, journal: Journal, folder: Path) -> None:
        assert [self.at(folder).open() for _ in range(3)] == [2, 3, 4]

    def test_an_incarnation_that_was_succeeded_cannot_write(
        self, journal: Journal, folder: Path
    ) -> None:
        """I4."""
        rows = entries(4)
        journal.append(rows[:1])
        successor = self.at(folder)
        successor.open()
        with pytest.raises(Fenced):
            journal.append(rows[1:2], {"reader/1": 1})
        with pytest.raises(Fenced):
            journal.append([], {"reader/1": 1})
        assert list(successor.read()) == rows[:1]
        assert successor.acknowledged() == {}
        successor.append(rows[1:])
        with pytest.raises(Fenced):
            journal.append(rows[1:2])
        assert list(successor.read()) == rows

    @pytest.mark.parametrize("numbers", [[1], [3], [4], [3, 4], [2, 4], [2, 2], [2, 4, 3, 5]])
    def test_only_the_next_number_is_taken(self, journal: Journal, numbers: list[int]) -> None:
        rows = entries(5)
        journal.append(rows[:1])
        with pytest.raises(Fenced):
            journal.append([rows[number - 1] for number in numbers], {"reader/1": 1})
        assert list(journal.read()) == rows[:1]
        assert journal.acknowledged() == {}
        journal.append(rows[1:])
        assert list(journal.read()) == rows

    def test_what_was_acknowledged_never_falls(self, journal: Journal) -> None:
        journal.append(entries(1), {"reader/1": 5, "reader/2": 1})
        journal.append([], {"reader/1": 3, "reader/2": 2})
        assert journal.acknowledged() == {"reader/1": 5, "reader/2": 2}

    def test_acknowledgements_alone_can_be_written_and_nothing_at_all(
        self, journal: Journal, folder: Path
    ) -> None:
        journal.append([], {"reader/1": 1})
        journal.append([])
        journal.append([], {})
        journal.append(entries(1))
        again = self.at(folder)
        again.open()
        assert again.acknowledged() == {"reader/1": 1}

    def test_bytes_come_back_as_they_were(self, journal: Journal) -> None:
        odd = entries(1)[0]._replace(
            events='["€ \\u0000 \'; DROP TABLE entries; --"]'.encode(), trace="00-é", seq=2**62
        )
        journal.append([odd.sealed(b"")])
        assert list(journal.read()) == [odd.sealed(b"")]

    @pytest.mark.parametrize("what", TAMPERED)
    def test_replay_finds_what_was_tampered_with(self, journal: Journal, what: str) -> None:
        """I6."""
        journal.append(entries(4))
        rows = list(journal.read())
        assert replayed(rows).number == 4
        with pytest.raises(JournalCorrupt, match="toy/1"):
            replayed(TAMPERED[what](rows))

    def test_a_snapshot_is_kept_with_its_stamp_and_only_the_last(
        self, journal: Journal, folder: Path
    ) -> None:
        assert journal.snapshot("v1") is None
        journal.append(entries(3))
        journal.save_snapshot(2, "v1", b"two")
        journal.save_snapshot(3, "v1", b"three")
        again = self.at(folder)
        again.open()
        assert again.snapshot("v1") == (3, b"three")
        assert again.snapshot("v2") is None

    def test_an_incarnation_that_was_succeeded_keeps_no_snapshot(
        self, journal: Journal, folder: Path
    ) -> None:
        successor = self.at(folder)
        successor.open()
        successor.save_snapshot(0, "v1", b"good")
        with pytest.raises(Fenced):
            journal.save_snapshot(0, "v1", b"stale")
        assert successor.snapshot("v1") == (0, b"good")

    def test_a_shell_goes_on_from_what_its_journal_holds(self, journal: Journal) -> None:
        """I5."""
        live = shell()
        journal.append(entries(3, after=live))
        fresh = replayed(list(journal.read()))
        assert fresh.state_digest() == live.state_digest()
        assert (fresh.heard, fresh.sent, fresh.chain) == (live.heard, live.sent, live.chain)
        journal.append(entries(2, after=fresh))
        assert [entry.number for entry in journal.read()] == [1, 2, 3, 4, 5]
