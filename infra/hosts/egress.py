"""The host of the egress border: publishes each desk's reports, in order, and then acknowledges.

It keeps no journal. What it has not acknowledged comes again from the account, with the same
numbers, and a desk tells a repeat by its ReportSeq.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog

from gateways.amqp.connection import BrokerGone
from gateways.amqp.egress import outgoing, packed
from gateways.amqp.publisher import BulkPublisher, Fate, Outgoing, Unconfirmed
from infra.hosts.network import Network
from infra.links import LinkBroken, Source
from messages.base import Instant
from messages.envelope import Address, Envelope

BATCH = 500
RETRY_S = 0.1
KEPT = 10_000
"""So many reports' times are kept until somebody asks for them."""

log = structlog.get_logger()


class _Link:
    """An account's reports for one desk: taken up to one number, confirmed up to another.

    Only what the broker confirmed may be acknowledged, on whichever connection is the newest: what
    is merely taken dies with this process.
    """

    def __init__(self, before: int) -> None:
        self.taken = self.confirmed = before
        self.epoch = 0
        self.source: Source | None = None

    def confirm(self, seq: int) -> None:
        self.confirmed = seq
        if self.source:
            self.source.acknowledge(seq)


class _Lane:
    """One desk's reports: one batch is being confirmed, the rest waits behind it.

    ``pack``: those of an account that are in one batch share messages.
    """

    def __init__(
        self,
        publisher: BulkPublisher,
        took_ns: deque[int],
        clock: Callable[[], Instant],
        *,
        pack: bool,
    ) -> None:
        self._publisher = publisher
        self._took_ns = took_ns
        self._clock = clock
        self._pack = pack
        self._waiting: deque[tuple[_Link, Envelope]] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, link: _Link, envelopes: Sequence[Envelope]) -> None:
        self._waiting.extend([(link, envelope) for envelope in envelopes])
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                await self._publish(self._messages(batch))
                now = self._clock()
                self._took_ns.extend([max(0, now - envelope.at) for _, envelope in batch])
                for link, seq in {link: envelope.seq for link, envelope in batch}.items():
                    link.confirm(seq)
        finally:
            self._task = None

    def __len__(self) -> int:
        return len(self._waiting)

    def _messages(self, batch: list[tuple[_Link, Envelope]]) -> list[Outgoing]:
        if not self._pack:
            return [outgoing(envelope) for _, envelope in batch]
        by_link: dict[_Link, list[Outgoing]] = {}
        for link, envelope in batch:
            by_link.setdefault(link, []).append(outgoing(envelope))
        return [message for reports in by_link.values() for message in packed(reports)]

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
    """Listens for ``desk/<desk>`` of every desk; ``packed``: those who take lists of reports."""

    def __init__(
        self,
        publisher: BulkPublisher,
        packed: Collection[str] = (),
        *,
        clock: Callable[[], Instant] = time.time_ns,
    ) -> None:
        self._publisher = publisher
        self._clock = clock
        self._took_ns: deque[int] = deque(maxlen=KEPT)
        self._packed = {f"desk/{desk}" for desk in packed}
        self._lanes: dict[Address, _Lane] = {}
        self._links: dict[tuple[Address, Address], _Link] = {}

    async def start(self, network: Network, address: Address = "egress/0") -> object:
        """Begin to listen; returns what the runtime may call."""
        return await network.listen(address, self)

    def greet(self, source: Source) -> int:
        """What of that account's reports for that desk the broker has confirmed.

        A succeeded incarnation that comes back must not take the acknowledgements of the living.
        """
        hello = source.hello
        before = hello.first - 1
        link = self._links.setdefault((hello.sender, hello.recipient), _Link(before))
        if hello.epoch < link.epoch:
            raise LinkBroken(f"{hello.sender} epoch {hello.epoch} was succeeded")
        link.epoch = hello.epoch
        link.taken, link.confirmed = max(link.taken, before), max(link.confirmed, before)
        link.source = source
        return link.confirmed

    def take(self, source: Source, envelopes: Sequence[Envelope]) -> None:
        """See :class:`infra.links.Inbox`."""
        hello = source.hello
        link = self._links[hello.sender, hello.recipient]
        fresh = [envelope for envelope in envelopes if envelope.seq > link.taken]
        if not fresh:
            source.acknowledge(link.confirmed)  # what is under way is acknowledged in its turn
            return
        if fresh[0].seq != link.taken + 1:
            source.rewind(link.confirmed)
            return
        link.taken = fresh[-1].seq
        lane = self._lanes.get(hello.recipient)
        if lane is None:
            pack = hello.recipient in self._packed
            lane = _Lane(self._publisher, self._took_ns, self._clock, pack=pack)
            self._lanes[hello.recipient] = lane
        lane.put(link, fresh)

    def vitals(self, data: bytes) -> None:
        """Not for the egress."""

    def signs(self) -> dict[str, Any]:
        """What its vitals say of it; ``took_ns`` since the last call."""
        return {
            "backlog": sum(map(len, self._lanes.values())),
            "unacked": self._publisher.in_flight,
            "took_ns": [self._took_ns.popleft() for _ in range(len(self._took_ns))],
            "connected": self._publisher.usable,
        }
