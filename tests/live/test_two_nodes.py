"""Two nodes that share nothing but the network: one is killed, and its actors go on on the other.

Links are TCP with TLS, journals are on a PostgreSQL server, the broker lets in by certificate. The
nodes are two raylets on one machine, each with an address and a data folder of its own (I1, I21).
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread

import pytest

from gateways.amqp import topology
from infra import at_rest, chaos, endpoints, installation, pids, rayenv, supervisor, sweeper
from infra.broker import PrivateBroker
from infra.broker_process import Child, choose_ports
from infra.children import paper_folder
from infra.links import tls
from infra.liveness import HOSTED
from infra.reference import Reference, load
from infra.session import Session
from infra.settings import SECRETS, Settings
from messages import fix
from tests.certificates import Authority
from tests.infra.postgres_server import Server
from tests.live.stage import MARK, Talk, adds_up, an_order, left_running, oms, processes, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

HEAD_IP, NODE_IP = "127.0.0.2", "127.0.0.3"


class TwoNodes:
    """A head with the supervisor, and a node that joined it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.head, self.node = folder / "head", folder / "node"
        self._folder = folder
        self._server = server
        self._stack = ExitStack()
        self._joined: subprocess.Popen[bytes] | None = None
        self._authority = Authority(folder / "certificates")
        self.reference = self._market()

    def _market(self) -> Reference:
        """The sample, with the ports of its venues: a node cannot know those of another."""
        sample = Path(supervisor.__file__).with_name("sample.toml").read_text()
        config = self._folder / "reference.toml"
        config.write_text(sample)
        self.ports = choose_ports([venue.Venue for venue in load(config).venues])
        for port in self.ports.values():
            sample = sample.replace("\nPort = 0", f"\nPort = {port}", 1)
        config.write_text(sample)
        return load(config)

    def start(self) -> None:
        """Everything, in the order in which it is needed."""
        links = self._authority.issue("node", f"DNS:{tls.NAME}")
        amqp = self._broker()
        for venue in self.reference.venues:
            folder = paper_folder(self.head, venue.Venue)
            folder.mkdir(parents=True)
            words = ["--venue", venue.Venue, "--port", str(venue.Port), "--data", str(folder)]
            sides = ["--sender", venue.TargetCompID, "--target", venue.SenderCompID]
            paper = [sys.executable, "-m", "gateways.paper", *words, *sides]
            child = Child(paper, {**os.environ, "PYTHONPATH": str(Path.cwd())}, folder / "log")
            self._stack.callback(child.end, 5)
        settings = Settings(
            data=self.head, config=self._folder / "reference.toml", journal="postgres",
            journal_url=self._server.url(), amqp_url=amqp, link="tls", link_tls=links,
            link_token="shared by both", node_ip=HEAD_IP, nodes=2, groups=True,
        )  # fmt: skip
        failure: list[BaseException] = []
        up = Thread(target=self._up, args=(settings, failure))
        up.start()
        until(lambda: "ray" in endpoints.read(self.head) or bool(failure), within_s=40)
        if not failure:
            self._join(settings)
        up.join()
        if failure:
            raise failure[0]

    def _broker(self) -> str:
        certificates = self._authority.issue("rabbit", "IP:127.0.0.1")
        desks = self.reference.desks
        broker = PrivateBroker(self._folder / "broker", desks, 4, certificates=certificates)
        self._stack.enter_context(broker)
        urls = {desk: broker.tls_url(desk, self._authority.issue(desk)) for desk in desks}
        self.head.mkdir()
        endpoints.write(self.head, desks=urls)
        return broker.tls_url(topology.GATEWAY, self._authority.issue(topology.GATEWAY))

    def _up(self, settings: Settings, failure: list[BaseException]) -> None:
        try:
            installation.up(settings, lambda part, what: None)
        except BaseException as error:  # told to the thread of the test
            failure.append(error)

    def _join(self, settings: Settings) -> None:
        """``oms node``, told of everything by its environment, and of secrets by files."""
        names = ("config", "journal", "link", "link_tls", "nodes", "groups")
        given = {f"OMS_{name.upper()}": str(getattr(settings, name)) for name in names}
        for name in ("journal_url", "amqp_url", "link_token"):
            given[f"OMS_{name.upper()}_FILE"] = str(self.head / SECRETS[name])
        given |= {"OMS_NODE_IP": NODE_IP, "RAY_AUTH_TOKEN_PATH": str(self.head / rayenv.TOKEN)}
        words = ["node", "--data", str(self.node), "--head", endpoints.read(self.head)["ray"]]
        with (self._folder / "node.out").open("ab") as output:
            self._joined = subprocess.Popen(
                [sys.executable, "-m", "infra.cli", *words],
                env={**os.environ, **given, MARK: str(self.node)},
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def kill_node(self) -> None:
        """As if it lost its power: every process of it at once."""
        assert self._joined is not None
        for pid in [self._joined.pid, *sweeper.members(self._joined.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._joined.wait()

    def stop(self) -> None:
        installation.down(self.head)
        if self._joined and self._joined.poll() is None:
            self._joined.terminate()
            self._joined.wait(20)
        self._stack.close()


def hosted(data: Path) -> dict[str, int]:
    """Who is served there."""
    return {a: pid for a, pid in pids.read(data).items() if a.partition("/")[0] in HOSTED}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    server = Server()
    nodes = TwoNodes(tmp_path_factory.mktemp("two"), server)
    os.environ[MARK] = str(nodes.head)
    try:
        nodes.start()
        yield nodes
    finally:
        nodes.stop()
        del os.environ[MARK]
        server.close()
    assert left_running(nodes.head) == []
    assert left_running(nodes.node) == []


async def test_orders_flow_over_both_nodes_and_one_of_them_is_killed(two: TwoNodes) -> None:
    async with Session(two.head) as session:
        flow = asyncio.ensure_future(chaos.torment(session, {}, 300, seed=1, prefix="two"))
        await asyncio.to_thread(until, lambda: len(hosted(two.node)) >= 5, 30)
        there = hosted(two.node)
        assert there
        assert hosted(two.head)
        began = time.monotonic()
        await asyncio.to_thread(two.kill_node)
        await asyncio.to_thread(until, lambda: there.keys() <= hosted(two.head).keys(), 40)
        back = time.monotonic() - began
        print(f"{len(there)} of {len(there) + len(hosted(two.head))} were there: {sorted(there)}")
        print(f"all are back on the other node {back:.1f} s after its end")
        await flow
        adds_up(await chaos.close(session))
    assert await asyncio.to_thread(at_rest.problems, two.head, 40) == []


async def test_orders_wait_at_the_broker_while_it_is_drained(two: TwoNodes) -> None:
    async with Talk(two.head) as talk:
        said = await asyncio.to_thread(oms, two.head, "drain", "--stay", "--data", str(two.head))
        assert said.returncode == 0, said.stderr
        await talk.send(an_order("drained"))
        await asyncio.sleep(1)
        assert talk.heard["alpha"] == []
        said = await asyncio.to_thread(oms, two.head, "drain", "--undo", "--data", str(two.head))
        assert said.returncode == 0, said.stderr
        await talk.execution(ClOrdID="drained", ExecType=fix.ExecType.New)


def test_no_secret_is_in_what_the_nodes_were_told_or_wrote_down(two: TwoNodes) -> None:
    secret = b"shared by both"
    found = [p for p in two.head.rglob("*") if p.is_file() and secret in p.read_bytes()]
    assert found == [two.head / SECRETS["link_token"]]
    assert [p for p in two.node.rglob("*") if p.is_file() and secret in p.read_bytes()] == []
    told = [" ".join([*p.cmdline(), *p.environ().values()]) for p in processes(two.head)]
    assert [words for words in told if secret.decode() in words] == []
