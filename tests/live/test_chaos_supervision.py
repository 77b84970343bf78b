"""What the supervisor does: whoever dies or hangs is back, whoever cannot live is reported."""

import asyncio
import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra import chaos, endpoints, pids, starts
from infra.chaos import Victim, victim
from infra.monitoring.table import lane
from infra.settings import Settings
from messages import fix
from messages.orders import OrderStatusRequest
from tests.live.stage import Talk, an_order, oms, replayed, running, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

HUNG_AFTER_S = 3.0
ACCOUNT = "account/growth"

POISONOUS = """
import os
from actors import actor
inner = actor.step
def step(one, message, now):
    if getattr(getattr(message, "Request", message), "ClOrdID", "") == "poison":
        os._exit(9)
    return inner(one, message, now)
actor.step = step
"""
"""Put where Python looks for it when it starts: an account that dies of one order."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation whose accounts die of an order called poison."""
    folder = tmp_path_factory.mktemp("supervised")
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(POISONOUS)
    patch = pytest.MonkeyPatch()
    path = os.pathsep.join([str(folder / "site"), *filter(None, [os.environ.get("PYTHONPATH")])])
    patch.setenv("PYTHONPATH", path)
    try:
        with running(folder / "data", hung_after_s=HUNG_AFTER_S) as installation:
            yield installation
    finally:
        patch.undo()


async def placed(data: Path) -> None:
    """An order rests, so account and book are there, and it can be seen whether they know it."""
    async with Talk(data) as talk:
        await talk.send(an_order("resting"))
        await talk.execution(ClOrdID="resting")


async def answers(data: Path, name: str) -> None:
    """The whole way works, and the order is as it was."""
    async with Talk(data) as talk:
        ask = OrderStatusRequest(ClOrdID="resting", Account="growth", OrdStatusReqID=name)
        await talk.send(ask)
        told = await talk.execution(OrdStatusReqID=name)
        assert told.OrdStatus is fix.OrdStatus.New


def log(data: Path) -> str:
    return (data / "supervisor.log").read_text(errors="replace")


async def test_a_dead_actor_is_back_without_a_message_that_wants_it(data: Path) -> None:
    await placed(data)
    for address in (ACCOUNT, "book/AAPL", "compliance/0"):
        back_s = await Victim(data, address, pids.read(data)[address]).kill()
        print(address, f"{back_s:.2f} s")
    await answers(data, "after-kills")


async def test_an_actor_goes_on_in_a_process_that_was_there_before_it_died(data: Path) -> None:
    """Also the fifth time: what took the place of a spare process must be one as well."""
    await placed(data)
    for address in (ACCOUNT, "book/AAPL", "compliance/0", ACCOUNT, "book/AAPL"):
        await asyncio.to_thread(until, lambda: spares(data) >= Settings.of(data).spares, 30)
        one = Victim(data, address, pids.read(data)[address])
        died = time.time()
        await one.kill()
        assert psutil.Process(pids.read(data)[address]).create_time() < died


def spares(data: Path) -> int:
    """Processes of Ray that have started, and that no actor has taken."""
    children = psutil.Process(pids.read(data)["supervisor/0"]).children(recursive=True)
    return sum(" ".join(process.cmdline()).startswith("ray::IDLE") for process in children)


async def test_a_process_that_hangs_is_ended_and_another_one_serves(data: Path) -> None:
    pid = pids.read(data)[ACCOUNT]
    one = Victim(data, ACCOUNT, pid)
    at = time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    assert await one.back(at, "its SIGSTOP") > HUNG_AFTER_S - 1  # it was last heard a moment before
    assert not pids.alive(pid)
    assert "hangs, ending it" in log(data)
    await answers(data, "after-hang")


async def test_an_address_that_ray_gave_up_is_placed_again(data: Path) -> None:
    """Ray starts no actor again whose constructor raised."""
    pid = pids.read(data)["ingress/0"]
    path = data / "logs" / "ingress.0.log"
    path.unlink()
    path.mkdir()  # nothing can be logged there
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(until, lambda: "nobody serves these" in log(data), 30)
    path.rmdir()
    await asyncio.to_thread(until, lambda: pids.read(data).get("ingress/0") not in (None, pid), 60)
    await answers(data, "after-giving-up")


async def test_a_ray_that_lost_its_control_store_is_started_anew(data: Path) -> None:
    alive = pids.read(data)
    children = psutil.Process(alive["supervisor/0"]).children(recursive=True)
    hosted = (ACCOUNT, "book/AAPL", "venue/XPAR", "ingress/0", "egress/0")
    victims = [Victim(data, address, alive[address]) for address in hosted]
    at = time.monotonic()
    next(child for child in children if child.name() == "gcs_server").kill()
    times = await asyncio.gather(*[one.back(at, "the end of Ray's") for one in victims])
    print(f"Ray {max(times):.2f} s")
    assert pids.read(data)["supervisor/0"] == alive["supervisor/0"]
    assert pids.read(data)["broker/0"] == alive["broker/0"]
    await answers(data, "after-ray")


async def test_a_message_that_ends_its_process_is_parked_and_the_next_one_is_heard(
    data: Path,
) -> None:
    async with Talk(data) as talk:
        await talk.send(an_order("poison", Account="income"), an_order("cure", Account="income"))
        await talk.execution(ClOrdID="cure", ExecType=fix.ExecType.New)
        told = await talk.execution(ClOrdID="poison", ExecType=fix.ExecType.Rejected)
    assert told.Refusal
    assert told.Refusal.Rule == "parked"
    assert len(starts.read(data)["account/income"]) == 4
    events = [
        order.ClOrdID for order in replayed(data, "account/income").actor.state.orders.values()
    ]
    assert events == ["cure"]
    text = (data / "logs" / "account.income.log").read_text()
    assert "ended 3 times while busy with this message" in text
    assert text.count('"serving"') == 4


async def test_what_cannot_live_is_tried_ever_more_slowly_and_everybody_is_told(
    data: Path,
) -> None:
    journal = data / "journals" / "account" / "global.sqlite"
    journal.mkdir(parents=True)  # no journal can be opened there
    async with Talk(data) as talk:
        await talk.send(an_order("waits", Account="global"), desk="beta")
        await asyncio.to_thread(until, lambda: loops(data, "account/global"), 60)
        told = oms(data, "status", "--data", str(data)).stdout
        assert "crash loop account/global: ended soon after" in told
        assert f'oms_crash_loop{{actor="{lane("account/global")}"}} 1.0' in metrics(data)
        assert starts.read(data)["account/global"][-1].pause_s > 0
        shutil.rmtree(journal)
        await talk.execution(ClOrdID="waits", ExecType=fix.ExecType.New, desk="beta")


def loops(data: Path, address: str) -> bool:
    """Whether the supervisor has said that it is in a crash loop."""
    said = (line for line in log(data).splitlines() if '"crash loop"' in line)
    return any(f'"{address}"' in line for line in said)


def metrics(data: Path) -> str:
    with urllib.request.urlopen(endpoints.read(data)["metrics"], timeout=5) as answer:
        text: str = answer.read().decode()
        return text


async def test_a_victim_that_does_not_come_back_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(victim, "BACK_WITHIN_S", 0.0)
    pid = pids.read(data)["egress/0"]
    with pytest.raises(chaos.NotBack, match=rf"egress/0 \(pid {pid}\) is not back.*oms logs"):
        await Victim(data, "egress/0", pid).back(time.monotonic(), "nobody killed it")
