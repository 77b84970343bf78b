"""SQLite's write-ahead log, read without SQLite: whether it holds more than SQLite would take.

SQLite takes the log up to the first frame whose checksum is wrong and forgets the rest, which is
right for a commit that was torn by a crash, and would silently undo commits where a bit has flipped
in the middle. A crash tears the last commit only, for each one is flushed before the next begins:
two whole ones behind a wrong frame mean damage.

The format: https://www.sqlite.org/fileformat2.html#walformat
"""

import struct
from pathlib import Path

HEADER = struct.Struct(">8I")
FRAME = struct.Struct(">6I")
_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
"""And the byte order in which checksums add up."""

ATTEMPTS = 3
"""Somebody may write while we read: damage is what is seen each time."""


def damage(database: Path) -> str:
    """What is wrong with the log of ``database``; empty where nothing is, or there is none."""
    log = database.with_name(f"{database.name}-wal")
    fault = ""
    for _ in range(ATTEMPTS):
        try:
            content = log.read_bytes()
        except FileNotFoundError:
            return ""
        if not (fault := _fault(content)):
            return ""
    return f"{log.name}: {fault}"


def _fault(log: bytes) -> str:
    if len(log) < HEADER.size + FRAME.size:
        return ""
    magic, _, size, _, salt_1, salt_2, sum_1, sum_2 = HEADER.unpack_from(log)
    order = _MAGIC.get(magic)
    if order is None or _checksum(log[:24], order, 0, 0) != (sum_1, sum_2):
        return "its header is not what was written"
    step, length = FRAME.size + size, len(log)
    sums = (sum_1, sum_2)
    at = HEADER.size
    while at + step <= length:
        head = FRAME.unpack_from(log, at)
        if head[2:4] != (salt_1, salt_2):
            break
        sums = _checksum(log[at : at + 8], order, *sums)
        sums = _checksum(log[at + FRAME.size : at + step], order, *sums)
        if sums != head[4:6]:
            break
        at += step
    behind = [FRAME.unpack_from(log, place) for place in range(at, length - step + 1, step)]
    commits = sum(head[2:4] == (salt_1, salt_2) and head[1] > 0 for head in behind)
    if commits < 2:
        return ""
    return f"{commits} commits lie behind a frame that is not what was written"


def _checksum(data: bytes, order: str, one: int, two: int) -> tuple[int, int]:
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return one, two
