"""The load generator, in a process of its own: ``python -m infra.bench.load DATA JOB``.

It plays one desk against a running installation that was started with the bench queues. What it
prints is in :mod:`infra.bench.apart`.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, Refused
from gateways.amqp.desk_record import DeskRecord
from gateways.paper.control import CannotControl, control
from infra import endpoints
from infra.bench import apart, echo_load
from infra.bench.config import DESK
from infra.bench.pace import STUCK_S, Stuck, Window, steady
from infra.bench.takers import Makers, Takers
from infra.bench.timings import Timings
from infra.bench.usage import fsync_ms, journal_bytes, memory, processes, usage
from infra.children import paper_folder
from infra.reference import load
from infra.session import RECORDS, Session
from infra.settings import Settings

QUIET_S = 1.0
WARM_S = 60.0
IN_TIME_MS = 1000
"""A rate is sustained where 99 of 100 orders are filled so soon after they were due."""


class Job(BaseModel):
    """What to do. ``orders`` at once in a window, then ``seconds`` at each of the ``rates``."""

    orders: int = 5000
    window: int = 500
    rates: list[int] = [200, 500, 1000]
    seconds: int = 10
    packed: bool = False
    makers: Makers = Makers.HOUSE


class Load:
    """One desk, its orders and what it heard."""

    def __init__(self, data: Path, job: Job, say: Callable[[str, str], None]) -> None:
        self._data = data
        self._job = job
        self._say = say
        self._settings = Settings.of(data)
        self._takers = Takers(load(self._settings.config), job.makers)
        self._timings = Timings()
        self._desk: Desk | None = None
        self._names: dict[int, str] = {}

    async def run(self) -> dict[str, Any]:
        """Every phase, one after the other; the whole result."""
        folder = self._data / RECORDS
        folder.mkdir(exist_ok=True)
        record = DeskRecord(folder / f"{DESK}.jsonl", keep=False)
        url = endpoints.desk(self._settings, DESK)
        async with await Desk.connect(
            url, DESK, on_raw=self._timings.hear, record=record
        ) as self._desk:
            body = await self._warm_up()
            self._names = processes(self._data)
            result: dict[str, Any] = {
                "fsync_ms": fsync_ms(self._data),
                "echo": await self._echo(body),
                "burst": await self._burst(),
                "rates": {},
            }
            for rate in self._job.rates:
                await self._rest()
                result["rates"][str(rate)] = await self._steady(rate)
            await self._rest()
            result["memory"] = memory(self._names)
        record.close()
        self._say("ledger", "adding up what the desk heard and what the venues executed")
        ledger = Session(self._data).close_ledger()
        result["ledger"] = {
            "line": ledger.line(),
            "lost": ledger.lost,
            "duplicated": ledger.duplicated,
            "problems": ledger.problems[:20],
        }
        return result

    async def _warm_up(self) -> bytes:
        """Make the other side, wake every actor, and return an order's bytes."""
        assert self._desk is not None
        self._say("warm up", f"makers: {self._job.makers}, and every actor awake")
        if self._job.makers is Makers.HOUSE:
            for venue, quote in self._takers.quotes():
                answer = control(paper_folder(self._data, venue), quote)
                if not answer["ok"]:
                    raise Stuck(f"{venue} does not quote: {answer['error']}")
        else:
            await self._desk.send_prepared(list(self._takers.seeds()))
        orders = self._prepare(4 * self._takers.round)
        await self._all_at_once(orders, 0, self._takers.round, WARM_S)
        await self._rest()
        return orders[0].body

    async def _echo(self, body: bytes) -> dict[str, Any]:
        job = self._job
        self._say("echo", f"{job.orders} messages, at most {job.window} at once")
        rate = next((rate for rate in job.rates if rate == 500), max(job.rates, default=500))
        return await echo_load.measure(
            self._data, echo_load.EchoJob(job.orders, job.window, rate, body)
        )

    async def _burst(self) -> dict[str, Any]:
        job = self._job
        self._say("burst", f"{job.orders} orders, at most {job.window} at once")
        orders, first = self._prepare(job.orders), self._takers.made - job.orders
        grown = sum(journal_bytes(self._data).values())
        before = usage(self._names)
        await self._all_at_once(orders, first, job.window, STUCK_S)
        spent = usage(self._names).since(before)
        await self._rest()
        grown = sum(journal_bytes(self._data).values()) - grown
        return {
            "orders_per_s": round(job.orders / self._timings.span_s(first, job.orders), 1),
            **self._timings.latencies(first, job.orders),
            "cpu_us_per_order": spent.per(job.orders),
            "cpu_elsewhere": spent.elsewhere(),
            "journal_bytes_per_order": round(grown / job.orders),
        }

    async def _steady(self, rate: int) -> dict[str, Any]:
        assert self._desk is not None
        count, timings = rate * self._job.seconds, self._timings
        self._say("rate", f"{rate} orders/s for {self._job.seconds} s")
        orders, first = self._prepare(count), self._takers.made - count
        done = timings.done + count
        over = asyncio.Event()
        timings.ended = lambda: over.set() if timings.done >= done else None

        def intended(number: int, at: int) -> None:
            timings.sent[first + number] = at

        before = usage(self._names)
        await steady(lambda begin, end: self._send(orders[begin:end]), count, rate, intended)
        await _until(over, lambda: timings.done)
        spent = usage(self._names).since(before)
        latencies = timings.latencies(first, count)
        return {
            "orders": count,
            "sustained": latencies["fill_ms"]["p99"] <= IN_TIME_MS,
            **latencies,
            "cpu_us_per_order": spent.per(count),
            "cpu_elsewhere": spent.elsewhere(),
        }

    async def _rest(self) -> None:
        """Until the desk hears nothing more and nobody writes any more (compliance is last)."""
        assert self._desk is not None
        await self._desk.quiet(QUIET_S)
        grown: dict[str, int] = {}
        while grown != (now := journal_bytes(self._data)):
            grown = now
            await asyncio.sleep(QUIET_S)

    def _prepare(self, count: int) -> list[Prepared]:
        self._timings.expect(count)
        orders = self._takers.orders(count)
        gc.collect()
        gc.freeze()  # the orders are here to stay: nobody should walk through them again
        return orders

    async def _all_at_once(
        self, orders: list[Prepared], first: int, size: int, stuck_s: float
    ) -> None:
        def send(begin: int, end: int) -> Any:
            now = time.time_ns()
            for number in range(first + begin, first + end):
                self._timings.sent[number] = now
            return self._send(orders[begin:end])

        window = Window(send, len(orders), size)
        self._timings.ended = window.answered
        await window.run(stuck_s)
        if self._timings.ended_otherwise:
            raise Stuck(f"orders ended unfilled: {dict(self._timings.ended_otherwise)}")

    async def _send(self, batch: list[Prepared]) -> None:
        assert self._desk is not None
        await self._desk.send_prepared(batch, packed=self._job.packed)


async def _until(over: asyncio.Event, done: Callable[[], int]) -> None:
    """Until it is over; Stuck where nothing more is done for a long time."""
    while not over.is_set():
        before = done()
        try:
            await asyncio.wait_for(over.wait(), STUCK_S)
        except TimeoutError:
            if done() == before:
                raise Stuck(f"no order ended for {STUCK_S:.0f} s, and some are open") from None


if __name__ == "__main__":
    faults = (Stuck, BrokerGone, Refused, CannotControl)
    sys.exit(apart.main(Job, lambda *given: Load(*given).run(), *faults))
