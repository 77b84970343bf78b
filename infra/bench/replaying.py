"""Plays a plan of real exchange messages into an installation, as its desks, and adds up.

The requests of an account keep the order of the file, and no more than a window of them is
unanswered at any time: a desk that floods would measure the length of its own queue.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, prepare
from gateways.amqp.desk_record import DeskRecord
from infra import endpoints
from infra.bench.answers import Answers
from infra.bench.config import paper
from infra.bench.pace import STUCK_S, Stuck
from infra.ledger import Ledger
from infra.reference import Reference
from infra.replay import Plan, Planned, Source, account_definitions
from infra.session import RECORDS, Session
from infra.settings import Settings
from messages import fix
from messages.orders import OrderMassCancelRequest

ACCOUNTS: Mapping[str, str] = {
    "growth": "alpha", "income": "alpha", "global": "beta", "macro": "beta",
}  # fmt: skip
"""Account to desk: two desks, so that they trade with each other."""

VENUE = "XPAR"
BATCH = 200
QUIET_S = 2.0
TELL_S = 1.0


def reference(source: Source, symbol: str) -> Reference:
    """An installation that this file's orders fit: its instrument, one venue, ample accounts."""
    return Reference(
        desks=tuple(dict.fromkeys(ACCOUNTS.values())),
        venues=(paper(VENUE),),
        instruments=(source.instrument(symbol, venues=[VENUE]),),
        accounts=account_definitions(ACCOUNTS),
    )


@dataclass(frozen=True)
class Outcome:
    """What was done and what became of it. ``seconds``: from the first send to the last answer."""

    events: int
    skipped: Counter[str]
    requests: Counter[str]
    reports: Counter[str]
    refusals: Counter[str]
    seconds: float
    ledger: Ledger


class Replay:
    """One plan, played once. ``speed``: times the source's clock; None: as fast as it goes."""

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        *,
        window: int,
        limit: int | None = None,
        speed: float | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._window = window
        self._batch = max(1, min(BATCH, window // 2))
        self._limit = limit
        self._speed = speed
        self._tell = tell
        self._answers = Answers()
        self._answers.moved = self._moved
        self._desks: dict[str, Desk] = {}
        self._sent = 0
        self._began = 0.0
        self._last = 0.0
        self._room = asyncio.Event()

    async def run(self) -> Outcome:
        """Play it, cancel what is left open, and add up.

        Raises:
            Stuck: requests are not answered any more. BrokerGone, Refused: see Desk.
        """
        records = await self._connect()
        telling = asyncio.ensure_future(self._telling())
        try:
            await self._play()
            await self._answered(0)
            seconds = self._last - self._began
            await self._at_rest()
            await self._cancel_what_is_open()
            await self._at_rest()
        finally:
            telling.cancel()
            for desk in self._desks.values():
                await desk.close()
            for record in records:
                record.close()
        self._tell("adding up what the desks heard and what the venue executed")
        return Outcome(
            events=self._plan.events,
            skipped=self._plan.skipped,
            requests=self._plan.requests,
            reports=self._answers.kinds,
            refusals=self._answers.reasons,
            seconds=seconds,
            ledger=Session(self._settings.data).close_ledger(),
        )

    async def _connect(self) -> list[DeskRecord]:
        records = []
        for name in dict.fromkeys(ACCOUNTS.values()):
            record = self._record(name)
            records.append(record)
            url = endpoints.desk(self._settings, name)
            self._desks[name] = await Desk.connect(
                url, name, on_raw=self._answers.hear, record=record
            )
        return records

    def _record(self, desk: str) -> DeskRecord:
        folder = self._settings.data / RECORDS
        folder.mkdir(exist_ok=True)
        return DeskRecord(folder / f"{desk}.jsonl", keep=False)

    async def _play(self) -> None:
        self._began = self._last = time.monotonic()
        batch: list[Planned] = []
        first: int | None = None
        for planned in islice(self._plan, self._limit):
            first = planned.at_ns if first is None else first
            if self._speed:
                early = self._began + (planned.at_ns - first) / 1e9 / self._speed
                if early > time.monotonic():
                    await self._send(batch)
                    batch = []
                    await asyncio.sleep(early - time.monotonic())
            batch.append(planned)
            if len(batch) == self._batch:
                await self._send(batch)
                batch = []
        await self._send(batch)

    async def _send(self, batch: list[Planned]) -> None:
        if not batch:
            return
        await self._answered(self._window - len(batch))
        by_desk: dict[str, list[Prepared]] = {}
        for planned in batch:
            by_desk.setdefault(planned.desk, []).append(prepare(planned.request))
        await self._send_prepared(by_desk)

    async def _send_prepared(self, by_desk: Mapping[str, list[Prepared]]) -> None:
        for prepared in by_desk.values():
            self._answers.expect(one.key for one in prepared)
            self._sent += len(prepared)
        await asyncio.gather(
            *(self._desks[name].send_prepared(prepared) for name, prepared in by_desk.items())
        )

    def _moved(self) -> None:
        self._last = time.monotonic()
        self._room.set()

    async def _answered(self, left: int) -> None:
        """Until at most so many requests are unanswered."""
        while self._answers.waiting > left:
            self._room.clear()
            try:
                await asyncio.wait_for(self._room.wait(), STUCK_S)
            except TimeoutError:
                names = ", ".join(self._answers.first_waiting(3))
                raise Stuck(
                    f"{self._answers.waiting} of {self._sent} requests are unanswered ({names}), "
                    f"and nothing came for {STUCK_S:.0f} s"
                ) from None

    async def _at_rest(self) -> None:
        await asyncio.gather(*(desk.quiet(QUIET_S) for desk in self._desks.values()))

    async def _cancel_what_is_open(self) -> None:
        by_desk: dict[str, list[Prepared]] = {}
        for account, desk in ACCOUNTS.items():
            request = OrderMassCancelRequest(
                ClOrdID=f"close-{account}",
                Account=account,
                MassCancelRequestType=fix.MassCancelRequestType.CancelAllOrders,
            )
            by_desk.setdefault(desk, []).append(prepare(request))
        self._tell("cancelling what is open")
        await self._send_prepared(by_desk)
        await self._answered(0)

    async def _telling(self) -> None:
        before = 0
        while True:
            await asyncio.sleep(TELL_S)
            done = self._answers.answered
            self._tell(
                f"{self._sent} sent, {done} answered, {self._answers.waiting} under way, "
                f"{(done - before) / TELL_S:.0f}/s"
            )
            before = done
