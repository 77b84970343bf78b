"""The archive of a journal: its oldest entries, moved to a second file that is hardly ever read.

They stay part of the journal: the chain runs through both files, replay without a snapshot begins
in the archive, and everybody who reads sees one table. An entry is copied and durable there before
it leaves the journal, and ``archived`` says in the same transaction up to where that was done; what
lies in both files because of a kill in between counts once.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from infra.journals import JournalDamaged, JournalFailed
from infra.journals.sqlite_file import APPLICATION, ENTRIES, seal
from messages.base import Instant
from messages.entry import Entry

BATCH = 2_000
"""Entries in one transaction, so that a running actor waits for none of them."""

PAUSE_S = 0.01

_COPY = f"INSERT OR REPLACE INTO entries VALUES ({','.join('?' * 13)})"  # noqa: S608  # marks only


def archive_of(path: Path) -> Path:
    """The archive of the journal at ``path``: ``acme.archive`` beside ``acme.sqlite``."""
    return path.with_suffix(".archive")


def attach(db: sqlite3.Connection, path: Path) -> None:
    """On this connection, which only reads, ``entries`` is archive and journal together.

    Raises:
        JournalDamaged: entries were archived and the archive is not there.
    """
    if not (last := archived(db)):
        return
    archive = archive_of(path)
    if not archive.exists():
        raise JournalDamaged(
            f"journal {path}: entries up to {last} were archived, and {archive} is not there; "
            f"put it back where it was"
        )
    db.execute("ATTACH ? AS old", (f"{archive.absolute().as_uri()}?mode=ro",))
    db.execute(
        "CREATE TEMP VIEW entries AS SELECT * FROM old.entries "
        "WHERE number <= (SELECT number FROM main.archived) "
        "UNION ALL SELECT * FROM main.entries"
    )


def archived(db: sqlite3.Connection) -> int:
    """The number of the last entry that is only in the archive."""
    known = "SELECT count(*) FROM main.sqlite_schema WHERE name = 'archived'"
    if not db.execute(known).fetchone()[0]:
        return 0  # a journal of an earlier release
    found = db.execute("SELECT number FROM main.archived").fetchone()
    return int(found[0]) if found else 0


def read_archive(path: Path, after: int, last: int) -> Iterator[Entry]:
    """The archived entries of the journal at ``path`` from ``after`` (exclusive) to ``last``.

    Raises:
        JournalDamaged: the archive is not there, or cannot be read.
    """
    archive = archive_of(path)
    query = "SELECT * FROM entries WHERE number > ? AND number <= ? ORDER BY number"
    try:
        with closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)) as db:
            yield from map(Entry._make, db.execute(query, (after, last)))
    except sqlite3.Error as error:
        raise JournalDamaged(
            f"journal {path}: entries up to {last} were archived, and {archive} cannot be read: "
            f"{error}; put it back where it was"
        ) from error


def move(path: Path, before: Instant) -> int:
    """Archive what is older than ``before`` and no restart needs; the number of entries moved.

    Only what the last snapshot covers and every recipient has heard. The actor may run.

    Raises:
        JournalDamaged: the chain is broken there, and nothing was moved.
        JournalFailed: the disk is full; what was moved so far is moved.
    """
    try:
        with (
            closing(sqlite3.connect(path, isolation_level=None)) as db,
            closing(sqlite3.connect(archive_of(path), isolation_level=None)) as to,
        ):
            db.execute("PRAGMA busy_timeout=5000")
            db.execute("PRAGMA synchronous=FULL")
            first, last = archived(db), _last(db, before)
            if last <= first:
                return 0
            chain = _prepare(to, first)
            for begin in range(first, last, BATCH):
                chain = _move(db, to, path, chain, begin, min(begin + BATCH, last))
                time.sleep(PAUSE_S)
            return last - first
    except sqlite3.Error as error:
        raise JournalFailed(
            f"journal {path}: cannot be archived: {error}; see that it is of this release (start "
            f"it once) and that there is room: df -h {path.parent}"
        ) from error


def _last(db: sqlite3.Connection, before: Instant) -> int:
    """The last entry that may go."""
    snapshot = db.execute("SELECT coalesce(max(number), 0) FROM snapshot").fetchone()[0]
    young = db.execute("SELECT min(number) FROM entries WHERE at >= ?", (before,)).fetchone()[0]
    heard = dict(db.execute("SELECT recipient, seq FROM acknowledged"))
    last = min(snapshot, snapshot if young is None else young - 1)
    for number, sends in db.execute(
        "SELECT number, sends FROM entries WHERE number <= ? AND length(sends) > 0 ORDER BY number",
        (last,),
    ):
        for head in bytes(sends).split(b"\n")[::2]:
            words = head.decode().split(" ")
            if not words[1].startswith("fix/") and int(words[2]) > heard.get(words[1], 0):
                return int(number) - 1
    return int(last)


def _prepare(to: sqlite3.Connection, first: int) -> bytes:
    """Make the archive where it is new; the chain at the last entry that it holds for good."""
    to.execute("PRAGMA synchronous=FULL")
    to.execute(ENTRIES.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    to.execute(f"PRAGMA application_id={APPLICATION}")
    found = to.execute("SELECT chain FROM entries WHERE number = ?", (first,)).fetchone()
    return bytes(found[0]) if found else b""


def _move(
    db: sqlite3.Connection, to: sqlite3.Connection, path: Path, chain: bytes, after: int, last: int
) -> bytes:
    query = "SELECT * FROM entries WHERE number > ? AND number <= ? ORDER BY number"
    found = [Entry._make(row) for row in db.execute(query, (after, last))]
    for due, entry in enumerate(found, after + 1):
        if entry.number != due or entry.digest(chain) != entry.chain:
            raise JournalDamaged(
                f"journal {path}: entry {due} is not what was written, so nothing from there on "
                f"is archived; see: oms journal verify"
            )
        chain = entry.chain
    if len(found) != last - after:
        raise JournalDamaged(f"journal {path}: entries are missing before {last}")
    to.execute("BEGIN IMMEDIATE")
    to.executemany(_COPY, found)
    to.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    db.execute("DELETE FROM entries WHERE number <= ?", (last,))
    mark = (1, last, seal("archived", last))
    db.execute("INSERT OR REPLACE INTO archived VALUES (?,?,?)", mark)
    db.execute("COMMIT")
    return chain
