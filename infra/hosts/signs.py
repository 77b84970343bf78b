"""How a border is: it has no journal that compliance hears of, so its host says so every second.

Like all vitals these may be lost, and nobody decides anything by them.
"""

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone
from infra.hosts.background import Background
from infra.hosts.network import Network
from infra.links.outlink import Outlink
from infra.vitals import VITALS_EVERY_S, Vitals
from messages.envelope import Address

QUEUES_EVERY_S = 5.0

log = structlog.get_logger()

Signs = Callable[[], Mapping[str, Any]]
"""Fields of Vitals, as they are now."""


class BorderSigns(Background):
    """Tells ``to`` the vitals of a border."""

    def __init__(self, address: Address, to: Address, network: Network, signs: Signs) -> None:
        self._address = address
        self._to = to
        self._network = network
        self._signs = signs

    async def _run(self) -> None:
        outpost = self._network.outpost(Outlink(self._address, self._to), lambda to, seq: None)
        try:
            while True:
                due = time.monotonic() + VITALS_EVERY_S
                await asyncio.sleep(VITALS_EVERY_S)
                late_s = time.monotonic() - due
                outpost.offer([])  # nothing is ever owed: this connects where nobody is connected
                outpost.vitals(self._vitals(late_s).model_dump_json(exclude_none=True).encode())
        finally:
            await outpost.close()

    def _vitals(self, late_s: float) -> Vitals:
        return Vitals(
            actor=self._address,
            at=time.time_ns(),
            rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            cpu_ns=time.process_time_ns(),
            lag_ns=max(0, round(late_s * 1e9)),
            **self._signs(),
        )


class QueueWatch(Background):
    """What waits in the broker, looked at now and then. ``ask``: messages in a queue."""

    def __init__(
        self, ask: Callable[[str], Awaitable[int]], shards: int, desks: Iterable[str]
    ) -> None:
        self._ask = ask
        self._queues: dict[str, Sequence[str]] = {
            "orders": [topology.shard_queue(shard) for shard in range(shards)],
            "reports": [topology.reports_queue(desk) for desk in desks],
            "dead": [topology.DEAD_QUEUE],
        }
        self.found: dict[str, tuple[int, int]] | None = None
        """By sort of queue: messages in all of them, and in the longest; None: nobody can say."""

    async def look(self) -> None:
        """One look at every queue."""
        try:
            lengths = {
                sort: [await self._ask(queue) for queue in queues]
                for sort, queues in self._queues.items()
            }
        except BrokerGone as gone:
            log.debug("nobody can say what waits in the broker", error=str(gone))
            self.found = None
            return
        self.found = {sort: (sum(those), max(those, default=0)) for sort, those in lengths.items()}

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(QUEUES_EVERY_S)
