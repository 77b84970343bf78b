"""Journals as those see them who only read: commands, the doctor, the supervisor.

One way to ask for all of them: SQL as SQLite speaks it, on the tables ``head``, ``entries``,
``acknowledged`` and ``snapshot`` of one actor. In PostgreSQL these are views of the same names, and
where entries were archived ``entries`` is a view over both files. Nothing here writes.

A path ends in ``.sqlite`` and is a file, or in ``.postgres`` and only names installation and actor.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from infra.journals import SERVER, JournalFailed, server_of
from infra.journals.archive import archive_of, attach
from messages.envelope import Address


def rows(path: Path, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
    """What ``query`` finds in a journal that may be in use.

    Raises:
        JournalFailed: the file or the server cannot be read.
    """
    if path.suffix == SERVER:
        from infra.journals import postgres

        yield from postgres.rows(server_of(path.parents[2]), address_of(path), query, values)
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("PRAGMA busy_timeout=5000")
            attach(db, path)
            yield from db.execute(query, values)
    except sqlite3.Error as error:
        raise JournalFailed(f"{path}: {error}") from error


def address_of(path: Path) -> Address:
    """The actor whose journal that is."""
    return f"{path.parent.name}/{path.stem}"


def owes(path: Path, copies_to: Address | None = None) -> bool:
    """Whether the actor has sent something that was not acknowledged, as far as the journal tells.

    ``copies_to``: who must hear of every entry as well, under the entry's own number.
    """
    acknowledged = dict(rows(path, "SELECT recipient, seq FROM acknowledged"))
    sent: dict[str, int] = {}
    if copies_to:
        ((sent[copies_to],),) = rows(path, "SELECT number FROM head")
    for (sends,) in rows(path, "SELECT sends FROM entries WHERE length(sends) > 0 ORDER BY number"):
        for head in bytes(sends).split(b"\n")[::2]:
            words = head.decode().split(" ")
            sent[words[1]] = int(words[2])
    return any(seq > acknowledged.get(recipient, 0) for recipient, seq in sent.items())


def size(path: Path) -> int:
    """Bytes that the journal takes, with what is in its write-ahead log only."""
    if path.suffix == SERVER:
        query = "SELECT sum(length(events) + length(sends) + length(timers) + 200) FROM entries"
        return int(next(rows(path, query))[0] or 0)
    ((pages,),) = rows(path, "PRAGMA page_count")
    ((length,),) = rows(path, "PRAGMA page_size")
    archive = archive_of(path)
    return int(pages) * int(length) + (os.path.getsize(archive) if archive.exists() else 0)
