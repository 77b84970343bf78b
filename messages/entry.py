"""The entry: one handled message, as it stands in the journal.

An entry is all that one step did: the events, the envelopes it put in the outbox, the timers it
set, and which message caused it (the inbox cursor). It is written as one row, all or nothing, and
it is what compliance hears of.
"""

import hashlib
from typing import Literal, NamedTuple

from messages.base import Instant, Message
from messages.envelope import Address, Envelope, decode_all
from messages.events import AnyEvent


class Entry(NamedTuple):
    """``events`` is a JSON array; ``sends`` a batch of envelopes (:mod:`messages.envelope`);
    ``timers`` a JSON array of ``[key, due, kind, body]``.
    """

    number: int
    epoch: int
    at: Instant
    sender: Address
    seq: int
    kind: str
    caused_at: Instant
    trace: str
    cause: str
    events: bytes
    sends: bytes
    timers: bytes = b"[]"
    chain: bytes = b""

    def sealed(self, before: bytes) -> "Entry":
        """This entry with its place in the hash chain: h(n) = H(h(n-1) + content of n)."""
        return Entry(*self[:-1], self.digest(before))

    def digest(self, before: bytes) -> bytes:
        """SHA-256 over the chain so far and everything in this entry but ``chain`` itself."""
        head = (
            f"{self.number} {self.epoch} {self.at} {self.sender} {self.seq} {self.kind} "
            f"{self.caused_at} {self.trace} {self.cause}\n"
        )
        content = b"\n".join((before, head.encode(), self.events, self.sends, self.timers))
        return hashlib.sha256(content).digest()

    def sent(self) -> list[tuple[Address, int, str]]:
        """Recipient, number and kind of each send, without decoding the bodies."""
        if not self.sends:
            return []
        heads = [head.decode().split(" ") for head in self.sends.split(b"\n")[::2]]
        return [(words[1], int(words[2]), words[3]) for words in heads]

    def envelopes(self) -> list[Envelope]:
        """The sends as they go out."""
        return decode_all(self.sends)

    def copy_body(self, actor: Address) -> bytes:
        """The JSON of :class:`EntryCopy`, put together from parts that are JSON already."""
        sends = ",".join([f'["{to}",{seq},"{kind}"]' for to, seq, kind in self.sent()])
        head = (
            f'{{"MsgType":"EntryCopy","Actor":"{actor}","Number":{self.number},'
            f'"Epoch":{self.epoch},"At":{self.at},"Sender":"{self.sender}","Seq":{self.seq},'
            f'"Kind":"{self.kind}","CausedAt":{self.caused_at},"Trace":"{self.trace}",'
            f'"Cause":"{self.cause}","Chain":"{self.chain.hex()}","Sends":[{sends}],"Events":'
        )
        return head.encode() + self.events + b"}"


class EntryCopy(Message):
    """An entry as compliance hears it: everything but the bodies of the sends."""

    MsgType: Literal["EntryCopy"] = "EntryCopy"
    Actor: str
    Number: int
    Epoch: int
    At: Instant
    Sender: str
    Seq: int
    Kind: str
    CausedAt: Instant
    Trace: str
    Cause: str
    Chain: str
    Sends: tuple[tuple[str, int, str], ...]
    Events: tuple[AnyEvent, ...]
