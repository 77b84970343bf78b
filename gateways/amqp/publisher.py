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
        self._max_body = MAX_MESSAGE_BYTES

    @property
    def in_flight(self) -> int:
        """Messages sent and neither confirmed nor given up."""
        return len(self._waiting)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish all; returns when every one is confirmed: on disk in all queues it went to.

        Raises BrokerGone: no channel, nothing was sent; see `ready`. Unconfirmed: what failed and
        why, the rest is confirmed. ValueError: a message for which the broker would close the
        channel; nothing was sent.
        """
        if not messages:
            return
        async with self._turn:  # first come, first served
            if not self.usable:
                raise BrokerGone(f"publisher {self.connection.name!r} has no broker")
            encoded = self._encode(messages)
            outcome = asyncio.get_running_loop().create_future()
            batch = _Batch(len(encoded), self._next, self.generation, outcome)
            await self._send(encoded, batch)
        await outcome

    async def set_up(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Ask for confirms; tags begin at 1 again."""
        await channel.confirm_delivery()
        self._lowest = self._next = 1
        self._prefix = secrets.token_hex(6).encode() + b"-"
        self._max_body = self.frame_max - frames.OVERHEAD

    def lost(self, reason: str) -> None:
        """Whatever waits for a confirm has an unknown outcome now."""
        waiting, self._waiting = self._waiting, {}
        for tag, batch in waiting.items():
            batch.fail(tag, Fate.UNKNOWN, reason)
        self._tell_space()

    def returned(self, method: bytes, header: bytes) -> None:
        """The broker found no queue; its ack follows, and means nothing then."""
        prefix, dash, tag = frames.read_properties(header).message_id.rpartition("-")
        if (prefix + dash).encode() == self._prefix and (batch := self._waiting.get(int(tag))):
            batch.returned[int(tag)] = frames.read_reply(method)

    def confirmed(self, tag: int, multiple: bool, refused: bool) -> None:
        """The broker took or refused one message, or all up to `tag`."""
        waiting = self._waiting
        for one in range(self._lowest, tag + 1) if multiple else (tag,):
            batch = waiting.pop(one, None)
            if batch is None:
                continue
            if refused:
                batch.fail(one, Fate.REFUSED, "basic.nack: is its queue full?")
            else:
                batch.confirm(one)
        if multiple:
            self._lowest = max(self._lowest, tag + 1)
        self._tell_space()

    def _encode(self, messages: Sequence[Outgoing]) -> list[bytes]:
        number, now, tag, encoded = self.number, int(time.time()), self._next, []
        for index, message in enumerate(messages):
            if len(message.body) > MAX_MESSAGE_BYTES:
                raise ValueError(
                    f"message {index} of {len(messages)} has {len(message.body)} bytes, "
                    f"the broker takes {MAX_MESSAGE_BYTES}"
                )
            encoded.append(
                frames.publish_method(number, message.exchange, message.routing_key)
                + frames.content(
                    number,
                    message.body,
                    message_id=b"%s%d" % (self._prefix, tag + index),
                    timestamp=now,
                    type_=message.type,
                    correlation_id=message.correlation_id,
                    headers=message.headers,
                    user_id=message.user_id,
                    app_id=APP_ID,
                    max_body=self._max_body,
                )
            )
        return encoded

    async def _send(self, encoded: list[bytes], batch: "_Batch") -> None:
        start, count = 0, len(encoded)
        while start < count:
            # Half a window at least: a message at a time would be a write at a time.
            wanted = min(count - start, max(1, self._max_in_flight // 2))
            while self._max_in_flight - len(self._waiting) < wanted and self._same(batch):
                self._space = asyncio.get_running_loop().create_future()
                await self._space
            end = min(count, start + self._max_in_flight - len(self._waiting))
            if not self._same(batch) or not self.write(b"".join(encoded[start:end])):
                for tag in range(batch.base + start, batch.base + count):
                    batch.fail(tag, Fate.UNSENT, "the broker was lost before")
                return
            self._next = batch.base + end
            self._waiting.update(dict.fromkeys(range(batch.base + start, self._next), batch))
            start = end
            await self.drain()

    def _same(self, batch: "_Batch") -> bool:
        return self.usable and self.generation == batch.generation

    def _tell_space(self) -> None:
        if self._space is not None and not self._space.done():
            self._space.set_result(None)


class _Batch:
    """The messages of one publish call: how many are undecided, and which ones failed."""

    __slots__ = ("_failures", "_left", "_outcome", "base", "generation", "returned")

    def __init__(
        self, count: int, base: int, generation: int, outcome: "asyncio.Future[None]"
    ) -> None:
        self.base = base  # the tag of the first message; the others follow
        self.generation = generation
        self.returned: dict[int, str] = {}  # by tag
        self._left = count
        self._outcome = outcome
        self._failures: list[Failure] = []

    def confirm(self, tag: int) -> None:
        """The broker acknowledged it, which a message it returned does not deserve."""
        if tag in self.returned:
            self.fail(tag, Fate.UNROUTABLE, self.returned[tag])
        else:
            self._decided()

    def fail(self, tag: int, fate: Fate, reason: str) -> None:
        """It is not confirmed, for this reason."""
        self._failures.append(Failure(tag - self.base, fate, reason))
        self._decided()

    def _decided(self) -> None:
        self._left -= 1
        if self._left or self._outcome.done():  # done: the caller was cancelled
            return
        if self._failures:
            self._failures.sort(key=lambda failure: failure.index)
            self._outcome.set_exception(Unconfirmed(self._failures))
        else:
            self._outcome.set_result(None)
