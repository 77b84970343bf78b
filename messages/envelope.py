"""The envelope: a message's body with who says it to whom, and its number on that link.

The body is encoded once, by the actor that says it, and travels, is journaled and is resent as
those bytes. An envelope is two lines: a header of space-separated words, and the JSON body.
"""

from typing import NamedTuple

from messages.base import Instant

Address = str
"""``account/<id>``, ``book/<symbol>``, ``venue/<id>``, ``compliance/<shard>``, ``desk/<desk>``,
``fix/<venue>``, ``ingress/<n>``."""


class Envelope(NamedTuple):
    """``seq`` is dense per (sender, recipient), from 1; 0 means outside any link (a timer)."""

    sender: Address
    recipient: Address
    seq: int
    kind: str
    at: Instant
    trace: str
    body: bytes

    def encode(self) -> bytes:
        """Two lines without the final newline."""
        head = " ".join(
            (self.sender, self.recipient, str(self.seq), self.kind, str(self.at), self.trace)
        )
        return head.encode() + b"\n" + self.body


def decode(head: bytes, body: bytes) -> Envelope:
    """The two lines back to an envelope; ValueError where the header is malformed."""
    sender, recipient, seq, kind, at, trace = head.decode().split(" ")
    return Envelope(sender, recipient, int(seq), kind, int(at), trace, body)


def encode_all(envelopes: "list[Envelope] | tuple[Envelope, ...]") -> bytes:
    """A batch as bytes; empty for none."""
    return b"\n".join([envelope.encode() for envelope in envelopes])


def decode_all(data: bytes) -> list[Envelope]:
    """The batch back; ValueError where it is torn."""
    if not data:
        return []
    lines = data.split(b"\n")
    if len(lines) % 2:
        raise ValueError("a batch of envelopes has an odd number of lines")
    return [decode(lines[i], lines[i + 1]) for i in range(0, len(lines), 2)]
