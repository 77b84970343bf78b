"""Stops a border from taking when a drain is asked for, and says what it still has under way.

A consumer that was stopped stays so; where the drain is withdrawn the process ends, and the next
one takes from the first.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from infra import drains
from infra.hosts.background import Background
from messages.envelope import Address

LOOK_EVERY_S = 0.25

log = structlog.get_logger()


class Takes(Protocol):
    """What is needed of a ShardConsumer."""

    @property
    def outstanding(self) -> int: ...

    async def stop_consuming(self) -> None: ...


class Draining(Background):
    """Looks every moment whether to stop. ``under_way``: what is owed beyond the deliveries."""

    def __init__(
        self,
        data: Path,
        address: Address,
        consumers: Sequence[Takes],
        under_way: Callable[[], int],
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._data = data
        self._address = address
        self._consumers = consumers
        self._under_way = under_way
        self._end = end
        self._stopped = False

    async def look(self) -> None:
        """One look."""
        if not drains.asked(self._data):
            if self._stopped:
                log.info("the drain was withdrawn, beginning anew", address=self._address)
                self._end(0)
            return
        if not self._stopped:
            log.info("draining", address=self._address)
            for consumer in self._consumers:
                await consumer.stop_consuming()
            self._stopped = True
        taken = sum(consumer.outstanding for consumer in self._consumers)
        drains.tell(self._data, self._address, taken + self._under_way())

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)
