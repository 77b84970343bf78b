"""Two hosts on real sockets and real files, one of which keeps dying: in order, exactly once."""

import asyncio
import gc
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from infra.hosts.actor import ActorHost
from infra.hosts.network import StreamNetwork, run_folder
from infra.journals.sqlite import SqliteJournal
from infra.links.stream import StreamListener
from messages.envelope import Address
from tests.actors.toy import Note, Toy, words
from tests.infra.link_contract import until

FIRST, SECOND_ONE = "toy/1", "toy/2"


class Node:
    """Hosts by address, each with a journal and a socket that outlive it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts: dict[Address, ActorHost] = {}
        self.listeners: dict[Address, StreamListener] = {}
        self.errors: list[BaseException] = []

    async def activate(self, address: Address) -> None:
        """Nobody comes to life because he is called: the test decides when."""

    async def start(self, address: Address) -> ActorHost:
        network = StreamNetwork(self.folder, self.activate, token="secret")
        host = ActorHost(
            lambda: Toy(address),
            SqliteJournal(self.folder / f"{address.replace('/', '.')}.sqlite"),
            network,
            fail=self.errors.append,
        )
        await host.start()
        self.hosts[address] = host
        self.listeners[address] = await network.listen(address, host)
        return host

    async def kill(self, address: Address) -> None:
        """Without a word: what was in flight, queued or not written down is gone."""
        await self.listeners.pop(address).stop()
        await asyncio.sleep(0)
        gc.collect()  # a connection that asyncio was just accepting ends only with its object
        host = self.hosts.pop(address)
        host._outposts.take_news()
        host._queue.clear()
        await host.stop()

    def words(self, address: Address) -> list[str]:
        return words(self.hosts[address].shell)


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    with tempfile.TemporaryDirectory() as folder:
        found = Node(Path(folder))
        yield found
        for address in list(found.hosts):
            await found.kill(address)
        for socket in run_folder(found.folder).glob("*"):
            socket.unlink()
        run_folder(found.folder).rmdir()


def tell(host: ActorHost, number: int) -> None:
    host.tell("reference/x", Note(Words=(str(number),), To=(SECOND_ONE,)))


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_dies_each_word_arrives_once_and_in_order(node: Node, seed: int) -> None:
    """I1, I2, I3."""
    random, told = Random(seed), 0
    addresses = (FIRST, SECOND_ONE)
    for address in addresses:
        await node.start(address)
    for _ in range(6):
        for _ in range(random.randint(1, 40)):
            told += 1
            tell(node.hosts[FIRST], told)
            if random.random() < 0.1:
                await asyncio.sleep(random.random() * 0.004)
        await asyncio.sleep(0)  # what was told is a turn away from being durable
        await until(lambda due=told: len(node.words(FIRST)) == due)  # type: ignore[misc]
        victim = random.choice(addresses)
        await node.kill(victim)
        if victim == SECOND_ONE and random.random() < 0.5:
            told += 1
            tell(node.hosts[FIRST], told)
        await node.start(victim)
    everything = [str(number) for number in range(1, told + 1)]
    await until(lambda: len(node.words(SECOND_ONE)) >= told)
    assert node.words(SECOND_ONE) == everything
    assert node.words(FIRST) == everything
    await until(lambda: node.hosts[FIRST].idle_s() is not None)
    assert node.errors == []


async def test_a_second_incarnation_takes_over_and_the_first_ends(node: Node) -> None:
    """I4."""
    await node.start(SECOND_ONE)
    zombie = await node.start(FIRST)
    tell(zombie, 1)
    await until(lambda: node.words(SECOND_ONE) == ["1"])
    successor = await node.start(FIRST)
    tell(zombie, 2)
    await until(lambda: bool(node.errors))
    tell(successor, 3)
    await until(lambda: len(node.words(SECOND_ONE)) == 2)
    assert node.words(SECOND_ONE) == ["1", "3"]
    await zombie.stop()


def test_sockets_live_in_a_short_folder_of_their_own(tmp_path: Path) -> None:
    folders: set[Any] = {run_folder(tmp_path / name) for name in ("a", "b" * 200)}
    assert len(folders) == 2
    assert all(len(str(folder)) < 60 for folder in folders)
