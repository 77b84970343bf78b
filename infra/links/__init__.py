"""Links: how numbered envelopes get from outbox to inbox, over whatever carries bytes.

Rules, whatever the carrier: every envelope has a dense number per (sender, recipient). On every
connection the sender says which number it can go on from, the recipient answers what it has heard,
and the sender goes on from there. What is not acknowledged is sent again; what was heard before is
acknowledged again and otherwise ignored.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from messages.base import Message
from messages.envelope import Address, Envelope


class LinkBroken(Exception):
    """The two ends contradict each other: one of them has lost what it had made durable."""


class Hello(Message):
    """First words on a connection. ``first``: the oldest number the sender still has.

    ``incarnation`` is set by a sender without a journal (ingress), whose numbers begin anew with
    each incarnation; ``epoch`` by one with a journal.
    """

    sender: Address
    recipient: Address
    epoch: int = 0
    incarnation: str = ""
    first: int


class Source(Protocol):
    """One connection as its recipient sees it."""

    hello: Hello

    def acknowledge(self, heard: int) -> None:
        """Everything up to ``heard`` is durable here. May be called less often than it is true."""

    def rewind(self, heard: int) -> None:
        """Something is missing: go on from what follows ``heard``."""

    def pause(self) -> None:
        """Bring no more for now."""

    def resume(self) -> None:
        """Go on."""


class Inbox(Protocol):
    """The receiving end: what a listener hands its batches to."""

    def greet(self, source: Source) -> int:
        """A sender has connected; the answer is what has been heard of it.

        Raises:
            LinkBroken: it cannot go on from there; the connection is refused with the reason.
        """

    def take(self, source: Source, envelopes: Sequence[Envelope]) -> None:
        """A batch came. Returns at once; ``source.acknowledge`` follows when it is durable."""

    def vitals(self, data: bytes) -> None:
        """Unnumbered, unjournaled news of the sender's health; may be lost."""


class Outpost(Protocol):
    """The sending end towards one recipient. Never loses, never reorders what it is offered."""

    @property
    def unacknowledged(self) -> int:
        """How many envelopes the recipient has not yet acknowledged."""

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        """Send these, which follow what was offered before."""

    def vitals(self, data: bytes) -> None:
        """Send once if connected, else not at all."""

    async def close(self) -> None:
        """Stop sending; what is unacknowledged stays so."""


Heard = Callable[[Address, int], None]
"""Called with (recipient, number) when a recipient has acknowledged up to that number."""
