"""A journal on a disk that fails as disks do. What it keeps outlives the process that wrote it.

It fails as SQLite does with a full sync: a commit is there whole or not at all, and what was
acknowledged is there. Bits that flip are found by the hash chain when the journal is read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from infra.journals import JournalFailed
from infra.journals.memory import MemoryJournal, Tape
from infra.sim.loop import Killed
from messages.entry import Entry
from messages.envelope import Address


@dataclass
class Hazards:
    """Probabilities for each write."""

    before_write: float = 0.0
    before_sync: float = 0.0
    after_sync: float = 0.0
    in_snapshot: float = 0.0
    in_takeover: float = 0.0
    between_sends: float = 0.0
    full: float = 0.0
    io_error: float = 0.0
    bit_flip: float = 0.0


class Disk:
    """All journals of the installation. ``crashes`` and ``faults`` count what was done, by kind."""

    def __init__(self, random: Random, hazards: Hazards) -> None:
        self.random = random
        self.hazards = hazards
        self.tapes: dict[Address, Tape] = {}
        self.crashes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.fair = False

    def journal(self, address: Address) -> "SimJournal":
        """The journal of that actor, as a new incarnation finds it."""
        return SimJournal(self, address, self.tapes.setdefault(address, Tape()))

    def happens(self, probability: float) -> bool:
        """Whether a hazard strikes."""
        return not self.fair and probability > 0 and self.random.random() < probability

    def crash(self, kind: str) -> None:
        """The process that is writing dies here."""
        self.crashes[kind] += 1
        raise Killed(kind)

    def heal(self) -> None:
        """The disk works from now on."""
        self.fair = True


class SimJournal(MemoryJournal):
    """The contract of every journal, on a :class:`Disk`."""

    def __init__(self, disk: Disk, address: Address, tape: Tape) -> None:
        super().__init__(tape)
        self._disk = disk
        self._address = address

    def open(self) -> int:
        epoch = super().open()
        if self._disk.happens(self._disk.hazards.in_takeover):
            self._disk.crash("in_takeover")
        return epoch

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        disk, hazards = self._disk, self._disk.hazards
        if disk.happens(hazards.before_write):
            disk.crash("before_write")
        if disk.happens(hazards.full):
            disk.faults["full"] += 1
            raise JournalFailed(f"{self._address}: no space left on the device")
        if disk.happens(hazards.io_error):
            disk.faults["io_error"] += 1
            raise JournalFailed(f"{self._address}: input/output error")
        if disk.happens(hazards.before_sync):  # written, and yet gone: it was never synced
            disk.faults["lost_unsynced"] += 1
            disk.crash("before_sync")
        super().append(entries, acknowledged)
        if disk.happens(hazards.after_sync):
            disk.crash("after_sync")

    def read(self, after: int = 0) -> Iterator[Entry]:
        for entry in super().read(after):
            if self._disk.happens(self._disk.hazards.bit_flip) and entry.events:
                self._disk.faults["bit_flip"] += 1
                at = self._disk.random.randrange(len(entry.events))
                flipped = bytearray(entry.events)
                flipped[at] ^= 1 << self._disk.random.randrange(8)
                entry = entry._replace(events=bytes(flipped))
            yield entry

    def save_snapshot(self, number: int, stamp: str, data: bytes) -> None:
        if self._disk.happens(self._disk.hazards.in_snapshot):
            self._disk.crash("in_snapshot")
        super().save_snapshot(number, stamp, data)
