"""The stage on the real parts: a private installation, a desk on AMQP, a venue on FIX.

Reports come by the broker and requests by the FIX session, each in order; whether one of the other
kind is still under way can only be known by waiting, at most ``patience_s``.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Self

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Refused
from gateways.fix.scripted import ScriptedVenue
from infra import endpoints, installation
from infra.as_toml import toml
from infra.conformance.stage import (
    ACCOUNT,
    DEFAULT_PX,
    DESK,
    SENDER,
    TARGET,
    CannotPlay,
    Cast,
    WireFields,
)
from infra.reference import Reference
from infra.settings import Settings
from messages import fix
from messages.base import Instant
from messages.orders import DeskRequest, NewOrderSingle
from messages.reports import DeskReport

REFERENCE = "conformance.toml"

START_S = 30.0


class Live:
    """See Stage. An installation in ``data``, from entering to leaving; an earlier one is deleted.

    Raises on entering:
        infra.supervisor.CannotStart: it does not start.
        CannotPlay: its venue connection does not log on, or no order comes through.
    """

    def __init__(self, cast: Cast, data: Path, patience_s: float, say: installation.Say) -> None:
        self.reports: deque[DeskReport] = deque()
        self.requests: deque[WireFields] = deque()
        self.trouble: list[str] = []
        self._cast = cast
        self._settings = Settings(data=data, config=data / REFERENCE)
        self._patience_s = patience_s
        self._say = say
        self._venue = ScriptedVenue(TARGET, SENDER, self._asked)
        self._desk: Desk | None = None
        self._arrived = asyncio.Event()

    async def __aenter__(self) -> Self:
        settings = self._settings
        installation.clear(settings.data)
        self._venue.start()
        try:
            settings.save()  # before anything else is in the folder: it marks it as ours
            settings.config.write_text(toml(self._reference()))
            installation.up(settings, self._say)
            await self._log_on()
            url = endpoints.desk(settings, DESK)
            self._desk = await Desk.connect(url, DESK, on_report=self._heard)
            for instrument in self._reference().instruments:
                await self._wake(instrument.Symbol)
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._leave()

    async def publish(self, request: DeskRequest) -> None:
        """See Stage."""
        assert self._desk is not None
        try:
            await self._desk.send([request])
        except (BrokerGone, Refused) as error:
            raise CannotPlay(f"{error}; see: oms logs --data {self._settings.data}") from error

    async def say(self, fields: WireFields) -> None:
        """See Stage."""
        if not self._venue.say(fields):
            await self._log_on()
            if not self._venue.say(fields):
                raise CannotPlay("the FIX session was lost, and a word with it: run it again")

    async def news(self) -> bool:
        """See Stage."""
        try:
            await asyncio.wait_for(self._arrived.wait(), self._patience_s)
        except TimeoutError:
            return False
        self._arrived.clear()
        return True

    async def _log_on(self) -> None:
        try:
            await asyncio.wait_for(self._venue.logged_on.wait(), START_S)
        except TimeoutError as error:
            raise CannotPlay(
                f"the venue connection did not log on within {START_S:.0f} s; the reason is in its "
                f"log: oms logs --data {self._settings.data}"
            ) from error

    def _reference(self) -> Reference:
        return self._cast.reference(self._venue.port)

    async def _wake(self, symbol: str) -> None:
        """The first order for an instrument starts its actors, which takes a moment."""
        order = NewOrderSingle(
            ClOrdID=f"wake-{secrets.token_hex(3)}-{symbol}",
            Account=ACCOUNT,
            Symbol=symbol,
            Side=fix.Side.Buy,
            OrderQty=Decimal(1),
            OrdType=fix.OrdType.Limit,
            Price=DEFAULT_PX,
        )
        await self.publish(order)
        await self._soon(lambda: bool(self.requests or self.reports), f"an order for {symbol}")
        for request in self.requests:
            refusal = {"35": "8", "37": "NONE", "17": order.ClOrdID, "150": "8", "39": "8"}
            about = {tag: request[tag] for tag in ("11", "55", "54", "38", "60")}
            await self.say(refusal | about | {"14": "0", "151": "0", "6": "0"})
        await self._soon(lambda: bool(self.reports), f"a refusal of an order for {symbol}")
        self.requests.clear()
        self.reports.clear()

    async def _soon(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_S
        while not holds():
            if time.monotonic() > deadline:
                raise CannotPlay(
                    f"{what} did not arrive within {START_S:.0f} s; the reason is in the logs: "
                    f"oms logs --data {self._settings.data}"
                )
            await self.news()

    async def _leave(self) -> None:
        if self._desk is not None:
            await self._desk.close()
        await asyncio.to_thread(self._venue.stop)  # while the session is up: see its docstring
        installation.down(self._settings.data)

    def _heard(self, report: DeskReport, at: Instant, redelivered: bool) -> None:
        del at, redelivered
        self.reports.append(report)
        self._arrived.set()

    def _asked(self, fields: WireFields) -> None:
        self.requests.append(fields)
        self._arrived.set()
