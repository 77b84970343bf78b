"""Links between nodes: only who has a certificate of a link, of our authority, gets a word in."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.hosts.network import TlsNetwork
from infra.links import Outpost, tls
from infra.links.outlink import Outlink
from infra.links.stream import StreamListener
from messages.envelope import Address
from tests.certificates import Authority
from tests.infra.link_contract import READER, LinkContract, Reader, Wire, letters, until

LOOPBACK = "127.0.0.1"
TOKEN = "shared"


class TlsWire(Wire):
    """Two nodes: each has its certificates, and the recipient tells where it listens."""

    def __init__(self, here: Path, there: Path, token: str = TOKEN) -> None:
        super().__init__()
        self.asked = 0
        self.ports = 0
        self.listener: StreamListener | None = None
        self.recipient = TlsNetwork(self.where, LOOPBACK, 0, here, TOKEN)
        self.sender = TlsNetwork(self.where, LOOPBACK, 0, there, token)

    async def where(self, address: Address) -> tuple[str, int]:
        self.asked += 1
        if self.listener is None:
            await self.activate(address)
            raise ConnectionError(f"{address} is not there")
        return LOOPBACK, self.listener.port

    async def listen(self, inbox: Reader) -> None:
        self.listener = await self.recipient.listen(READER, inbox)

    async def hang_up(self) -> None:
        if self.listener:
            await self.listener.stop()
            self.listener = None

    def connect(self, link: Outlink, heard: Callable[[Address, int], None]) -> Outpost:
        return self.sender.outpost(link, heard)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("links"))


@pytest.fixture(scope="module")
def node(authority: Authority) -> Path:
    return authority.issue("node", f"DNS:{tls.NAME}")


class TestBetweenNodes(LinkContract):
    """Everything that links promise, over TLS and at a port that is another one each time."""

    @pytest.fixture(autouse=True)
    def certificates(self, node: Path) -> None:
        self.node = node

    def make(self) -> Wire:
        return TlsWire(self.node, self.node)


async def refused(here: Path, there: Path, token: str = TOKEN) -> None:
    """The sender tries again and again, and the recipient hears nothing."""
    wire, reader = TlsWire(here, there, token), Reader()
    await wire.listen(reader)
    outpost = wire.outpost(letters(1, 1))
    await until(lambda: wire.asked >= 2)
    await asyncio.sleep(0.05)
    assert (reader.hellos, reader.numbers, outpost.unacknowledged) == ([], [], 1)
    await wire.close()


async def test_a_certificate_of_another_authority_is_refused(node: Path, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger").issue("node", f"DNS:{tls.NAME}")
    (stranger / "ca.crt").write_bytes((node / "ca.crt").read_bytes())  # it would believe us
    await refused(node, stranger)


async def test_a_certificate_of_our_authority_for_something_else_is_refused(
    authority: Authority, node: Path
) -> None:
    await refused(node, authority.issue("alpha", "DNS:alpha"))


async def test_a_sender_says_nothing_to_who_is_not_a_link(authority: Authority, node: Path) -> None:
    await refused(authority.issue("impostor", "DNS:somebody"), node)


async def test_the_right_certificate_without_the_token_is_refused(node: Path) -> None:
    await refused(node, node, token="guessed")


async def test_certificates_that_are_renewed_are_used_at_the_next_connection(
    authority: Authority, tmp_path: Path
) -> None:
    here = authority.issue("renewed", f"DNS:{tls.NAME}")
    wire, reader = TlsWire(here, here), Reader()
    await wire.listen(reader)
    outpost = wire.outpost(letters(1, 1))
    await until(lambda: outpost.unacknowledged == 0)
    fresh = authority.issue("renewal", f"DNS:{tls.NAME}")
    for name in ("tls.crt", "tls.key"):
        (here / name).write_bytes((fresh / name).read_bytes())
    await wire.hang_up()
    await wire.listen(reader)
    outpost.offer(letters(2, 2))
    await until(lambda: reader.numbers == [1, 2])
    await wire.close()


@pytest.mark.parametrize("folder", [None, Path("nowhere")])
def test_missing_certificates_are_named_with_the_setting(folder: Path | None) -> None:
    with pytest.raises(tls.LinkNotSecured, match="OMS_LINK_TLS"):
        tls.server(folder)
    with pytest.raises(tls.LinkNotSecured, match="OMS_LINK_TLS"):
        tls.client(folder)


async def test_ports_are_taken_from_the_range_that_is_given(node: Path) -> None:
    wire = TlsWire(node, node)
    network = TlsNetwork(wire.where, LOOPBACK, 28_000, node, TOKEN)
    first, second = [await network.listen(READER, Reader()) for _ in range(2)]
    assert {first.port, second.port} <= set(range(28_000, 29_000))
    assert first.port != second.port
    await first.stop()
    await second.stop()
