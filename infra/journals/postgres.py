"""The journal on a server: PostgreSQL, where actors span machines. One fenced statement a batch.

An append updates the actor's head ``WHERE epoch = mine AND number = mine`` and inserts what the
update returned, all in one statement: one round trip, all or nothing, and a row lock that the next
incarnation waits for. A connection that is lost is never mended here: whether the last append was
written is only known after opening anew, so the actor fails, restarts and replays.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from infra.journals import Fenced, JournalDamaged, JournalFailed
from messages.entry import Entry
from messages.envelope import Address

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 0x6F6D736A
"""The advisory lock under which the schema is changed."""

PATIENCE_S = 30.0
"""So long an actor waits for a server that is away before its process ends and is started anew."""

PAGE = 2_000
"""Entries in one answer; between two there is no transaction."""

_CONNECTION = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
    "tcp_user_timeout": 10_000, "application_name": "oms",
}  # fmt: skip
"""A server that is gone without a word is noticed within seconds."""

_OPEN = """
INSERT INTO oms_journal.heads AS h VALUES (%s, 1, 0)
ON CONFLICT (actor) DO UPDATE SET epoch = h.epoch + 1
RETURNING h.epoch, h.number
"""
_APPEND = """
WITH moved AS (
    UPDATE oms_journal.heads SET number = %(last)s
    WHERE actor = %(actor)s AND epoch = %(epoch)s AND number = %(before)s
    RETURNING actor
), written AS (
    INSERT INTO oms_journal.entries
    SELECT moved.actor, fresh.* FROM moved, unnest(
        %(number)b::bigint[], %(of_epoch)b::bigint[], %(at)b::bigint[], %(sender)b::text[],
        %(seq)b::bigint[], %(kind)b::text[], %(caused_at)b::bigint[], %(trace)b::text[],
        %(cause)b::text[], %(events)b::bytea[], %(sends)b::bytea[], %(timers)b::bytea[],
        %(chain)b::bytea[]) AS fresh
), told AS (
    INSERT INTO oms_journal.acknowledged AS known
    SELECT moved.actor, news.* FROM moved, unnest(%(recipient)b::text[], %(heard)b::bigint[])
        AS news (recipient, seq)
    ON CONFLICT (actor, recipient) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > known.seq
)
SELECT count(*) FROM moved
"""
_COLUMNS = (
    "number", "of_epoch", "at", "sender", "seq", "kind", "caused_at", "trace", "cause", "events",
    "sends", "timers", "chain",
)  # fmt: skip
_READ = """
SELECT number, epoch, at, sender, seq, kind, caused_at, trace, cause, events, sends, timers, chain
FROM oms_journal.entries WHERE actor = %s AND number > %s ORDER BY number LIMIT %s
"""
_SNAPSHOT = """
INSERT INTO oms_journal.snapshots AS kept
SELECT actor, %s, %s, %s FROM oms_journal.heads WHERE actor = %s AND epoch = %s
ON CONFLICT (actor) DO UPDATE
SET number = excluded.number, stamp = excluded.stamp, data = excluded.data
"""

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresJournal:
    """The contract over one connection; it is made when it is first needed."""

    def __init__(self, actor: Address, url: str, patience_s: float = PATIENCE_S) -> None:
        self.actor = actor
        self._url = url
        self._patience_s = patience_s
        self._connection: Connection | None = None
        self._epoch = 0
        self._number = 0

    def open(self) -> int:
        try:
            found = self._db.execute(_OPEN, (self.actor,)).fetchone()
            assert found is not None  # an upsert always returns its row
            self._epoch, self._number = found
            last = self._one("SELECT max(number) FROM oms_journal.entries WHERE actor = %s") or 0
        except psycopg.Error as error:
            raise self._failed(error) from error
        if last != self._number:
            raise JournalDamaged(
                f"journal of {self.actor} at {place(self._url)}: {self._number} entries were "
                f"written and the last is {last}; restore the database from a backup"
            )
        return self._epoch

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        for due, entry in enumerate(entries, self._number + 1):
            if entry.number != due:
                raise Fenced(f"{self.actor}: entry {entry.number} where {due} was due")
        news = acknowledged or {}
        columns = zip(*entries, strict=True) if entries else ((),) * len(_COLUMNS)
        values: dict[str, object] = {n: list(c) for n, c in zip(_COLUMNS, columns, strict=True)}
        last = self._number + len(entries)
        values |= {
            "actor": self.actor, "epoch": self._epoch, "before": self._number, "last": last,
            "recipient": list(news), "heard": list(news.values()),
        }  # fmt: skip
        try:
            moved = self._db.execute(_APPEND, values, prepare=True).fetchone()
        except psycopg.Error as error:
            raise self._failed(error) from error
        if moved != (1,):
            raise Fenced(f"{self.actor}: epoch {self._epoch} was succeeded by a newer one")
        self._number = last

    def read(self, after: int = 0) -> Iterator[Entry]:
        while True:
            try:
                page = self._db.execute(_READ, (self.actor, after, PAGE), binary=True).fetchall()
            except psycopg.Error as error:
                raise self._failed(error) from error
            yield from map(Entry._make, page)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def acknowledged(self) -> dict[Address, int]:
        query = "SELECT recipient, seq FROM oms_journal.acknowledged WHERE actor = %s"
        try:
            found = self._db.execute(query, (self.actor,)).fetchall()
        except psycopg.Error as error:
            raise self._failed(error) from error
        return {recipient: seq for recipient, seq in found}

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        values = (number, stamp, data, self.actor, self._epoch)
        try:
            moved = self._db.execute(_SNAPSHOT, values, binary=True)
        except psycopg.Error as error:
            raise self._failed(error) from error
        if moved.rowcount != 1:
            raise Fenced(f"{self.actor}: epoch {self._epoch} was succeeded by a newer one")

    def snapshot(self, stamp: str) -> tuple[int, bytes] | None:
        query = "SELECT number, data FROM oms_journal.snapshots WHERE actor = %s AND stamp = %s"
        try:
            found = self._db.execute(query, (self.actor, stamp), binary=True).fetchone()
        except psycopg.Error as error:
            raise self._failed(error) from error
        return (found[0], found[1]) if found else None

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    @property
    def _db(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._url, self._patience_s)
            _current(self._connection, self._url)
        return self._connection

    def _one(self, query: str) -> Any:
        found = self._db.execute(query, (self.actor,)).fetchone()
        return found[0] if found else None

    def _failed(self, error: psycopg.Error) -> JournalFailed:
        return JournalFailed(f"journal of {self.actor}: {_remedy(self._url, error)}")


# ---- the server


def prepare(url: str) -> None:
    """See that the server answers, keeps what it confirms, and has the newest schema.

    Raises:
        JournalFailed: it does not; with what to do.
    """
    if not url:
        raise JournalFailed(
            "OMS_JOURNAL is postgres, and no server is named: set OMS_JOURNAL_URL, or "
            "OMS_JOURNAL_URL_FILE, to postgresql://user:password@host:port/database"
        )
    with closing(connect(url, patience_s=0.0)) as db:
        _current(db, url)


def connect(url: str, patience_s: float) -> Connection:
    """A connection on which what is confirmed is on the disk of the server.

    Raises:
        JournalFailed: none within ``patience_s`` seconds, however often it was tried.
    """
    deadline, delay = time.monotonic() + patience_s, 0.1
    while True:
        try:
            db: Connection = psycopg.connect(url, autocommit=True, **_CONNECTION)  # type: ignore[arg-type]
            break
        except psycopg.Error as error:
            if isinstance(error, psycopg.ProgrammingError) or time.monotonic() > deadline:
                raise JournalFailed(_remedy(url, error)) from None  # its text may hold the URL
        time.sleep(delay)
        delay = min(2 * delay, 2.0)
    try:
        _careful(db, url)
    except psycopg.Error as error:
        raise JournalFailed(_remedy(url, error)) from error
    return db


def _careful(db: Connection, url: str) -> None:
    told = {name: _setting(db, name) for name in ("fsync", "full_page_writes")}
    if off := [name for name, value in told.items() if value == "off"]:
        raise JournalFailed(
            f"PostgreSQL at {place(url)} runs with {off[0]}=off and would lose what it confirmed; "
            f"set {off[0]}=on in its postgresql.conf and reload it"
        )
    if _setting(db, "synchronous_commit") == "off":
        db.execute("SET synchronous_commit = on")
    db.execute("SET lock_timeout = '10s'")


def _setting(db: Connection, name: str) -> str:
    found = db.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return str(found[0]) if found else ""


def place(url: str) -> str:
    """Where the server is, without who may do what there: ``host:port/database``."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "an URL that cannot be read"
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or parts.get('user') or ''}"


