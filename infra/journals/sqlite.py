"""The embedded journal: one SQLite file per actor, WAL, synchronous=FULL, one transaction a batch.

``head`` holds the epoch and the last number; an append moves it by compare-and-set in the same
transaction, so an incarnation that was succeeded cannot write.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from infra.journals import Fenced, JournalFailed
from messages.entry import Entry
from messages.envelope import Address

_SCHEMA = """
CREATE TABLE IF NOT EXISTS head (
    only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, at INTEGER NOT NULL, sender TEXT NOT NULL,
    seq INTEGER NOT NULL, kind TEXT NOT NULL, caused_at INTEGER NOT NULL, trace TEXT NOT NULL,
    cause TEXT NOT NULL, events BLOB NOT NULL, sends BLOB NOT NULL, timers BLOB NOT NULL,
    chain BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS acknowledged (
    recipient TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshot (
    only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, stamp TEXT NOT NULL,
    data BLOB NOT NULL);
INSERT OR IGNORE INTO head VALUES (1, 0, 0);
"""
_INSERT = "INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
_ACKNOWLEDGE = (
    "INSERT INTO acknowledged VALUES (?,?) "
    "ON CONFLICT (recipient) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq"
)


class SqliteJournal:
    """The contract over one SQLite file; ``busy_timeout`` covers readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._epoch = 0
        self._number = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA busy_timeout=5000")
            self._db.execute("PRAGMA wal_autocheckpoint=4000")
            self._db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise JournalFailed(_remedy(path, error)) from error

    def open(self) -> int:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE head SET epoch = epoch + 1")
            self._epoch, self._number = self._db.execute(
                "SELECT epoch, number FROM head"
            ).fetchone()
            last = self._db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0]
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalFailed(_remedy(self.path, error)) from error
        if last != self._number:
            raise JournalFailed(
                f"journal {self.path}: {self._number} entries were written and the last is {last}; "
                f"restore the file from a backup"
            )
        return self._epoch

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        db = self._db
        number = self._number + len(entries)
        for due, entry in enumerate(entries, self._number + 1):
            if entry.number != due:
                raise Fenced(f"{self.path}: entry {entry.number} where {due} was due")
        try:
            db.execute("BEGIN IMMEDIATE")
            moved = db.execute(
                "UPDATE head SET number = ? WHERE epoch = ? AND number = ?",
                (number, self._epoch, self._number),
            )
            if moved.rowcount != 1:
                db.execute("ROLLBACK")
                raise Fenced(f"{self.path}: epoch {self._epoch} was succeeded by a newer one")
            db.executemany(_INSERT, entries)
            if acknowledged:
                db.executemany(_ACKNOWLEDGE, acknowledged.items())
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalFailed(_remedy(self.path, error)) from error
        self._number = number

    def _roll_back(self) -> None:
        """What failed was not written, also for those who read on this connection."""
        with suppress(sqlite3.Error):  # closing the connection rolls back as well
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def read(self, after: int = 0) -> Iterator[Entry]:
        rows = self._db.execute("SELECT * FROM entries WHERE number > ? ORDER BY number", (after,))
        yield from map(Entry._make, rows)

    def acknowledged(self) -> dict[Address, int]:
        return dict(self._db.execute("SELECT recipient, seq FROM acknowledged"))

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        try:
            moved = self._db.execute(
                "INSERT OR REPLACE INTO snapshot SELECT 1, ?, ?, ? FROM head WHERE epoch = ?",
                (number, stamp, data, self._epoch),
            )
        except sqlite3.Error as error:
            raise JournalFailed(_remedy(self.path, error)) from error
        if moved.rowcount != 1:
            raise Fenced(f"{self.path}: epoch {self._epoch} was succeeded by a newer one")

    def snapshot(self, stamp: str) -> tuple[int, bytes] | None:
        kept = self._db.execute("SELECT number, data FROM snapshot WHERE stamp = ?", (stamp,))
        row: tuple[int, bytes] | None = kept.fetchone()
        return row

    def close(self) -> None:
        self._db.close()


def read_only(path: Path) -> Iterator[Entry]:
    """The entries of a journal that may be in use: for the trail, the blotter and the doctor."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
        yield from map(Entry._make, db.execute("SELECT * FROM entries ORDER BY number"))


def owes(path: Path, copies_to: Address | None = None) -> bool:
    """Whether the actor has sent something that was not acknowledged, as far as the file tells.

    ``copies_to``: who must hear of every entry as well, under the entry's own number.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
        acknowledged = dict(db.execute("SELECT recipient, seq FROM acknowledged"))
        sent: dict[str, int] = {}
        if copies_to:
            (sent[copies_to],) = db.execute("SELECT number FROM head").fetchone()
        for (sends,) in db.execute("SELECT sends FROM entries WHERE length(sends) > 0"):
            for head in bytes(sends).split(b"\n")[::2]:
                words = head.decode().split(" ")
                sent[words[1]] = int(words[2])
    return any(seq > acknowledged.get(recipient, 0) for recipient, seq in sent.items())


def _remedy(path: Path, error: Exception) -> str:
    return (
        f"journal {path}: {error}. Free space or mend the disk (df -h {path.parent}), then the "
        f"actor restarts and replays by itself"
    )
