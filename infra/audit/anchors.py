"""Anchors: what the journals were at an instant, written down where their writers cannot reach.

An anchor says of each journal that has grown: its last number with the whole hash, and of every
entry since the anchor before the first four bytes of its hash, its *mark*. A journal that is cut
contradicts the number, one that was written anew contradicts the hash, and the marks name the first
entry that differs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from infra.audit.sealed import Line, SealedFile
from infra.journals import JournalFailed, journals
from infra.journals.reading import rows
from messages.base import Instant
from messages.envelope import Address

MARK = 4
"""Bytes of each entry's hash: a change goes unnoticed once in four thousand million."""

GROWN = "SELECT number, chain FROM entries WHERE number > ? ORDER BY number"
AT = "SELECT number, chain FROM entries WHERE number = ?"


class Point(NamedTuple):
    """A journal's entry ``number`` had this hash at that time; ``line`` of the anchors says so."""

    number: int
    chain: str
    at: Instant
    line: int


@dataclass
class Anchored:
    """What anchors say of one journal: points, and the marks of entries 1 to the last point."""

    points: list[Point] = field(default_factory=list)
    marks: bytearray = field(default_factory=bytearray)

    @property
    def last(self) -> Point | None:
        """The latest anchor that speaks of it."""
        return self.points[-1] if self.points else None

    def mark(self, number: int) -> bytes:
        """The mark of that entry."""
        return bytes(self.marks[(number - 1) * MARK : number * MARK])

    def first_at(self, number: int) -> Point:
        """The first anchor that covers that entry."""
        return next(point for point in self.points if point.number >= number)

    def take(self, line: Line, said: Mapping[str, Any]) -> None:
        """One anchor's word."""
        self.points.append(Point(said["Number"], said["Hash"], line.at, line.number))
        marks = bytes.fromhex(said["Marks"])
        known = len(self.marks) - (said["Number"] * MARK - len(marks))
        self.marks += marks[known:]  # two processes may have anchored the same; the first counts


class Alarm(NamedTuple):
    """A journal contradicts its last anchor, or cannot be read: it is not anchored anew."""

    actor: Address
    entry: int
    what: str


def read(file: SealedFile) -> dict[Address, Anchored]:
    """Everything that was anchored, by actor.

    Raises:
        SealBroken: the anchors themselves are not what was written.
    """
    known: dict[Address, Anchored] = {}
    for line in file.read():
        _take(known, line)
    return known


def _take(known: dict[Address, Anchored], line: Line) -> None:
    for actor, said in line.said["Journals"].items():
        known.setdefault(actor, Anchored()).take(line, said)


class Anchors:
    """Writes anchors of one installation."""

    def __init__(self, file: SealedFile, data: Path) -> None:
        """Raises SealBroken: what is there is not what was written."""
        self._file = file
        self._data = data
        self._known: dict[Address, Point] = {}
        for actor, anchored in read(file).items():
            if anchored.last:
                self._known[actor] = anchored.last

    def anchor(self, now: Instant) -> tuple[Line, list[Alarm]]:
        """Write one anchor of all journals, also where none has grown: that one was made is news.

        Raises:
            JournalFailed: the journals cannot be listed.
            SealBroken, OSError: it cannot be written.
        """
        said: dict[Address, object] = {}
        alarms: list[Alarm] = []
        heads: dict[Address, tuple[int, str]] = {}
        paths = journals(self._data)
        for actor, path in paths.items():
            known = self._known.get(actor)
            try:
                if known and (alarm := _contradiction(actor, path, known)):
                    alarms.append(alarm)
                    continue
                chains = list(_chains(path, known.number if known else 0))
            except JournalFailed as error:  # the others are anchored all the same
                if known is None and "no such table" in str(error):
                    continue  # its actor ended before it wrote anything
                alarms.append(Alarm(actor, known.number if known else 0, str(error)))
                continue
            if chains:
                heads[actor] = (chains[-1][0], chains[-1][1].hex())
                marks = b"".join(chain[:MARK] for _, chain in chains).hex()
                number, hash_ = heads[actor]
                said[actor] = {"Number": number, "Hash": hash_, "Marks": marks}
        alarms += [
            Alarm(actor, 1, f"the journal is gone; {point.number} entries of it were anchored")
            for actor, point in self._known.items()
            if actor not in paths
        ]
        line = self._file.append(now, {"Journals": said})
        for actor, (number, chain) in heads.items():
            self._known[actor] = Point(number, chain, line.at, line.number)
        return line, alarms


def _chains(path: Path, after: int) -> Iterator[tuple[int, bytes]]:
    """Number and hash of the entries after that one, as long as none is missing."""
    for due, (number, chain) in enumerate(rows(path, GROWN, [after]), after + 1):
        if number != due:
            return
        yield number, bytes(chain)


def _contradiction(actor: Address, path: Path, known: Point) -> Alarm | None:
    found = next(rows(path, AT, [known.number]), None)
    if found is None:
        return Alarm(actor, known.number, f"entry {known.number} was anchored and is not there")
    if bytes(found[1]).hex() != known.chain:
        what = f"entry {known.number} has not the hash that it was anchored with"
        return Alarm(actor, known.number, what)
    return None
