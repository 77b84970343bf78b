"""Loads the plain echo: how many messages a second it does, how long one takes, what it costs."""

import asyncio
import contextlib
import sys
import time
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateways.amqp import topology
from gateways.amqp.connection import connect
from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.publisher import BulkPublisher, Outgoing
from infra import endpoints
from infra.bench.pace import Window, steady
from infra.bench.timings import percentiles
from infra.bench.usage import BROKER, LOAD, processes, usage
from messages.base import Instant

PROGRAM = "gateways.amqp.echo"
DIGITS = 8
STEADY_S = 5
ECHO = "echo"
SETTLE_S = 1.0


@dataclass(frozen=True)
class EchoJob:
    """``body``: what a message carries, after its number. ``rate``: for the latency."""

    count: int
    window: int
    rate: int
    body: bytes


async def measure(data: Path, job: EchoJob) -> dict[str, Any]:
    """``msgs_per_s``, ``ms`` at the rate (percentiles), ``cpu_us_per_msg`` by process."""
    url = str(endpoints.read(data)["bench"])
    async with _program(url) as pid:
        all_names = processes(data, echo=pid)
        names = {pid: name for pid, name in all_names.items() if name in (BROKER, LOAD, ECHO)}
        echo = _Driver(job.body)
        async with echo.connected(url):
            await echo.all_at_once(job.window, job.window)  # the first ones declare and connect
            before = usage(names)
            took = await echo.all_at_once(job.count, job.window)
            spent = usage(names).since(before)
            await asyncio.sleep(SETTLE_S)
            latencies = await echo.at_rate(job.rate * STEADY_S, job.rate)
    return {
        "msgs_per_s": round(job.count / took, 1),
        "rate": job.rate,
        "ms": percentiles(latencies),
        "cpu_us_per_msg": spent.per(job.count),
        "cpu_elsewhere": spent.elsewhere(),
    }


@contextlib.asynccontextmanager
async def _program(url: str) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", PROGRAM, stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    try:
        process.stdin.write(f"{url}\n".encode())
        yield process.pid
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


class _Driver:
    """Publishes numbered messages and hears them come back."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._sent = array("q")
        self._came = array("q")
        self._back: Callable[[], None] = lambda: None
        self._consumer: ShardConsumer | None = None
        self._publisher: BulkPublisher | None = None

    @contextlib.asynccontextmanager
    async def connected(self, url: str) -> AsyncIterator[None]:
        sends, hears = await connect(url, "echo sends"), await connect(url, "echo hears")
        self._publisher = BulkPublisher(sends)
        self._consumer = ShardConsumer(hears, topology.ECHO_OUT, self._heard, prefetch=2000)
        try:
            await self._publisher.open()
            await self._consumer.open()
            yield
        finally:
            await self._consumer.close()
            await self._publisher.close()
            await sends.close()
            await hears.close()

    async def all_at_once(self, count: int, window: int) -> float:
        """Seconds for ``count`` messages with so many under way."""
        base = self._expect(count)
        run = Window(lambda first, end: self._send(base + first, base + end), count, window)
        self._back = run.answered
        began = time.perf_counter()
        await run.run()
        return time.perf_counter() - began

    async def at_rate(self, count: int, rate: int) -> Sequence[int]:
        """Nanoseconds from when each was meant to be sent until it was back."""
        base = self._expect(count)
        over = asyncio.Event()
        left = iter(range(count - 1, -1, -1))
        self._back = lambda: over.set() if next(left) == 0 else None

        def intended(number: int, at: Instant) -> None:
            self._sent[base + number] = at

        await steady(lambda first, end: self._send(base + first, base + end), count, rate, intended)
        await asyncio.wait_for(over.wait(), 60)
        return [
            came - sent for sent, came in zip(self._sent[base:], self._came[base:], strict=True)
        ]

    def _expect(self, count: int) -> int:
        base = len(self._sent)
        self._sent.extend([0] * count)
        self._came.extend([0] * count)
        return base

    async def _send(self, first: int, end: int) -> None:
        assert self._publisher is not None
        await self._publisher.publish([self._message(number) for number in range(first, end)])

    def _message(self, number: int) -> Outgoing:
        body = b"%0*d%s" % (DIGITS, number, self._body)
        return Outgoing(topology.ECHO_EXCHANGE, topology.ECHO_IN, body, "Echo")

    def _heard(self, delivery: Delivery) -> None:
        assert self._consumer is not None
        self._came[int(delivery.body[:DIGITS])] = time.time_ns()
        self._consumer.acknowledge(delivery)
        self._back()
