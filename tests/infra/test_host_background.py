"""What a host does beside its messages: it ends with the host, and never without a word."""

import asyncio

from structlog.testing import capture_logs

from infra.hosts.background import Background


class Ticks(Background):
    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.count += 1
            if self.count == self._last:
                raise OSError(28, "No space left on device")


async def test_it_ends_with_its_host_and_that_is_no_error() -> None:
    ticks = Ticks(last=0)
    with capture_logs() as said:
        ticks.start()
        await asyncio.sleep(0.01)
        await ticks.stop()
        count = ticks.count
        await asyncio.sleep(0.01)
    assert count > 0
    assert ticks.count == count
    assert said == []


async def test_what_ends_by_itself_is_said() -> None:
    ticks = Ticks(last=3)
    with capture_logs() as said:
        ticks.start()
        await asyncio.sleep(0.01)
        await ticks.stop()
    assert ticks.count == 3
    assert [(one["event"], one["part"]) for one in said] == [("ended by itself", "Ticks")]


async def test_what_was_never_started_can_be_stopped() -> None:
    ticks = Ticks(last=0)
    await ticks.stop()
    assert ticks.count == 0
