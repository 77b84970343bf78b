"""Linked orders over the real broker, venue and processes, with kills in between."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from infra import chaos, pids
from messages.fix import ContingencyType, ExecType, ListOrderStatus, ListStatusType, OrdStatus, Side
from messages.lists import (
    ListCancelRequest,
    ListOrder,
    ListStatus,
    ListStatusRequest,
    NewOrderList,
    OrderLink,
)
from tests.live.stage import Talk, adds_up, an_order, oms, replayed, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("linked")) as folder:
        yield folder


def one(clordid: str, link: str | None = None, **fields: object) -> ListOrder:
    terms = an_order(clordid, **fields).terms()
    return ListOrder(ClOrdID=clordid, ClOrdLinkID=link, **terms.__dict__)


def bracket(name: str) -> NewOrderList:
    """An entry at a price where account macro can be made to meet it, and two exits."""
    exits = {"Side": Side.Sell, "link": "exit"}
    return NewOrderList(
        ListID=name,
        Account="growth",
        ContingencyType=ContingencyType.OneTriggersTheOther,
        Orders=(
            one(f"{name}-entry"),
            one(f"{name}-profit", Price=Decimal("200"), **exits),  # type: ignore[arg-type]
            one(f"{name}-loss", Price=Decimal("199"), **exits),  # type: ignore[arg-type]
        ),
        Links=(OrderLink(ClOrdLinkID="exit", ContingencyType=ContingencyType.OneCancelsTheOther),),
    )


async def status(talk: Talk, **fields: object) -> ListStatus:
    found = await talk._found("alpha", fields | {"MsgType": "ListStatus"})
    assert isinstance(found, ListStatus)
    return found


@pytest.mark.parametrize("kill", ["", "account/growth", "book/AAPL"])
async def test_a_bracket_goes_its_way(data: Path, kill: str) -> None:
    name = f"b{kill.partition('/')[0]}"
    request = bracket(name)
    entry, profit, loss = (order.ClOrdID for order in request.Orders)
    async with Talk(data) as talk:
        await talk.send(request)
        await status(talk, ListID=name, ListStatusType=ListStatusType.Ack)
        for clordid in (entry, profit, loss):
            await talk.execution(ClOrdID=clordid, ExecType=ExecType.New, ListID=name)
        if kill:
            await chaos.Victim(data, kill, pids.read(data)[kill]).kill()
        await talk.send(request)
        again = await status(talk, ListID=name, PossResend=True)
        assert [order.WorkingIndicator for order in again.Orders] == [True, False, False]
        for clordid in (entry, profit, loss):
            await talk.execution(ClOrdID=clordid, ExecType=ExecType.New, PossResend=True)
        await talk.send(
            an_order(f"{name}-meets-entry", Account="global", Side=Side.Sell), desk="beta"
        )
        await talk.execution(ClOrdID=entry, ExecType=ExecType.Trade, OrdStatus=OrdStatus.Filled)
        for clordid in (profit, loss):
            await talk.execution(ClOrdID=clordid, ExecType=ExecType.Triggered)
        meets = an_order(f"{name}-meets-loss", Account="global", Price=Decimal("199"))
        await talk.send(meets, desk="beta")
        await talk.execution(ClOrdID=loss, ExecType=ExecType.Trade, OrdStatus=OrdStatus.Filled)
        canceled = await talk.execution(ClOrdID=profit, ExecType=ExecType.Canceled)
        assert canceled.Text == f"list {name}: {loss} traded"
        await talk.send(ListStatusRequest(ListID=name, Account="growth"))
        last = await status(talk, ListID=name, ListStatusType=ListStatusType.Response)
        assert last.ListOrderStatus is ListOrderStatus.AllDone
        await chaos.close(talk.session)
        adds_up(talk.session.close_ledger())
    assert replayed(data, "account/growth").actor.state.open == {}


async def test_a_list_is_sent_from_a_file_and_cancelled_as_a_whole(
    data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bracket.json"
    path.write_text(bracket("file").model_dump_json(exclude_none=True))
    done = oms(data, "send", "--data", str(data), "--file", str(path), "--wait", "1")
    assert done.returncode == 0, done.stderr
    assert "ListStatus" in done.stdout
    assert "file-loss" in done.stdout
    async with Talk(data) as talk:
        await talk.send(ListCancelRequest(ListID="file", Account="growth"))
        for order in bracket("file").Orders:
            await talk.execution(ClOrdID=order.ClOrdID, ExecType=ExecType.Canceled)
