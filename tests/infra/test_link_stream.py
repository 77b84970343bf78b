"""Links over streams: unix sockets, TCP and TLS pass the contract; what is not ours is refused."""

import asyncio
import contextlib
import gc
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.links import Outpost
from infra.links import frames as fr
from infra.links.endpoint import Endpoint
from infra.links.outlink import Outlink
from infra.links.stream import StreamListener, StreamOutpost
from messages.envelope import Address
from tests.infra.link_contract import READER, SENDER, LinkContract, Reader, Wire, letters, until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class StreamWire(Wire):
    """A listener that comes and goes at one place."""

    def __init__(self, here: Endpoint, there: Endpoint | None = None) -> None:
        super().__init__()
        self.here, self.there = here, there or here
        self.listener: StreamListener | None = None

    async def listen(self, inbox: Reader) -> None:
        self.listener = StreamListener(inbox, self.here)
        await self.listener.start()

    async def hang_up(self) -> None:
        if self.listener:
            await self.listener.stop()
            self.listener = None

    def connect(self, link: Outlink, heard: Callable[[Address, int], None]) -> Outpost:
        return StreamOutpost(link, self.there, heard, self.activate)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short one: the path of a unix socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


class TestUnixSockets(LinkContract):
    """On one node."""

    @pytest.fixture(autouse=True)
    def place(self, folder: Path) -> None:
        self.path = folder / "run" / "book.AAPL"

    def make(self) -> Wire:
        return StreamWire(Endpoint(path=self.path, token="secret"))


class TestTCP(LinkContract):
    """Between nodes, where the network is trusted."""

    def make(self) -> Wire:
        return StreamWire(Endpoint(host="127.0.0.1", port=free_port(), token="secret"))


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
class TestTLS(LinkContract):
    """Between nodes."""

    @pytest.fixture(autouse=True)
    def certificate(self, folder: Path) -> None:
        self.key, self.pem = folder / "key.pem", folder / "cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "1", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", self.key, "-out", self.pem],
            check=True, capture_output=True,
        )  # fmt: skip

    def make(self) -> Wire:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(self.pem, self.key)
        port = free_port()
        there = ssl.create_default_context(cafile=self.pem)
        return StreamWire(
            Endpoint(host="127.0.0.1", port=port, tls=server, token="secret"),
            Endpoint(host="127.0.0.1", port=port, tls=there, token="secret"),
        )

    async def test_a_sender_without_the_certificate_says_nothing(self) -> None:
        wire = self.make()
        assert isinstance(wire, StreamWire)
        end = wire.there
        wire.there = Endpoint(
            host=end.host, port=end.port, tls=ssl.create_default_context(), token=end.token
        )
        reader = Reader()
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 1))
        await until(lambda: wire.activations >= 2)
        assert (reader.hellos, outpost.unacknowledged) == ([], 1)
        await wire.close()


# ---- what only streams have


async def test_a_sender_with_another_token_is_refused_and_takes_its_time_to_try_again(
    folder: Path,
) -> None:
    here = Endpoint(path=folder / "s", token="secret")
    wire = StreamWire(here, Endpoint(path=folder / "s", token="guess"))
    reader = Reader()
    await wire.listen(reader)
    outpost = wire.outpost(letters(1, 3))
    await asyncio.sleep(0.2)
    assert (reader.hellos, reader.taken, outpost.unacknowledged) == ([], [], 3)
    await wire.close()


