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
        if entries and entries[0].number != len(tape.entries) + 1:
            raise Fenced(f"entry {entries[0].number} where {len(tape.entries) + 1} was due")
        tape.entries.extend(entries)
        tape.acknowledged.update(acknowledged or {})

    def read(self, after: int = 0) -> Iterator[Entry]:
        yield from self.tape.entries[after:]

    def acknowledged(self) -> dict[Address, int]:
        return dict(self.tape.acknowledged)

    def close(self) -> None:
        pass
