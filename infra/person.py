"""Somebody with rights, who has a connection open: says things and hears the answers.

For whoever plays people: load, chaos and measurements. A command that says one thing is in
:mod:`infra.operators`.
"""

import asyncio
from contextlib import suppress
from typing import Any, Self

from gateways.amqp.desk import Desk
from infra import endpoints
from infra.operators import prepared
from infra.settings import Settings
from messages.operators import OperatorRequest


class Person:
    """``heard``: every answer, as what it is about (KillID, ProposalID) and its status."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.name = name
        self.heard: set[tuple[str, str]] = set()
        self._url = endpoints.desk(settings, name)
        self._news = asyncio.Event()
        self._desk: Desk | None = None

    async def __aenter__(self) -> Self:
        self._desk = await Desk.connect(self._url, self.name, on_raw=self._hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._desk is not None:
            await self._desk.close()

    async def say(self, request: OperatorRequest) -> None:
        """Publish it.

        Raises:
            BrokerGone, Refused: it will never be taken.
        """
        assert self._desk is not None
        await self._desk.send_prepared([prepared(request)])

    async def hears(self, name: str, status: str, within_s: float) -> bool:
        """Return as soon as that was answered; False where it was not by then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while (name, status) not in self.heard:
                    self._news.clear()
                    await self._news.wait()
        return (name, status) in self.heard

    def _hear(self, fields: dict[str, Any], *_: object) -> None:
        name = fields.get("KillID") or fields.get("ProposalID") or ""
        self.heard.add((name, fields.get("KillStatus") or fields.get("RulesStatus") or ""))
        self._news.set()
