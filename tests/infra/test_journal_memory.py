"""The journal in memory: the contract, and that tapes are told apart by path."""

from pathlib import Path

from infra.journals import JOURNALS, Journal, journal_path
from infra.journals.memory import MemoryJournal
from tests.actors.toy import entries
from tests.infra.journal_contract import JournalContract


class TestMemoryJournal(JournalContract):
    """A tape outlives the journal that wrote it."""

    def at(self, folder: Path) -> Journal:
        return MemoryJournal.at(folder / "toy")


def test_each_path_has_a_tape_of_its_own(tmp_path: Path) -> None:
    one, other = (JOURNALS["memory"](journal_path(tmp_path, a)) for a in ("toy/1", "toy/2"))
    one.open()
    other.open()
    one.append(entries(2))
    assert list(other.read()) == []


def test_a_journal_without_a_path_has_a_tape_that_is_handed_on() -> None:
    first = MemoryJournal()
    first.open()
    first.append(entries(2))
    second = MemoryJournal(first.tape)
    assert second.open() == 2
    assert list(second.read()) == list(first.read())
