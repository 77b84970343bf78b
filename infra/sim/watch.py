"""Watches while things happen: nothing may leave, or be acknowledged, that is not on the disk."""

from collections import Counter

from infra.links import Heard
from infra.shell import UNNUMBERED
from infra.sim.disk import Disk
from messages.envelope import Address, Envelope


class Watch:
    """``found``: sentences, one for each thing that was said too early. ``looked``: how often."""

    def __init__(self, disk: Disk) -> None:
        self.found: list[str] = []
        self.looked: Counter[str] = Counter()
        self._disk = disk
        self._read: dict[Address, int] = {}
        self._sent: dict[tuple[Address, Address], int] = {}
        self._heard: dict[tuple[Address, Address], int] = {}

    def leaves(self, sender: Address, last: Envelope) -> None:
        """``sender`` hands this to a link."""
        if sender.partition("/")[0] in UNNUMBERED:
            return
        self.looked["sends"] += 1
        self._catch_up(sender)
        known = self._sent.get((sender, last.recipient), 0)
        if last.kind == "EntryCopy":
            known = self._read.get(sender, 0)
        if last.seq > known:
            self.found.append(f"{sender} said {last.seq} to {last.recipient}: not on its disk")

    def told(self, sender: Address, heard: Heard) -> Heard:
        """Passes acknowledgements on to ``sender``, whose link begins now, and looks at each."""
        begun = {address: len(tape.entries) for address, tape in self._disk.tapes.items()}

        def look(recipient: Address, seq: int) -> None:
            self.looked["acknowledgements"] += 1
            if recipient.partition("/")[0] == "desk":
                pass  # durable at the broker, which the simulated one is by itself
            elif sender.partition("/")[0] in UNNUMBERED:
                self._taken_since(begun.get(recipient, 0), recipient, sender, seq)
            else:
                self._catch_up(recipient)
                if seq > self._heard.get((recipient, sender), 0):
                    what = f"{recipient} acknowledged {seq} of {sender}: not on its disk"
                    self.found.append(what)
            heard(recipient, seq)

        return look

    def _taken_since(self, begin: int, recipient: Address, sender: Address, seq: int) -> None:
        """A sender whose numbers begin anew with each life: one of them must be on the tape."""
        tape = self._disk.tapes.get(recipient)
        entries = tape.entries[begin:] if tape else []
        if not any(e.seq == seq and e.sender == sender for e in reversed(entries)):
            what = f"{recipient} acknowledged {seq} of {sender}: not on its disk"
            self.found.append(what)

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
