"""A journal in memory: for tests and simulation. What it holds outlives the actor, not the process.

A crash is the loss of the object that wrote; another one opened on the same ``Tape`` goes on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from infra.journals import Fenced
from messages.entry import Entry
from messages.envelope import Address


@dataclass
class Tape:
    """What is durable."""

    entries: list[Entry] = field(default_factory=list)
    acknowledged: dict[Address, int] = field(default_factory=dict)
    epoch: int = 0
    snapshot: tuple[int, str, bytes] | None = None


class MemoryJournal:
    """The contract over a :class:`Tape`."""

    _tapes: ClassVar[dict[Path, Tape]] = {}

    def __init__(self, tape: Tape | None = None) -> None:
        self.tape = tape or Tape()
        self._epoch = 0

    @classmethod
    def at(cls, path: Path) -> Self:
        """The journal of that path in this process."""
        return cls(cls._tapes.setdefault(path, Tape()))

    def open(self) -> int:
        self.tape.epoch += 1
        self._epoch = self.tape.epoch
        return self._epoch

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        tape = self.tape
        if self._epoch != tape.epoch:
            raise Fenced(f"epoch {self._epoch} was succeeded by {tape.epoch}")
        for due, entry in enumerate(entries, len(tape.entries) + 1):
            if entry.number != due:
                raise Fenced(f"entry {entry.number} where {due} was due")
        tape.entries.extend(entries)
        for recipient, seq in (acknowledged or {}).items():
            tape.acknowledged[recipient] = max(seq, tape.acknowledged.get(recipient, 0))

    def read(self, after: int = 0) -> Iterator[Entry]:
        yield from self.tape.entries[after:]

    def acknowledged(self) -> dict[Address, int]:
        return dict(self.tape.acknowledged)

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        if self._epoch != self.tape.epoch:
            raise Fenced(f"epoch {self._epoch} was succeeded by {self.tape.epoch}")
        self.tape.snapshot = (number, stamp, data)

    def snapshot(self, stamp: str) -> tuple[int, bytes] | None:
        kept = self.tape.snapshot
        return (kept[0], kept[2]) if kept and kept[1] == stamp else None

    def close(self) -> None:
        pass
