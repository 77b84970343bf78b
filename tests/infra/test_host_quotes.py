"""Quotes on their way to the actor: the latest of each symbol, seldom, and never in the way."""

import asyncio
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.hosts.quotes import EVERY_S, Quotes, merged
from infra.hosts.venue import VenueSession
from messages import venue as wire
from messages.base import Message
from messages.envelope import Envelope
from messages.fix import ExecType, OrdStatus, SecurityTradingStatus, Side
from messages.reference import VenueDefinition
from messages.venue import VenueMarketDataRequest, VenueQuote, VenueQuotes

DEFINITION = VenueDefinition(
    Venue="XNAS", Dialect="Paper", SenderCompID="OMS", TargetCompID="XNAS", Host="h", Port=1
)


def ask(symbol: str = "AAPL", name: str = "", *, on: bool = True) -> VenueMarketDataRequest:
    return VenueMarketDataRequest(MDReqID=name or f"{symbol}.1", Symbols=(symbol,), Subscribe=on)


def quote(symbol: str = "AAPL", at: int = 1, **fields: Any) -> VenueQuote:
    numbers = {name: Decimal(value) for name, value in fields.items() if value is not None}
    return VenueQuote(Symbol=symbol, At=at, **numbers)


def said(*quotes: VenueQuote, name: str | None = "AAPL.1") -> VenueQuotes:
    return VenueQuotes(MDReqID=name, Quotes=quotes)


def execution(exec_id: str) -> wire.VenueExecution:
    return wire.VenueExecution(
        ClOrdID="k", OrderID="V1", ExecID=exec_id, ExecType=ExecType.New, OrdStatus=OrdStatus.New,
        Symbol="AAPL", Side=Side.Buy, OrderQty=Decimal(1), CumQty=Decimal(0),
        LeavesQty=Decimal(1), TransactTime=1,
    )  # fmt: skip


class Line:
    """In place of a FIX session: keeps what it is given, says what it is told to say."""

    def __init__(self, definition: VenueDefinition, folder: Path, hear: Any) -> None:
        self.hear = hear
        self.sent: list[Message] = []
        self.up = True

    def start(self, heard: int) -> None:
        self.heard = heard

    def stop(self) -> None:
        self.up = False

    def send(self, message: Message) -> bool:
        self.sent.append(message)
        return self.up


class Host:
    """In place of the actor's host: keeps what it is told, and how it was numbered."""

    def __init__(self) -> None:
        self.shell = SimpleNamespace(heard={"fix/XNAS": 7})
        self.told: list[tuple[int, Message]] = []

    def tell(self, sender: str, message: Message, seq: int = 0) -> None:
        self.told.append((seq, message))

    @property
    def kinds(self) -> list[tuple[int, str]]:
        told, self.told = self.told, []
        return [(seq, type(message).__name__) for seq, message in told]


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def session(host: Host) -> Any:
    joined = VenueSession(DEFINITION, Path("nowhere"), make_session=Line)  # type: ignore[arg-type]
    joined.start(host)  # type: ignore[arg-type]
    host.told.clear()
    return joined


def gives(session: Any, message: Message) -> None:
    """The actor says it to its session."""
    body = message.model_dump_json().encode()
    kind = type(message).__name__
    session.local["fix"]([Envelope("venue/XNAS", "fix/XNAS", 1, kind, 1, "", body)])


# ---- what is told, and when


async def test_of_the_quotes_of_one_read_only_the_last_is_told(host: Host, session: Any) -> None:
    gives(session, ask())
    for number in range(1, 100):
        session._said(number, said(quote(at=number, BidPx=number)))
    await asyncio.sleep(0)
    ((seq, told),) = host.told
    assert (seq, told) == (99, VenueQuotes(Quotes=(quote(at=99, BidPx=99),)))


async def test_a_busy_market_costs_one_message_in_so_long_for_all_symbols(
    host: Host, session: Any
) -> None:
    gives(session, ask("AAPL"))
    gives(session, ask("MSFT"))
    loop = asyncio.get_running_loop()
    began, number = loop.time(), 0
    while loop.time() < began + 10 * EVERY_S:
        number += 1
        for symbol in ("AAPL", "MSFT"):
            session._said(number, said(quote(symbol, at=number), name=f"{symbol}.1"))
        await asyncio.sleep(0.001)
    await asyncio.sleep(2 * EVERY_S)
    assert 5 <= len(host.told) <= 12
    _, last = host.told[-1]
    assert isinstance(last, VenueQuotes)
    assert {q.Symbol: q.At for q in last.Quotes} == {"AAPL": number, "MSFT": number}


async def test_a_report_never_waits_for_a_quote_and_numbers_never_fall(
    host: Host, session: Any
) -> None:
    """I2: a number below what was heard would be taken for a repeat, and the quote lost."""
    gives(session, ask())
    session._said(1, said(quote(at=1)))
    await asyncio.sleep(0)
    session._said(2, said(quote(at=2)))
    session._said(3, execution("x1"))
    assert host.kinds == [(1, "VenueQuotes"), (3, "VenueExecution")]
    await asyncio.sleep(2 * EVERY_S)
    assert host.kinds == [(0, "VenueQuotes")]
    session._said(4, said(quote(at=4)))
    await asyncio.sleep(2 * EVERY_S)
    assert host.kinds == [(4, "VenueQuotes")]


