"""A message that ends its process is set aside, however it does that.

What raises is parked at once by the host. What crashes or hangs the interpreter raises nothing, so
the message that is about to be handled is noted where it survives the process (a memory-mapped
file), and the note is taken away when its entry is about to be written. A process that finds a note
when it begins knows which message its predecessor ended in; after ``LIMIT`` times that message
raises, and is parked like any other.
"""

import json
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import structlog

from actors.actor import Actor
from infra.journals import Journal
from messages.entry import Entry
from messages.envelope import Address

FOLDER = "busy"
LIMIT = 3
SIZE = 16
NOTHING = bytes(SIZE)

log = structlog.get_logger()


class Poisonous(Exception):
    """The process ended ``LIMIT`` times while it was busy with this message."""


class Suspicion:
    """What one address is busy with, and what its earlier processes ended in."""

    def __init__(self, data: Path, address: Address) -> None:
        name = address.replace("/", ".", 1)
        folder = data / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self._address = address
        self._tally = folder / f"{name}.json"
        self._ended = self._read()
        with (folder / name).open("a+b") as file:
            file.truncate(SIZE)
            self._busy = mmap.mmap(file.fileno(), SIZE)
        if self._busy[:] != NOTHING:
            last = self._busy[:].hex()
            times = self._ended[last] = self._ended.get(last, 0) + 1
            self._write()
            self._busy[:] = NOTHING
            log.warning("ended in a message", actor=address, message=last, times=times)

    def begin(self, body: bytes) -> None:
        """About to handle ``body``.

        Raises:
            Poisonous: it is not to be handled.
        """
        digest = blake2b(body, digest_size=SIZE).digest()
        if self._ended and (times := self._ended.get(digest.hex(), 0)) >= LIMIT:
            raise Poisonous(f"{self._address} ended {times} times while busy with this message")
        self._busy[:] = digest

    def over(self) -> None:
        """What was begun went well; what happens from here on is not the message's doing."""
        if self._ended and self._ended.get(digest := self._busy[:].hex(), LIMIT) < LIMIT:
            del self._ended[digest]
            self._write()
        self._busy[:] = NOTHING

    def _read(self) -> dict[str, int]:
        try:
            ended: dict[str, int] = json.loads(self._tally.read_text())
        except FileNotFoundError:
            return {}
        return ended

    def _write(self) -> None:
        fresh = self._tally.with_name(f"{self._tally.name}.new")
        fresh.write_text(json.dumps(self._ended))
        fresh.replace(self._tally)


class _Inbox:
    """An actor's INBOX that tells what it is about to read."""

    def __init__(self, inbox: Any, suspicion: Suspicion) -> None:
        self._validate = inbox.validate_json
        self._begin = suspicion.begin

    def validate_json(self, body: bytes) -> Any:
        self._begin(body)
        return self._validate(body)


class _Watched:
    """A journal; an append means that whatever led to it is over."""

    def __init__(self, journal: Journal, suspicion: Suspicion) -> None:
        self._journal = journal
        self._suspicion = suspicion

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        if entries:
            self._suspicion.over()
        self._journal.append(entries, acknowledged)

    def open(self) -> int:
        return self._journal.open()

    def read(self, after: int = 0) -> Iterator[Entry]:
        return self._journal.read(after)

    def acknowledged(self) -> dict[Address, int]:
        return self._journal.acknowledged()

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        self._journal.save_snapshot(number, stamp, data)

    def snapshot(self, stamp: str) -> tuple[int, bytes] | None:
        return self._journal.snapshot(stamp)

    def close(self) -> None:
        self._journal.close()


Make = Callable[[], Actor[Any, Any, Any]]


def watched(data: Path, address: Address, make: Make, journal: Journal) -> tuple[Make, Journal]:
    """``make`` and ``journal`` for a host, so that what ends its process is known by the next.

    An actor that takes what came together as one message (``RUNS``) is left as it is: what it was
    busy with does not come together in the same way again.
    """
    if type(make()).RUNS:
        return make, journal
    suspicion = Suspicion(data, address)

    def make_watched() -> Actor[Any, Any, Any]:
        actor = make()
        actor.__dict__["INBOX"] = _Inbox(actor.INBOX, suspicion)
        return actor

    return make_watched, _Watched(journal, suspicion)
