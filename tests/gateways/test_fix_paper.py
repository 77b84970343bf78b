"""The session with the paper exchange, each in its process, over real FIX; then kill -9 of it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from messages import fix
from messages.venue import (
    VenueCancel,
    VenueCancelReject,
    VenueExecution,
    VenueMarketDataRequest,
    VenueMassStatusRequest,
    VenueQuote,
    VenueQuotes,
    VenueReplace,
    VenueStatusRequest,
)
from tests.gateways.fix_venue import BUY, ROOT, Caller, an_order, free_port

pytestmark = pytest.mark.live


class PaperExchange:
    """``python -m gateways.paper`` at a free port, its books in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._command = [sys.executable, "-m", "gateways.paper", "--venue", "XPAR"]
        self._command += ["--port", str(self.port), "--data", str(folder)]
        self._command += ["--sender", "XPAR", "--target", "OMS"]

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert b"listening" in await asyncio.wait_for(self._process.stdout.readline(), 20)

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def trading(tmp_path: Path) -> AsyncIterator[tuple[PaperExchange, Caller]]:
    """An exchange and a session that is logged on to it."""
    exchange = PaperExchange(tmp_path / "exchange")
    await exchange.start()
    caller = Caller(exchange.port, tmp_path / "store")
    try:
        caller.session.start(heard=0)
        await caller.until(lambda: caller.session.logged_on)
        yield exchange, caller
    finally:
        caller.session.stop()
        await exchange.kill()


def executions(caller: Caller, cl_ord_id: str) -> list[VenueExecution]:
    """What was reported under this ClOrdID."""
    heard = [m for _, m in caller.heard if isinstance(m, VenueExecution)]
    return [m for m in heard if m.ClOrdID == cl_ord_id]


def kinds(caller: Caller, cl_ord_id: str) -> list[fix.ExecType]:
    return [m.ExecType for m in executions(caller, cl_ord_id)]


async def test_orders_are_worked_filled_replaced_and_canceled(tmp_path: Path) -> None:
    async with trading(tmp_path) as (_, caller):
        caller.session.send(an_order("buy"))
        await caller.until(lambda: kinds(caller, "buy") == [fix.ExecType.New])
        sell = BUY.model_copy(update={"Side": fix.Side.SellShort, "OrderQty": Decimal(40)})
        caller.session.send(an_order("sell").model_copy(update={"Terms": sell}))
        await caller.until(lambda: fix.ExecType.Trade in kinds(caller, "sell"))
        await caller.until(lambda: fix.ExecType.Trade in kinds(caller, "buy"))
        bought = executions(caller, "buy")[-1]
        assert (bought.LastQty, bought.LastPx) == (Decimal(40), Decimal("231.25"))
        assert (bought.CumQty, bought.LeavesQty) == (Decimal(40), Decimal(60))
        at, fewer = an_order().TransactTime, BUY.model_copy(update={"OrderQty": Decimal(90)})
        caller.session.send(
            VenueReplace(
                ClOrdID="buy.1", OrigClOrdID="buy", Account="acme", Terms=fewer, TransactTime=at
            )
        )
        await caller.until(lambda: kinds(caller, "buy.1") == [fix.ExecType.Replaced])
        assert executions(caller, "buy.1")[0].LeavesQty == 50
        cancel = VenueCancel(
            ClOrdID="buy.2",
            OrigClOrdID="buy.1",
            OrderID=bought.OrderID,
            Terms=fewer,
            TransactTime=at,
        )
        caller.session.send(cancel)
        await caller.until(lambda: kinds(caller, "buy.2") == [fix.ExecType.Canceled])
        caller.session.send(cancel.model_copy(update={"ClOrdID": "buy.3"}))
        await caller.until(lambda: [m for _, m in caller.heard if isinstance(m, VenueCancelReject)])
        assert caller.garbage == []


