"""Orders that the book holds until the market has come to their price."""

import pytest

from messages.fix import CxlRejReason, ExecInst, ExecType, OrdType, PegOffsetType, Side
from messages.terms import Terms
from tests.actors.book_scenes import MarketScene, pegged, stop, venue, working
from tests.actors.scenes import dec, instrument

HELD = "account/acme Execution acme-1 New"
FIRED = "account/acme Execution acme-1 Triggered"
SENT = "venue/XNAS NewOrder acme-1.1"
FOLLOWED = "venue/XNAS Follow"

SELL = {"Side": Side.Sell}


def trailing(offset: str, kind: PegOffsetType | None = None, side: Side = Side.Buy) -> Terms:
    return pegged(
        ExecInst.TrailingStopPeg, PegOffsetValue=dec(offset), PegOffsetType=kind, Side=side
    )


def limit_stop(px: str, side: Side) -> Terms:
    return working(OrdType.StopLimit, StopPx=dec(px), Price=dec("10.60"), Side=side)


def touched(px: str, side: Side) -> Terms:
    return working(OrdType.MarketIfTouched, StopPx=dec(px), Side=side)


@pytest.mark.parametrize(
    ("given", "before", "fires", "child"),
    [
        (stop("10.50"), "10.49", "10.50", OrdType.Market),
        (stop("9.50", **SELL), "9.51", "9.50", OrdType.Market),
        (limit_stop("10.50", Side.Buy), "10.49", "10.55", OrdType.Limit),
        (limit_stop("9.50", Side.Sell), "9.51", "9.40", OrdType.Limit),
        (touched("9.50", Side.Buy), "9.51", "9.50", OrdType.Market),
        (touched("10.50", Side.Sell), "10.49", "10.50", OrdType.Market),
        (trailing("0.50"), "10.00", "10.50", OrdType.Market),
        (trailing("-0.50", side=Side.Sell), "10.00", "9.50", OrdType.Market),
        (trailing("500", PegOffsetType.BasisPoints), "10.00", "10.50", OrdType.Market),
    ],
)
def test_a_held_order_fires_when_the_last_trade_reaches_its_price(
    given: Terms, before: str, fires: str, child: OrdType
) -> None:
    scene = MarketScene().order(given).happened("OrderPlanned", "WaitBegan", "VenueFollowed")
    scene.then(HELD, FOLLOWED)
    scene.quote(before).then()
    scene.quote(fires).then(FIRED, SENT, FOLLOWED).replays()
    sent = scene.child(0)
    assert (sent.OrdType, sent.OrderQty, sent.Side) == (child, given.OrderQty, given.Side)
    assert (sent.StopPx, sent.PegOffsetValue, sent.ExecInst) == (None, None, None)
    assert sent.Price == given.Price


def test_a_trailing_stop_follows_the_market_and_never_comes_back() -> None:
    scene = MarketScene().order(trailing("0.50", side=Side.Sell))
    for last, level in (("10.00", "9.50"), ("11.00", "10.50"), ("10.60", "10.50")):
        scene.quote(last)
        assert scene.state.parents["acme-1"].work.stop_px == dec(level)
    scene.quote("10.60").happened("QuoteHeard")
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED).replays()


def test_a_trail_in_basis_points_is_rounded_to_the_tick_away_from_the_market() -> None:
    scene = MarketScene().order(trailing("33", PegOffsetType.BasisPoints, Side.Sell))
    scene.quote("10.01")
    assert scene.state.parents["acme-1"].work.stop_px == dec("9.97")


def test_without_a_trade_the_far_side_of_the_quote_counts() -> None:
    MarketScene().order(stop()).quote(None, "10.60", "10.49").then()
    MarketScene().order(stop()).quote(None, "9.00", "10.50").then(FIRED, SENT, FOLLOWED)
    scene = MarketScene().order(stop("9.50", Side=Side.Sell))
    scene.quote(None, None, "9.00").then().quote(None, "9.50").then(FIRED, SENT, FOLLOWED)


def test_an_order_that_comes_when_its_price_is_there_already_fires_at_once() -> None:
    scene = MarketScene().order(stop("12.00")).quote("11.00").order(stop("10.50"), "acme-2")
    scene.then(
        "account/acme Execution acme-2 New",
        "account/acme Execution acme-2 Triggered",
        "venue/XNAS NewOrder acme-2.1",
    ).replays()


def test_a_trigger_fires_once() -> None:
    scene = MarketScene().order(stop()).quote("10.50").quote("10.50").then().quote("10.60").then()
    scene.actor = scene.replayed()
    scene.order(stop("20"), "acme-2").quote("10.70").then().replays()


def test_what_the_venue_says_of_the_child_follows_and_new_is_not_said_twice() -> None:
    scene = MarketScene().order(stop()).quote("10.50").venue(ExecType.New).then()
    scene.fill(60, "10.51").then("account/acme Execution acme-1 Trade 60@10.51")
    scene.venue(ExecType.Canceled).happened("ChildExecuted", "OrderEnded")
    scene.then("account/acme Execution acme-1 Canceled").replays()


def test_a_rejection_of_the_child_rejects_what_has_not_traded() -> None:
    scene = MarketScene().order(stop()).quote("10.50").venue(ExecType.Rejected, Text="closed")
    scene.then("account/acme Execution acme-1 Rejected").replays()
    assert scene.text == "closed"


