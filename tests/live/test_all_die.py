"""Everything dies at once, and everything comes back from the data folder as it was."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from gateways.paper.control import control
from infra import at_rest, chaos, installation, pids
from infra.children import paper_folder
from infra.compose import make_actor
from infra.journals import journals
from infra.replayed import CannotRead, entries
from infra.session import Session
from infra.shell import Shell
from messages import fix
from messages.orders import OrderCancelRequest, OrderStatusRequest
from tests.live.stage import (
    Talk,
    adds_up,
    an_order,
    left_running,
    processes,
    replayed,
    running,
    start,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

HUGE = Decimal(50_000)  # a market order may meet them, and leaves nearly everything of them


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("all-die")) as folder:
        yield folder


@pytest.mark.parametrize("how", ["killed", "down"])
async def test_what_was_open_before_everything_ended_is_open_after_it_and_can_be_canceled(
    data: Path, how: str
) -> None:
    async with Talk(data) as talk:
        gtc = fix.TimeInForce.GoodTillCancel
        day, lasting = (f"resting-{kind}-{how}" for kind in ("day", "gtc"))
        order = an_order(lasting, OrderQty=HUGE, TimeInForce=gtc)
        await talk.send(an_order(day, OrderQty=HUGE), order)
        for name in (day, lasting):
            await talk.execution(ClOrdID=name, ExecType=fix.ExecType.New)
        await asyncio.to_thread(by_telephone, data)
        await talk.execution(ClOrdID=None, ExecType=fix.ExecType.Trade)
        await chaos.torment(talk.session, {}, 150, seed=1, prefix=f"{how}-one")
    await end_in_mid_flow(data, how)
    assert await asyncio.to_thread(left_running, data) == []
    before = dict(known(data))

    await asyncio.to_thread(start, data)
    async with Talk(data) as talk:
        for name in (day, lasting):
            await talk.send(
                OrderStatusRequest(ClOrdID=name, Account="growth", OrdStatusReqID=f"is-{name}")
            )
            told = await talk.execution(OrdStatusReqID=f"is-{name}")
            assert told.OrdStatus in (fix.OrdStatus.New, fix.OrdStatus.PartiallyFilled)
            assert told.LeavesQty + told.CumQty == HUGE
        cancel = OrderCancelRequest(ClOrdID=f"c-{how}", OrigClOrdID=day, Account="growth")
        await talk.send(cancel)
        told = await talk.execution(ClOrdID=f"c-{how}", ExecType=fix.ExecType.Canceled)
        assert told.OrigClOrdID == day
    async with Session(data) as session:
        await chaos.torment(session, {}, 150, seed=3, prefix=f"{how}-three")
        adds_up(await chaos.close(session))  # reports that were owed came, doubts are settled
    assert at_rest.problems(data) == []
    for address, shell in before.items():
        went_on_from(data, address, shell)


def known(data: Path) -> Iterator[tuple[str, Shell]]:
    """Every actor as its journal tells, but those that ended before their first entry."""
    for address in journals(data):
        with suppress(CannotRead):
            yield address, replayed(data, address)


def by_telephone(data: Path) -> None:
    """Two orders that meet, and that no desk sent: the venue made them for accounts of ours."""
    for account, side in (("growth", "Sell"), ("global", "Buy")):
        words = {"Account": account, "Symbol": "SAP", "Side": side, "OrderQty": "3"}
        done = control(paper_folder(data, "XPAR"), {"do": "order", **words, "Price": "131.5"})
        assert done["ok"], done


async def end_in_mid_flow(data: Path, how: str) -> None:
    """While requests are under way on every leg; the desks notice by their connections."""
    supervisor = installation.supervisor_pid(data)
    assert supervisor
    async with Session(data) as session:
        play = chaos.torment(session, {}, 10_000, seed=2, prefix=f"{how}-two")
        flow = asyncio.ensure_future(play)
        await asyncio.sleep(2.0)
        assert not flow.done()
        if how == "killed":
            os.kill(supervisor, signal.SIGKILL)
        else:
            assert await asyncio.to_thread(installation.down, data)
        flow.cancel()
        await asyncio.wait([flow])


def went_on_from(data: Path, address: str, before: Shell) -> None:
    """What the actor knew is what the same entries of its journal still give, hash for hash."""
    shell, path = Shell(make_actor(address)), journals(data)[address]
    for entry in entries(path, "number <= ?", [before.number]):
        shell.replay(entry)
    assert (shell.number, shell.chain) == (before.number, before.chain)
    assert shell.state_digest() == before.state_digest()
    assert replayed(data, address).number >= before.number


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
