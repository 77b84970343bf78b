"""Connections in memory: bytes arrive in order, late, or not at all: then the connection breaks.

That is what TCP and Unix sockets do to their users: what is lost is lost with everything after it,
and what is sent again over the next connection comes twice.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.sim.loop import Process, SimLoop

DIAL_S = 0.0005


@dataclass
class Weather:
    """What may happen to bytes. Probabilities are for each write."""

    delay_s: float = 0.0002
    jitter_s: float = 0.0005
    stall: float = 0.0
    stall_s: float = 0.2
    cut: float = 0.0
    double: float = 0.0
    partitions: set[frozenset[str]] = field(default_factory=set)


class Wire:
    """All connections there are. ``faults`` counts what was done to them."""

    def __init__(self, random: Random, weather: Weather) -> None:
        self.random = random
        self.weather = weather
        self.faults: Counter[str] = Counter()
        self.fair = False
        self._servers: dict[str, Server] = {}
        self._open: list[_Connection] = []

    def listen(
        self,
        loop: "SimLoop",
        name: str,
        factory: Callable[[], asyncio.Protocol],
        process: "Process | None",
    ) -> "Server":
        """Somebody listens at ``name``; whoever did so before is not reached any more."""
        server = self._servers[name] = Server(self, name, factory, process)
        if process is not None:
            process.deaths.append(server.close)
        del loop
        return server

    def listening(self, name: str) -> bool:
        """Whether somebody is there."""
        return name in self._servers

    def closed(self, server: "Server") -> None:
        """Nobody listens there any more."""
        if self._servers.get(server.name) is server:
            del self._servers[server.name]

    async def connect(
        self,
        loop: "SimLoop",
        name: str,
        factory: Callable[[], asyncio.Protocol],
        process: "Process | None",
    ) -> tuple[Any, asyncio.Protocol]:
        """Dial ``name``; OSError where nobody is there or the way is cut."""
        await asyncio.sleep(DIAL_S)
        server = self._servers.get(name)
        mine = process.name if process else "outside"
        if self._cut_off(mine, name):
            self.faults["no way through"] += 1
        if server is None or self._cut_off(mine, name):
            raise ConnectionRefusedError(name)
        connection = _Connection(self, loop, mine, name)
        near = connection.ends[0] = _End(connection, 0, factory(), process)
        far = connection.ends[1] = _End(connection, 1, server.factory(), server.process)
        for end in (near, far):
            if end.process is not None:
                end.process.deaths.append(connection.cut)
        self._open.append(connection)
        near.protocol.connection_made(near)
        if server.process is not None:
            loop.soon_in(server.process, far.protocol.connection_made, far)
        return near, near.protocol

    def partition(self, one: str, other: str) -> None:
        """From now on nothing passes between the two."""
        self.weather.partitions.add(frozenset((one, other)))
        self.faults["partition"] += 1
        for connection in list(self._open):
            if {connection.near, connection.far} == {one, other}:
                connection.cut()

    def heal(self) -> None:
        """Every way is open again, and nothing goes wrong any more."""
        self.weather.partitions.clear()
        self.fair = True

    def dropped(self, connection: "_Connection") -> None:
        """It is no more."""
        if connection in self._open:
            self._open.remove(connection)

    def travel(self) -> float | None:
        """Seconds until a write arrives; None: it does not, and the connection breaks."""
        weather = self.weather
        delay = weather.delay_s + self.random.random() * weather.jitter_s
        if self.fair:
            return delay
        if self.random.random() < weather.cut:
            self.faults["connection cut"] += 1
            return None
        if self.random.random() < weather.stall:
            self.faults["late"] += 1
            delay += self.random.random() * weather.stall_s
        return delay

    def _cut_off(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self.weather.partitions


class Server:
    """What listens at a name."""

    def __init__(
        self,
        wire: Wire,
        name: str,
        factory: Callable[[], asyncio.Protocol],
        process: "Process | None",
    ) -> None:
        self.name = name
        self.factory = factory
        self.process = process
        self._wire = wire

    def close(self) -> None:
        """Listen no more."""
        self._wire.closed(self)


class _Connection:
    """Two ends and the bytes between them."""

    def __init__(self, wire: Wire, loop: "SimLoop", near: str, far: str) -> None:
        self.wire = wire
        self.loop = loop
        self.near = near
        self.far = far
        self.ends: list[Any] = [None, None]
        self.alive = True
        self._arrives = [0.0, 0.0]

    def carry(self, sender: int, data: bytes) -> None:
        """Bytes from one end to the other, never overtaking each other."""
        if not self.alive:
            return
        delay = self.wire.travel()
        if delay is None:
            self.cut()
            return
        receiver = self.ends[1 - sender]
        at = max(self._arrives[sender] + 1e-6, self.loop.now + delay)
        self._arrives[sender] = at
        self._in(receiver, at - self.loop.now, receiver.receive, data)

    def finish(self, sender: int) -> None:
        """What the sender has written arrives, then the connection is no more."""
        at = max(self._arrives[sender], self.loop.now) + 1e-6
        self.loop.call_later(at - self.loop.now, self.cut)

    def cut(self) -> None:
        """Both ends learn of it, a moment later; what is under way is lost."""
        if not self.alive:
            return
        self.alive = False
        self.wire.dropped(self)
        for end in self.ends:
            if end is not None:
                self._in(end, DIAL_S, end.lost)

    def _in(self, end: "_End", delay: float, call: Callable[..., None], *args: Any) -> None:
        if end.process is None:
            self.loop.call_later(delay, call, *args)
        elif not end.process.dead:
            self.loop.later_in(end.process, delay, call, *args)


class _End(asyncio.Transport):
    """One end of a connection, as its protocol sees it."""

    def __init__(
        self,
        connection: _Connection,
        side: int,
        protocol: asyncio.Protocol,
        process: "Process | None",
    ) -> None:
        super().__init__()
        self.connection = connection
        self.side = side
        self.protocol = protocol
        self.process = process
        self._paused: list[bytes] | None = None
        self._closing = False

    def write(self, data: Any) -> None:
        self.connection.carry(self.side, bytes(data))

    def receive(self, data: bytes) -> None:
        """Bytes came in."""
        if not self.connection.alive or self._closing:
            return
        if self._paused is not None:
            self._paused.append(data)
            return
        self.protocol.data_received(data)

    def pause_reading(self) -> None:
        if self._paused is None:
            self._paused = []

    def resume_reading(self) -> None:
        waiting, self._paused = self._paused, None
        for data in waiting or ():
            self.receive(data)

    def is_closing(self) -> bool:
        return self._closing or not self.connection.alive

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.connection.finish(self.side)

    def abort(self) -> None:
        self._closing = True
        self.connection.cut()

    def lost(self) -> None:
        """The connection is gone."""
        self.protocol.connection_lost(None)
