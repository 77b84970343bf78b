"""Pegged orders: a child at the price of the quote, which follows it."""

import pytest

from messages.fix import CxlRejReason, ExecInst, ExecType, PegOffsetType, Side
from messages.terms import Terms
from tests.actors.book_scenes import MarketScene, pegged
from tests.actors.scenes import dec

PRIMARY, MARKET, MIDDLE = ExecInst.PrimaryPeg, ExecInst.MarketPeg, ExecInst.MidPricePeg
SENT = "venue/XNAS NewOrder acme-1.1"
FIRST = "venue/XNAS ReplaceOrder acme-1.1 acme-1.1 1"
SELL = Side.Sell


def peg(kind: ExecInst, offset: str | None = None, **fields: object) -> Terms:
    return pegged(kind, PegOffsetValue=None if offset is None else dec(offset), **fields)


def basis(kind: ExecInst, offset: str, **fields: object) -> Terms:
    return peg(kind, offset, PegOffsetType=PegOffsetType.BasisPoints, **fields)


@pytest.mark.parametrize(
    ("given", "price"),
    [
        (peg(PRIMARY), "10.00"),
        (peg(PRIMARY, Side=SELL), "10.05"),
        (peg(PRIMARY, "-0.02"), "9.98"),
        (peg(PRIMARY, "0.02", Side=SELL), "10.07"),
        (peg(MARKET), "10.05"),
        (peg(MARKET, "-0.01"), "10.04"),
        (peg(MARKET, Side=SELL), "10.00"),
        (peg(MIDDLE), "10.02"),
        (peg(MIDDLE, Side=SELL), "10.03"),
        (basis(PRIMARY, "-15"), "9.98"),
        (basis(PRIMARY, "15", Side=SELL), "10.07"),
        (peg(PRIMARY, Price=dec("9.95")), "9.95"),
        (peg(PRIMARY, Side=SELL, Price=dec("10.10")), "10.10"),
        (peg(MARKET, "0.50", Price=dec("10.08")), "10.08"),
    ],
)
def test_a_peg_is_a_limit_order_at_the_price_it_follows(given: Terms, price: str) -> None:
    scene = MarketScene().order(given)
    scene.then("account/acme Execution acme-1 New", "venue/XNAS Follow")
    scene.quote("10.01", "10.00", "10.05").then(SENT).replays()
    sent = scene.child()
    assert (sent.OrdType, sent.Price, sent.ExecInst) == ("Limit", dec(price), None)
    assert sent.PegOffsetValue is None


def placed(given: Terms | None = None) -> MarketScene:
    scene = MarketScene().order(given or peg(PRIMARY)).quote(None, "10.00", "10.05")
    return scene.venue(ExecType.New).then()


def test_a_peg_waits_for_the_side_of_the_market_that_it_follows() -> None:
    MarketScene().order(peg(PRIMARY)).quote("10.00", None, "10.05").then()
    MarketScene().order(peg(MIDDLE)).quote("10.00", None, "10.05").then()
    MarketScene().order(peg(PRIMARY, "-1")).quote(None, "0.50").then()


def test_a_peg_follows_the_quote_and_the_account_hears_only_of_fills() -> None:
    scene = placed().quote(None, "10.01", "10.05").then(FIRST)
    assert scene.child().Price == dec("10.01")
    scene.venue(ExecType.PendingReplace, RequestID="acme-1.1 1").then()
    scene.venue(ExecType.Replaced, RequestID="acme-1.1 1").then()
    scene.fill(100, "10.01").happened("ChildExecuted", "VenueFollowed")
    scene.then("account/acme Execution acme-1 Trade 100@10.01", "venue/XNAS Follow").replays()


def test_one_request_at_a_time_and_the_last_quote_counts_when_it_is_answered() -> None:
    scene = placed().quote(None, "10.01").then(FIRST).quote(None, "10.02").then()
    scene.quote(None, "10.03").then()
    scene.venue(ExecType.Replaced, RequestID="acme-1.1 1")
    scene.then("venue/XNAS ReplaceOrder acme-1.1 acme-1.1 2").replays()
    assert scene.child().Price == dec("10.03")


def test_a_refused_request_is_not_repeated_before_the_market_moves() -> None:
    scene = placed().quote(None, "10.01").refuse("acme-1.1 1").then()
    scene.quote(None, "10.01").then("venue/XNAS ReplaceOrder acme-1.1 acme-1.1 2").replays()


def test_less_than_a_tick_is_no_reason_to_move() -> None:
    scene = placed(basis(PRIMARY, "-1")).quote(None, "10.001", "10.05").then()
    scene.quote(None, "10.0005").then()


def test_a_peg_moves_only_by_prices_that_count() -> None:
    scene = placed().lost().then()
    scene.venue(ExecType.Replaced, OrderQty=dec(100)).then("account/acme Execution acme-1 Replaced")
    scene.quote(None, "10.01").then(FIRST).replays()


def test_a_peg_does_not_follow_itself() -> None:
    scene = placed(peg(MIDDLE))
    scene.quote(None, "10.02", "10.05", size=100).then()
    scene.quote(None, "10.02", "10.08", size=500).then(FIRST)


def test_before_the_venue_has_answered_the_child_is_not_moved() -> None:
    scene = MarketScene().order(peg(PRIMARY)).quote(None, "10.00").quote(None, "10.02").then()
    scene.venue(ExecType.New).then(FIRST).replays()


def test_a_new_cap_holds_at_once() -> None:
    scene = placed().lost().replace(peg(PRIMARY, Price=dec("9.90")))
    scene.then("venue/XNAS ReplaceOrder acme-1.1 b")
    assert scene.child().Price == dec("9.90")
    scene.venue(ExecType.Replaced, RequestID="b")
    scene.then("account/acme Execution acme-1 Replaced b").replays()


def test_a_cancel_may_overtake_a_request_of_the_book() -> None:
    scene = placed().quote(None, "10.01").then(FIRST).cancel()
    scene.then("venue/XNAS CancelOrder acme-1.1 b").quote(None, "10.02").then()
    scene.venue(ExecType.Replaced, RequestID="acme-1.1 1").then()
    scene.venue(ExecType.Canceled, RequestID="b")
    scene.then("account/acme Execution acme-1 Canceled b", "venue/XNAS Follow").replays()


def test_a_peg_that_works_cannot_become_another() -> None:
    scene = placed().replace(peg(MARKET)).then("account/acme RequestRejected acme-1 b BrokerOption")
    assert scene.text.startswith("OrdType: a PrimaryPeg order that works at XNAS cannot become")


def test_a_reject_that_nobody_asked_for_changes_nothing() -> None:
    scene = placed().refuse("zz", reason=CxlRejReason.UnknownOrder).then().replays()
    assert scene.state.parents["acme-1"].open
