"""The embedded journal: one SQLite file per actor, WAL, synchronous=FULL, one transaction a batch.

``head`` holds the epoch and the last number; an append moves it by compare-and-set in the same
transaction, so an incarnation that was succeeded cannot write.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from infra.journals import Fenced, JournalDamaged, JournalFailed
from infra.journals.archive import archived, read_archive
from infra.journals.sqlite_file import connect, damaged, seal, sound
from messages.entry import Entry
from messages.envelope import Address

_INSERT = "INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
_MOVE = "UPDATE head SET number = ?, seal = ? WHERE epoch = ? AND number = ?"
_ACKNOWLEDGE = (
    "INSERT INTO acknowledged VALUES (?,?,?) ON CONFLICT (recipient) "
    "DO UPDATE SET seq = excluded.seq, seal = excluded.seal WHERE excluded.seq > seq"
)
DAMAGE = ("malformed", "not a database", "UTF-8", "no such table", "no such column")
BROKEN = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where damage is in what it would say of it."""


class SqliteJournal:
    """The contract over one SQLite file; ``busy_timeout`` covers readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._epoch = 0
        self._number = 0
        try:
            self._db = connect(path)
        except (*BROKEN, OSError) as error:
            raise _failed(path, error) from error

    def open(self) -> int:
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            epoch, number, mark = db.execute("SELECT epoch, number, seal FROM head").fetchone()
            last, latest = self._last()
            if mark != seal("head", epoch, number) or (latest or 0) > epoch:
                raise damaged(self.path, "its head is not what was written")
            if last != number:
                raise damaged(self.path, f"{number} entries were written and the last is {last}")
            mark = seal("head", epoch + 1, number)
            db.execute("UPDATE head SET epoch = ?, seal = ?", (epoch + 1, mark))
            db.execute("COMMIT")
        except (*BROKEN, TypeError) as error:  # TypeError: the head has no row
            self._roll_back()
            raise _failed(self.path, error) from error
        except JournalDamaged:
            self._roll_back()
            raise
        self._epoch, self._number = epoch + 1, number
        return self._epoch

    def _last(self) -> tuple[int, int]:
        """Number and epoch of the last entry there is, or of the archive's end."""
        db = self._db
        found = db.execute("SELECT number, epoch FROM entries ORDER BY number DESC LIMIT 1")
        old = db.execute("SELECT number, seal FROM archived").fetchone()
        if old and old[1] != seal("archived", old[0]):
            raise damaged(self.path, "the mark of its archive is not what was written")
        return found.fetchone() or (archived(db), 0)

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
            mark = seal("head", self._epoch, number)
            moved = db.execute(_MOVE, (number, mark, self._epoch, self._number))
            if moved.rowcount != 1:
                db.execute("ROLLBACK")
                raise Fenced(f"{self.path}: epoch {self._epoch} was succeeded by a newer one")
            db.executemany(_INSERT, entries)
            if acknowledged:
                news = [(to, seq, seal(to, seq)) for to, seq in acknowledged.items()]
                db.executemany(_ACKNOWLEDGE, news)
            db.execute("COMMIT")
        except BROKEN as error:
            self._roll_back()
            raise _failed(self.path, error) from error
        self._number = number

    def _roll_back(self) -> None:
        """What failed was not written, also for those who read on this connection."""
        with suppress(sqlite3.Error):  # closing the connection rolls back as well
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def read(self, after: int = 0) -> Iterator[Entry]:
        query = "SELECT * FROM entries WHERE number > ? ORDER BY number"
        try:
            old = archived(self._db)
            if after < old:
                yield from read_archive(self.path, after, old)
            for row in self._db.execute(query, (max(after, old),)):
                yield sound(Entry._make(row), self.path)
        except BROKEN as error:
            raise _failed(self.path, error) from error

    def acknowledged(self) -> dict[Address, int]:
        try:
            found = self._db.execute("SELECT recipient, seq, seal FROM acknowledged").fetchall()
        except BROKEN as error:
            raise _failed(self.path, error) from error
        for recipient, seq, mark in found:
            if mark != seal(recipient, seq):
                raise damaged(self.path, f"what {recipient} has heard is not what was written")
        return {recipient: seq for recipient, seq, _ in found}

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        try:
            moved = self._db.execute(
                "INSERT OR REPLACE INTO snapshot SELECT 1, ?, ?, ? FROM head WHERE epoch = ?",
                (number, stamp, data, self._epoch),
            )
        except BROKEN as error:
            raise _failed(self.path, error) from error
        if moved.rowcount != 1:
            raise Fenced(f"{self.path}: epoch {self._epoch} was succeeded by a newer one")

    def snapshot(self, stamp: str) -> tuple[int, bytes] | None:
        query = "SELECT number, data FROM snapshot WHERE stamp = ?"
        try:
            row: tuple[int, bytes] | None = self._db.execute(query, (stamp,)).fetchone()
        except BROKEN as error:
            raise _failed(self.path, error) from error
        return row

    def close(self) -> None:
        self._db.close()


def _failed(path: Path, error: Exception) -> JournalFailed:
    text = str(error)
    if not isinstance(error, sqlite3.Error | OSError) or any(word in text for word in DAMAGE):
        return damaged(path, text)
    return JournalFailed(
        f"journal {path}: {text}. Free space or mend the disk (df -h {path.parent}), then the "
        f"actor restarts and replays by itself"
    )
