"""Orders of several children, one after the other: icebergs, and market with the rest as limit."""

from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from tests.actors.book_scenes import MarketScene, iceberg, venue, working
from tests.actors.scenes import dec, instrument

TRADE = "account/acme Execution acme-1 Trade"


def slice_(n: int) -> str:
    return f"venue/XNAS NewOrder acme-1.{n}"


def leftover(**fields: object) -> MarketScene:
    return MarketScene().order(working(OrdType.MarketWithLeftOverAsLimit, **fields))


def test_an_iceberg_shows_a_slice_at_a_time_until_it_is_filled() -> None:
    scene = MarketScene().order(iceberg(100, 40)).happened("OrderPlanned", "OrderRouted")
    scene.then(slice_(1))
    assert (scene.child().OrderQty, scene.child().DisplayQty) == (40, None)
    scene.venue(ExecType.New).then("account/acme Execution acme-1 New")
    scene.fill(30).then(f"{TRADE} 30@10.00")
    scene.fill(10).then(f"{TRADE} 10@10.00", slice_(2))
    scene.venue(ExecType.New, "acme-1.2").then()
    scene.fill(40, child="acme-1.2").then(f"{TRADE} 40@10.00", slice_(3))
    assert scene.child().OrderQty == 20
    scene.fill(20, child="acme-1.3").then(f"{TRADE} 20@10.00").replays()
    assert scene.state.parents["acme-1"].cum_qty == 100
    assert scene.state.open == {}


def test_an_iceberg_is_one_order_where_the_venue_does_it() -> None:
    given = venue(DisplayQty=True, MinQty=True)
    scene = MarketScene(instrument(Venues=("XNAS",)), given)
    scene.order(iceberg(100, 40, MinQty=dec(10))).happened("OrderRouted").then(slice_(1))
    assert (scene.child().DisplayQty, scene.child().MinQty) == (40, 10)


def test_an_order_that_never_rests_shows_nothing_and_is_not_cut() -> None:
    scene = MarketScene().order(iceberg(TimeInForce=TimeInForce.ImmediateOrCancel))
    assert (scene.child().OrderQty, scene.child().DisplayQty) == (100, None)
    scene.fill(60, Ends=OrdStatus.Canceled)
    scene.then(f"{TRADE} 60@10.00", "account/acme Execution acme-1 Canceled").replays()


def test_a_stop_limit_may_be_an_iceberg_once_it_fires() -> None:
    given = working(OrdType.StopLimit, Price=dec("10.60"), StopPx=dec("10.50"), DisplayQty=dec(30))
    scene = MarketScene().order(given).quote("10.50")
    assert (scene.child().OrderQty, scene.child().Price) == (30, dec("10.60"))
    scene.venue(ExecType.New).quote("10.55").fill(30, "10.55")
    scene.then(f"{TRADE} 30@10.55", slice_(2)).replays()


def test_a_cancel_between_slices_ends_the_order() -> None:
    scene = MarketScene().order(iceberg()).venue(ExecType.New).cancel()
    scene.then("venue/XNAS CancelOrder acme-1.1 b")
    scene.fill(40).then(f"{TRADE} 40@10.00")
    scene.refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Canceled b").replays()


def test_a_cancel_of_a_slice_ends_the_order() -> None:
    scene = MarketScene().order(iceberg()).fill(10).cancel()
    scene.venue(ExecType.PendingCancel, RequestID="b")
    scene.then("account/acme Execution acme-1 PendingCancel b")
    scene.venue(ExecType.Canceled, RequestID="b")
    scene.then("account/acme Execution acme-1 Canceled b").replays()


def test_a_cancel_that_the_venue_refuses_leaves_the_order_as_it_was() -> None:
    scene = MarketScene().order(iceberg()).cancel().refuse("b")
    scene.then("account/acme RequestRejected acme-1 b Other")
    scene.fill(40).then(f"{TRADE} 40@10.00", slice_(2)).replays()


def test_a_replace_changes_what_is_left_and_leaves_the_slice_alone() -> None:
    scene = MarketScene().order(iceberg()).fill(40).replace(iceberg(60, 40))
    scene.then("venue/XNAS ReplaceOrder acme-1.2 b")
    assert scene.child().OrderQty == 20
    scene.venue(ExecType.Replaced, "acme-1.2", RequestID="b")
    scene.then("account/acme Execution acme-1 Replaced b")
    scene.fill(20, child="acme-1.2").then(f"{TRADE} 20@10.00").replays()
    assert scene.state.open == {}


