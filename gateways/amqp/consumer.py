"""Consuming a queue with as little as possible between the socket and the caller.

Deliveries come in the order of the wire, each as one plain call: no task, no await, so nothing can
overtake. They are acknowledged when the caller says so, in any order, and what the broker is told
is the finished prefix, some tens of milliseconds' worth at a time, because each time is a commit of
the queue. Whatever was not acknowledged when the channel is lost comes again, in the next
generation.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

import aiormq

from gateways.amqp import frames
from gateways.amqp.connection import Connection, LastingChannel

log = logging.getLogger(__name__)


class Delivery(NamedTuple):
    """One message as it came. `user_id` was checked by the broker, all else is the sender's claim.

    `redelivered` is a hint only: a sender's own repeat does not carry it, and a message that never
    reached anybody may. `tag` and `generation` name it when it is acknowledged.
    """

    body: bytes
    user_id: str | None
    routing_key: str
    exchange: str
    type: str
    correlation_id: str
    headers: Mapping[str, object]
    redelivered: bool
    tag: int
    generation: int

    @property
    def traceparent(self) -> str:
        """The W3C trace context it carries, empty if none."""
        value = self.headers.get("traceparent")
        return value if isinstance(value, str) else ""


class ShardConsumer(LastingChannel):
    """Hands every delivery of one queue to `on_delivery` and acknowledges what is done.

    `on_delivery` must only put the delivery somewhere. If it raises, the channel is given up and
    opened again: everything unacknowledged comes back, and a message that keeps doing this reaches
    the queue's delivery limit and becomes a dead letter.
    """

    def __init__(
        self,
        connection: Connection,
        queue: str,
        on_delivery: Callable[[Delivery], None],
        *,
        prefetch: int = 500,
        acknowledge_every: float = 0.05,
    ) -> None:
        """`prefetch`: unacknowledged deliveries at most. `acknowledge_every`: in seconds."""
        super().__init__(connection)
        self.queue = queue
        self._on_delivery = on_delivery
        self._prefetch = prefetch
        self._every = acknowledge_every
        self._consumer_tag = ""
        self._stopped = False
        self._newest = 0  # the last tag that was delivered
        self._lowest = 1  # no tag below it is unsettled
        self._done: set[int] = set()
        self._dead: set[int] = set()
        self._early: set[int] = set()  # settled with the broker although a lower tag is not
        self._timer: asyncio.TimerHandle | None = None

    @property
    def outstanding(self) -> int:
        """Deliveries of this generation that the broker still waits for."""
        return self._newest + 1 - self._lowest - len(self._early)

    def acknowledge(self, delivery: Delivery) -> None:
        """This one delivery is done; the broker hears of it within `acknowledge_every`.

        Of an earlier generation: ignored, since the broker delivers it again.
        """
        self._settle(delivery, self._done)

    def reject(self, delivery: Delivery) -> None:
        """This one delivery can never be done: to the dead letters with it."""
        self._settle(delivery, self._dead)

    async def stop_consuming(self) -> None:
        """No new deliveries; what was delivered may still be acknowledged, then `close`."""
        self._stopped = True  # a channel that is opened again does not start over either
        if self.channel is not None and self.usable:
            await self.channel.basic_cancel(self._consumer_tag)

    async def close(self) -> None:
        """Acknowledge what is done, then close for good; the rest will be delivered elsewhere."""
        self._flush(all_done=True)
        await super().close()

    async def set_up(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Begin to consume; tags begin at 1 again."""
        self._newest, self._lowest = 0, 1
        if self._stopped:
            return
        await channel.basic_qos(prefetch_count=self._prefetch)
        begun = await channel.basic_consume(self.queue, _never)
        self._consumer_tag = begun.consumer_tag or ""

    def lost(self, reason: str) -> None:
        """Nothing of this incarnation can be settled any more."""
        for tags in (self._done, self._dead, self._early):
            tags.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def delivered(self, method: bytes, header: bytes, body: bytes) -> None:
        """One message came."""
        if not self._listening:
            return  # already given up; it comes again
        tag, redelivered, exchange, routing_key = frames.read_deliver(method)
        properties = frames.read_properties(header)
        self._newest = tag
        try:
            self._on_delivery(
                Delivery(
                    body,
                    properties.user_id,
                    routing_key,
                    exchange,
                    properties.type,
                    properties.correlation_id,
                    properties.headers,
                    redelivered,
                    tag,
                    self.generation,
                )
            )
        except Exception:
            log.exception("consumer of %r cannot take delivery %d, starting over", self.queue, tag)
            self.closed("a delivery could not be taken")

    def _settle(self, delivery: Delivery, into: set[int]) -> None:
        if delivery.generation != self.generation or not self._listening:
            return
        tag = delivery.tag
        if tag < self._lowest or tag in self._done or tag in self._dead or tag in self._early:
            raise ValueError(f"delivery {tag} of {self.queue!r} was settled before")
        into.add(tag)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._every, self._flush)

    def _flush(self, *, all_done: bool = False) -> None:
        """Tell the broker what is done: dead letters, the finished prefix, and stragglers."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        number, done, early = self.number, self._done, self._early
        out = [frames.dead_letter(number, tag) for tag in sorted(self._dead)]
        early |= self._dead  # before any ack that would cover them
        self._dead.clear()
        start = tag = self._lowest
        through = 0
        while True:
            if tag in done:
                done.remove(tag)
                through = tag
            elif tag in early:
                early.remove(tag)
            else:
                break
            tag += 1
        self._lowest = tag
        if through >= start:
            out.append(frames.ack(number, through, multiple=True))
        if all_done or len(done) > self._prefetch // 2:
            # One delivery takes long. Without this the others would use up the prefetch, and the
            # queue would stand still for its sake.
            out += [frames.ack(number, one, multiple=False) for one in sorted(done)]
            early |= done
            done.clear()
        if out:
            self.write(b"".join(out))


async def _never(message: object) -> None:
    """aiormq wants a callback, but the tap takes every delivery before it could be called."""
    raise AssertionError("a delivery was not tapped")
