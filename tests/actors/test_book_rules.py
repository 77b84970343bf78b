"""Rules of the book: the market is open, shorts keep above the bid, nobody meets themselves."""

from typing import Any

import pytest

from messages.fix import ExecType, OrdRejReason, OrdType, SecurityTradingStatus, Side
from messages.market import Follow, Quote, TradingStatus
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected
from messages.rulebook import RuleBook, RulesIssued
from tests.actors.book_scenes import venue
from tests.actors.scenes import (
    START,
    AccountScene,
    BookScene,
    Scene,
    dec,
    instrument,
    order,
    replace,
    terms,
)
from tests.actors.test_book import cancel, refused, said


def ruled(version: int = 3, **book: Any) -> BookScene:
    rules = RuleBook.model_validate(book, strict=False)
    scene = BookScene(instrument(), venue("XNAS"), venue("XPAR"))
    return scene.when(RulesIssued(Version=version, Rules=rules))


def parent(order_id: str, account: str = "acme", **fields: Any) -> NewOrder:
    return NewOrder(OrderID=order_id, Account=account, Terms=terms(**fields))


def sell(order_id: str, account: str = "acme", **fields: Any) -> NewOrder:
    return parent(order_id, account, Side=Side.Sell, **fields)


def rejected(scene: Scene, rule: str) -> Execution:
    (send,) = [s for s in scene.sends if s.recipient.startswith("account/")]
    up = send.message
    assert isinstance(up, Execution)
    assert up.ExecType is ExecType.Rejected
    assert up.Refusal is not None
    assert (up.Refusal.Rule, up.Refusal.Version) == (rule, 3)
    scene.replays()
    return up


def up_of(scene: Scene, account: str = "acme") -> list[Execution]:
    found = (s.message for s in scene.sends if s.recipient == f"account/{account}")
    return [message for message in found if isinstance(message, Execution)]


# ---- market open


def status(name: str, what: SecurityTradingStatus) -> TradingStatus:
    return TradingStatus(Venue=name, Symbol="AAPL", Status=what)


def test_no_order_goes_out_while_every_venue_it_may_go_to_is_halted() -> None:
    halt = SecurityTradingStatus.Halt
    scene = ruled(MarketOpen=True).when(status("XNAS", halt)).when(parent("a-1"))
    scene.happened("OrderRouted")
    scene.when(parent("a-2", ExDestination="XNAS")).happened("OrderUnroutable")
    assert rejected(scene, "market_open").OrdRejReason is OrdRejReason.ExchangeClosed
    scene.when(status("XPAR", halt)).when(parent("a-3"))
    rejected(scene, "market_open")
    scene.when(status("XNAS", SecurityTradingStatus.Resume)).when(parent("a-4"))
    scene.happened("OrderRouted")


def test_without_the_rule_a_halt_is_the_venues_business() -> None:
    scene = ruled().when(status("XNAS", SecurityTradingStatus.Halt))
    scene.when(parent("a-1", ExDestination="XNAS")).happened("OrderRouted")


# ---- Rule 201

SSR = {"Securities": {"AAPL": {"ShortSaleRestricted": True}}}


def quote(name: str, bid: str) -> Quote:
    return Quote(Venue=name, Symbol="AAPL", BidPx=dec(bid), At=START)


def test_while_a_symbol_is_restricted_every_venue_is_asked_for_its_prices() -> None:
    scene = ruled(**SSR).happened("RulesAdopted", "VenueFollowed", "VenueFollowed")
    on = [(s.recipient, s.message) for s in scene.sends]
    assert on == [(f"venue/{v}", Follow(Symbol="AAPL", On=True)) for v in ("XNAS", "XPAR")]
    free = RulesIssued(Version=4, Rules=RuleBook())
    scene.when(free).happened("RulesAdopted", "VenueFollowed", "VenueFollowed").replays()


@pytest.mark.parametrize(
    ("price", "kind"), [("10.02", "OrderRouted"), ("10.01", "OrderUnroutable")]
)
def test_a_short_sale_is_above_the_best_bid_of_all_venues(price: str, kind: str) -> None:
    scene = ruled(**SSR).when(quote("XNAS", "10.01")).when(quote("XPAR", "10.00"))
    scene.when(parent("a-1", Side=Side.SellShort, Price=price)).happened(kind).replays()
    if kind == "OrderUnroutable":
        up = rejected(scene, "short_sale_price")
        assert up.Refusal is not None
        assert up.Refusal.Inputs == {"NationalBestBid": "10.01"}
        assert up.OrdRejReason is OrdRejReason.ShortSellNotPermitted


def test_a_short_sale_at_any_price_or_without_a_known_bid_is_refused() -> None:
    scene = ruled(**SSR).when(parent("a-1", Side=Side.SellShort, Price="99.00"))
    rejected(scene, "short_sale_price")
    known = {"AAPL": {"ShortSaleRestricted": True, "NationalBestBid": "10.00"}}
    scene = ruled(Securities=known).when(parent("a-1", Side=Side.SellShort, Price="10.01"))
    scene.happened("OrderRouted")
    scene.when(parent("a-2", Side=Side.SellShort, OrdType=OrdType.Market))
    rejected(scene, "short_sale_price")


