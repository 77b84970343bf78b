"""What seeds of the simulator found, each as the smallest story that shows it."""

import pytest

from messages import venue as wire
from messages.base import SECOND
from messages.fix import CxlRejReason, ExecType, OrdType, TimeInForce
from messages.operators import DoubtOutcome
from messages.plans import ExpireOrders
from messages.routing import NewOrder
from tests.actors.book_scenes import MarketScene, iceberg, pegged, working
from tests.actors.scenes import START, VenueScene, dec, terms
from tests.actors.test_venue_doubt import in_doubt, unknown
from tests.actors.test_venue_resolution import confirms, proposes, text
from tests.actors.test_what_must_not_happen import UP, child, venue_definition


def dated() -> MarketScene:
    """Good till the evening, at a venue that knows Day only; the venue is done with it today."""
    order = terms(TimeInForce=TimeInForce.GoodTillDate, ExpireTime=START + 600 * SECOND)
    return MarketScene().order(order).venue(ExecType.New).venue(ExecType.DoneForDay)


def test_an_order_whose_day_child_is_done_can_be_cancelled_where_the_venue_has_no_child_left() -> (
    None
):
    scene = dated().cancel("b").then("venue/XNAS CancelOrder acme-1.1 b")
    scene.refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Canceled b").replays()
    assert not scene.state.open


