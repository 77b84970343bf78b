"""A broker with quorum queues as clients see it: confirmed is kept, unacknowledged comes again.

What was published and not confirmed when the broker went down may or may not be there.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from zlib import crc32

from gateways.amqp.connection import BrokerGone
from gateways.amqp.consumer import Delivery
from gateways.amqp.publisher import Failure, Fate, Outgoing, Unconfirmed
from gateways.amqp.topology import REPORTS_EXCHANGE, reports_queue, shard_queue
from infra.sim.loop import PROCESS, WORLD, Process, SimLoop

CONFIRM_S = 0.002
DELIVER_S = 0.001
PREFETCH = 200


class Consumer:
    """One consumer of one queue; the interface of the real one, as far as hosts use it."""

    def __init__(
        self, broker: "Broker", queue: str, process: Process | None,
        on_delivery: Callable[["Consumer", Delivery], None],
    ) -> None:  # fmt: skip
        self.queue = queue
        self.process = process
        self.on_delivery = on_delivery
        self.unacked: dict[int, Delivery] = {}
        self.gone = False
        self._broker = broker

    def acknowledge(self, delivery: Delivery) -> None:
        """Done with it; heard by the broker unless it is down or the consumer was lost."""
        if self._broker.up and not self.gone:
            self.unacked.pop(delivery.tag, None)
            self._broker.pump(self.queue)

    def reject(self, delivery: Delivery) -> None:
        """A dead letter."""
        if self._broker.up and not self.gone and delivery.tag in self.unacked:
            del self.unacked[delivery.tag]
            self._broker.dead.append(delivery)
            self._broker.pump(self.queue)


class Publisher:
    """One publisher; the interface of the real one, as far as hosts and desks use it."""

    def __init__(self, broker: "Broker", user: str) -> None:
        self._broker = broker
        self._user = user

    @property
    def usable(self) -> bool:
        """Whether a publish may succeed now."""
        return self._broker.up

    async def ready(self) -> None:
        """Wait until the broker is there."""
        await self._broker.is_up.wait()

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """All confirmed on return. BrokerGone, or Unconfirmed with the fate of each."""
        broker = self._broker
        if not broker.up:
            raise BrokerGone("the broker is down")
        generation = broker.generation
        await asyncio.sleep(broker.delay(CONFIRM_S))
        if broker.generation != generation:
            kept = broker.random.randint(0, len(messages))  # it went down: some may be there
            for message in messages[:kept]:
                broker.store(message, self._user)
            failures = [Failure(i, Fate.UNKNOWN, "connection lost") for i in range(len(messages))]
            raise Unconfirmed(failures)
        for message in messages:
            broker.store(message, self._user)


class Broker:
    """Every queue."""

    def __init__(self, loop: SimLoop, random: Random, shards: int) -> None:
        self.random = random
        self.is_up = asyncio.Event()
        self.is_up.set()
        self.generation = 0
        self.redelivered = 0
        self.dead: list[Delivery] = []
        self._loop = loop
        self._shards = shards
        self._ready: dict[str, deque[Delivery]] = {}
        self._consumers: dict[str, Consumer] = {}
        self._tag = 0

    def publisher(self, user: str) -> Publisher:
        """A connection that publishes as ``user``."""
        return Publisher(self, user)

    def consume(self, queue: str, on_delivery: Callable[[Consumer, Delivery], None]) -> Consumer:
        """Become the consumer of ``queue``; whoever was it before is cut off."""
        process = PROCESS.get()
        self._drop(queue)
        consumer = self._consumers[queue] = Consumer(self, queue, process, on_delivery)
        if process is not None:
            process.deaths.append(lambda: self._lost(consumer))
        self.pump(queue)
        return consumer

    def store(self, message: Outgoing, user: str) -> None:
        """Durable from now on."""
        queue = self._queue_of(message)
        self._tag += 1
        delivery = Delivery(
            message.body, user, message.routing_key, message.exchange, message.type,
            message.correlation_id, dict(message.headers), False, self._tag, self.generation,
        )  # fmt: skip
        self._ready.setdefault(queue, deque()).append(delivery)
        self.pump(queue)

    def pump(self, queue: str) -> None:
        """Hand out what may be handed out."""
        consumer, ready = self._consumers.get(queue), self._ready.get(queue)
        while self.up and consumer and ready and len(consumer.unacked) < PREFETCH:
            delivery = ready.popleft()
            consumer.unacked[delivery.tag] = delivery
            owner = consumer.process or WORLD
            if not owner.dead:
                self._loop.later_in(owner, self.delay(DELIVER_S), self._arrive, consumer, delivery)

    def delay(self, usual: float) -> float:
        """How long something takes: the same for all that is under way, so nothing overtakes."""
        return usual

    def go_down(self) -> None:
        """Every connection is lost; what was unacknowledged will come again."""
        self.is_up.clear()
        self.generation += 1
        for queue in list(self._consumers):
            self._requeue(self._consumers[queue])

    def come_up(self) -> None:
        """The clients have connected again."""
        self.is_up.set()
        for queue in list(self._consumers):
            self.pump(queue)

    @property
    def up(self) -> bool:
        """Whether anybody is connected."""
        return self.is_up.is_set()

    @property
    def quiet(self) -> bool:
        """Whether no message waits anywhere."""
        waiting = any(self._ready.values())
        return not waiting and not any(c.unacked for c in self._consumers.values())

    def _arrive(self, consumer: Consumer, delivery: Delivery) -> None:
        if not consumer.gone and delivery.tag in consumer.unacked and self.up:
            consumer.on_delivery(consumer, delivery)

    def _drop(self, queue: str) -> None:
        if known := self._consumers.pop(queue, None):
            self._lost(known)

    def _lost(self, consumer: Consumer) -> None:
        consumer.gone = True
        self._requeue(consumer)
        if self._consumers.get(consumer.queue) is consumer:
            del self._consumers[consumer.queue]

    def _requeue(self, consumer: Consumer) -> None:
        ready = self._ready.setdefault(consumer.queue, deque())
        again = [d._replace(redelivered=True) for d in consumer.unacked.values()]
        self.redelivered += len(again)
        ready.extendleft(reversed(again))
        consumer.unacked.clear()

    def _queue_of(self, message: Outgoing) -> str:
        if message.exchange == REPORTS_EXCHANGE:
            return reports_queue(message.routing_key)
        return shard_queue(crc32(message.routing_key.encode()) % self._shards)
