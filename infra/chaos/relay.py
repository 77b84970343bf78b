"""A relay in front of each paper exchange: bytes come late, and what is under way can be lost.

A container's kernel has no netem, so bytes are held back here. In peace nothing is: what comes is
written on at once. The venue connection finds the relay's port in place of the exchange's.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from infra import endpoints
from infra.broker_process import LOOPBACK

PIECE = 65_536
CLOSING_S = 0.01

Answer = TypeVar("Answer")

Held = asyncio.Queue[tuple[float, bytes]]
"""When each piece is due (monotonic), and what it is; no bytes: its end was closed."""


class Relay:
    """One port in front of another, on loopback; lives in one event loop."""

    def __init__(self, behind: Callable[[], int]) -> None:
        """``behind``: the port to connect to, asked each time."""
        self.delay_s = 0.0
        self._behind = behind
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Future[None]] = set()
        self._under_way = 0

    async def listen(self) -> int:
        """From now on; the port."""
        self._server = await asyncio.start_server(self._join, LOOPBACK, 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Leave nothing open."""
        if self._server:
            self._server.close()
        while self._ways:
            await self.cut()
            await asyncio.sleep(CLOSING_S)

    async def cut(self) -> int:
        """Close every connection; how many bytes were under way, and are lost."""
        lost = self._under_way
        for way in self._ways:
            way.cancel()
        return lost

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._behind())
        except OSError:
            writer.transport.abort()
            return
        ways = {
            asyncio.ensure_future(self._carry(reader, far_writer)),
            asyncio.ensure_future(self._carry(far_reader, writer)),
        }
        self._ways |= ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, far_writer):
            end.transport.abort()
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        self._ways -= ways

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What one end says, to the other end, until one of them is gone."""
        held = Held()
        reading = asyncio.ensure_future(self._hold(reader, held))
        try:
            while True:
                due, words = await held.get()
                try:
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                finally:
                    self._under_way -= len(words)
                if not words:
                    return
                writer.write(words)
        finally:
            reading.cancel()
            while not held.empty():
                self._under_way -= len(held.get_nowait()[1])

    async def _hold(self, reader: asyncio.StreamReader, held: Held) -> None:
        words = b"?"
        while words:
            try:
                words = await reader.read(PIECE)
            except ConnectionError:
                words = b""
            self._under_way += len(words)
            held.put_nowait((time.monotonic() + self.delay_s, words))


class Relays:
    """A relay for each of these venues, from before the installation's start to after its end."""

    def __init__(self, data: Path, venues: Sequence[str]) -> None:
        self._data = data
        self._relays = {venue: Relay(self._port_of(venue)) for venue in venues}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, name="relays", daemon=True)

    @property
    def venues(self) -> list[str]:
        """Whose bytes can be held back."""
        return list(self._relays)

    def start(self) -> None:
        """Listen, and write down where."""
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        ports = {venue: self._do(relay.listen()) for venue, relay in self._relays.items()}
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        endpoints.write(self._data, relays=ports)

    def stop(self) -> None:
        """Venues are reached directly from the next start on."""
        if self._loop is None:
            return
        endpoints.write(self._data, relays={})
        for relay in self._relays.values():
            self._do(relay.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = None

    def delay(self, venue: str, seconds: float) -> None:
        """From now on what that venue or we say arrives so much later."""
        self._relays[venue].delay_s = seconds

    def cut(self, venue: str) -> int:
        """Close the connection with what is under way; that many bytes."""
        return self._do(self._relays[venue].cut())

    def _serve(self) -> None:
        assert self._loop
        with closing(self._loop) as loop:
            loop.run_forever()

    def _do(self, what: Coroutine[Any, Any, Answer]) -> Answer:
        assert self._loop
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def _port_of(self, venue: str) -> Callable[[], int]:
        return lambda: int(endpoints.read(self._data)["venues"][venue])
