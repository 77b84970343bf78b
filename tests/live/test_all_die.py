"""Everything dies at once, and everything comes back from the data folder as it was."""

import asyncio
import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from infra import at_rest, chaos, installation, pids
from infra.session import Session
from messages import fix
from messages.orders import OrderCancelRequest, OrderStatusRequest
from tests.live.stage import Talk, adds_up, an_order, left_running, processes, running, start

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

RESTING = ("resting-day", "resting-gtc")
HUGE = Decimal(50_000)  # a market order may meet them, and leaves nearly everything of them


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("all-die")) as folder:
        yield folder


async def test_what_was_open_before_everything_died_is_open_after_it_and_can_be_canceled(
    data: Path,
) -> None:
    async with Talk(data) as talk:
        gtc = fix.TimeInForce.GoodTillCancel
        orders = [an_order(name, OrderQty=HUGE) for name in RESTING]
        await talk.send(orders[0], orders[1].model_copy(update={"TimeInForce": gtc}))
        for name in RESTING:
            await talk.execution(ClOrdID=name, ExecType=fix.ExecType.New)
        await chaos.torment(talk.session, {}, 150, seed=1, prefix="one")
    supervisor = installation.supervisor_pid(data)
    assert supervisor
    await _kill_in_mid_flow(data, supervisor)
    assert await asyncio.to_thread(left_running, data) == []

    await asyncio.to_thread(start, data)
    async with Talk(data) as talk:
        for name in RESTING:
            await talk.send(
                OrderStatusRequest(ClOrdID=name, Account="growth", OrdStatusReqID=f"is-{name}")
            )
            told = await talk.execution(OrdStatusReqID=f"is-{name}")
            assert told.OrdStatus in (fix.OrdStatus.New, fix.OrdStatus.PartiallyFilled)
            assert told.LeavesQty + told.CumQty == HUGE
        name = RESTING[0]
        await talk.send(OrderCancelRequest(ClOrdID="enough", OrigClOrdID=name, Account="growth"))
        told = await talk.execution(ClOrdID="enough", ExecType=fix.ExecType.Canceled)
        assert told.OrigClOrdID == name
    async with Session(data) as session:
        await chaos.torment(session, {}, 150, seed=3, prefix="three")
        adds_up(await chaos.close(session))
    assert at_rest.problems(data) == []


async def _kill_in_mid_flow(data: Path, supervisor: int) -> None:
    """SIGKILL while requests are under way on every leg; the desks notice by their connections."""
    async with Session(data) as session:
        flow = asyncio.ensure_future(chaos.torment(session, {}, 10_000, seed=2, prefix="two"))
        await asyncio.sleep(2.0)
        assert not flow.done()
        os.kill(supervisor, signal.SIGKILL)
        flow.cancel()
        await asyncio.wait([flow])


async def test_a_second_start_on_the_same_folder_is_refused_and_leaves_the_first_alone(
    data: Path,
) -> None:
    before = pids.read(data)
    with pytest.raises(installation.CannotStart, match=r"runs in .* already.*oms down"):
        await asyncio.to_thread(start, data)
    assert pids.read(data) == before


def test_down_ends_every_process_and_a_second_down_has_nothing_to_do(data: Path) -> None:
    assert len(processes(data)) > 10
    assert installation.down(data)
    assert left_running(data) == []
    assert not installation.down(data)
