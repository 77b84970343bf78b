"""Links over remote calls: the contract, and a runtime that fails, repeats, delays and reorders."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from infra.links import Outpost
from infra.links.calls import CallListener, CallOutpost
from infra.links.outlink import Outlink
from messages.envelope import Address
from tests.infra.link_contract import READER, LinkContract, Reader, Wire, letters, until


class CallWire(Wire):
    """A runtime that carries calls to one listener in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.listener: CallListener | None = None
        self.hung_up = asyncio.Event()

    async def listen(self, inbox: Reader) -> None:
        self.listener = CallListener(inbox)
        self.hung_up = asyncio.Event()

    async def hang_up(self) -> None:
        self.listener = None
        self.hung_up.set()

    def connect(self, link: Outlink, heard: Callable[[Address, int], None]) -> Outpost:
        return CallOutpost(link, self.call, heard, timeout_s=2.0)

    async def call(self, address: Address, words: bytes) -> bytes:
        """As the runtime does: what is not there is activated, and a death breaks the call."""
        if self.listener is None:
            await self.activate(address)
            raise ConnectionError(f"{address} is not there")
        answer = asyncio.ensure_future(self.listener.called(words))
        death = asyncio.ensure_future(self.hung_up.wait())
        done, rest = await asyncio.wait((answer, death), return_when=asyncio.FIRST_COMPLETED)
        for waiting in rest:
            waiting.cancel()
        if answer in done:
            return answer.result()
        raise ConnectionError(f"{address} died")


class AwkwardWire(CallWire):
    """Loses calls, loses answers, carries calls twice, and late: whatever Ray has been seen to do.

    A call that was lost or late may be carried after newer ones.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = Random(seed)
        self.late: set[asyncio.Task[bytes]] = set()

    async def call(self, address: Address, words: bytes) -> bytes:
        luck = self.random.random()
        if luck < 0.15:
            raise ConnectionError("the call was lost")
        if luck < 0.30:
            await super().call(address, words)
            raise ConnectionError("the answer was lost")
        if luck < 0.45:
            await super().call(address, words)
            return await super().call(address, words)
        if luck < 0.55:
            self._carry_later(address, words)
            raise TimeoutError("it took too long")
        return await super().call(address, words)

    def _carry_later(self, address: Address, words: bytes) -> None:
        async def carry() -> bytes:
            await asyncio.sleep(self.random.random() * 0.05)
            return await CallWire.call(self, address, words)

        task = asyncio.ensure_future(carry())
        self.late.add(task)
        task.add_done_callback(self.late.discard)

    async def close(self) -> None:
        for task in list(self.late):
            task.cancel()
        await super().close()


class TestCalls(LinkContract):
    """A runtime at its best."""

    def make(self) -> Wire:
        return CallWire()


@pytest.mark.parametrize("seed", range(5))
async def test_a_runtime_that_loses_repeats_and_reorders_cannot_hurt(seed: int) -> None:
    """I2, I3."""
    wire = AwkwardWire(seed)
    reader = Reader()
    await wire.listen(reader)
    outpost = wire.outpost(window=5)
    for seq in range(1, 61, 3):
        outpost.offer(letters(seq, seq + 2))
        await asyncio.sleep(0.001)
    await until(lambda: outpost.unacknowledged == 0, 30)
    await wire.close()
    assert reader.numbers == list(range(1, 61))


async def test_a_call_without_an_answer_is_given_up_and_made_again() -> None:
    calls = []

    async def never(address: Address, words: bytes) -> bytes:
        calls.append(address)
        if len(calls) == 1:
            await asyncio.sleep(60)
        return b"3"

    outpost = CallOutpost(Outlink("account/acme", READER), never, lambda *_: None, timeout_s=0.05)
    outpost.offer(letters(1, 3))
    await until(lambda: outpost.unacknowledged == 0)
    assert len(calls) == 2
    await outpost.close()


async def test_an_error_of_the_runtime_that_nobody_thought_of_is_tried_again() -> None:
    class Strange(Exception):
        pass

    calls = []

    async def strange(address: Address, words: bytes) -> bytes:
        calls.append(address)
        if len(calls) < 3:
            raise Strange("internal error")
        return b"3"

    outpost = CallOutpost(Outlink("account/acme", READER), strange, lambda *_: None)
    outpost.offer(letters(1, 3))
    await until(lambda: outpost.unacknowledged == 0)
    await outpost.close()
