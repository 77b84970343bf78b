"""Whether a journal is what was written: every page, every entry, and that it can be replayed.

What an actor's own start leaves out for the sake of time is done here. Nothing is written, and the
actor may run: what it appends meanwhile is part of what is read, or is not.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actors.actor import Actor
from infra import snapshots
from infra.checks.installation import head_fault
from infra.journals import SERVER, JournalFailed
from infra.journals.reading import rows, size
from infra.journals.sqlite_file import seal
from infra.journals.wal import damage
from infra.replayed import TELL_EVERY, CannotRead, Watch, entries
from infra.shell import Shell
from messages.base import Instant
from messages.entry import Entry
from messages.envelope import Address

SNAPSHOT = "SELECT number, stamp, data FROM snapshot"


@dataclass
class Verified:
    """What was found. ``fault`` is empty where all is sound; ``broken``: the first broken entry.

    ``snapshot``: the entry that one of this release was taken after. ``state``: SHA-256 of the
    state after the last sound entry.
    """

    address: Address
    entries: int = 0
    archived: int = 0
    first_at: Instant | None = None
    last_at: Instant | None = None
    size: int = 0
    snapshot: int | None = None
    state: str = ""
    broken: int | None = None
    fault: str = ""


def verify(address: Address, path: Path, watch: Watch | None = None) -> Verified:
    """Read, prove and replay all of it."""
    from infra.compose import make_actor

    found = Verified(address)
    try:
        found.fault = _pages(path)
        kept = _kept(path)
        shell = _replay(found, path, make_actor(address), kept, watch)
        found.state = shell.state_digest()
        if found.broken is None:
            found.fault = found.fault or head_fault(path) or _seals(path)
        found.size = size(path)
    except (JournalFailed, CannotRead) as error:
        found.fault = found.fault or (error.what if isinstance(error, CannotRead) else str(error))
    return found


def _pages(path: Path) -> str:
    """What SQLite says of its pages, and the log of what it has not yet taken over."""
    if path.suffix == SERVER:
        return ""
    if fault := damage(path):
        return fault
    words = [str(word) for (word,) in rows(path, "PRAGMA integrity_check(1)")]
    return "" if words == ["ok"] else " ".join(" ".join(words).split())


def _kept(path: Path) -> tuple[int, bytes] | None:
    """The snapshot that a start of this release would use."""
    for number, mark, data in rows(path, SNAPSHOT):
        if mark == snapshots.stamp():
            return number, data
    return None


def _replay(
    found: Verified,
    path: Path,
    actor: Actor[Any, Any, Any],
    kept: tuple[int, bytes] | None,
    watch: Watch | None,
) -> Shell:
    shell = Shell(actor)
    archived = _archived(path)
    try:
        for entry in entries(path):
            if fault := _take(shell, entry):
                found.broken, found.fault = shell.number + 1, fault
                break
            found.first_at = entry.at if found.first_at is None else found.first_at
            found.last_at = entry.at
            found.archived += entry.number <= archived
            if kept and kept[0] == entry.number:
                found.snapshot = entry.number
                found.fault = found.fault or _differs(shell, kept[1])
            if watch and shell.number % TELL_EVERY == 0:
                watch(found.address, shell.number)
    except CannotRead as error:
        found.broken, found.fault = shell.number + 1, error.what
    found.entries = shell.number
    return shell


def _take(shell: Shell, entry: Entry) -> str:
    """What is wrong with the entry; empty where the shell has taken it."""
    due = shell.number + 1
    if entry.number != due:
        return f"entry {due} is missing: the next is {entry.number}"
    try:
        if entry.digest(shell.chain) != entry.chain:
            return f"entry {due} is not what was written: its hash is not that of its content"
        shell.replay(entry)
    except Exception as error:  # whatever a damaged entry leads to, it is that entry's damage
        why = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return f"entry {due} cannot be replayed: {why}"
    return ""


def _differs(shell: Shell, data: bytes) -> str:
    from infra.compose import make_actor

    fresh = Shell(make_actor(shell.address))
    if not snapshots.restore(fresh, data):
        return f"the snapshot after entry {shell.number} is not what was written"
    if fresh.state_digest() != shell.state_digest():
        return f"the snapshot after entry {shell.number} is another state than replay gives"
    return ""


def _archived(path: Path) -> int:
    if path.suffix == SERVER or not _versioned(path):
        return 0
    return int(next(rows(path, "SELECT coalesce(max(number), 0) FROM archived"))[0])


def _versioned(path: Path) -> bool:
    """Whether it is not of release 0.1.0, which knew neither seals nor archives."""
    return bool(next(rows(path, "PRAGMA user_version"))[0])


def _seals(path: Path) -> str:
    """What the seals say of head and acknowledgements, which are in no chain."""
    if path.suffix == SERVER or not _versioned(path):
        return ""
    for epoch, number, mark in rows(path, "SELECT epoch, number, seal FROM head"):
        if mark != seal("head", epoch, number):
            return "the head is not what was written"
    for recipient, seq, mark in rows(path, "SELECT recipient, seq, seal FROM acknowledged"):
        if mark != seal(recipient, seq):
            return f"what {recipient} has heard is not what was written"
    return ""
