"""Remote calls between processes that are lost, doubled, late, and overtake each other."""

import asyncio
from random import Random
from typing import TYPE_CHECKING

from infra.hosts.network import host_of
from infra.links.calls import CallListener
from infra.sim.loop import PROCESS, WORLD, Process, SimLoop
from infra.sim.wire import Weather
from messages.envelope import Address

if TYPE_CHECKING:
    from infra.sim.wire import Wire

CALL_S = 0.001


class Calls:
    """The runtime's remote calls. ``wire`` counts the faults and knows of partitions."""

    def __init__(self, loop: SimLoop, wire: "Wire", random: Random) -> None:
        self._loop = loop
        self._wire = wire
        self._random = random
        self._listeners: dict[Address, tuple[CallListener, Process | None]] = {}

    def listen(self, address: Address, listener: CallListener) -> CallListener:
        """Calls to ``address`` come here from now on."""
        process = PROCESS.get()
        self._listeners[address] = listener, process
        if process:
            process.deaths.append(lambda: self._gone(address, listener))
        return listener

    def listening(self, address: Address) -> bool:
        """Whether somebody is there."""
        return address in self._listeners

    async def call(self, address: Address, words: bytes) -> bytes:
        """Like a call of the runtime: an answer, an error, or nothing for a long time."""
        caller = PROCESS.get()
        to, weather = host_of(address), self._wire.weather
        await asyncio.sleep(self._delay(weather))
        if self._lost(weather) or self._cut_off(caller, to):
            raise ConnectionError(f"the call to {to} was lost")
        if to not in self._listeners:
            raise ConnectionError(f"{to} is not there")
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        delay = self._delay(weather)
        self._run(to, words, delay, answer)
        if not self._wire.fair and self._random.random() < weather.double:
            self._wire.faults["call doubled"] += 1
            again = delay if self._random.random() < 0.5 else delay + self._delay(weather)
            self._run(to, words, again, asyncio.get_running_loop().create_future())
        heard = await answer
        await asyncio.sleep(self._delay(weather))
        if self._lost(weather):
            raise ConnectionError(f"the answer of {to} was lost")
        return heard

    def _run(
        self, to: Address, words: bytes, delay: float, answer: "asyncio.Future[bytes]"
    ) -> None:
        listener, process = self._listeners[to]
        owner = process or WORLD
        self._loop.later_in(owner, delay, self._begin, owner, listener, words, answer)
        owner.deaths.append(lambda: _fail(answer))

    def _begin(
        self,
        owner: Process,
        listener: CallListener,
        words: bytes,
        answer: "asyncio.Future[bytes]",
    ) -> None:
        task = asyncio.ensure_future(listener.called(words))
        task.add_done_callback(lambda done: self._answer(done, answer))
        del owner

    def _answer(self, done: "asyncio.Future[bytes]", answer: "asyncio.Future[bytes]") -> None:
        if answer.done() or done.cancelled():
            return
        if error := done.exception():
            answer.set_exception(error)
        else:
            answer.set_result(done.result())

    def _delay(self, weather: Weather) -> float:
        late = not self._wire.fair and self._random.random() < weather.stall
        if late:
            self._wire.faults["late"] += 1
        return CALL_S + self._random.random() * (weather.stall_s if late else weather.jitter_s)

    def _lost(self, weather: Weather) -> bool:
        lost = not self._wire.fair and self._random.random() < weather.cut
        self._wire.faults["call lost"] += lost
        return lost

    def _cut_off(self, caller: Process | None, to: Address) -> bool:
        mine = caller.name if caller else "outside"
        return frozenset((mine, to)) in self._wire.weather.partitions

    def _gone(self, address: Address, listener: CallListener) -> None:
        if address in self._listeners and self._listeners[address][0] is listener:
            del self._listeners[address]


def _fail(answer: "asyncio.Future[bytes]") -> None:
    if not answer.done():
        answer.set_exception(ConnectionError("the actor died"))
