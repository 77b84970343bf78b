"""The relay of a storm: in peace nothing changes, late bytes keep order, cut ones are lost."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from infra import endpoints
from infra.broker_process import LOOPBACK
from infra.chaos.relay import Relay, Relays
from infra.reference import load

MANY = b"0123456789" * 100_000
LATE_S = 0.2


class Echo:
    """An exchange that says back what it hears."""

    def __init__(self) -> None:
        self.heard = b""

    async def listen(self) -> int:
        self.server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while words := await reader.read(65_536):
            self.heard += words
            writer.write(words)
        writer.close()


async def test_what_is_said_arrives_unchanged_and_in_order_late_or_not() -> None:
    echo = Echo()
    behind = await echo.listen()
    relay = Relay(lambda: behind)
    reader, writer = await asyncio.open_connection(LOOPBACK, await relay.listen())
    writer.write(MANY)
    assert await reader.readexactly(len(MANY)) == MANY
    relay.delay_s = LATE_S
    began = time.monotonic()
    for piece in (b"first ", b"second ", b"third"):
        writer.write(piece)
        await asyncio.sleep(0.01)
    assert await reader.readexactly(18) == b"first second third"
    assert time.monotonic() - began >= 2 * LATE_S
    await relay.close()
    assert await reader.read() == b""
    writer.close()
    echo.server.close()


async def test_what_is_under_way_when_it_is_cut_is_lost_and_the_next_connection_is_whole() -> None:
    echo = Echo()
    behind = await echo.listen()
    relay = Relay(lambda: behind)
    port = await relay.listen()
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    relay.delay_s = LATE_S
    writer.write(b"lost")
    await asyncio.sleep(0.05)
    assert await relay.cut() == 4
    assert await reader.read() == b""
    writer.close()
    relay.delay_s = 0.0
    await asyncio.sleep(LATE_S)
    assert echo.heard == b""
    assert await relay.cut() == 0
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"heard")
    assert await reader.readexactly(5) == b"heard"
    writer.close()
    await relay.close()
    echo.server.close()


async def test_where_nobody_listens_behind_it_the_connection_is_closed_at_once() -> None:
    echo = Echo()
    behind = await echo.listen()
    echo.server.close()
    await echo.server.wait_closed()
    relay = Relay(lambda: behind)
    reader, writer = await asyncio.open_connection(LOOPBACK, await relay.listen())
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    await relay.close()


@pytest.fixture
def relays(tmp_path: Path) -> Iterator[Relays]:
    one = Relays(tmp_path, ["XPAR"])
    one.start()
    yield one
    one.stop()


async def test_a_venue_is_reached_through_its_relay_as_long_as_that_is_there(
    relays: Relays, tmp_path: Path
) -> None:
    venues = {venue.Venue: venue for venue in load().venues}
    echo = Echo()
    endpoints.write(tmp_path, venues={"XPAR": await echo.listen(), "XLON": 7})
    relayed = endpoints.venue(tmp_path, venues["XPAR"]).Port
    assert relayed == endpoints.read(tmp_path)["relays"]["XPAR"]
    assert endpoints.venue(tmp_path, venues["XLON"]).Port == 7
    reader, writer = await asyncio.open_connection(LOOPBACK, relayed)
    writer.write(b"heard")
    assert await reader.readexactly(5) == b"heard"
    relays.delay("XPAR", 5.0)
    writer.write(b"lost")
    await asyncio.sleep(0.05)
    assert await asyncio.to_thread(relays.cut, "XPAR") == 4
    assert await reader.read() == b""
    writer.close()
    await asyncio.to_thread(relays.stop)
    assert endpoints.venue(tmp_path, venues["XPAR"]).Port != relayed
    echo.server.close()
