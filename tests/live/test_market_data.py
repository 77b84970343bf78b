"""Quotes of a real exchange reach the book that follows, and nothing they do delays a report."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from actors.venue.venue import Venue
from infra import calendars, pids
from infra.hosts.actor import ActorHost
from infra.hosts.quotes import EVERY_S
from infra.hosts.venue import VenueSession
from infra.journals.memory import MemoryJournal, Tape
from infra.reference import SAMPLE
from messages.base import Message
from messages.fix import ExecType, OrdType, Side
from messages.market import Follow, Quote, QuotesLost
from messages.orders import NewOrderSingle
from messages.reference import VenueDefinition
from messages.routing import Execution, NewOrder
from messages.terms import Terms
from tests.gateways.test_fix_paper import PaperExchange
from tests.infra.test_host_parts import LoggedNetwork
from tests.live.stage import Talk, replayed, running
from tests.live.stage import until as wait

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

READ = {"Quote": Quote, "QuotesLost": QuotesLost, "Execution": Execution}


class Connection:
    """A venue connection as it runs, but for its journal and for who hears it."""

    def __init__(self, exchange: PaperExchange, folder: Path) -> None:
        self.exchange = exchange
        self.network = LoggedNetwork([])
        self.orders = 0
        definition = VenueDefinition(
            Venue="XPAR",
            Dialect="Paper",
            SenderCompID="OMS",
            TargetCompID="XPAR",
            Host="127.0.0.1",
            Port=exchange.port,
        )
        self.session = VenueSession(definition, folder)
        self.host = ActorHost(
            lambda: Venue("venue/XPAR"),
            MemoryJournal(Tape()),
            self.network,  # type: ignore[arg-type]
            local=self.session.local,
        )

    @property
    def up(self) -> bool:
        return bool(self.host.shell.actor.state.up)

    def heard(self, symbol: str = "AAPL") -> list[Message]:
        """What the book of the symbol was told."""
        outpost = self.network.outposts.get(f"book/{symbol}")
        return (
            [READ[e.kind].model_validate_json(e.body) for e in outpost.offered] if outpost else []
        )

    def quotes(self, symbol: str = "AAPL") -> list[Quote]:
        return [m for m in self.heard(symbol) if isinstance(m, Quote)]

    def best(self) -> tuple[Decimal | None, Decimal | None]:
        """Bid and offer as the book of AAPL has them."""
        quotes = self.quotes()
        return (quotes[-1].BidPx, quotes[-1].OfferPx) if quotes else (None, None)

    def follow(self, symbol: str = "AAPL", *, on: bool = True) -> None:
        self.host.tell(f"book/{symbol}", Follow(Symbol=symbol, On=on))

    def order(self, side: Side, price: str, quantity: int = 100) -> None:
        self.orders += 1
        terms = Terms(
            Symbol="AAPL",
            Side=side,
            OrderQty=Decimal(quantity),
            OrdType=OrdType.Limit,
            Price=Decimal(price),
        )
        order = NewOrder(OrderID=f"k-{self.orders}", Account="acme", Terms=terms)
        self.host.tell("book/AAPL", order)

    def reports(self, kind: ExecType) -> int:
        return sum(isinstance(m, Execution) and m.ExecType is kind for m in self.heard())


async def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s:g} s"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(tmp_path: Path) -> AsyncIterator[Connection]:
    exchange = PaperExchange(tmp_path / "exchange")
    await exchange.start()
    made = Connection(exchange, tmp_path / "fix")
    try:
        await made.host.start()
        made.session.start(made.host)
        await until(lambda: made.up)
        yield made
    finally:
        await made.session.stop()
        await made.host.stop()
        await exchange.kill()


async def test_a_book_that_follows_hears_the_market_as_it_moves(tmp_path: Path) -> None:
    async with connected(tmp_path) as venue:
        venue.follow()
        venue.order(Side.Buy, "10.00")
        await until(lambda: venue.best() == (Decimal("10.00"), None))
        venue.order(Side.SellShort, "10.50")
        await until(lambda: venue.best() == (Decimal("10.00"), Decimal("10.50")))
        venue.order(Side.SellShort, "10.00", 40)
        await until(lambda: venue.quotes()[-1].LastPx == Decimal("10.00"))
        await until(lambda: venue.quotes()[-1].BidSize == 60)
        assert venue.quotes()[-1].LastQty == 40
        venue.follow(on=False)
        await until(lambda: not venue.host.shell.actor.state.follows)
        before = len(venue.quotes())
        venue.order(Side.Buy, "10.10")
        await until(lambda: venue.reports(ExecType.New) == 4)
        await asyncio.sleep(2 * EVERY_S)
        assert len(venue.quotes()) == before


async def test_quotes_are_lost_with_the_exchange_and_come_back_with_it(tmp_path: Path) -> None:
    async with connected(tmp_path) as venue:
        venue.follow()
        venue.order(Side.Buy, "10.00")
        await until(lambda: venue.best() == (Decimal("10.00"), None))
        await venue.exchange.kill()
        await until(lambda: isinstance(venue.heard()[-1], QuotesLost))
        before = len(venue.quotes())
        await venue.exchange.start()
        await until(lambda: len(venue.quotes()) > before)
        assert venue.best() == (Decimal("10.00"), None)
        assert venue.host.shell.actor.state.follows == {"AAPL": "AAPL.2"}


async def test_a_busy_market_costs_few_entries_and_no_report(tmp_path: Path) -> None:
    """I10."""
    count = 300
    async with connected(tmp_path) as venue:
        venue.follow()
        began = time.monotonic()
        for number in range(count):
            venue.order(Side.Buy, f"{Decimal(1000 + number) / 100:.2f}")
            if number % 10 == 0:
                await asyncio.sleep(0.01)
        await until(lambda: venue.reports(ExecType.New) == count)
        await until(lambda: venue.best() == (Decimal("12.99"), None))
        took = time.monotonic() - began
        assert len(venue.quotes()) <= took / EVERY_S + 2
        assert len(venue.quotes()) < count / 2
        assert venue.host.shell.heard["fix/XPAR"] >= count


# ---- through the whole installation

NATIVE = 'Native = { OrdTypes = ["Market", "Limit"], TimesInForce = ["Day"], MarketData = true }'


def by_hand(clordid: str, account: str, side: Side, price: str, quantity: int) -> NewOrderSingle:
    """An order that makes the market in AAPL at XPAR."""
    return NewOrderSingle(
        ClOrdID=clordid,
        Account=account,
        Symbol="AAPL",
        Side=side,
        OrderQty=Decimal(quantity),
        OrdType=OrdType.Limit,
        Price=Decimal(price),
    )


async def test_a_stop_that_its_venue_does_not_know_waits_for_the_price_over_a_kill(
    tmp_path: Path,
) -> None:
    config = tmp_path / "reference.toml"
    text = SAMPLE.read_text().replace('Venue = "XPAR"', f'Venue = "XPAR"\n{NATIVE}', 1)
    config.write_text(text.replace('Symbol = "SAP"', 'Symbol = "SAP"\nCalendar = "XPAR"', 1))
    with running(tmp_path / "data", config=config) as data:
        assert calendars.read(data, "XPAR").Days  # before any book could ask for it
        async with Talk(data) as talk:
            stop = NewOrderSingle(
                ClOrdID="stop-1",
                Account="growth",
                Symbol="AAPL",
                Side=Side.Buy,
                OrderQty=Decimal(50),
                OrdType=OrdType.Stop,
                StopPx=Decimal(192),
                ExDestination="XPAR",  # else it goes to XLON, which knows stops
            )
            await talk.send(stop)
            await talk.execution(ClOrdID="stop-1", ExecType=ExecType.New)
            await talk.send(by_hand("s-1", "global", Side.SellShort, "191", 10), desk="beta")
            await talk.send(by_hand("b-1", "macro", Side.Buy, "191", 10), desk="beta")
            await talk.execution("beta", ClOrdID="b-1", ExecType=ExecType.Trade)
            await asyncio.sleep(1)  # 191 is below its price
            assert not [r for r in talk.heard["alpha"] if getattr(r, "ClOrdID", "") == "stop-1"]

            os.kill(pids.read(data)["venue/XPAR"], signal.SIGKILL)
            asked = {"AAPL": "AAPL.2"}  # anew, by the next incarnation
            await asyncio.to_thread(
                wait, lambda: replayed(data, "venue/XPAR").actor.state.follows == asked
            )

            await talk.send(by_hand("s-2", "global", Side.SellShort, "192", 60), desk="beta")
            await talk.send(by_hand("b-2", "macro", Side.Buy, "192", 10), desk="beta")
            await talk.execution(ClOrdID="stop-1", ExecType=ExecType.Triggered)
            fill = await talk.execution(ClOrdID="stop-1", ExecType=ExecType.Trade)
            assert (fill.LastQty, fill.LastPx) == (Decimal(50), Decimal(192))
        await asyncio.to_thread(wait, lambda: not replayed(data, "venue/XPAR").actor.state.follows)
