"""A journal on a disk that fails as disks do. What it keeps outlives the process that wrote it.

It fails as SQLite does with a full sync: a commit is there whole or not at all, and what was
acknowledged is there. Bits that flip are found by the hash chain when the journal is read. Now and
then it fails as a plain file would: of a batch the first entries are there and a piece of the next,
which the chain shows to be none.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    half_written: float = 0.0
    full: float = 0.0
    io_error: float = 0.0
    bit_flip: float = 0.0


class Disk:
    """All journals of the installation. ``crashes`` and ``faults`` count what was done, by kind."""

    def __init__(
        self,
        random: Random,
        hazards: Hazards,
        crashed: Callable[[Address, str], None] = lambda address, kind: None,
        time: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.random = random
        self.hazards = hazards
        self.times: dict[Address, list[float]] = {}
        self._crashed = crashed
        self.time = time
        self.tapes: dict[Address, Tape] = {}
        self.torn: dict[Address, Entry] = {}
        self.opened: Counter[Address] = Counter()
        self.crashes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.fair = False

    def journal(self, address: Address) -> "SimJournal":
        """The journal of that actor, as a new incarnation finds it."""
        return SimJournal(self, address, self.tapes.setdefault(address, Tape()))

    def happens(self, probability: float) -> bool:
        """Whether a hazard strikes."""
        return not self.fair and probability > 0 and self.random.random() < probability

    def crash(self, address: Address, kind: str) -> None:
        """The process that is writing dies here."""
        self.crashes[kind] += 1
        self._crashed(address, kind)
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
        self._disk.opened[self._address] += 1
        torn = self._disk.torn.pop(self._address, None)
        if torn is not None:
            entries = self.tape.entries
            before = entries[-1].chain if entries else b""
            if torn.digest(before) == torn.chain:
                entries.append(torn)  # it was not torn after all
                self._disk.times[self._address].append(self._disk.time())
            else:
                self._disk.faults["torn_tail_dropped"] += 1
        if self._disk.happens(self._disk.hazards.in_takeover):
            self._disk.crash(self._address, "in_takeover")
        return epoch

    def append(
        self, entries: Sequence[Entry], acknowledged: Mapping[Address, int] | None = None
    ) -> None:
        disk, hazards = self._disk, self._disk.hazards
        if disk.happens(hazards.before_write):
            disk.crash(self._address, "before_write")
        if disk.happens(hazards.full):
            disk.faults["full"] += 1
            raise JournalFailed(f"{self._address}: no space left on the device")
        if disk.happens(hazards.io_error):
            disk.faults["io_error"] += 1
            raise JournalFailed(f"{self._address}: input/output error")
        if disk.happens(hazards.before_sync):  # written, and yet gone: it was never synced
            disk.faults["lost_unsynced"] += 1
            disk.crash(self._address, "before_sync")
        if entries and disk.happens(hazards.half_written):
            self._write_half(entries)
        super().append(entries, acknowledged)
        disk.times.setdefault(self._address, []).extend([disk.time()] * len(entries))
        if disk.happens(hazards.after_sync):
            disk.crash(self._address, "after_sync")

    def _write_half(self, entries: Sequence[Entry]) -> None:
        """A journal that is not atomic: the first entries are there, of the next one a part."""
        disk = self._disk
        whole = disk.random.randrange(len(entries))
        super().append(entries[:whole])
        disk.times.setdefault(self._address, []).extend([disk.time()] * whole)
        torn = entries[whole]
        disk.torn[self._address] = torn._replace(events=torn.events[: len(torn.events) // 2])
        disk.faults["half_written"] += 1
        disk.crash(self._address, "half_written")

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
            self._disk.crash(self._address, "in_snapshot")
        super().save_snapshot(number, stamp, data)