def test_a_larger_total_needs_no_word_of_the_venue() -> None:
    scene = MarketScene().order(iceberg()).replace(iceberg(200, 40))
    scene.then("account/acme Execution acme-1 New", "account/acme Execution acme-1 Replaced b")
    scene.venue(ExecType.New).then()
    for n in range(1, 6):
        scene.fill(40, child=f"acme-1.{n}")
    scene.then(f"{TRADE} 40@10.00").replays()
    assert scene.state.parents["acme-1"].cum_qty == 200


def test_a_new_price_is_the_slices_too() -> None:
    scene = MarketScene().order(iceberg()).replace(iceberg(Price="9.90"))
    scene.then("venue/XNAS ReplaceOrder acme-1.1 b")
    assert (scene.child().OrderQty, scene.child().Price) == (40, dec("9.90"))
    scene.venue(ExecType.Replaced, RequestID="b").fill(40, "9.90")
    assert scene.child().Price == dec("9.90")
    scene.replays()


def test_a_slice_that_fills_before_its_replace_does_not_undo_the_replace() -> None:
    scene = MarketScene().order(iceberg()).venue(ExecType.New)
    scene.replace(iceberg(90, 40, Price="9.90")).fill(40).then(f"{TRADE} 40@10.00")
    scene.refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Replaced b", slice_(2)).replays()
    assert (scene.child().OrderQty, scene.child().Price) == (40, dec("9.90"))
    assert scene.state.parents["acme-1"].order_qty == 90


def test_a_total_at_or_below_what_was_filled_stops_the_order() -> None:
    scene = MarketScene().order(iceberg()).venue(ExecType.New).fill(40).replace(iceberg(40, 40))
    scene.then("venue/XNAS CancelOrder acme-1.2 b")
    scene.fill(5, child="acme-1.2").venue(ExecType.Canceled, "acme-1.2", RequestID="b")
    scene.then("account/acme Execution acme-1 Replaced b").replays()
    parent = scene.state.parents["acme-1"]
    assert (parent.order_qty, parent.cum_qty, parent.open) == (45, 45, False)


