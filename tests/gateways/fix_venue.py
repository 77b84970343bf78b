"""The other end of a FIX session in tests: a venue that says exactly what the test tells it.

No engine, only a socket and the framing, so that it can break every rule a real venue breaks.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from gateways.fix.session import FixSession, VenueMessage
from messages import fix
from messages.reference import Capabilities, VenueDefinition
from messages.terms import Terms
from messages.venue import SessionDown, SessionUp, VenueNewOrder

ROOT = Path(__file__).parents[2]
SOH = "\x01"
Fields = dict[str, str]

BUY = Terms(
    Symbol="AAPL",
    Side=fix.Side.Buy,
    OrderQty=Decimal("100"),
    OrdType=fix.OrdType.Limit,
    Price=Decimal("231.25"),
)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wire(kind: str, number: int, fields: Fields | str, *, poss_dup: bool = False) -> bytes:
    """One message of the venue XPAR to OMS; as text (| for SOH) its fields may repeat."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
    head = {"35": kind, "34": str(number), "49": "XPAR", "52": now, "56": "OMS"}
    if poss_dup:
        head |= {"43": "Y", "122": now}
    if isinstance(fields, str):
        tail = fields.replace("|", SOH) + SOH
    else:
        head, tail = head | fields, ""
    body = ("".join(f"{tag}={value}{SOH}" for tag, value in head.items()) + tail).encode()
    text = f"8=FIX.4.4{SOH}9={len(body)}{SOH}".encode() + body
    return text + f"10={sum(text) % 256:03d}{SOH}".encode()


def report(number: int, **changes: str) -> Fields:
    """The fields of an ExecutionReport, numbered in its ids."""
    fields = {
        "37": f"O-{number}",
        "11": f"c-{number}",
        "17": f"E-{number}",
        "150": "0",
        "39": "0",
        "55": "AAPL",
        "54": "1",
        "38": "100",
        "14": "0",
        "151": "100",
        "60": "20261123-14:30:00.000",
    }
    return fields | {tag.removeprefix("t"): value for tag, value in changes.items()}


class ScriptedVenue:
    """Accepts one connection after the other and keeps what it read."""

    def __init__(self) -> None:
        self._connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
            asyncio.Queue()
        )
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._buffer = b""
        self.port = 0

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._connections.put((reader, writer))

    async def accept(self) -> Fields:
        """Wait for a connection; its first message, the Logon."""
        self._reader, self._writer = await asyncio.wait_for(self._connections.get(), 10)
        self._buffer = b""
        return await self.expect("A")

    async def read(self) -> Fields:
        """The next message; EOFError where the other end closed."""
        assert self._reader is not None
        while (end := self._buffer.find(b"\x0110=")) < 0 or len(self._buffer) < end + 8:
            data = await asyncio.wait_for(self._reader.read(65_536), 10)
            if not data:
                raise EOFError
            self._buffer += data
        message, self._buffer = self._buffer[: end + 8], self._buffer[end + 8 :]
        pairs = [part.split("=", 1) for part in message.decode().split(SOH)[:-1]]
        return {tag: value for tag, value in pairs}

    async def expect(self, kind: str) -> Fields:
        """The next message of this type; all before it are dropped."""
        while (message := await self.read())["35"] != kind:
            pass
        return message

    def say(self, kind: str, number: int, fields: Fields | str | None = None, **how: bool) -> None:
        """Send one message."""
        self.say_raw(wire(kind, number, fields or {}, **how))

    def say_raw(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    def logon(self, number: int, **more: str) -> None:
        """Answer a Logon."""
        self.say("A", number, {"98": "0", "108": "10"} | {t[1:]: v for t, v in more.items()})

    def hang_up(self) -> None:
        """Cut the connection without a word."""
        if self._writer is not None:
            self._writer.transport.abort()


@asynccontextmanager
async def scripted_venue() -> AsyncIterator[ScriptedVenue]:
    """A venue on a free port."""
    venue = ScriptedVenue()
    server = await asyncio.start_server(venue._connected, "127.0.0.1", 0)
    venue.port = server.sockets[0].getsockname()[1]
    try:
        yield venue
    finally:
        venue.hang_up()
        server.close()


class Caller:
    """The program behind a session: keeps all it hears."""

    def __init__(
        self,
        port: int,
        folder: Path,
        dialect: str = "Paper",
        heartbeat_s: int = 10,
        native: Capabilities | None = None,
    ) -> None:
        self.heard: list[tuple[int, VenueMessage]] = []
        self.garbage: list[str] = []
        self.session = FixSession(
            VenueDefinition(
                Venue="XPAR",
                Dialect=dialect,
                SenderCompID="OMS",
                TargetCompID="XPAR",
                Host="127.0.0.1",
                Port=port,
                Native=native,
            ),
            folder,
            lambda seq, message: self.heard.append((seq, message)),
            heartbeat_s,
            on_garbage=self.garbage.append,
        )

    def reports(self) -> list[int]:
        """The numbers of what was heard beside SessionUp and SessionDown."""
        return [seq for seq, m in self.heard if not isinstance(m, SessionUp | SessionDown)]

    def session_words(self) -> list[str]:
        """ "up" and the texts of SessionDown, in order."""
        words = []
        for _, message in self.heard:
            match message:
                case SessionUp():
                    words.append("up")
                case SessionDown():
                    words.append(message.Text)
        return words

    async def until(self, condition: Callable[[], object], timeout_s: int = 15) -> None:
        """Wait until the condition holds; the failure shows what was heard."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"waited in vain; heard {self.heard}, {self.garbage}")
            await asyncio.sleep(0.005)


@asynccontextmanager
async def stopped_at_the_end(caller: Caller, venue: ScriptedVenue) -> AsyncIterator[Caller]:
    """The caller, whose session is stopped without waiting for the venue's Logout."""
    try:
        yield caller
    finally:
        stopping = asyncio.create_task(asyncio.to_thread(caller.session.stop))
        await asyncio.sleep(0.02)
        venue.hang_up()  # the engine's thread looks up at once, and not only at its next tick
        await stopping


async def logged_on(venue: ScriptedVenue, caller: Caller, number: int = 1) -> None:
    """Exchange Logons; the venue's has this number."""
    ups = caller.session_words().count("up")
    await venue.accept()
    venue.logon(number)
    await caller.until(lambda: caller.session_words().count("up") > ups)


def an_order(cl_ord_id: str = "c-1") -> VenueNewOrder:
    """Buy 100 AAPL at 231.25."""
    return VenueNewOrder(
        ClOrdID=cl_ord_id,
        Account="acme",
        Terms=BUY,
        TransactTime=1_795_444_200_123_456_789,
    )