async def test_a_quote_is_heard_before_the_halt_that_followed_it(host: Host, session: Any) -> None:
    gives(session, ask())
    session._said(1, said(quote(at=1)))
    halt = wire.VenueSecurityStatus(
        Symbol="AAPL", SecurityTradingStatus=SecurityTradingStatus.Halt, TransactTime=1
    )
    session._said(2, halt)
    assert host.kinds == [(1, "VenueQuotes"), (2, "VenueSecurityStatus")]


async def test_what_waits_when_the_session_ends_is_never_told(host: Host, session: Any) -> None:
    gives(session, ask())
    session._said(1, said(quote(at=1)))
    session._said(0, wire.SessionDown(Text="cut"))
    session._said(0, wire.SessionUp())
    session._said(2, said(quote(at=2)))  # of a question that died with the session
    await asyncio.sleep(2 * EVERY_S)
    assert host.kinds == [(0, "SessionDown"), (0, "SessionUp")]


async def test_quotes_that_nobody_asked_for_are_not_told(host: Host, session: Any) -> None:
    session._said(1, said(quote()))
    gives(session, ask())
    session._said(2, said(quote("MSFT")))
    session._said(3, said(quote(), name="AAPL.0"))
    gives(session, ask(on=False))
    session._said(4, said(quote(), name=None))
    await asyncio.sleep(2 * EVERY_S)
    assert host.kinds == []


async def test_a_venue_that_names_no_question_is_heard_all_the_same(
    host: Host, session: Any
) -> None:
    gives(session, ask())
    session._said(1, said(quote(), quote("MSFT"), name=None))
    await asyncio.sleep(0)
    assert host.told == [(1, VenueQuotes(Quotes=(quote(),)))]


async def test_a_question_that_did_not_leave_is_refused_at_once(host: Host, session: Any) -> None:
    session._session.up = False
    gives(session, ask())
    assert host.kinds == [(0, "VenueMarketDataReject")]


# ---- pictures


def test_what_is_not_told_anew_still_holds() -> None:
    before = quote(BidPx=10, BidSize=5, OfferPx=11, OfferSize=6, LastPx=10, LastQty=1)
    after = merged(before, quote(at=2, BidSize=7))
    assert after == quote(at=2, BidPx=10, BidSize=7, OfferPx=11, OfferSize=6, LastPx=10, LastQty=1)
    after = merged(after, quote(at=3, OfferPx=12, LastPx=11, LastQty=2))
    assert after == quote(at=3, BidPx=10, BidSize=7, OfferPx=12, OfferSize=6, LastPx=11, LastQty=2)


def test_a_side_that_is_gone_takes_its_price_along() -> None:
    after = merged(quote(BidPx=10, BidSize=5), quote(at=2, BidSize=0))
    assert (after.BidPx, after.BidSize) == (None, 0)
    back = merged(after, quote(at=3, BidPx=11))
    assert (back.BidPx, back.BidSize) == (11, None)  # how much is not known


async def test_a_picture_begins_anew_with_each_question() -> None:
    told: list[VenueQuotes] = []
    quotes = Quotes(lambda seq, message: told.append(message))
    quotes.asked(ask())
    quotes.heard(1, said(quote(BidPx=10, LastPx=9)))
    quotes.flush()
    quotes.asked(ask(on=False))
    quotes.asked(ask(name="AAPL.2"))
    quotes.heard(2, said(quote(at=2, BidPx=11), name="AAPL.2"))
    quotes.flush()
    assert told[1].Quotes == (quote(at=2, BidPx=11),)


SIDES = st.sampled_from([None, 0, 1, 2])


@given(
    st.lists(
        st.one_of(
            st.builds(
                quote,
                st.sampled_from(["AAPL", "MSFT"]),
                st.just(1),
                BidPx=SIDES,
                BidSize=SIDES,
                LastPx=SIDES,
            ),
            st.sampled_from(["report", "flush"]),
        ),
        max_size=40,
    )
)
def test_skipping_quotes_leads_to_the_same_picture_as_hearing_each(steps: list[Any]) -> None:
    """And every number that is told is above all before it."""

    async def play() -> None:
        told: list[tuple[int, Any]] = []
        quotes = Quotes(lambda seq, message: told.append((seq, message)))
        whole: dict[str, VenueQuote] = {}
        quotes.asked(ask("AAPL", "a"))
        quotes.asked(ask("MSFT", "m"))
        for seq, step in enumerate(steps, 1):
            if step == "report":
                quotes.passed(seq)
                told.append((seq, None))
            elif step == "flush":
                quotes.flush()
            else:
                whole[step.Symbol] = merged(whole.get(step.Symbol), step)
                quotes.heard(seq, said(step, name=None))
        quotes.flush()
        last = {q.Symbol: q for _, message in told if message for q in message.Quotes}
        assert last == whole
        numbers = [seq for seq, _ in told if seq]
        assert numbers == sorted(set(numbers))

    asyncio.run(play())
