"""A private broker: it starts, dies, comes back as itself, and outlives nobody."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import aiormq
import pytest

from infra.broker import BrokerUnavailable, PrivateBroker
from infra.broker_process import LOOPBACK, PORTS, is_free
from tests.architecture.source import ROOT

DESKS = ("alpha", "beta")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[PrivateBroker]:
    """A broker for one test, not started."""
    broker = PrivateBroker(tmp_path / "broker", DESKS, 2, bench=True)
    try:
        yield broker
    finally:
        broker.stop(timeout=1.0)


async def publish(url: str, count: int) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(on_return_raises=True)
        exchange = await channel.get_exchange("echo", ensure=False)
        for number in range(count):
            body = b"%d" % number
            await exchange.publish(aio_pika.Message(body, delivery_mode=2), "echo.in")


async def consume(url: str, count: int) -> list[int]:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("echo.in", passive=True)
        found = []
        async with asyncio.timeout(20):
            for _ in range(count):
                message = await queue.get(timeout=10)
                assert message is not None
                found.append(int(message.body))
                await message.ack()
        assert await queue.get(fail=False) is None
        return found


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_a_missing_rabbitmq_is_said_in_one_line_with_the_remedy(tmp_path: Path) -> None:
    nowhere = tmp_path / "a" / "b" / "c" / "rabbitmq-server"
    broker = PrivateBroker(tmp_path, DESKS, 2, server=nowhere)
    with pytest.raises(BrokerUnavailable) as caught:
        broker.start()
    line = str(caught.value)
    assert "\n" not in line
    assert str(nowhere) in line
    assert "apt-get install rabbitmq-server" in line
    assert "OMS_AMQP_URL" in line


@pytest.mark.live
@pytest.mark.parametrize("name", ["amqp", "dist", "epmd"])
def test_a_taken_port_is_named_and_nothing_is_left_running(own: PrivateBroker, name: str) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, own.port(name)))
        other.listen()
        with pytest.raises(BrokerUnavailable, match=rf"port {own.port(name)} \({name}\).*taken"):
            own.start()
    assert not own.running
    assert not list(Path(own.folder).glob("log/epmd.log"))


def test_ports_lie_outside_the_range_for_outgoing_connections(own: PrivateBroker) -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    chosen = [own.port(name) for name in ("amqp", "dist", "epmd", "prometheus")]
    assert len(set(chosen)) == 4
    assert all(port in PORTS and port < lowest for port in chosen)


def test_a_folder_keeps_its_ports_and_passwords(own: PrivateBroker) -> None:
    again = PrivateBroker(own.folder, (*DESKS, "gamma"), 2, bench=True)
    assert again.url("alpha") == own.url("alpha")
    assert again.url("gamma") != own.url("alpha")
    with pytest.raises(KeyError, match="no user 'gamma'"):
        own.url("gamma")


def test_nobody_else_can_read_the_folder(own: PrivateBroker) -> None:
    own.port()
    assert own.folder.stat().st_mode & 0o077 == 0
    assert (own.folder / "credentials.json").stat().st_mode & 0o077 == 0


def test_another_number_of_shards_is_refused(own: PrivateBroker) -> None:
    own.port()
    with pytest.raises(BrokerUnavailable, match="made with 2 shards, not 3"):
        PrivateBroker(own.folder, DESKS, 3).start()


def test_the_environment_of_another_broker_does_not_leak_in(
    own: PrivateBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RABBITMQ_NODENAME", "rabbit@elsewhere")
    monkeypatch.setenv("RABBITMQ_USE_LONGNAME", "true")
    monkeypatch.setenv("ERL_LIBS", "/elsewhere")
    environment = own.environment()
    assert environment["RABBITMQ_NODENAME"] == "oms@localhost"
    assert not {"RABBITMQ_USE_LONGNAME", "ERL_LIBS"} & environment.keys()


@pytest.mark.live
async def test_confirmed_messages_survive_a_kill_and_a_start_on_the_same_folder(
    own: PrivateBroker,
) -> None:
    own.start()
    url, pid = own.url("bench"), own.pid
    await publish(url, 200)
    own.kill()
    assert own.returncode == -signal.SIGKILL
    assert pid is not None
    assert gone(pid)
    assert own.pid is None
    own.start()
    assert own.pid != pid
    assert await consume(own.url("bench"), 200) == list(range(200))
    own.stop()
    assert own.returncode == 0
    assert all(is_free(own.port(name)) for name in ("amqp", "dist", "epmd"))


@pytest.mark.live
async def test_a_desk_that_was_removed_cannot_log_in_and_guest_never_could(
    own: PrivateBroker,
) -> None:
    own.start()
    old = own.url("beta")
    async with await aio_pika.connect(old):
        pass
    own.kill()
    fewer = PrivateBroker(own.folder, ["alpha"], 2)
    own.stop()
    with fewer:
        async with await aio_pika.connect(fewer.url("alpha")):
            pass
        guest = f"amqp://guest:guest@{LOOPBACK}:{fewer.port()}/oms"
        empty = f"amqp://beta:@{LOOPBACK}:{fewer.port()}/oms"
        for url in (old, guest, empty):
            with pytest.raises(aiormq.AMQPConnectionError):
                await aio_pika.connect(url)


SUPERVISOR = """
import sys, time
from pathlib import Path
from threading import Thread
from infra.broker import PrivateBroker
broker = PrivateBroker(Path(sys.argv[1]), ["alpha"], 1)
starter = Thread(target=broker.start)  # a thread that ends: the broker must not end with it
starter.start()
starter.join()
time.sleep(0.2)
print(broker.pid, broker._epmd.pid, broker.running, flush=True)
time.sleep(60)
"""


@pytest.mark.live
def test_a_broker_and_its_epmd_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert supervisor.stdout is not None
        node, epmd, running = supervisor.stdout.readline().split()
    finally:
        supervisor.kill()
        supervisor.wait()
    assert running == "True"
    deadline = time.monotonic() + 5
    while not (gone(int(node)) and gone(int(epmd))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(int(node))
    assert gone(int(epmd))