def test_an_order_is_stopped_too_where_the_last_slice_fills_before_its_cancel() -> None:
    scene = MarketScene().order(iceberg()).venue(ExecType.New).fill(40).replace(iceberg(40, 40))
    scene.fill(40, child="acme-1.2")
    scene.refuse("b", "acme-1.2", CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Replaced b").replays()
    parent = scene.state.parents["acme-1"]
    assert (parent.order_qty, parent.cum_qty, parent.open) == (80, 80, False)


def test_a_stop_that_two_slices_refuse_is_still_one_answer() -> None:
    scene = MarketScene().order(iceberg()).venue(ExecType.New).fill(40, exec_id="one")
    scene.replace(iceberg(40, 40)).venue(ExecType.TradeCancel, VenueExecRefID="one")
    scene.fill(40, child="acme-1.2")
    scene.refuse("b", "acme-1.2", CxlRejReason.TooLateToCancel).then()
    scene.refuse("b", "acme-1.1", CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Replaced b").replays()
    assert scene.state.open == {}


def test_a_slice_that_the_venue_ends_ends_the_order() -> None:
    scene = MarketScene().order(iceberg()).fill(40)
    scene.venue(ExecType.Rejected, "acme-1.2", Text="halted")
    scene.then("account/acme Execution acme-1 Canceled")
    assert scene.text == "XNAS rejected the rest: halted"
    scene = MarketScene().order(iceberg()).venue(ExecType.Expired)
    scene.then("account/acme Execution acme-1 Expired").replays()


def test_a_fill_that_is_taken_back_is_left_to_do_and_never_twice() -> None:
    scene = MarketScene().order(iceberg(80, 40)).fill(40, exec_id="one")
    scene.venue(ExecType.TradeCancel, VenueExecRefID="one")
    scene.then("account/acme Execution acme-1 TradeCancel")
    scene.fill(40, child="acme-1.2").then(f"{TRADE} 40@10.00").replays()
    scene.cancel().then("venue/XNAS CancelOrder acme-1.1 b")
    scene.refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Canceled b").replays()


def test_a_slice_that_comes_back_while_the_order_is_cancelled_is_cancelled_too() -> None:
    scene = MarketScene().order(iceberg()).fill(40, exec_id="one").cancel()
    scene.then("venue/XNAS CancelOrder acme-1.2 b")
    scene.venue(ExecType.TradeCancel, VenueExecRefID="one")
    scene.then("account/acme Execution acme-1 TradeCancel", "venue/XNAS CancelOrder acme-1.1 b")
    scene.venue(ExecType.Canceled, "acme-1.2", RequestID="b").then()
    scene.venue(ExecType.Canceled, RequestID="b")
    scene.then("account/acme Execution acme-1 Canceled b").replays()


def test_a_replace_that_ended_with_its_child_is_taken_by_the_book() -> None:
    scene = leftover().venue(ExecType.New).fill(30)
    scene.replace(working(OrdType.MarketWithLeftOverAsLimit, OrderQty=60))
    scene.venue(ExecType.Canceled).then("account/acme Execution acme-1 Replaced b", slice_(2))
    assert scene.child().OrderQty == 30
    scene.refuse("b").then().replays()


def test_a_total_below_what_was_filled_meanwhile_is_what_was_filled() -> None:
    scene = MarketScene().order(iceberg(100, 100)).venue(ExecType.New).replace(iceberg(22, 22))
    assert scene.child().OrderQty == 22
    scene.fill(48).venue(ExecType.Replaced, RequestID="b", OrderQty=dec(48))
    scene.then("account/acme Execution acme-1 Replaced b").replays()
    assert scene.state.parents["acme-1"].order_qty == 48


def test_what_the_venue_declines_of_a_slice_is_declined_of_the_order() -> None:
    scene = MarketScene().order(iceberg())
    decline = ExecRestatementReason.PartialDeclineOfOrderQty
    scene.venue(ExecType.Restated, OrderQty=dec(30), CumQty=dec(0), ExecRestatementReason=decline)
    scene.then("account/acme Execution acme-1 Restated").replays()
    assert scene.sends[0].message.OrderQty == 90  # type: ignore[attr-defined]
    assert scene.state.parents["acme-1"].left == 90


def test_a_slice_that_fills_beyond_itself_is_a_break_and_is_booked() -> None:
    scene = MarketScene().order(iceberg()).fill(50)
    scene.happened("BreakFound", "ChildExecuted", "OrderRouted").then(
        f"{TRADE} 50@10.00", slice_(2)
    )
    assert scene.child().OrderQty == 40


def test_market_with_the_rest_as_limit_rests_at_the_last_price() -> None:
    scene = leftover().then(slice_(1))
    sent = scene.child()
    assert (sent.OrdType, sent.TimeInForce) == (OrdType.Market, TimeInForce.ImmediateOrCancel)
    scene.venue(ExecType.New).then("account/acme Execution acme-1 New")
    scene.fill(30, "10.01").fill(20, "10.02").venue(ExecType.Canceled).then(slice_(2))
    rest = scene.child()
    assert (rest.OrdType, rest.Price, rest.OrderQty) == (OrdType.Limit, dec("10.02"), 50)
    assert rest.TimeInForce is TimeInForce.Day
    scene.fill(50, "10.02", "acme-1.2").then(f"{TRADE} 50@10.02").replays()


def test_the_rest_follows_where_the_venue_ends_with_the_fill_itself() -> None:
    leftover().fill(30, Ends=OrdStatus.Canceled).then(f"{TRADE} 30@10.00", slice_(2)).replays()


def test_without_a_fill_there_is_no_price_to_rest_at() -> None:
    scene = leftover(Side=Side.Sell).venue(ExecType.Canceled, Text="no bids")
    scene.then("account/acme Execution acme-1 Canceled").replays()
    assert scene.text == "no bids"


def test_an_order_that_is_being_cancelled_leaves_nothing_over() -> None:
    for end in (ExecType.Expired, ExecType.Canceled):
        scene = leftover().fill(30).cancel().venue(end)
        told = {ExecType.Expired: "Expired", ExecType.Canceled: "Canceled b"}[end]
        scene.then(f"account/acme Execution acme-1 {told}").replays()


def test_the_rest_may_be_replaced_and_cancelled() -> None:
    scene = leftover().fill(30, "10.02", Ends=OrdStatus.Canceled)
    scene.replace(working(OrdType.MarketWithLeftOverAsLimit, OrderQty=60))
    scene.then("venue/XNAS ReplaceOrder acme-1.2 b")
    assert (scene.child().OrderQty, scene.child().Price) == (30, dec("10.02"))
    scene.venue(ExecType.Replaced, "acme-1.2", RequestID="b").cancel("c")
    scene.venue(ExecType.Canceled, "acme-1.2", RequestID="c")
    scene.then("account/acme Execution acme-1 Canceled c").replays()
    assert scene.state.parents["acme-1"].work is None
