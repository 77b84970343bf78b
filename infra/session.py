"""A trading session of several desks against an installation, recorded, and its closing ledger.

The ledger is computed from what the desks saw on AMQP and what the venues executed: nothing that
the system under test says about itself goes into it.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Self

from gateways.amqp.desk import Desk
from gateways.amqp.desk_record import DeskRecord, read_record
from gateways.paper.store import read_executions
from infra import endpoints, ledger
from infra.children import paper_folder
from infra.ledger import Ledger, VenueFill
from infra.reference import Reference, load
from infra.settings import Settings
from messages import fix
from messages.base import Instant
from messages.orders import DeskRequest, OrderMassCancelRequest
from messages.reports import DeskReport

RECORDS = "records"

OnReport = Callable[[str, DeskReport], None]
"""Told each report, repeats excepted: (desk, report)."""


class Session:
    """Every desk of the reference data, connected and recording."""

    def __init__(self, data: Path, on_report: OnReport = lambda desk, report: None) -> None:
        self._settings = Settings.of(data)
        self._listeners: list[OnReport] = [on_report]
        self.data = data
        self.reference: Reference = load(self._settings.config)
        self.desks: dict[str, Desk] = {}
        self._records: dict[str, DeskRecord] = {}
        self._closes = 0
        self._run = secrets.token_hex(3)  # sessions on one data folder must not share ClOrdIDs

    async def __aenter__(self) -> Self:
        folder = self.data / RECORDS
        folder.mkdir(exist_ok=True)
        for name in self.reference.desks:
            record = self._records[name] = DeskRecord(folder / f"{name}.jsonl", keep=False)
            url = endpoints.desk(self._settings, name)
            self.desks[name] = await Desk.connect(
                url, name, record=record, on_report=partial(self._heard, name)
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        for desk in self.desks.values():
            await desk.close()
        for record in self._records.values():
            record.close()

    def _heard(self, desk: str, report: DeskReport, at: Instant, redelivered: bool) -> None:
        del at, redelivered
        for listener in self._listeners:
            listener(desk, report)

    def listen(self, on_report: OnReport) -> None:
        """Tell this one as well, from now on."""
        self._listeners.append(on_report)

    @property
    def heard(self) -> int:
        """Reports heard by all desks so far."""
        return sum(desk.heard for desk in self.desks.values())

    async def send(self, desk: str, requests: Iterable[DeskRequest]) -> None:
        """Send as that desk; returns when the broker has them on disk."""
        await self.desks[desk].send(requests)

    async def cancel_everything(self) -> None:
        """Mass-cancel every account by every desk that may."""
        self._closes += 1
        for account in self.reference.accounts:
            for desk in account.Desks:
                name = f"close-{self._run}-{self._closes}-{desk}-{account.Account}"
                request = OrderMassCancelRequest(
                    ClOrdID=name,
                    Account=account.Account,
                    MassCancelRequestType=fix.MassCancelRequestType.CancelAllOrders,
                )
                await self.send(desk, [request])

    async def quiet(self, seconds: float, at_most: float = 60.0) -> None:
        """Until no desk has heard anything for so long, or ``at_most`` is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + at_most
        last, since = self.heard, loop.time()
        while loop.time() < min(since + seconds, deadline):
            await asyncio.sleep(0.05)
            if self.heard != last:
                last, since = self.heard, loop.time()

    def close_ledger(self) -> Ledger:
        """What it all adds up to, from the records on disk and the venues' executions."""
        records = {
            name: read_record(self.data / RECORDS / f"{name}.jsonl")
            for name in self.reference.desks
        }
        return ledger.close(records, self._fills())

    def _fills(self) -> Iterable[VenueFill]:
        for venue in self.reference.venues:
            path = paper_folder(self.data, venue.Venue) / "exchange.sqlite"
            if path.exists():
                for one in read_executions(path):
                    yield VenueFill(
                        venue=venue.Venue,
                        exec_id=one.ExecID,
                        clordid=one.ClOrdID,
                        symbol=one.Symbol,
                        side=fix.Side(one.Side),
                        last_qty=one.LastQty,
                        last_px=one.LastPx,
                    )
