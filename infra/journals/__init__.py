"""Journals: where an actor's entries are kept. One contract, one file and one row each.

The journal is the outbox: what an entry sends may leave once ``append`` has returned, and what was
not acknowledged is read from here and sent again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from messages.entry import Entry
from messages.envelope import Address

if TYPE_CHECKING:
    from infra.settings import Settings

SERVER = ".postgres"
"""The suffix of a journal that is no file."""


class JournalFailed(Exception):
    """The journal could not write. Fail-stop: no output, no acknowledgement, restart and replay."""


class Fenced(JournalFailed):
    """A newer incarnation of this actor owns the journal; this one must stop."""


class JournalDamaged(JournalFailed):
    """What is stored cannot be what was written; the message says where, and what helps."""


class Journal(Protocol):
    """Entries of one actor, in order, for ever."""

    def open(self) -> int:
        """Take the next epoch, which fences every earlier incarnation. Returns it.

        Raises:
            JournalDamaged: what is stored is not what was written, as far as a short look tells.
            JournalFailed: it cannot be reached.
        """

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        """Durable on return, all or nothing. ``acknowledged``: what recipients have heard.

        Raises:
            Fenced: the epoch is no longer ours, or the number is not the next.
            JournalFailed: disk full, I/O error; nothing was written, or nobody can tell whether
                it was (a server that did not answer), and only opening it again will.
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


def _postgres(path: Path) -> Journal:
    from infra.journals.postgres import PostgresJournal
    from infra.settings import Settings

    url = Settings.of(path.parents[2]).journal_address()
    return PostgresJournal(f"{path.parent.name}/{path.name}", url)


JOURNALS: dict[str, Callable[[Path], Journal]] = {
    "sqlite": _sqlite,
    "memory": _memory,
    "postgres": _postgres,
}
"""How the setting ``journal`` is opened; the path names the actor and has no suffix."""


def journal_path(folder: Path, address: Address) -> Path:
    """``account/acme`` in ``folder`` as a path without suffix."""
    kind, _, name = address.partition("/")
    return folder / kind / name


def journal_of(data: Path, address: Address) -> Path:
    """The journal of that actor in the installation ``data``, be it there or not."""
    path = journal_path(data / "journals", address)
    return path.with_name(f"{path.name}{SERVER if server_of(data) else '.sqlite'}")


def journals(data: Path) -> dict[Address, Path]:
    """Every journal of an installation, by address; read them with ``infra.journals.reading``.

    Raises:
        JournalFailed: they are on a server, which cannot be asked.
    """
    folder = data / "journals"
    if url := server_of(data):
        from infra.journals import postgres

        paths = {address: journal_path(folder, address) for address in postgres.actors(url)}
        return {a: path.with_name(f"{path.name}{SERVER}") for a, path in paths.items()}
    found = sorted(folder.glob("*/*.sqlite")) if folder.exists() else []
    return {f"{path.parent.name}/{path.stem}": path for path in found}


def server_of(data: Path) -> str:
    """The URL of the server that keeps the journals of this installation; empty: files do."""
    from infra.settings import Settings, SettingsMissing

    try:
        settings = Settings.of(data)
    except SettingsMissing:
        return ""
    return settings.journal_address() if settings.journal == "postgres" else ""


def prepare(settings: "Settings") -> None:
    """See that journals can be kept as the settings say, before any actor is started.

    Raises:
        JournalFailed: they cannot; one line with the remedy.
    """
    if settings.journal not in JOURNALS:
        known = ", ".join(JOURNALS)
        raise JournalFailed(f"OMS_JOURNAL is {settings.journal!r}, which is none of: {known}")
    if settings.journal == "postgres":
        from infra.journals import postgres

        postgres.prepare(settings.journal_address())
