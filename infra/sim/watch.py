"""Watches while things happen: nothing may leave, or be acknowledged, that is not on the disk."""

from infra.links import Heard
from infra.shell import UNNUMBERED
from infra.sim.disk import Disk
from messages.envelope import Address, Envelope


class Watch:
    """``found``: sentences, one for each thing that was said too early."""

    def __init__(self, disk: Disk) -> None:
        self.found: list[str] = []
        self._disk = disk
        self._read: dict[Address, int] = {}
        self._sent: dict[tuple[Address, Address], int] = {}
        self._heard: dict[tuple[Address, Address], int] = {}

    def leaves(self, sender: Address, last: Envelope) -> None:
        """``sender`` hands this to a link."""
        if sender.partition("/")[0] in UNNUMBERED or last.kind == "EntryCopy":
            return
        self._catch_up(sender)
        if last.seq > self._sent.get((sender, last.recipient), 0):
            self.found.append(f"{sender} said {last.seq} to {last.recipient}: not on its disk")

    def told(self, sender: Address, heard: Heard) -> Heard:
        """Passes acknowledgements on to ``sender`` and looks at each."""

        def look(recipient: Address, seq: int) -> None:
            durable = recipient.partition("/")[0] not in ("desk", "compliance")
            if durable and sender.partition("/")[0] not in UNNUMBERED:
                self._catch_up(recipient)
                if seq > self._heard.get((recipient, sender), 0):
                    what = f"{recipient} acknowledged {seq} of {sender}: not on its disk"
                    self.found.append(what)
            heard(recipient, seq)

        return look

    def _catch_up(self, address: Address) -> None:
        tape = self._disk.tapes.get(address)
        if tape is None:
            return
        for entry in tape.entries[self._read.get(address, 0) :]:
            if entry.seq:
                self._heard[address, entry.sender] = entry.seq
            for recipient, seq, _ in entry.sent():
                self._sent[address, recipient] = seq
        self._read[address] = len(tape.entries)