def test_a_long_sale_and_an_unrestricted_symbol_have_no_price_test() -> None:
    ruled(**SSR).when(sell("a-1", Price="0.01")).happened("OrderRouted")
    ruled().when(parent("a-1", Side=Side.SellShort, Price="0.01")).happened("OrderRouted")


def test_a_replace_is_held_to_the_price_test() -> None:
    scene = ruled(**SSR).when(quote("XNAS", "10.01"))
    scene.when(parent("a-1", Side=Side.SellShort, Price="10.02"))
    lower = ReplaceOrder(
        OrderID="a-1", RequestID="b", Terms=terms(Side=Side.SellShort, Price="10.01")
    )
    scene.when(lower)
    (send,) = scene.sends
    assert isinstance(send.message, RequestRejected)
    assert "above the national best bid" in (send.message.Text or "")
    why = send.message.Refusal
    assert why is not None
    assert (why.Rule, why.Version) == ("short_sale_price", 3)
    assert why.Inputs == {"NationalBestBid": "10.01"}
    account = AccountScene().desk(order()).venue(ExecType.New).desk(replace("b", "a"))
    account.when(send.message.model_copy(update={"OrderID": "acme-1"}))
    assert account.happened("CancelRejected").replays().events[0].Refusal == why  # type: ignore[attr-defined]
    assert account.report.Refusal == why


# ---- self-match prevention

OWNERS = {"acme": "one", "bravo": "one", "carol": "two"}


def resting(mode: str, **fields: Any) -> BookScene:
    """An order of acme's to buy 100 at 10.00 works at its venue."""
    scene = ruled(SelfMatch=mode, Owners=OWNERS).when(parent("a-1", **fields))
    return scene.when(said(ExecType.New, "a-1.1", "n"))


def gone(child: str = "a-1.1", request: str | None = "a-1.1 smp b-2", **more: Any) -> Execution:
    return said(ExecType.Canceled, child, "c", RequestID=request, **more)


@pytest.mark.parametrize(
    ("account", "price", "meets"),
    [
        ("bravo", "10.00", True),
        ("acme", "9.99", True),
        ("bravo", None, True),
        ("bravo", "10.01", False),
        ("carol", "10.00", False),
    ],
)
def test_the_newest_of_two_that_would_meet_is_refused(
    account: str, price: str | None, meets: bool
) -> None:
    """I33."""
    fields = {"Price": price} if price else {"OrdType": OrdType.Market}
    scene = resting("CancelNewest").when(sell("b-2", account, **fields))
    if not meets:
        scene.happened("OrderRouted").replays()
        return
    scene.happened("OrderUnroutable").replays()
    (send,) = scene.sends
    assert send.recipient == f"account/{account}"
    assert send.message.Refusal.Rule == "self_match"  # type: ignore[attr-defined]


@pytest.mark.parametrize("end", [gone(request=None), said(ExecType.Expired, "a-1.1", "e")])
def test_what_is_over_is_not_met(end: Execution) -> None:
    resting("CancelNewest").when(end).when(sell("b-2")).happened("OrderRouted").replays()


def test_of_cancel_both_none_is_left() -> None:
    """I33."""
    scene = resting("CancelBoth").when(sell("b-2", "bravo"))
    scene.happened("SelfMatchFound", "OrderUnroutable").replays()
    assert [s.recipient for s in scene.sends] == ["venue/XNAS", "account/bravo"]
    scene.when(gone()).happened("ChildExecuted").replays()
    (up,) = up_of(scene)
    assert (up.ExecType, up.RequestID, up.Text) == (
        ExecType.Canceled, None, "self-match prevention"
    )  # fmt: skip


def test_of_cancel_oldest_the_new_one_waits_until_the_venue_has_cancelled() -> None:
    """I33."""
    scene = resting("CancelOldest").when(sell("b-2", "bravo")).happened("SelfMatchFound")
    scene.then("venue/XNAS CancelOrder a-1.1 a-1.1 smp b-2").replays()
    scene.when(sell("b-2", "bravo")).happened().then()
    scene.when(gone()).happened("ChildExecuted", "SelfMatchSettled", "OrderRouted").replays()
    assert [s.recipient for s in scene.sends] == ["account/acme", "venue/XNAS"]
    assert not scene.state.waiting
    assert not scene.state.own


def test_one_that_was_filled_meanwhile_is_no_hindrance() -> None:
    scene = resting("CancelOldest").when(sell("b-2", "bravo"))
    fill = said(ExecType.Trade, "a-1.1", "t", LastQty=dec(100), LastPx=dec(10))
    scene.when(fill).happened("ChildExecuted", "SelfMatchSettled", "OrderRouted").replays()
    late = RequestRejected(**(refused("a-1.1").__dict__ | {"RequestID": "a-1.1 smp b-2"}))
    scene.when(late).happened("ChildRequestRejected").then().replays()
    assert not scene.state.own


