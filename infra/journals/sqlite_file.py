"""The file of a SQLite journal: its tables and versions, and whether it is what was written.

Entries prove themselves by their chain. What has none, the head and what recipients have heard,
carries a seal: a bit that flips there would let an old incarnation write, or keep a message from
being sent again.
"""

import sqlite3
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from infra.journals import JournalDamaged, JournalFailed
from infra.journals.wal import damage
from messages.entry import Entry

APPLICATION = 0x4F4D534A
"""``OMSJ``: what ``file`` and SQLite call the application id."""

VERSION = 2
"""Of the tables. 1: release 0.1.0, which set no version."""

ENTRIES = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, at INTEGER NOT "
    "NULL, sender TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, caused_at INTEGER NOT "
    "NULL, trace TEXT NOT NULL, cause TEXT NOT NULL, events BLOB NOT NULL, sends BLOB NOT NULL, "
    "timers BLOB NOT NULL, chain BLOB NOT NULL)"
)
_HEAD = (
    "CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, "
    "number INTEGER NOT NULL, seal BLOB NOT NULL)"
)
_ACKNOWLEDGED = (
    "CREATE TABLE acknowledged (recipient TEXT PRIMARY KEY, seq INTEGER NOT NULL, "
    "seal BLOB NOT NULL) WITHOUT ROWID"
)
_SNAPSHOT = (
    "CREATE TABLE snapshot (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, "
    "stamp TEXT NOT NULL, data BLOB NOT NULL)"
)
_ARCHIVED = (
    "CREATE TABLE archived (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, "
    "seal BLOB NOT NULL)"
)
TABLES = {
    "head": _HEAD, "entries": ENTRIES, "acknowledged": _ACKNOWLEDGED, "snapshot": _SNAPSHOT,
    "archived": _ARCHIVED,
}  # fmt: skip
FIRST = frozenset(("head", "entries", "acknowledged", "snapshot"))
"""The tables of version 1."""

QUICK_BYTES = 48 * 1024 * 1024
"""Up to this size the whole file is checked at each start, 0.1 s; larger ones in their small
tables and their last entries, and in whole by ``oms journal verify``."""

TAIL = 200
"""Entries at the end whose chain is checked at each start."""


def seal(*words: object) -> bytes:
    """Eight bytes that these words and no others have."""
    return blake2b(" ".join(map(str, words)).encode(), digest_size=8).digest()


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a sound journal, made where there is none.

    Raises:
        JournalDamaged: the file is not what was written; it is left as it is.
        JournalFailed: it cannot be opened, or is of another release.
    """
    if fault := damage(path):  # before SQLite sees the log: it would throw away what it doubts
        raise damaged(path, fault)
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA busy_timeout=5000")
        db.execute("PRAGMA cell_size_check=ON")
        known = _tables(db)
        if not known:
            _create(db, path)
        elif known.keys() == FIRST and _number(db, "user_version") == 0:
            _check_pages(db, path)
            _upgrade(db, path)
        else:
            _check_version(db, path)
            _check_pages(db, path)
        if _tables(db) != {name: _compact(sql) for name, sql in TABLES.items()}:
            raise damaged(path, "its tables are not those of a journal")
        _check_tail(db, path)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA wal_autocheckpoint=4000")
    except BaseException:
        db.close()
        raise
    return db


def damaged(path: Path, fault: str) -> JournalDamaged:
    """One line that says so, and what helps."""
    return JournalDamaged(
        f"journal {path} is damaged: {fault}. Nothing was written to it. Restore the file from a "
        f"backup; what is in it still shows: oms journal verify {path.parent.name}/{path.stem}"
    )


def _tables(db: sqlite3.Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
    return {name: _compact(str(sql)) for name, sql in db.execute(query)}


def _compact(sql: str) -> str:
    """Without spaces: version 1 broke its lines elsewhere."""
    return "".join(sql.split())


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    if (application := _number(db, "application_id")) != APPLICATION:
        raise damaged(path, f"its application id is {application:#x}, not that of a journal")
    if (version := _number(db, "user_version")) > VERSION:
        raise JournalFailed(
            f"journal {path} has version {version} of its tables and this release knows {VERSION}: "
            f"start the release that wrote it, or a newer one"
        )
    if version != VERSION:
        raise damaged(path, f"it says version {version} of its tables, which there never was")


def _create(db: sqlite3.Connection, path: Path) -> None:
    if _number(db, "page_count") > 1 or _number(db, "freelist_count"):
        raise damaged(path, "it has pages and no tables")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("BEGIN IMMEDIATE")
    if not _tables(db):  # another incarnation may have been faster
        for statement in TABLES.values():
            db.execute(statement)
        _stamp(db, epoch=0, number=0)
    db.execute("COMMIT")


def _stamp(db: sqlite3.Connection, epoch: int, number: int) -> None:
    mark = (1, epoch, number, seal("head", epoch, number))
    db.execute("INSERT INTO head VALUES (?,?,?,?)", mark)
    db.execute(f"PRAGMA application_id={APPLICATION}")
    db.execute(f"PRAGMA user_version={VERSION}")


def _upgrade(db: sqlite3.Connection, path: Path) -> None:
    """From version 1: seal what is there, once it was found sound. One transaction."""
    db.execute("PRAGMA synchronous=FULL")
    db.execute("BEGIN IMMEDIATE")
    if _number(db, "user_version") == 0:
        epoch, number = db.execute("SELECT epoch, number FROM head").fetchone()
        last, latest = db.execute("SELECT max(number), max(epoch) FROM entries").fetchone()
        if (last or 0) != number or (latest or 0) > epoch:
            db.execute("ROLLBACK")
            raise damaged(path, f"its head says {number} entries, and the last is {last}")
        heard = db.execute("SELECT recipient, seq FROM acknowledged").fetchall()
        for name in ("head", "acknowledged"):
            db.execute(f"DROP TABLE {name}")
        for name in ("head", "acknowledged", "archived"):
            db.execute(TABLES[name])
        rows = [(recipient, seq, seal(recipient, seq)) for recipient, seq in heard]
        db.executemany("INSERT INTO acknowledged VALUES (?,?,?)", rows)
        _stamp(db, epoch, number)
    db.execute("COMMIT")


def _check_pages(db: sqlite3.Connection, path: Path) -> None:
    pages, size = _number(db, "page_count"), _number(db, "page_size")
    small = pages * size <= QUICK_BYTES
    checks = ("quick_check(1)",) if small else ("quick_check(head)", "quick_check(acknowledged)")
    for check in checks:
        for (word,) in db.execute(f"PRAGMA {check}"):
            if word != "ok":
                raise damaged(path, " ".join(str(word).split()))


def _check_tail(db: sqlite3.Connection, path: Path) -> None:
    query = "SELECT * FROM (SELECT * FROM entries ORDER BY number DESC LIMIT ?) ORDER BY number"
    tail = [sound(Entry._make(row), path) for row in db.execute(query, (TAIL,))]
    for before, entry in pairwise(tail):
        if entry.number != before.number + 1 or entry.digest(before.chain) != entry.chain:
            raise damaged(path, f"entry {entry.number} is not the one that followed")


def sound(entry: Entry, path: Path) -> Entry:
    """The entry, if its columns hold what such columns hold; else a bit has flipped."""
    blobs = (entry.events, entry.sends, entry.timers, entry.chain)
    numbers = (entry.number, entry.epoch, entry.at, entry.seq, entry.caused_at)
    if any(type(b) is not bytes for b in blobs) or any(type(n) is not int for n in numbers):
        raise damaged(path, f"entry {entry.number} has columns of the wrong type")
    return entry
