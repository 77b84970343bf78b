"""The host of the egress border: publishes each desk's reports, in order, and then acknowledges.

It keeps no journal. What it has not acknowledged comes again from the account, with the same
numbers, and a desk tells a repeat by its ReportSeq.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog
from gateways.amqp.egress import outgoing

from gateways.amqp.connection import BrokerGone
from gateways.amqp.publisher import BulkPublisher, Fate, Outgoing, Unconfirmed
from infra.hosts.network import Network
from infra.links import Source
from messages.envelope import Address, Envelope

BATCH = 500
RETRY_S = 0.1

log = structlog.get_logger()


class _Lane:
    """One desk's reports: one batch is being confirmed, the rest waits behind it."""

    def __init__(self, publisher: BulkPublisher) -> None:
        self._publisher = publisher
        self._waiting: deque[tuple[Source, Envelope]] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, source: Source, envelopes: Sequence[Envelope]) -> None:
        self._waiting.extend([(source, envelope) for envelope in envelopes])
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                await self._publish([outgoing(envelope) for _, envelope in batch])
                for source, envelope in batch:
                    source.acknowledge(envelope.seq)
        finally:
            self._task = None

    async def _publish(self, messages: list[Outgoing]) -> None:
        """Until every one is confirmed, in order: what failed goes again before anything new."""
        while messages:
            try:
                await self._publisher.publish(messages)
                return
            except BrokerGone:
                await self._publisher.ready()
            except Unconfirmed as failed:
                log.warning("reports not confirmed", error=str(failed))
                messages = [messages[failure.index] for failure in failed.failures]
                if any(failure.fate is Fate.REFUSED for failure in failed.failures):
                    await asyncio.sleep(RETRY_S)
                if not self._publisher.usable:
                    await self._publisher.ready()


class EgressHost:
    """Listens for ``desk/<desk>`` of every desk."""

    def __init__(self, publisher: BulkPublisher) -> None:
        self._publisher = publisher
        self._lanes: dict[Address, _Lane] = {}
        self._heard: dict[tuple[Address, Address], int] = {}

    async def start(self, network: Network, address: Address = "egress/0") -> object:
        """Begin to listen; returns what the runtime may call."""
        return await network.listen(address, self)

    def greet(self, source: Source) -> int:
        """What was taken before from that account for that desk, by this incarnation."""
        hello = source.hello
        key = (hello.sender, hello.recipient)
        return self._heard.setdefault(key, hello.first - 1)

    def take(self, source: Source, envelopes: Sequence[Envelope]) -> None:
        """See :class:`infra.links.Inbox`."""
        hello = source.hello
        key = (hello.sender, hello.recipient)
        fresh = [envelope for envelope in envelopes if envelope.seq > self._heard[key]]
        if not fresh:
            source.acknowledge(self._heard[key])
            return
        if fresh[0].seq != self._heard[key] + 1:
            source.rewind(self._heard[key])
            return
        self._heard[key] = fresh[-1].seq
        lane = self._lanes.get(hello.recipient)
        if lane is None:
            lane = self._lanes[hello.recipient] = _Lane(self._publisher)
        lane.put(source, fresh)

    def vitals(self, data: bytes) -> None:
        """Not for the egress."""
