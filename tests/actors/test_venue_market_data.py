"""Market data at a venue connection: who follows what, what is asked, who hears what."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import venue as wire
from messages.base import Message
from messages.fix import ExecType, SecurityTradingStatus, TradSesStatus
from messages.market import Follow, Quote, QuotesLost, TradingStatus
from messages.reference import VenueScope
from tests.actors.scenes import START, VenueScene, dec
from tests.actors.test_venue import DOWN, UP, child

SCOPE = VenueScope(Venue="XNAS", Accounts=("acme",), Symbols=("AAPL", "MSFT"))


def follow(symbol: str = "AAPL", *, on: bool = True) -> Follow:
    return Follow(Symbol=symbol, On=on)


def quotes(*symbols: str, **fields: Any) -> wire.VenueQuotes:
    prices = {"BidPx": dec("9.99"), "BidSize": dec(300), "OfferPx": dec("10.01")} | fields
    given = [wire.VenueQuote(Symbol=symbol, At=START, **prices) for symbol in symbols]
    return wire.VenueQuotes(Quotes=tuple(given))


def asked(scene: VenueScene) -> list[tuple[str, tuple[str, ...], bool]]:
    """The questions of the last step."""
    sent = [send.message for send in scene.sends]
    return [
        (m.MDReqID, m.Symbols, m.Subscribe)
        for m in sent
        if isinstance(m, wire.VenueMarketDataRequest)
    ]


def heard(scene: VenueScene) -> list[tuple[str, Message]]:
    """What books heard in the last step."""
    return [(s.recipient, s.message) for s in scene.sends if s.recipient.startswith("book/")]


def refused(name: str) -> wire.VenueMarketDataReject:
    return wire.VenueMarketDataReject(MDReqID=name, Text="no such symbol")


# ---- asking


def test_a_book_that_follows_is_asked_for_at_once_while_the_session_is_up() -> None:
    scene = VenueScene(UP, follow()).happened("FollowChanged", "QuotesAsked").replays()
    assert asked(scene) == [("AAPL.1", ("AAPL",), True)]


def test_what_is_followed_is_asked_for_at_each_logon_under_a_new_name() -> None:
    scene = VenueScene(follow(), follow("MSFT")).happened("FollowChanged").then()
    scene.when(UP)
    assert asked(scene) == [("AAPL.1", ("AAPL",), True), ("MSFT.2", ("MSFT",), True)]
    scene.when(DOWN, UP).replays()
    assert asked(scene) == [("AAPL.3", ("AAPL",), True), ("MSFT.4", ("MSFT",), True)]


def test_the_same_wish_again_changes_nothing() -> None:
    VenueScene(UP, follow(), follow()).happened().then()
    VenueScene(UP, follow(on=False)).happened().then()


def test_a_book_that_follows_no_more_is_asked_for_no_more() -> None:
    scene = VenueScene(UP, follow(), follow(on=False)).happened("FollowChanged").replays()
    assert asked(scene) == [("AAPL.1", ("AAPL",), False)]
    scene.when(DOWN, UP)
    assert asked(scene) == []


def test_a_wish_that_ends_while_the_session_is_down_asks_nothing() -> None:
    scene = VenueScene(UP, follow(), DOWN, follow(on=False)).happened("FollowChanged")
    assert asked(scene) == []


# ---- hearing


def test_a_quote_goes_to_the_book_that_follows_and_to_no_other() -> None:
    scene = VenueScene(UP, follow(), quotes("AAPL", "MSFT", OfferSize=dec(200), LastPx=dec(10)))
    scene.happened()
    assert heard(scene) == [
        (
            "book/AAPL",
            Quote(
                Venue="XNAS",
                Symbol="AAPL",
                BidPx=dec("9.99"),
                BidSize=dec(300),
                OfferPx=dec("10.01"),
                OfferSize=dec(200),
                LastPx=dec(10),
                At=START,
            ),
        )
    ]


def test_a_side_of_size_zero_is_no_side() -> None:
    scene = VenueScene(UP, follow(), quotes("AAPL", BidPx=None, BidSize=dec(0)))
    (_, quote) = heard(scene)[0]
    assert isinstance(quote, Quote)
    assert (quote.BidPx, quote.BidSize, quote.OfferPx) == (None, None, dec("10.01"))


def test_books_that_follow_hear_that_their_quotes_are_lost_with_the_session() -> None:
    scene = VenueScene(UP, follow(), follow("MSFT"), DOWN).happened("SessionClosed").replays()
    assert heard(scene) == [
        ("book/AAPL", QuotesLost(Venue="XNAS", Symbol="AAPL")),
        ("book/MSFT", QuotesLost(Venue="XNAS", Symbol="MSFT")),
    ]
    assert heard(scene.when(quotes("AAPL"))) == []  # of the session that is over


def test_after_a_restart_quotes_are_lost_until_the_venue_was_asked_again() -> None:
    scene = VenueScene(UP, follow())
    scene.actor = scene.replayed()
    scene.when(wire.SessionDown(Text="starting"))
    assert heard(scene) == [("book/AAPL", QuotesLost(Venue="XNAS", Symbol="AAPL"))]
    assert asked(scene.when(UP)) == [("AAPL.2", ("AAPL",), True)]


def test_a_book_hears_that_the_venue_refuses_it_quotes() -> None:
    scene = VenueScene(UP, follow(), refused("AAPL.1")).happened("QuotesRefused").replays()
    assert heard(scene) == [("book/AAPL", QuotesLost(Venue="XNAS", Symbol="AAPL"))]
    assert heard(scene.when(quotes("AAPL"))) == []
    assert asked(scene.when(DOWN, UP)) == [("AAPL.2", ("AAPL",), True)]


def test_a_refusal_of_an_older_question_changes_nothing() -> None:
    VenueScene(UP, follow(), DOWN, UP, refused("AAPL.1")).happened().then()


# ---- trading status


def test_a_halt_goes_to_the_book_whether_it_follows_or_not() -> None:
    halt = wire.VenueSecurityStatus(
        Symbol="MSFT",
        SecurityTradingStatus=SecurityTradingStatus.Halt,
        Text="news",
        TransactTime=START,
    )
    told = TradingStatus(
        Venue="XNAS", Symbol="MSFT", Status=SecurityTradingStatus.Halt, Text="news"
    )
    assert heard(VenueScene(SCOPE, UP, halt)) == [("book/MSFT", told)]
    assert heard(VenueScene(SCOPE, UP, halt.model_copy(update={"Symbol": "ZZZ"}))) == []


def test_a_book_that_begins_to_follow_is_told_how_its_symbol_trades() -> None:
    word = wire.VenueSessionStatus(
        TradingSessionID="DAY", TradSesStatus=TradSesStatus.Halted, TransactTime=START
    )
    scene = VenueScene(SCOPE, UP, word, follow("MSFT")).replays()
    told = [m for _, m in heard(scene) if isinstance(m, TradingStatus)]
    assert [m.Status for m in told] == [SecurityTradingStatus.Halt]
    resume = wire.VenueSecurityStatus(
        Symbol="AAPL", SecurityTradingStatus=SecurityTradingStatus.Resume, TransactTime=START
    )
    told = [
        m
        for _, m in heard(scene.when(resume, follow("AAPL")).replays())
        if isinstance(m, TradingStatus)
    ]
    assert [m.Status for m in told] == [SecurityTradingStatus.Resume]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (TradSesStatus.Halted, SecurityTradingStatus.Halt),
        (TradSesStatus.Open, SecurityTradingStatus.ReadyToTrade),
        (TradSesStatus.Closed, SecurityTradingStatus.Closed),
        (TradSesStatus.PreOpen, SecurityTradingStatus.PreOpen),
    ],
)
def test_the_state_of_the_venue_goes_to_every_book_with_something_at_stake(
    said: TradSesStatus, status: SecurityTradingStatus
) -> None:
    word = wire.VenueSessionStatus(TradingSessionID="DAY", TradSesStatus=said, TransactTime=START)
    scene = VenueScene(SCOPE, UP, follow("MSFT"), child(), word).happened("TradingSessionChanged")
    assert [(to, m.Status) for to, m in heard(scene)] == [  # type: ignore[attr-defined]
        ("book/MSFT", status),
        ("book/AAPL", status),
    ]
    ended = VenueScene(SCOPE, UP, child()).hears(ExecType.Canceled, "k").when(word)
    assert heard(ended) == []


def test_an_unknown_state_of_the_venue_is_recorded_and_told_to_nobody() -> None:
    word = wire.VenueSessionStatus(
        TradingSessionID="DAY", TradSesStatus=TradSesStatus.Unknown, TransactTime=START
    )
    VenueScene(UP, follow(), word).happened("TradingSessionChanged").then().replays()


# ---- any order of things


STEPS = st.sampled_from(
    [
        UP, DOWN,
        *(follow(s, on=on) for s in ("AAPL", "MSFT") for on in (True, False)),
        quotes("AAPL"), quotes("MSFT", "AAPL"),
        *(refused(f"{s}.{n}") for s in ("AAPL", "MSFT") for n in (1, 2, 3)),
    ]
)  # fmt: skip


@given(st.lists(STEPS, max_size=30))
def test_only_a_book_that_follows_is_quoted_and_only_under_the_newest_question(
    steps: list[Message],
) -> None:
    """I17 holds for questions too."""
    scene = VenueScene()
    up, wanted, open_names, names = False, set[str](), dict[str, str](), set[str]()
    for step in steps:
        scene.when(step)
        match step:
            case wire.SessionUp():
                up = True
            case wire.SessionDown():
                assert (
                    heard(scene)
                    == [
                        (f"book/{s}", QuotesLost(Venue="XNAS", Symbol=s))
                        for s in scene.state.follows
                    ]
                    or not up
                )
                up = False
                open_names.clear()
            case Follow(On=True):
                wanted.add(step.Symbol)
            case Follow():
                wanted.discard(step.Symbol)
                open_names.pop(step.Symbol, None)
            case wire.VenueMarketDataReject():
                symbol = step.MDReqID.partition(".")[0]
                if open_names.get(symbol) == step.MDReqID:
                    del open_names[symbol]
            case wire.VenueQuotes():
                expected = [f"book/{q.Symbol}" for q in step.Quotes if q.Symbol in open_names]
                assert [to for to, _ in heard(scene)] == expected
        for name, (symbol,), on in asked(scene):
            assert up
            if on:
                assert name not in names
                names.add(name)
                open_names[symbol] = name
        assert set(scene.state.follows) == wanted
    scene.replays()
