"""Looks every moment which desks listen, and has the orders of those cancelled that are gone.

Nothing of it is kept: a process that dies and comes back looks again, and an account that is told
twice cancels once.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from gateways.amqp.connection import BrokerGone
from gateways.amqp.presence import Absences
from infra.hosts.background import Background
from messages.base import Instant

LOOK_EVERY_S = 0.5

log = structlog.get_logger()


class Looks(Protocol):
    """What is needed of a Presence."""

    async def consumers(self, desk: str) -> int: ...


class Tells(Protocol):
    """What is needed of an IngressHost."""

    def disconnected(self, desk: str, at: Instant, *, keep_good_till_cancel: bool) -> None: ...


class DeskWatch(Background):
    """Watches the desks whose orders are to be cancelled on disconnect."""

    def __init__(
        self,
        presence: Looks,
        absences: Absences,
        host: Tells,
        *,
        clock: Callable[[], Instant] = time.time_ns,
    ) -> None:
        self._presence = presence
        self._absences = absences
        self._host = host
        self._clock = clock

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """One look at every desk with the setting."""
        for agreed in self._absences.agreed:
            try:
                consumers = await self._presence.consumers(agreed.Desk)
            except BrokerGone as gone:
                log.debug("nobody can say which desks listen", error=str(gone))
                self._absences.blind()
                return
            since = self._absences.saw(agreed.Desk, consumers, self._clock())
            if since is not None:
                log.warning("desk is disconnected: its orders are cancelled", desk=agreed.Desk)
                keep = agreed.KeepGoodTillCancel
                self._host.disconnected(agreed.Desk, since, keep_good_till_cancel=keep)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Fail-stop: nobody would cancel the orders of dead desks, and nobody would know."""
        if not task.cancelled() and (error := task.exception()):
            log.error("fail-stop", error=f"{type(error).__name__}: {error}", exc_info=error)
            os._exit(70)