def test_an_order_past_its_date_whose_day_child_is_done_expires() -> None:
    scene = dated().later(601).when(ExpireOrders())
    request = scene.sends[0].message.RequestID  # type: ignore[attr-defined]
    scene.refuse(request, reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme Execution acme-1 Expired").replays()


def test_an_order_that_a_bust_opens_again_past_its_date_expires() -> None:
    order = terms(TimeInForce=TimeInForce.GoodTillDate, ExpireTime=START + 600 * SECOND)
    scene = MarketScene().order(order).fill(100, exec_id="f1").later(601).when(ExpireOrders())
    bust = {"LastQty": dec(0), "LastPx": dec(0), "VenueExecRefID": "f1"}
    scene.venue(ExecType.TradeCancel, **bust)
    told, cancel = scene.sends
    assert told.message.ExecType is ExecType.TradeCancel  # type: ignore[attr-defined]
    scene.venue(ExecType.Canceled, RequestID=cancel.message.RequestID)  # type: ignore[attr-defined]
    scene.then("account/acme Execution acme-1 Expired").replays()


def test_a_child_that_came_back_on_the_next_day_is_not_gone_when_a_cancel_is_late() -> None:
    scene = (
        dated()
        .venue(ExecType.Restated)
        .cancel("b")
        .refuse("b", reason=CxlRejReason.TooLateToCancel)
    )
    assert scene.state.open
    scene.replays()


def test_a_cancel_that_is_too_late_for_a_filled_child_does_not_end_it_for_a_later_bust() -> None:
    scene = MarketScene().order(iceberg(100, 100)).venue(ExecType.New).cancel("b")
    scene.fill(100, exec_id="f1").venue(
        ExecType.TradeCancel, LastQty=dec(0), LastPx=dec(0), VenueExecRefID="f1"
    )
    scene.fill(100, exec_id="f2").refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.venue(ExecType.TradeCancel, LastQty=dec(0), LastPx=dec(0), VenueExecRefID="f2")
    scene.then("account/acme Execution acme-1 TradeCancel 0@0").replays()  # and no second child


def test_a_request_too_late_for_a_child_that_comes_back_tomorrow_brings_no_second_child() -> None:
    """It was filled, the fill was taken back, and the venue works it again on the next day."""
    lasting = pegged(TimeInForce=TimeInForce.GoodTillCancel)
    scene = MarketScene().order(lasting).quote(bid="10.00", offer="10.02").venue(ExecType.New)
    bust = {"LastQty": dec(0), "LastPx": dec(0), "VenueExecRefID": "f1"}
    scene.fill(100, exec_id="f1").venue(ExecType.TradeCancel, **bust)
    scene.replace(lasting.model_copy(update={"OrderQty": dec(120)})).venue(ExecType.DoneForDay)
    scene.refuse("b", reason=CxlRejReason.TooLateToCancel)
    scene.then("account/acme RequestRejected acme-1 b TooLateToCancel").replays()
    scene.venue(ExecType.Restated).fill(100, exec_id="f2").replays()
    assert scene.state.parents["acme-1"].cum_qty == 100
    assert not scene.state.open


def test_a_child_that_is_done_for_the_day_does_not_follow_the_market() -> None:
    scene = MarketScene().order(pegged(TimeInForce=TimeInForce.GoodTillCancel))
    scene.quote(bid="10.00", offer="10.02").venue(ExecType.New)
    scene.venue(ExecType.DoneForDay).quote(bid="10.01", offer="10.02").then().replays()


def test_what_a_venue_declined_and_a_crossing_request_asked_for_again_is_canceled() -> None:
    """The book follows the market while the venue takes less: its request names the old total."""
    scene = MarketScene().order(pegged()).quote(bid="10.00", offer="10.02").venue(ExecType.New)
    scene.quote(bid="10.01", offer="10.02").then("venue/XNAS ReplaceOrder acme-1.1 acme-1.1 1")
    scene.venue(ExecType.Restated, OrderQty=dec(40)).fill(40, exec_id="f1")
    assert not scene.state.open
    scene.venue(ExecType.Replaced, RequestID="acme-1.1 1")
    scene.then("venue/XNAS CancelOrder acme-1.1 acme-1.1 2")
    scene.venue(ExecType.Canceled, RequestID="acme-1.1 2").then().replays()


def test_a_limit_order_that_becomes_a_market_order_has_no_price_at_the_venue() -> None:
    order = terms(TimeInForce=TimeInForce.GoodTillDate, ExpireTime=START + 600 * SECOND)
    market = order.model_copy(update={"OrdType": OrdType.Market, "Price": None})
    scene = MarketScene().order(order).venue(ExecType.New).replace(market)
    scene.then("venue/XNAS ReplaceOrder acme-1.1 b").replays()
    said = scene.sends[0].message.Terms  # type: ignore[attr-defined]
    assert (said.OrdType, said.Price) == (OrdType.Market, None)


def test_an_order_by_cash_whose_fill_overtakes_new_tells_its_quantity_first() -> None:
    cash = working(OrdType.Market, OrderQty=None, CashOrderQty=dec(1000))
    scene = MarketScene().order(cash).quote(bid="9.99", offer="10.00").fill(1)
    scene.then(
        "account/acme Execution acme-1 New", "account/acme Execution acme-1 Trade 1@10.00"
    ).replays()
    assert scene.sends[0].message.OrderQty == 100  # type: ignore[attr-defined]


def test_the_quantity_of_an_order_by_cash_is_heard_though_a_fill_overtook_new() -> None:
    cash = working(OrdType.Market, OrderQty=None, CashOrderQty=dec(1000))
    order = NewOrder(OrderID="k", Account="acme", Terms=cash)
    scene = VenueScene(venue_definition(), order).when(UP)
    scene.hears(ExecType.Trade, "k", "x1", LastQty=dec(1), LastPx=dec(10), CumQty=dec(1))
    scene.hears(ExecType.New, "k", "x2", OrderQty=dec(99))
    scene.then("book/AAPL Execution k New").replays()
    assert scene.sends[0].message.OrderQty == 99  # type: ignore[attr-defined]
    scene.hears(ExecType.New, "k", "x3", OrderQty=dec(99)).then().replays()


def test_what_was_proposed_before_an_order_was_sent_again_is_not_confirmed_after_it() -> None:
    scene = in_doubt().when(proposes(DoubtOutcome.NotSent))
    unknown(scene).then("fix/XNAS VenueNewOrder k PossResend")
    scene.when(confirms(DoubtOutcome.NotSent)).replays()
    assert "nobody has proposed" in text(scene)
    assert "k" in scene.state.unanswered


@pytest.mark.parametrize("seconds", [61, 100_000])
def test_a_venue_whose_orders_may_wait_for_ever_stays_so_after_a_replay(seconds: int) -> None:
    scene = VenueScene(venue_definition(StaleAfter=0), child()).later(seconds)
    scene.when(wire.CheckStale()).then().replays()
    scene.when(UP).then("fix/XNAS VenueNewOrder k").replays()