async def test_a_killed_exchange_is_found_again_with_what_it_had_promised(tmp_path: Path) -> None:
    async with trading(tmp_path) as (exchange, caller):
        caller.session.send(an_order("resting"))
        await caller.until(lambda: kinds(caller, "resting") == [fix.ExecType.New])
        await exchange.kill()
        await caller.until(lambda: not caller.session.logged_on)
        assert not caller.session.send(an_order("while down"))
        await exchange.start()
        await caller.until(lambda: caller.session.logged_on)
        caller.session.send(VenueStatusRequest(ClOrdID="resting", Symbol="AAPL", Side=fix.Side.Buy))
        caller.session.send(
            VenueStatusRequest(ClOrdID="while down", Symbol="AAPL", Side=fix.Side.Buy)
        )
        again = an_order("resting").model_copy(update={"PossResend": True})
        caller.session.send(again)
        await caller.until(lambda: kinds(caller, "while down") == [fix.ExecType.OrderStatus])
        await caller.until(lambda: kinds(caller, "resting").count(fix.ExecType.OrderStatus) == 2)
        resting = executions(caller, "resting")[-1]
        assert (resting.OrdStatus, resting.LeavesQty) == (fix.OrdStatus.New, Decimal(100))
        unknown = executions(caller, "while down")[0]
        assert unknown.OrdRejReason is fix.OrdRejReason.UnknownOrder
        news = [m for m in executions(caller, "resting") if m.ExecType is fix.ExecType.New]
        assert len({m.ExecID for m in news}) == 1  # said again perhaps, but one and the same
        assert caller.garbage == []


async def test_the_exchange_tells_its_best_prices_to_those_who_ask(tmp_path: Path) -> None:
    async with trading(tmp_path) as (_, caller):
        listen = VenueMarketDataRequest(MDReqID="m-1", Symbols=("AAPL", "MSFT"), Subscribe=True)
        assert caller.session.send(listen)
        await caller.until(lambda: {quote.Symbol for quote in quotes(caller)} == {"AAPL", "MSFT"})
        assert all(quote.BidSize == quote.OfferSize == 0 for quote in quotes(caller))
        caller.session.send(an_order("buy"))
        best = (Decimal("231.25"), Decimal(100))
        await caller.until(lambda: (quotes(caller)[-1].BidPx, quotes(caller)[-1].BidSize) == best)
        sell = BUY.model_copy(update={"Side": fix.Side.Sell, "OrderQty": Decimal(100)})
        caller.session.send(an_order("sell").model_copy(update={"Terms": sell}))
        traded = [(Decimal("231.25"), Decimal(100))]
        await caller.until(
            lambda: [(q.LastPx, q.LastQty) for q in quotes(caller) if q.LastQty] == traded
        )
        await caller.until(lambda: quotes(caller)[-1].BidSize == 0)  # the bid is gone with it
        assert caller.garbage == []


def quotes(caller: Caller) -> list[VenueQuote]:
    """All that was told of any symbol."""
    heard = [m for _, m in caller.heard if isinstance(m, VenueQuotes)]
    return [quote for message in heard for quote in message.Quotes]


async def test_the_exchange_lists_all_open_orders_to_those_who_ask(tmp_path: Path) -> None:
    async with trading(tmp_path) as (_, caller):
        send, heard = caller.session.send, caller.heard
        assert send(VenueMassStatusRequest(MassStatusReqID="m-1"))
        await caller.until(lambda: any(getattr(m, "MassStatusReqID", None) for _, m in heard))
        nothing = next(m for _, m in heard if getattr(m, "MassStatusReqID", None))
        assert (nothing.OrderID, nothing.LastRptRequested) == ("NONE", True)
        assert send(an_order("c-1"))
        assert send(an_order("c-2"))
        assert send(VenueMassStatusRequest(MassStatusReqID="m-2"))

        def listed() -> list[VenueExecution]:
            return [m for _, m in heard if getattr(m, "MassStatusReqID", None) == "m-2"]

        await caller.until(lambda: len(listed()) == 2)
        assert [(m.ClOrdID, m.LastRptRequested) for m in listed()] == [
            ("c-1", False),
            ("c-2", True),
        ]
        assert {m.ExecType for m in listed()} == {fix.ExecType.OrderStatus}
