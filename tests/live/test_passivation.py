"""An idle account gives its process back, and comes back with the next order as it was."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import pids
from messages import fix
from messages.orders import OrderCancelRequest
from tests.live.stage import Talk, an_order, replayed, running, trade, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

IDLE_S = 1.5
ACCOUNT, BOOK = "account/growth", "book/AAPL"


@pytest.fixture(scope="module", params=["stream", "ray"])
def data(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp(f"link-{request.param}")
    with running(folder, link=request.param, passivate_after_s=IDLE_S) as found:
        yield found


async def gone(data: Path, *addresses: str) -> None:
    """Wait until nobody serves these addresses."""
    await asyncio.to_thread(until, lambda: not set(addresses) & pids.read(data).keys(), 30)


async def test_an_idle_account_gives_its_process_back_and_goes_on_with_the_next_request(
    data: Path,
) -> None:
    async with Talk(data) as talk:
        await talk.send(an_order("idle-1"))
        first = await talk.execution(ClOrdID="idle-1", ExecType=fix.ExecType.New)
        served = {pids.read(data)[ACCOUNT], pids.read(data)[BOOK]}
        await gone(data, ACCOUNT, BOOK)
        digest = replayed(data, ACCOUNT).state_digest()
        assert replayed(data, ACCOUNT).actor.state.open == {first.OrderID: None}

        await talk.send(OrderCancelRequest(ClOrdID="c-1", OrigClOrdID="idle-1", Account="growth"))
        canceled = await talk.execution(ClOrdID="c-1", ExecType=fix.ExecType.Canceled)
        assert canceled.OrderID == first.OrderID
        assert not served & {pids.read(data)[ACCOUNT], pids.read(data)[BOOK]}
        assert replayed(data, ACCOUNT).state_digest() != digest
        await gone(data, ACCOUNT, BOOK)  # and again


async def test_a_day_with_a_kill_adds_up_while_accounts_come_and_go(data: Path) -> None:
    kills = await trade(data, 100, "day", account=1, book=1)
    assert len(kills) == 2