def test_where_the_venue_does_not_cancel_the_new_one_is_refused() -> None:
    """I33."""
    scene = resting("CancelOldest").when(sell("b-2", "bravo"))
    no = RequestRejected(**(refused("a-1.1").__dict__ | {"RequestID": "a-1.1 smp b-2"}))
    scene.when(no).happened("ChildRequestRejected", "SelfMatchSettled", "OrderUnroutable")
    (up,) = up_of(scene.replays(), "bravo")
    assert up.Refusal is not None
    assert up.Refusal.Rule == "self_match"


def test_an_order_that_waits_can_be_cancelled_and_not_replaced() -> None:
    scene = resting("CancelOldest").when(sell("b-2", "bravo"))
    scene.when(ReplaceOrder(OrderID="b-2", RequestID="r", Terms=terms(Side=Side.Sell)))
    scene.then("account/bravo RequestRejected b-2 r BrokerOption")
    scene.when(CancelOrder(OrderID="b-2", RequestID="x", Symbol="AAPL"))
    scene.happened("SelfMatchSettled").then("account/bravo Execution b-2 Canceled x").replays()
    scene.when(gone()).happened("ChildExecuted")


def test_of_decrement_the_smaller_one_goes_and_the_larger_one_is_reduced() -> None:
    """I33."""
    scene = resting("Decrement").when(sell("b-2", "bravo", OrderQty=30))
    scene.then("venue/XNAS ReplaceOrder a-1.1 a-1.1 smp b-2").replays()
    assert scene.sends[0].message.Terms.OrderQty == 70  # type: ignore[attr-defined]
    scene.happened("SelfMatchFound", "RequestRouted")
    pending = said(ExecType.PendingReplace, "a-1.1", "p", RequestID="a-1.1 smp b-2")
    scene.when(pending).happened("ChildExecuted").then()
    replaced = said(ExecType.Replaced, "a-1.1", "r", RequestID="a-1.1 smp b-2")
    scene.when(replaced).happened("ChildExecuted", "SelfMatchSettled").replays()
    (mine,) = up_of(scene)
    assert (mine.ExecType, mine.OrderQty, mine.RequestID) == (ExecType.Replaced, dec(70), None)
    (theirs,) = up_of(scene, "bravo")
    assert theirs.ExecType is ExecType.Canceled


def test_of_decrement_an_order_that_is_being_replaced_goes_whole() -> None:
    """I33: to reduce it would take back the price that its desk has asked for meanwhile."""
    scene = resting("Decrement")
    scene.when(ReplaceOrder(OrderID="a-1", RequestID="r", Terms=terms(Price=dec("10.20"))))
    scene.when(sell("b-2", "bravo", OrderQty=30))
    scene.then("venue/XNAS CancelOrder a-1.1 a-1.1 smp b-2").replays()


def test_of_decrement_what_is_left_of_the_new_one_goes_on() -> None:
    """I33."""
    scene = resting("Decrement").when(sell("b-2", "bravo", OrderQty=130))
    scene.then("venue/XNAS CancelOrder a-1.1 a-1.1 smp b-2").when(gone()).replays()
    scene.happened("ChildExecuted", "SelfMatchSettled", "OrderRouted")
    new, restated = up_of(scene, "bravo")
    assert (new.ExecType, restated.ExecType) == (ExecType.New, ExecType.Restated)
    assert restated.OrderQty == 30
    assert scene.sends[-1].message.Terms.OrderQty == 30  # type: ignore[attr-defined]
    scene.when(
        said(
            ExecType.New,
            "b-2.1",
            "n2",
        )
    ).happened("ChildExecuted").then()


def test_a_replace_that_would_meet_is_refused() -> None:
    """I33."""
    scene = resting("CancelOldest").when(sell("b-2", "bravo", Price="10.05"))
    lower = ReplaceOrder(OrderID="b-2", RequestID="r", Terms=terms(Side=Side.Sell, Price="10.00"))
    scene.when(lower)
    assert "would trade with order a-1" in scene.sends[0].message.Text  # type: ignore[attr-defined]


def test_an_order_that_the_book_works_itself_goes_too() -> None:
    """I33."""
    scene = resting("CancelOldest", DisplayQty=dec(10)).when(sell("b-2", "bravo"))
    scene.happened("SelfMatchFound", "OrderEnding", "ChildRequested").replays()
    name = scene.sends[0].message.RequestID  # type: ignore[attr-defined]
    scene.when(gone(request=name))
    assert [e.Event for e in scene.replays().events][-2:] == [  # type: ignore[attr-defined]
        "SelfMatchSettled", "OrderRouted"
    ]  # fmt: skip


def test_a_cancel_of_something_else_is_as_ever() -> None:
    resting("CancelOldest").when(cancel("a-1")).then("venue/XNAS CancelOrder a-1.1 b")