def _remedy(url: str, error: psycopg.Error) -> str:
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return (
            "the URL of the journal cannot be read; set OMS_JOURNAL_URL, or the file that "
            "OMS_JOURNAL_URL_FILE names, to postgresql://user:password@host:port/database"
        )
    text = " ".join(str(error).split())
    secret = str(conninfo_to_dict(url).get("password") or "")
    text = text.replace(secret, "***") if secret else text
    if error.sqlstate in ("53100", "58030"):
        return f"PostgreSQL at {place(url)}: {text}. Free space on its disk, then actors go on"
    return (
        f"PostgreSQL at {place(url)}: {text}. See that it runs and lets us in (pg_isready), then "
        f"the actor restarts and replays by itself"
    )


# ---- the schema


def migrations() -> dict[int, Path]:
    """Every numbered file, in order."""
    return {int(path.name[:4]): path for path in sorted(MIGRATIONS.glob("[0-9]*.sql"))}


def _current(db: Connection, url: str) -> None:
    """Bring the schema to the version that this release knows."""
    newest = max(migrations())
    try:
        if (version := _version(db)) < newest:
            version = _migrate(db)
    except psycopg.errors.InsufficientPrivilege as error:
        raise JournalFailed(
            f"PostgreSQL at {place(url)}: the schema is older than version {newest} and this user "
            f"may not change it: {' '.join(str(error).split())}. Start once with the URL of "
            f"its owner"
        ) from error
    except psycopg.Error as error:
        raise JournalFailed(_remedy(url, error)) from error
    if version > newest:
        raise JournalFailed(
            f"PostgreSQL at {place(url)} has version {version} of the schema and this release "
            f"knows {newest}: start the release that wrote it, or a newer one"
        )


