"""SQLite's write-ahead log: whether it holds more than SQLite would take from it.

SQLite takes the log up to the first frame whose checksum is wrong and forgets the rest, which is
right for a commit that was torn by a crash, and would silently undo commits where a bit has flipped
in the middle. A crash tears the last commit only, for each one is flushed before the next begins:
two whole ones behind a wrong frame mean damage.

How far SQLite goes is asked of SQLite, by hard links that it only reads: on the file itself it
would delete the log when it is closed. The format: https://www.sqlite.org/fileformat2.html#walformat
"""

import os
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

HEADER = struct.Struct(">8I")
FRAME = struct.Struct(">6I")
_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
"""And the byte order in which checksums add up."""

_LAST_FRAME = struct.Struct("=16xI")
"""In the first bytes of the index that SQLite makes of the log (``-shm``)."""

ATTEMPTS = 3
"""Somebody may write while we look: damage is what is seen each time."""


def damage(database: Path) -> str:
    """What is wrong with the log of ``database``; empty where nothing is, or there is none."""
    fault = ""
    for _ in range(ATTEMPTS):
        if not (fault := _fault(database)):
            return ""
    return f"{database.name}-wal: {fault}"


def _fault(database: Path) -> str:
    try:
        with database.with_name(f"{database.name}-wal").open("rb") as log:
            header = log.read(HEADER.size)
            if len(header) < HEADER.size:
                return ""
            magic, _, size, _, salt_1, salt_2, *sums = HEADER.unpack(header)
            if magic not in _MAGIC or _checksum(header[:24], _MAGIC[magic]) != sums:
                return "its header is not what was written"
            commits = _commits(log.fileno(), FRAME.size + size, (salt_1, salt_2))
        if len(commits) < 2:
            return ""
        taken = _taken(database)
    except OSError:  # no log; or a file system without hard links, where SQLite's word must do
        return ""
    behind = sum(number > taken for number in commits)
    return f"{behind} commits lie behind a frame that is not what was written" * (behind > 1)


def _commits(log: int, step: int, salts: tuple[int, int]) -> list[int]:
    """The numbers, from 1, of frames that say they end a commit of this log's own round."""
    whole = (os.fstat(log).st_size - HEADER.size) // step
    heads = (os.pread(log, FRAME.size, HEADER.size + n * step) for n in range(whole))
    frames = enumerate(map(FRAME.unpack, heads), 1)
    return [number for number, head in frames if head[1] and head[2:4] == salts]


def _taken(database: Path) -> int:
    """The number of the last frame that SQLite takes."""
    folder = database.with_name(f"{database.name}.look{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        copy = folder / "x"
        copy.hardlink_to(database)
        copy.with_name("x-wal").hardlink_to(database.with_name(f"{database.name}-wal"))
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as db:
            try:
                db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except sqlite3.Error:  # the database itself is damaged, and is refused for that
                return 1 << 32
            (last,) = _LAST_FRAME.unpack_from(copy.with_name("x-shm").read_bytes())
            return int(last)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checksum(data: bytes, order: str) -> list[int]:
    one = two = 0
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return [one, two]
