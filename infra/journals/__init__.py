"""Journals: where an actor's entries are kept. One contract, one file and one row each.

The journal is the outbox: what an entry sends may leave once ``append`` has returned, and what was
not acknowledged is read from here and sent again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from messages.entry import Entry
from messages.envelope import Address


class JournalFailed(Exception):
    """The journal could not write. Fail-stop: no output, no acknowledgement, restart and replay."""


class Fenced(JournalFailed):
    """A newer incarnation of this actor owns the journal; this one must stop."""


class Journal(Protocol):
    """Entries of one actor, in order, for ever."""

    def open(self) -> int:
        """Take the next epoch, which fences every earlier incarnation. Returns it."""

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        """Durable on return, all or nothing. ``acknowledged``: what recipients have heard.

        Raises:
            Fenced: the epoch is no longer ours, or the number is not the next.
            JournalFailed: disk full, I/O error; nothing was written.
        """

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Entries with a number above ``after``, in order."""

    def acknowledged(self) -> dict[Address, int]:
        """The last number each recipient is known to have heard; may lag, never leads."""

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        """Keep the state after entry ``number``: a cache, replacing the one before.

        Raises:
            Fenced: the epoch is no longer ours.
        """

    def snapshot(self, stamp: str) -> tuple[int, bytes] | None:
        """The number and data of the snapshot with that stamp; None where there is none."""

    def close(self) -> None:
        """Give up the files. Not needed for durability."""


def _sqlite(path: Path) -> Journal:
    from infra.journals.sqlite import SqliteJournal

    return SqliteJournal(path.with_name(f"{path.name}.sqlite"))  # a name may have a dot: BRK.B


def _memory(path: Path) -> Journal:
    from infra.journals.memory import MemoryJournal

    return MemoryJournal.at(path)


JOURNALS: dict[str, Callable[[Path], Journal]] = {"sqlite": _sqlite, "memory": _memory}
"""How the setting ``journal`` is opened; the path names the actor and has no suffix."""


def journal_path(folder: Path, address: Address) -> Path:
    """``account/acme`` in ``folder`` as a path without suffix."""
    kind, _, name = address.partition("/")
    return folder / kind / name


def journals(data: Path) -> dict[Address, Path]:
    """Every journal of an installation, by address."""
    folder = data / "journals"
    found = sorted(folder.glob("*/*.sqlite")) if folder.exists() else []
    return {f"{path.parent.name}/{path.stem}": path for path in found}
