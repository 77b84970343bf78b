"""Two ways of sending: as many at once as a window allows, or at a rate that nothing slows down.

With a rate, an order counts from when it was meant to be sent, so a system that stands still for a
second shows a second in the latency of everything that was due in it (no coordinated omission).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from messages.base import SECOND, Instant

Send = Callable[[int, int], Awaitable[None]]
"""Send those with the numbers from ``first`` up to, and without, ``end``."""

STUCK_S = 30.0


class Stuck(Exception):
    """Nothing has moved for so long that nothing will."""


class Sends:
    """Sends that have been begun: awaited in the end, so that none fails unseen."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    def begin(self, first: int, end: int) -> None:
        """Begin to send; raises what an earlier one has raised."""
        if self._failure:
            raise self._failure
        task = asyncio.ensure_future(self._send(first, end))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._failure = self._failure or task.exception()

    async def all(self) -> None:
        """Until every one has been confirmed; raises what one has raised."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._failure:
            raise self._failure


class Window:
    """Sends ``count`` things, at most ``size`` of them unanswered at any time."""

    def __init__(self, send: Send, count: int, size: int) -> None:
        self._sends = Sends(send)
        self._count = count
        self._size = size
        self._sent = 0
        self._answered = 0
        self._due = False
        self._over = asyncio.Event()
        self._failure: BaseException | None = None

    def answered(self) -> None:
        """One of them was answered: there is room for another."""
        self._answered += 1
        if not self._due:  # what one read from the socket frees goes out together
            self._due = True
            asyncio.get_running_loop().call_soon(self._fill)

    async def run(self, stuck_s: float = STUCK_S) -> None:
        """Until all are answered.

        Raises:
            Stuck: for so long nothing was answered; what a send raises.
        """
        self._fill()
        while not self._over.is_set():
            before = self._answered
            try:
                await asyncio.wait_for(self._over.wait(), stuck_s)
            except TimeoutError:
                if self._answered == before:
                    raise Stuck(
                        f"{self._sent - self._answered} of {self._sent} sent are unanswered, "
                        f"and nothing came for {stuck_s:.0f} s"
                    ) from None
        if self._failure:
            raise self._failure
        await self._sends.all()

    def _fill(self) -> None:
        self._due = False
        first = self._sent
        self._sent = min(self._count, self._answered + self._size)
        try:
            if self._sent > first:
                self._sends.begin(first, self._sent)
        except Exception as error:
            self._failure = error
            self._over.set()
        if self._answered >= self._count:
            self._over.set()


async def steady(
    send: Send, count: int, rate: int, intended: Callable[[int, Instant], None]
) -> None:
    """Send ``count`` things at ``rate`` a second, whatever comes back.

    ``intended``: told the number of each and when it should be sent, just before it is.
    """
    sends = Sends(send)
    start = time.time_ns() + SECOND // 20
    sent = 0
    while sent < count:
        due = min(count, (time.time_ns() - start) * rate // SECOND + 1)
        if due > sent:
            for number in range(sent, due):
                intended(number, start + number * SECOND // rate)
            sends.begin(sent, due)
            sent = due
        await asyncio.sleep(max(0, start + sent * SECOND // rate - time.time_ns()) / SECOND)
    await sends.all()