async def raw(path: Path, *frames: bytes) -> bytes:
    """Say these bytes to a listener; all that it answers until it hangs up."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"".join(frames))
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


HELLO = f'{{"sender":"{SENDER}","recipient":"{READER}","first":1}}'.encode()


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        ([fr.frame(fr.HELLO, b"wrong\n" + HELLO)], b"OMS_LINK_TOKEN"),
        ([fr.frame(fr.BATCH, b"")], b"not a hello"),
        ([fr.frame(fr.HELLO, b'secret\n{"sender":1}')], b"valid"),
        ([fr.frame(fr.HELLO, b"secret\n" + HELLO), fr.frame(fr.BATCH, b"one line")], b"odd"),
        ([b"GET / HTTP/1.1\r\nHost: oms\r\n\r\n"], b"bytes"),
    ],
)
async def test_bad_bytes_are_refused_with_a_reason_and_the_listener_goes_on(
    folder: Path, frames: list[bytes], why: bytes
) -> None:
    wire = StreamWire(Endpoint(path=folder / "s", token="secret"))
    reader = Reader()
    await wire.listen(reader)
    answer = await raw(folder / "s", *frames)
    assert bytes([fr.REFUSED]) in answer
    assert why in answer
    assert reader.taken == []
    outpost = wire.outpost(letters(1, 2))
    await until(lambda: outpost.unacknowledged == 0)
    await wire.close()


async def test_a_recipient_that_is_full_is_not_sent_more_until_it_goes_on(folder: Path) -> None:
    wire = StreamWire(Endpoint(path=folder / "s"))
    reader = Reader()
    await wire.listen(reader)
    outpost = wire.outpost(letters(1, 1), window=100_000)
    await until(lambda: outpost.unacknowledged == 0)
    reader.sources[0].pause()
    await asyncio.sleep(0.02)
    before = len(reader.taken)
    outpost.offer(letters(2, 30_000))
    await asyncio.sleep(0.05)
    assert len(reader.taken) - before < 29_999
    reader.sources[0].resume()
    await until(lambda: outpost.unacknowledged == 0)
    assert reader.numbers == list(range(1, 30_001))
    await wire.close()


async def test_vitals_go_to_whoever_listens_and_are_lost_otherwise(folder: Path) -> None:
    wire = StreamWire(Endpoint(path=folder / "s"))
    reader = Reader()
    outpost = wire.outpost()
    outpost.vitals(b"nobody hears this")
    await wire.listen(reader)
    outpost.offer(letters(1, 1))
    await until(lambda: outpost.unacknowledged == 0)
    outpost.vitals(b"well")
    await until(lambda: reader.news == [b"well"])
    await wire.close()


async def test_copies_that_may_wait_travel_together(folder: Path) -> None:
    reader, batches = Reader(), list[int]()
    whole = reader.take
    reader.take = lambda s, e: (batches.append(len(e)), whole(s, e))  # type: ignore
    wire = StreamWire(Endpoint(path=folder / "s"))
    await wire.listen(reader)
    link = Outlink(SENDER, READER)
    outpost = StreamOutpost(link, wire.there, lambda _, __: None, wire.activate, linger_s=0.02)
    for seq in range(1, 11):
        outpost.offer(letters(seq, seq))
        await asyncio.sleep(0)
    await until(lambda: outpost.unacknowledged == 0)
    assert sum(batches) == 10
    assert len(batches) <= 3
    await outpost.close()
    await wire.close()


async def test_a_new_listener_takes_the_place_of_one_that_left_its_socket_behind(
    folder: Path,
) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "s"))
    wire = StreamWire(Endpoint(path=folder / "s"))
    reader = Reader()
    await wire.listen(reader)
    outpost = wire.outpost(letters(1, 1))
    await until(lambda: outpost.unacknowledged == 0)
    await wire.close()


async def test_a_connection_that_is_lost_as_it_is_made_is_made_again(folder: Path) -> None:
    """A recipient that dies on accepting must not leave its senders waiting for ever."""
    accepted: list[asyncio.StreamWriter] = []

    async def slam(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)
        writer.transport.abort()

    server = await asyncio.start_unix_server(slam, str(folder / "s"))
    wire = StreamWire(Endpoint(path=folder / "s"))
    outpost = wire.outpost(letters(1, 3))
    await until(lambda: len(accepted) >= 3)
    server.close()
    reader = Reader()
    await wire.listen(reader)
    await until(lambda: outpost.unacknowledged == 0)
    assert reader.numbers == [1, 2, 3]
    await wire.close()


@pytest.mark.parametrize("steps", range(5))
async def test_a_listener_that_stops_leaves_no_connection_to_talk_to_nobody(
    folder: Path, steps: int
) -> None:
    """Not even one that was being accepted at that moment."""
    wire = StreamWire(Endpoint(path=folder / "s"))
    reader = Reader()
    await wire.listen(reader)
    with socket.socket(socket.AF_UNIX) as sender:
        sender.connect(str(folder / "s"))
        sender.setblocking(False)
        for _ in range(steps):
            await asyncio.sleep(0)
        await wire.hang_up()
        for _ in range(3):
            await asyncio.sleep(0)
        gc.collect()  # asyncio gives up what its server was just accepting, and this closes it
        loop, answer = asyncio.get_running_loop(), b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            sender.send(fr.frame(fr.HELLO, b"\n" + HELLO))
            answer = await asyncio.wait_for(loop.sock_recv(sender, 100), 5)
    assert answer == b""
    assert reader.hellos == []


async def test_a_connection_that_is_gone_before_anything_was_said_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, dialled = asyncio.get_running_loop(), list[str]()
    connect = loop.create_unix_connection

    async def lost_at_first(*given: Any) -> Any:
        transport, protocol = await connect(*given)
        dialled.append("")
        if len(dialled) == 1:
            transport.abort()
            await asyncio.sleep(0.01)
        return transport, protocol

    monkeypatch.setattr(loop, "create_unix_connection", lost_at_first)
    wire = StreamWire(Endpoint(path=folder / "s"))
    reader = Reader()
    await wire.listen(reader)
    outpost = wire.outpost(letters(1, 3))
    await until(lambda: outpost.unacknowledged == 0)
    assert reader.numbers == [1, 2, 3]
    await wire.close()