def _version(db: Connection) -> int:
    if db.execute("SELECT to_regclass('oms_journal.migrations')").fetchone() == (None,):
        return 0
    found = db.execute("SELECT coalesce(max(version), 0) FROM oms_journal.migrations").fetchone()
    return int(found[0]) if found else 0


def _migrate(db: Connection) -> int:
    """All or nothing; many actors start at once, and one of them does it.

    The transaction begins under the lock: one that had waited within would not see the new tables.
    """
    db.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        with db.transaction():
            _bring_up(db, _version(db))
        return _version(db)
    finally:
        if not db.closed:
            db.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _bring_up(db: Connection, version: int) -> None:
    if not version:
        db.execute("CREATE SCHEMA IF NOT EXISTS oms_journal")
        db.execute(
            "CREATE TABLE IF NOT EXISTS oms_journal.migrations (version int PRIMARY KEY, "
            "name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
    for number, path in migrations().items():
        if number > version:
            db.execute(path.read_bytes())
            db.execute(
                "INSERT INTO oms_journal.migrations (version, name) VALUES (%s, %s)",
                (number, path.name),
            )


# ---- for those who only read


def actors(url: str) -> list[Address]:
    """Every actor that has a journal there.

    Raises:
        JournalFailed: the server cannot be asked.
    """
    with closing(connect(url, patience_s=0.0)) as db:
        try:
            if not _version(db):
                return []
            found = db.execute("SELECT actor FROM oms_journal.heads ORDER BY actor").fetchall()
        except psycopg.Error as error:
            raise JournalFailed(_remedy(url, error)) from error
    return [str(actor) for (actor,) in found]


def rows(
    url: str, actor: Address, query: str, values: Sequence[object] = ()
) -> Iterator[tuple[Any, ...]]:
    """What the query, written for the actor's SQLite file, finds in its views.

    Raises:
        JournalFailed: the server cannot be asked.
    """
    text = query.replace("%", "%%").replace("?", "%s").replace("IN ()", "IN (NULL)").encode()
    with closing(connect(url, patience_s=0.0)) as db:
        try:
            db.execute("SELECT set_config('oms.actor', %s, false)", (actor,))
            db.execute("SET search_path = oms_reading, pg_catalog")
            db.read_only = True
            with db.transaction(), db.cursor(name="reading", binary=True) as cursor:
                cursor.itersize = PAGE
                yield from cursor.execute(text, values)
        except psycopg.Error as error:
            raise JournalFailed(f"journal of {actor}: {_remedy(url, error)}") from error