def test_a_held_order_is_cancelled_by_the_book_itself() -> None:
    scene = MarketScene().order(stop()).cancel().happened("OrderEnded", "VenueFollowed")
    scene.then("account/acme Execution acme-1 Canceled b", FOLLOWED).replays()
    assert scene.sends[0].message.VenueExecID == "acme-1.end"  # type: ignore[attr-defined]
    scene.cancel("c").then("account/acme RequestRejected acme-1 c TooLateToCancel")
    scene.quote("10.50").then()


def test_a_held_order_is_replaced_by_the_book_itself_and_judged_anew() -> None:
    scene = MarketScene().order(stop("10.50")).quote("10.20")
    scene.replace(stop("10.40", OrderQty=50)).then("account/acme Execution acme-1 Replaced b")
    scene.replace(stop("10.20", OrderQty=60), "c")
    scene.then("account/acme Execution acme-1 Replaced c", FIRED, SENT, FOLLOWED).replays()
    assert scene.child(0).OrderQty == 60


def test_a_held_order_may_become_one_that_the_venue_works() -> None:
    scene = MarketScene().order(stop()).replace(working(OrdType.Limit, Price=dec("10.10")))
    scene.then("account/acme Execution acme-1 Replaced b", SENT, FOLLOWED).replays()


def test_a_replace_that_nobody_can_work_is_refused_and_the_order_stays() -> None:
    scene = MarketScene().order(stop()).replace(stop(MinQty=dec(10)))
    scene.then("account/acme RequestRejected acme-1 b BrokerOption")
    assert scene.text.startswith("MinQty 10: XNAS does not work it")
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED).replays()


def test_a_trail_begins_anew_with_another_offset_and_not_with_another_quantity() -> None:
    scene = MarketScene().order(trailing("0.50", side=Side.Sell)).quote("11.00").quote("10.60")
    scene.replace(
        pegged(ExecInst.TrailingStopPeg, PegOffsetValue=dec("0.50"), Side=Side.Sell, OrderQty=50)
    )
    assert scene.state.parents["acme-1"].work.stop_px == dec("10.50")
    scene.replace(trailing("0.20", side=Side.Sell), "c")
    assert scene.state.parents["acme-1"].work.stop_px == dec("10.40")
    scene.replays()


def test_after_it_fired_a_cancel_or_replace_goes_to_the_venue() -> None:
    scene = MarketScene().order(stop()).quote("10.50").venue(ExecType.New)
    scene.replace(stop(OrderQty=80)).then("venue/XNAS ReplaceOrder acme-1.1 b")
    assert (scene.child().OrdType, scene.child().OrderQty) == (OrdType.Market, 80)
    scene.venue(ExecType.Replaced, RequestID="b").then("account/acme Execution acme-1 Replaced b")
    scene.cancel("c").then("venue/XNAS CancelOrder acme-1.1 c")
    scene.refuse("c").then("account/acme RequestRejected acme-1 c Other")
    scene.cancel("d").venue(ExecType.Canceled, RequestID="d")
    scene.then("account/acme Execution acme-1 Canceled d").replays()


def test_a_late_fill_a_bust_and_a_correction_pass_after_the_end() -> None:
    scene = MarketScene().order(stop()).quote("10.50").venue(ExecType.Canceled)
    scene.fill(10, exec_id="late").then("account/acme Execution acme-1 Trade 10@10.00")
    scene.venue(ExecType.TradeCorrect, VenueExecRefID="late", exec_id="fix", LastQty=dec(8),
                LastPx=dec("10.00"))  # fmt: skip
    scene.then("account/acme Execution acme-1 TradeCorrect 8@10.00")
    scene.venue(ExecType.TradeCancel, VenueExecRefID="fix")
    scene.then(
        "account/acme Execution acme-1 TradeCancel",
        "venue/XNAS CancelOrder acme-1.1 acme-1.1 x4",
    ).replays()
    scene.refuse("acme-1.1 x4").then()
    scene.venue(ExecType.Expired).then()
    parent = scene.state.parents["acme-1"]
    assert (parent.cum_qty, parent.work, parent.fills) == (0, None, {"late": 10})


def test_a_stop_is_native_where_the_venue_says_so() -> None:
    native = venue("XPAR", OrdTypes=(OrdType.Limit, OrdType.Stop))
    scene = MarketScene(instrument(), venue(), native).order(stop()).happened("OrderRouted")
    scene.then("venue/XPAR NewOrder acme-1.1")
    directed = MarketScene(instrument(), venue(), native).order(stop(ExDestination="XNAS"))
    directed.then(HELD, FOLLOWED)


def test_what_waits_for_no_price_any_more_is_followed_no_more() -> None:
    scene = (
        MarketScene()
        .order(stop())
        .order(stop("11"), "acme-2")
        .then("account/acme Execution acme-2 New")
    )
    scene.cancel().then("account/acme Execution acme-1 Canceled b")
    scene.cancel("b", "acme-2").happened("OrderEnded", "VenueFollowed")
    assert scene.sends[-1].message.On is False  # type: ignore[attr-defined]
    scene.quote("11").happened().replays()
    assert scene.state.quotes == {}


def test_a_cancel_reject_for_an_order_that_fired_and_filled_is_told() -> None:
    scene = MarketScene().order(stop()).quote("10.50").cancel().fill(100, "10.51")
    scene.refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme RequestRejected acme-1 b TooLateToCancel").replays()
