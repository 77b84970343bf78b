"""From addresses to processes: whatever carries the bytes, hosts hear the same."""

from pathlib import Path

from infra.hosts.actor import ActorHost
from infra.hosts.network import CallNetwork, StreamNetwork, host_of
from infra.journals.memory import MemoryJournal
from infra.links.calls import CallListener
from messages.envelope import Address
from tests.actors.toy import Note, Toy, words
from tests.infra.link_contract import until


def test_reports_of_every_desk_leave_by_the_egress_and_all_else_by_its_own_process() -> None:
    assert host_of("desk/blue") == host_of("desk/red") == "egress/0"
    assert host_of("account/acme") == "account/acme"


def test_each_process_has_a_socket_of_its_own_even_where_names_have_dots(tmp_path: Path) -> None:
    async def nobody(address: Address) -> None:
        raise AssertionError(address)

    network = StreamNetwork(tmp_path, nobody, token="secret")
    addresses = ("book/BRK.A", "book/BRK.B", "account/BRK.A", "desk/blue")
    ends = [network.endpoint(address) for address in addresses]
    assert len({end.path for end in ends}) == 4
    assert {end.token for end in ends} == {"secret"}
    assert network.endpoint("desk/red") == network.endpoint("desk/blue")


class Calls:
    """A runtime that knows who listens."""

    def __init__(self) -> None:
        self.listeners: dict[Address, CallListener] = {}
        self.called: list[Address] = []

    async def call(self, address: Address, words: bytes) -> bytes:
        self.called.append(address)
        if address not in self.listeners:
            raise ConnectionError(f"{address} is not there")
        return await self.listeners[address].called(words)


async def test_two_hosts_talk_over_calls_and_a_desk_is_called_at_the_egress() -> None:
    """I2, I3."""
    runtime = Calls()
    network = CallNetwork(runtime.call)
    hosts: dict[Address, ActorHost] = {}
    for address in ("toy/1", "toy/2"):
        host = hosts[address] = ActorHost(
            lambda address=address: Toy(address),  # type: ignore[misc]
            MemoryJournal(),
            network,
        )
        await host.start()
        runtime.listeners[address] = await network.listen(address, host)
    told = [str(number) for number in range(1, 301)]
    for word in told:
        hosts["toy/1"].tell("reference/x", Note(Words=(word,), To=("toy/2",)))
    await until(lambda: len(words(hosts["toy/2"].shell)) == len(told))
    assert words(hosts["toy/2"].shell) == told
    await until(lambda: hosts["toy/1"].idle_s() is not None)
    hosts["toy/1"].tell("reference/x", Note(Words=("a",), To=("desk/blue",)))
    await until(lambda: "egress/0" in runtime.called)
    assert "desk/blue" not in runtime.called
    for host in hosts.values():
        await host.stop()
