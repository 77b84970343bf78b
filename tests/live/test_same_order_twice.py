"""The same ClOrdID again: one order, whatever happened in between."""

import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from infra import chaos, pids
from messages import fix
from messages.orders import OrderCancelReplaceRequest, OrderStatusRequest
from tests.live.stage import Talk, an_order, replayed, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

ACCOUNT = "account/growth"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("twice")) as folder:
        yield folder


def orders(data: Path) -> list[str]:
    return [order.ClOrdID for order in replayed(data, ACCOUNT).actor.state.orders.values()]


async def killed(data: Path, address: str) -> None:
    """SIGKILL, and back."""
    victim = chaos.Victim(data, address, pids.read(data)[address])
    await victim.kill()


@pytest.mark.parametrize("pending", [False, True])
@pytest.mark.parametrize("kill", ["", ACCOUNT, "ingress/0", "egress/0"])
async def test_the_same_order_again_is_answered_as_the_first_time(
    data: Path, kill: str, pending: bool
) -> None:
    order = an_order(f"twice-{kill.partition('/')[0]}-{pending}", ReportPendingNew=pending)
    first_type = fix.ExecType.PendingNew if pending else fix.ExecType.New
    async with Talk(data) as talk:
        await talk.send(order)
        first = await talk.execution(ClOrdID=order.ClOrdID, ExecType=first_type)
        if pending:
            await talk.execution(ClOrdID=order.ClOrdID, ExecType=fix.ExecType.New)
        if kill:
            await killed(data, kill)
        await talk.send(order)
        again = await talk.execution(ClOrdID=order.ClOrdID)
    assert not first.PossResend
    assert again.PossResend
    told = ("OrderID", "ExecID", "ExecType", "OrderQty", "Price")
    assert [getattr(again, name) for name in told] == [getattr(first, name) for name in told]
    assert again.OrdStatus is fix.OrdStatus.New
    assert orders(data).count(order.ClOrdID) == 1


@pytest.mark.parametrize("kill", ["", ACCOUNT])
async def test_another_order_under_a_used_name_is_refused_and_the_first_one_stays(
    data: Path, kill: str
) -> None:
    order = an_order(f"other-{kill.partition('/')[0]}")
    async with Talk(data) as talk:
        await talk.send(order)
        first = await talk.execution(ClOrdID=order.ClOrdID, ExecType=fix.ExecType.New)
        if kill:
            await killed(data, kill)
        await talk.send(order.model_copy(update={"OrderQty": Decimal(99)}))
        refused = await talk.execution(ClOrdID=order.ClOrdID, ExecType=fix.ExecType.Rejected)
        assert refused.OrdRejReason is fix.OrdRejReason.DuplicateOrder
        assert refused.Text
        assert order.ClOrdID in refused.Text
        await talk.send(OrderStatusRequest(ClOrdID=order.ClOrdID, Account="growth"))
        now = await talk.execution(ClOrdID=order.ClOrdID, ExecType=fix.ExecType.OrderStatus)
    assert (now.OrderID, now.OrdStatus) == (first.OrderID, fix.OrdStatus.New)
    assert (now.OrderQty, now.LeavesQty, now.Price) == (100, 100, order.Price)
    assert orders(data).count(order.ClOrdID) == 1


async def test_a_replace_that_is_sent_again_after_a_kill_replaces_once(data: Path) -> None:
    order = an_order("replaced-once")
    replace = OrderCancelReplaceRequest(
        ClOrdID="replacement", OrigClOrdID=order.ClOrdID, Account="growth",
        **order.terms().model_copy(update={"OrderQty": Decimal(60)}).model_dump(),
    )  # fmt: skip
    async with Talk(data) as talk:
        await talk.send(order)
        await talk.execution(ClOrdID=order.ClOrdID, ExecType=fix.ExecType.New)
        await talk.send(replace)
        done = await talk.execution(ClOrdID="replacement", ExecType=fix.ExecType.Replaced)
        await killed(data, ACCOUNT)
        await talk.send(replace)
        again = await talk.execution(ClOrdID="replacement", PossResend=True)
    assert again.OrderQty == done.OrderQty == 60
    assert again.OrderID == done.OrderID
    os.kill(pids.read(data)[ACCOUNT], signal.SIGKILL)  # and no kill changes it any more
    assert replayed(data, ACCOUNT).actor.state.orders[done.OrderID].terms.OrderQty == 60
