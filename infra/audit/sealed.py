"""A file that is only ever added to, each line sealed with a secret key over the line before.

A line is ``<HMAC-SHA256> <JSON>``; the seal covers the seal of the line before and the bytes of
its own. Who has not the key can add nothing, change nothing, and leave out nothing but the latest
lines.
"""

import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from messages.base import Instant, format_time, parse_time

KEY_BYTES = 32
LEAST_KEY_BYTES = 16


class SealBroken(Exception):
    """A line is not what was written; the message names file and line."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path} line {line}: {what}")
        self.line = line
        self.what = what


class KeyMissing(Exception):
    """No key, or none that can be used; the message says where it should be."""


class Line(NamedTuple):
    """One line as it was read: its number from 1, when it was written, and what it says."""

    number: int
    at: Instant
    said: dict[str, Any]
    seal: str


def read_key(path: Path) -> bytes:
    """The key in that file.

    Raises:
        KeyMissing: there is none, it is too short, or others may read it.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text().strip()
    except OSError as error:
        raise KeyMissing(
            f"{path}: {error.strerror}; it should hold the key of the anchors: put it back, or "
            f"name it with OMS_ANCHOR_KEY_FILE"
        ) from error
    if mode & 0o007:
        raise KeyMissing(f"{path}: everybody may read it; chmod 600 {path}")
    if len(text) < 2 * LEAST_KEY_BYTES:
        raise KeyMissing(f"{path}: {len(text)} characters are no key; at least 32 are")
    return text.encode()


def make_key(path: Path) -> bytes:
    """The key in that file, made where there is none.

    Raises:
        KeyMissing: it cannot be made or read.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return read_key(path)
    except OSError as error:
        raise KeyMissing(
            f"{path}: {error.strerror}; name a file with OMS_ANCHOR_KEY_FILE"
        ) from error
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES))
    return read_key(path)


class SealedFile:
    """One such file. Whoever has the key may write, one at a time, and read meanwhile."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = key
        self._last: tuple[int, str, int] | None = None

    def read(self) -> Iterator[Line]:
        """Every line from the first; a line that was being written when its writer died is none.

        Raises:
            SealBroken: at the first line that is not what was written.
        """
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        before = ""
        with file:
            for number, row in enumerate(file, 1):
                if not row.endswith(b"\n"):
                    return
                line = self._line(number, row[:-1], before)
                before = line.seal
                yield line

    def append(self, at: Instant, said: Mapping[str, object]) -> Line:
        """Add a line; durable on return.

        Raises:
            SealBroken: what is there is not what was written, so nothing is added to it.
            OSError: the disk is full or away; nothing was added, as far as readers see.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._last is None or self._last[2] != os.path.getsize(self.path):
                self._last = self._open()  # somebody else has added to it
            number, before, size = self._last
            said_of = {"Line": number + 1, "At": format_time(at), **said}
            body = json.dumps(said_of, separators=(",", ":")).encode()
            seal = self._seal(before, body)
            row = b"%s %s\n" % (seal.encode(), body)
            self._last = None  # until it is known to be on disk
            file.write(row)
            file.flush()
            os.fsync(file.fileno())
            self._last = (number + 1, seal, size + len(row))
        return Line(number + 1, at, dict(said), seal)

    def _open(self) -> tuple[int, str, int]:
        """Number, seal and end of the last whole line; what follows was never written whole."""
        number, seal = 0, ""
        for line in self.read():
            number, seal = line.number, line.seal
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)
        return number, seal, whole

    def _line(self, number: int, row: bytes, before: str) -> Line:
        seal, _, body = row.partition(b" ")
        if not hmac.compare_digest(seal, self._seal(before, body).encode()):
            raise SealBroken(self.path, number, "its seal is not that of its content")
        said: dict[str, Any] = json.loads(body)
        if said.pop("Line") != number:
            raise SealBroken(self.path, number, "it says that it is another line")
        return Line(number, parse_time(said.pop("At")), said, seal.decode())

    def _seal(self, before: str, body: bytes) -> str:
        return hmac.new(self._key, before.encode() + b"\n" + body, sha256).hexdigest()
