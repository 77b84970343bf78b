"""Publishing many messages at once, and knowing of each one what became of it.

A publish call is one write; the broker's confirms come back in any number of pieces. Tags are dense
within a channel, and the message id of an attempt is a prefix of its channel plus its tag, so a
returned message names its own tag and no two attempts can be taken for each other.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import aiormq

from gateways.amqp import frames
from gateways.amqp.connection import BrokerGone, Connection, LastingChannel
from gateways.amqp.topology import MAX_MESSAGE_BYTES

APP_ID = b"oms"
BUFFERED = 1 << 20  # bytes waiting in our own socket before publish waits for them to leave


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish: JSON in `body`, its kind in `type`, ClOrdID in `correlation_id`.

    `user_id`: the broker closes the channel unless it is the user who is logged in.
    """

    exchange: str
    routing_key: str
    body: bytes
    type: str = ""
    correlation_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    user_id: str | None = None


class Fate(Enum):
    """Why a message is not confirmed."""

    UNROUTABLE = "unroutable"  # no queue wanted it; it is nowhere
    REFUSED = "refused"  # the broker did not take it (queue full); it is nowhere
    UNKNOWN = "unknown"  # sent, then the channel was lost: it may or may not be there
    UNSENT = "unsent"  # the channel was lost before; it is nowhere


@dataclass(frozen=True, slots=True)
class Failure:
    """One message of a publish call that is not confirmed: its index there, and why."""

    index: int
    fate: Fate
    reason: str


class Unconfirmed(Exception):
    """Some messages of a publish call are not confirmed; all the others are."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        first = self.failures[0]
        super().__init__(
            f"{len(self.failures)} not confirmed, first: number {first.index} is "
            f"{first.fate.value}, {first.reason}"
        )


class BulkPublisher(LastingChannel):
    """Publishes batches with confirms; survives the broker, but never resends by itself.

    Any number of calls may wait at once; messages are written in the order of the calls.
    """

    def __init__(self, connection: Connection, *, max_in_flight: int = 2000) -> None:
        """`max_in_flight`: messages sent and not confirmed, above which `publish` waits."""
        super().__init__(connection)
        self._max_in_flight = max_in_flight
        self._turn = asyncio.Lock()
        self._space: asyncio.Future[None] | None = None
        self._waiting: dict[int, _Batch] = {}  # by tag
        self._lowest = 1  # no tag below it is waiting
        self._next = 1
        self._prefix = b""

    @property
    def in_flight(self) -> int:
        """Messages sent and neither confirmed nor given up."""
        return len(self._waiting)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish all; returns when every one is confirmed: on disk in all queues it went to.

        Raises BrokerGone: no channel, nothing was sent; see `ready`. Unconfirmed: what failed and
        why, the rest is confirmed. ValueError: a message that AMQP or the broker's limit would
        refuse with the whole channel; nothing was sent.
        """
        for index, message in enumerate(messages):
            _check(index, message)
        if not messages:
            return
        batch = _Batch(len(messages), asyncio.get_running_loop().create_future())
        async with self._turn:  # first come, first served
            if not self.usable:
                raise BrokerGone(f"publisher {self.connection.name!r} has no broker")
            batch.base, batch.generation = self._next, self.generation
            await self._send(messages, batch)
        await batch.outcome

    async def set_up(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Ask for confirms; tags begin at 1 again."""
        await channel.confirm_delivery()
        self._lowest = self._next = 1
        self._prefix = secrets.token_hex(6).encode() + b"-"

    def lost(self, reason: str) -> None:
        """Everything that waits for a confirm has an unknown outcome now."""
        waiting, self._waiting = self._waiting, {}
        for tag, batch in waiting.items():
            batch.fail(tag, Fate.UNKNOWN, reason)
        self._tell_space()

    def returned(self, method: bytes, header: bytes) -> None:
        """The broker found no queue; its ack follows, and means nothing then."""
        prefix, _, tag = frames.read_properties(header).message_id.rpartition("-")
        if prefix.encode() + b"-" == self._prefix and (batch := self._waiting.get(int(tag))):
            batch.returned(int(tag), frames.read_reply(method))

    def confirmed(self, tag: int, multiple: bool, refused: bool) -> None:
        """The broker took or refused one message, or all up to `tag`."""
        waiting = self._waiting
        for one in range(self._lowest, tag + 1) if multiple else (tag,):
            batch = waiting.pop(one, None)
            if batch is None:
                continue
            if refused:
                batch.fail(one, Fate.REFUSED, "the broker refused it (is its queue full?)")
            else:
                batch.confirm()
        if multiple:
            self._lowest = tag + 1
        self._tell_space()

    async def _send(self, messages: Sequence[Outgoing], batch: "_Batch") -> None:
        start, count = 0, len(messages)
        while start < count:
            wanted = min(count - start, self._max_in_flight // 2)
            while self._max_in_flight - len(self._waiting) < wanted and self._still(batch):
                self._space = asyncio.get_running_loop().create_future()
                await self._space
            end = min(count, start + self._max_in_flight - len(self._waiting))
            if not self._still(batch) or not self.write(self._encode(messages[start:end], batch)):
                for index in range(start, count):
                    batch.fail(batch.base + index, Fate.UNSENT, "the broker was lost before")
                return
            start = end
            await self._drain()

    def _still(self, batch: "_Batch") -> bool:
        return self.usable and self.generation == batch.generation

    def _encode(self, messages: Sequence[Outgoing], batch: "_Batch") -> bytes:
        number, now, parts = self.number, int(time.time()), []
        max_body = self.max_frame - frames.OVERHEAD
        for message in messages:
            tag = self._next
            self._next = tag + 1
            self._waiting[tag] = batch
            parts.append(frames.publish_method(number, message.exchange, message.routing_key))
            parts.append(
                frames.content(
                    number,
                    message.body,
                    message_id=b"%s%d" % (self._prefix, tag),
                    timestamp=now,
                    type_=message.type,
                    correlation_id=message.correlation_id,
                    headers=message.headers,
                    user_id=message.user_id,
                    app_id=APP_ID,
                    max_body=max_body,
                )
            )
        return b"".join(parts)

    def _tell_space(self) -> None:
        if self._space is not None and not self._space.done():
            self._space.set_result(None)


class _Batch:
    """The messages of one publish call: how many are undecided, and which ones failed."""

    __slots__ = ("_failures", "_left", "_returned", "base", "generation", "outcome")

    def __init__(self, count: int, outcome: "asyncio.Future[None]") -> None:
        self.outcome = outcome
        self.base = 0  # the tag of the first message
        self.generation = 0
        self._left = count
        self._failures: list[Failure] = []
        self._returned: dict[int, str] = {}
'''
