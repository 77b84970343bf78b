"""Busts, corrections, restatements and orders made at the venue: FIX's matrices E, H, J, L, X.

Lines are ``ClOrdID ExecType OrdStatus OrderQty/CumQty/LeavesQty``. Money follows each of them.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    PendingReports,
    Side,
    TimeInForce,
)
from messages.routing import VenueOrder
from tests.actors.scenes import (
    AccountScene,
    cancel,
    dec,
    definition,
    instrument,
    order,
    replace,
    terms,
)

GTC = TimeInForce.GoodTillCancel
RENEWED = ExecRestatementReason.GTRenewal


def bust(scene: AccountScene, of: str, **fields: object) -> AccountScene:
    return scene.venue(ExecType.TradeCancel, VenueExecRefID=of, **fields)


def correct(
    scene: AccountScene, of: str, qty: int, px: str = "10.00", **fields: object
) -> AccountScene:
    return scene.venue(
        ExecType.TradeCorrect, VenueExecRefID=of, LastQty=dec(qty), LastPx=dec(px), **fields
    )


def held(scene: AccountScene) -> tuple[Decimal, Decimal]:
    """Position and cash."""
    return scene.state.position("AAPL"), scene.state.cash["USD"]


# ---- J.1: busts and corrections


def test_j_1_a_a_filled_order_is_open_again_after_a_bust() -> None:
    scene = AccountScene().working().fill(10, VenueExecID="c").fill(90, "11.00", VenueExecID="d")
    bust(scene, "c").happened("TradeCanceled").then("a TradeCancel PartiallyFilled 100/90/10 0@0")
    assert scene.report.ExecRefID == "acme-E2"
    assert scene.report.AvgPx == 11
    correct(scene, "d", 90).then("a TradeCorrect PartiallyFilled 100/90/10 90@10.00")
    assert (scene.report.ExecRefID, scene.report.AvgPx) == ("acme-E3", dec(10))
    scene.fill(10, "12.00").then("a Trade Filled 100/100/0 10@12.00").replays()
    assert scene.report.AvgPx == dec("10.2")
    assert held(scene) == (dec(100), dec(1_000_000 - 1_020))


def test_a_correction_is_referenced_by_the_last_correction() -> None:
    scene = AccountScene().working().fill(100, VenueExecID="d")
    correct(scene, "d", 90, VenueExecID="f")
    first = scene.report.ExecID
    correct(scene, "f", 95, VenueExecID="h").then(
        "a TradeCorrect PartiallyFilled 100/95/5 95@10.00"
    )
    assert scene.report.ExecRefID == first
    assert held(scene) == (dec(95), dec(1_000_000 - 950))
    scene.replays()


def test_a_venue_may_name_the_first_execution_in_every_correction() -> None:
    scene = AccountScene().working().fill(100, VenueExecID="d")
    correct(correct(scene, "d", 90, VenueExecID="f"), "d", 95, VenueExecID="h")
    scene.then("a TradeCorrect PartiallyFilled 100/95/5 95@10.00").replays()


def test_j_1_b_after_a_cancel_a_bust_changes_quantities_and_opens_nothing() -> None:
    scene = AccountScene().working().fill(50, VenueExecID="c").desk(cancel("b", "a"))
    scene.venue(ExecType.Canceled, RequestID="b")
    bust(scene, "c").then("b TradeCancel Canceled 100/0/0 0@0").replays()
    assert held(scene) == (dec(0), dec(1_000_000))
    assert scene.state.reserved["USD"] == 0
    assert not scene.state.open


def test_a_bust_reserves_again_what_is_left_to_do() -> None:
    scene = AccountScene().working().fill(100, VenueExecID="c")
    assert scene.state.reserved["USD"] == 0
    bust(scene, "c").then("a TradeCancel New 100/0/100 0@0")
    assert scene.state.reserved["USD"] == 1_000
    assert list(scene.state.open) == ["acme-1"]


def test_a_bust_of_what_was_never_booked_is_a_break_and_changes_nothing() -> None:
    scene = AccountScene().working().fill(40)
    before = held(scene)
    for reference in ("zz", "v1"):
        bust(scene, reference).happened("BreakFound").then()
    scene.venue(ExecType.TradeCancel).happened("BreakFound").then().replays()
    assert held(scene) == before


def test_a_bust_or_correction_that_comes_twice_counts_once() -> None:
    scene = AccountScene().working().fill(40, VenueExecID="c").fill(10)
    bust(scene, "c", VenueExecID="e")
    before = held(scene)
    bust(scene, "c", VenueExecID="e").happened("BreakFound").then()
    bust(scene, "c", VenueExecID="e2").happened("BreakFound").then().replays()
    assert held(scene) == before


def test_a_trade_cancel_cannot_be_cancelled() -> None:
    scene = AccountScene().working().fill(40, VenueExecID="c")
    bust(scene, "c", VenueExecID="e")
    bust(scene, "e").happened("BreakFound").then().replays()


def test_a_busted_purchase_leaves_the_profit_that_the_other_fills_made_alone() -> None:
    """The position is what it would be had the fill never happened."""
    scene = AccountScene().working().fill(100, "10.00", VenueExecID="c")
    scene.desk(order("s", Side=Side.Sell, OrderQty=50)).venue(ExecType.New, "acme-2")
    scene.fill(50, "12.00", "acme-2")
    bust(scene, "c")
    position = scene.state.positions["AAPL"]
    assert (position.quantity, position.cost, position.realized) == (dec(-50), dec(-600), dec(0))
    assert scene.state.cash["USD"] == 1_000_600


def test_a_correction_beyond_the_order_is_a_break_and_is_booked() -> None:
    scene = AccountScene().working().fill(100, VenueExecID="c")
    correct(scene, "c", 120).happened("BreakFound", "TradeCorrected")
    scene.then("a TradeCorrect Filled 100/120/0 120@10.00").replays()
    assert scene.state.position("AAPL") == 120
    assert scene.state.orders["acme-1"].overfilled == 20


FILLS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(900, 1100), st.booleans()), min_size=1, max_size=8
)


@given(FILLS, st.data())
def test_after_any_busts_and_corrections_everything_is_as_if_the_fills_had_been_so(
    fills: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    """I22."""
    scene = AccountScene().working(OrderQty=1000)
    scene.desk(order("s", Side=Side.Sell, OrderQty=1000)).venue(ExecType.New, "acme-2")
    now: dict[int, tuple[int, Decimal, bool]] = {}
    for n, (qty, px, sell) in enumerate(fills):
        price = dec(px) / 100
        scene.fill(qty, str(price), f"acme-{1 + sell}", VenueExecID=f"f{n}")
        now[n] = (qty, price, sell)
    for n in data.draw(st.lists(st.sampled_from(range(len(fills))), unique=True)):
        qty, price, sell = now.pop(n)
        fields = {"order_id": f"acme-{1 + sell}", "VenueExecRefID": f"f{n}"}
        if data.draw(st.booleans()):
            scene.venue(ExecType.TradeCancel, **fields)
        else:
            qty, price = qty + data.draw(st.integers(1, 9)), price + dec("0.01")
            now[n] = (qty, price, sell)
            scene.venue(ExecType.TradeCorrect, LastQty=dec(qty), LastPx=price, **fields)
    fresh = AccountScene().working(OrderQty=1000)
    fresh.desk(order("s", Side=Side.Sell, OrderQty=1000)).venue(ExecType.New, "acme-2")
    for n in sorted(now):
        qty, price, sell = now[n]
        fresh.fill(qty, str(price), f"acme-{1 + sell}", VenueExecID=f"f{n}")
    assert held(scene) == held(fresh)
    if fresh.state.positions:
        assert scene.state.positions == fresh.state.positions
    for order_id in ("acme-1", "acme-2"):
        mine, other = scene.state.orders[order_id], fresh.state.orders[order_id]
        assert (mine.cum_qty, mine.avg_px, mine.status) == (
            other.cum_qty, other.avg_px, other.status
        )  # fmt: skip
    assert scene.state.reserved == fresh.state.reserved
    scene.replays()


# ---- H.1: done for the day, restated the next


def test_h_1_a_a_gtc_order_comes_back_the_next_day() -> None:
    scene = AccountScene().working(TimeInForce=GTC).fill(20)
    scene.venue(ExecType.DoneForDay).happened("OrderMoved").then(
        "a DoneForDay DoneForDay 100/20/80"
    )
    assert scene.state.reserved["USD"] == 800
    scene.venue(ExecType.Restated, ExecRestatementReason=RENEWED).happened("OrderRestated")
    scene.then("a Restated PartiallyFilled 100/20/80")
    report = scene.report
    assert (report.DayOrderQty, report.DayCumQty) == (80, 0)
    assert report.ExecRestatementReason is RENEWED
    scene.fill(10).then("a Trade PartiallyFilled 100/30/70 10@10.00").replays()
    assert (scene.report.DayOrderQty, scene.report.DayCumQty) == (80, 10)


def test_j_1_c_a_correction_of_yesterdays_fill_leaves_todays_quantity() -> None:
    scene = AccountScene().working(TimeInForce=GTC).fill(20, VenueExecID="b")
    scene.venue(ExecType.Restated, ExecRestatementReason=RENEWED).fill(10, VenueExecID="e")
    correct(scene, "b", 15).then("a TradeCorrect PartiallyFilled 100/25/75 15@10.00")
    assert (scene.report.DayOrderQty, scene.report.DayCumQty) == (85, 10)
    correct(scene, "e", 5).then("a TradeCorrect PartiallyFilled 100/20/80 5@10.00").replays()
    assert (scene.report.DayOrderQty, scene.report.DayCumQty) == (85, 5)


def test_a_later_trade_date_begins_a_new_day() -> None:
    scene = AccountScene().working(TimeInForce=GTC).fill(20, TradeDate="20261123")
    assert scene.report.DayCumQty is None
    scene.fill(10, TradeDate="20261124").replays()
    assert (scene.report.DayOrderQty, scene.report.DayCumQty) == (80, 10)


def test_on_a_later_day_an_order_that_was_done_for_the_day_works_again() -> None:
    scene = AccountScene().working(TimeInForce=GTC).fill(20, TradeDate="20261123")
    scene.venue(ExecType.DoneForDay, TradeDate="20261123")
    scene.fill(10, TradeDate="20261124").then("a Trade PartiallyFilled 100/30/70 10@10.00")
    scene.replays()


def test_x_a_1_b_a_day_order_that_is_done_for_the_day_is_over() -> None:
    scene = AccountScene().working().fill(30).desk(cancel("b", "a"))
    scene.venue(ExecType.DoneForDay).then("a DoneForDay PendingCancel 100/30/0")
    scene.refused("b", CxlRejReason.TooLateToCancel)
    scene.then("b<a CancelReject DoneForDay TooLateToCancel")
    assert scene.state.reserved["USD"] == 0
    assert not scene.state.open
    scene.desk(cancel("c", "a")).happened("CancelRefused").replays()


def test_a_split_restates_what_was_filled_and_leaves_the_money() -> None:
    """H.1.b: two shares for one, overnight."""
    scene = AccountScene().working(TimeInForce=GTC).fill(20)
    scene.venue(
        ExecType.Restated,
        ExecRestatementReason=ExecRestatementReason.GTCorporateAction,
        OrderQty=dec(200),
        Price=dec("5.00"),
        CumQty=dec(40),
    ).then("a Restated PartiallyFilled 200/40/160")
    assert scene.report.AvgPx == 5
    assert held(scene) == (dec(40), dec(1_000_000 - 200))
    assert scene.state.reserved["USD"] == 800
    scene.replays()


def test_a_restatement_that_knows_of_other_fills_is_a_break() -> None:
    scene = AccountScene().working(TimeInForce=GTC).fill(20)
    scene.venue(ExecType.Restated, ExecRestatementReason=RENEWED, CumQty=dec(30))
    scene.happened("BreakFound", "OrderRestated").then("a Restated PartiallyFilled 100/20/80")


# ---- E.1: what the sell side does by itself


def test_e_1_a_a_telephoned_order_is_adopted_and_reported_without_clordid() -> None:
    made = VenueOrder(OrderID="XNAS.7", Account="acme", Venue="XNAS", Terms=terms())
    scene = AccountScene().when(made).happened("OrderAdopted").then()
    scene.when(made).happened().venue(ExecType.New, "XNAS.7").then("(XNAS.7) New New 100/0/100")
    scene.fill(100, order_id="XNAS.7").then("(XNAS.7) Trade Filled 100/100/0 100@10.00").replays()
    assert scene.state.position("AAPL") == 100


def test_an_adopted_order_can_be_cancelled_by_its_order_id() -> None:
    made = VenueOrder(OrderID="XNAS.7", Account="acme", Venue="XNAS", Terms=terms())
    scene = AccountScene().when(made).venue(ExecType.New, "XNAS.7")
    scene.desk(cancel("b", None, OrderID="XNAS.7")).happened("CancelRequested")
    scene.venue(ExecType.Canceled, "XNAS.7", RequestID="b").then("b Canceled Canceled 100/0/0")
    scene.replays()


def test_an_order_of_another_desk_is_not_found_by_its_order_id() -> None:
    scene = AccountScene(definition(Desks=("blue", "red")), instrument()).working()
    scene.desk(cancel("b", None, OrderID="acme-1"), desk="red").happened("CancelRefused")


def test_e_1_d_an_order_is_reduced_by_the_sell_side() -> None:
    why = ExecRestatementReason.PartialDeclineOfOrderQty
    scene = (
        AccountScene()
        .working()
        .venue(ExecType.Restated, OrderQty=dec(90), ExecRestatementReason=why)
    )
    scene.then("a Restated New 90/0/90")
    assert scene.report.ExecRestatementReason is why
    assert scene.state.reserved["USD"] == 900
    scene.fill(90).then("a Trade Filled 90/90/0 90@10.00").replays()


def test_an_unsolicited_cancel_says_why() -> None:
    why = ExecRestatementReason.VerbalChange
    scene = AccountScene().working().fill(10).venue(ExecType.Canceled, ExecRestatementReason=why)
    scene.then("a Canceled Canceled 100/10/0").replays()
    assert scene.report.ExecRestatementReason is why


# ---- L.1, X.I.1, C.2, pending by the venue's word


def test_l_1_a_a_guarantee_is_no_fill_and_stopped_shows_over_partially_filled() -> None:
    scene = AccountScene().working()
    scene.venue(ExecType.Stopped, LastQty=dec(10), LastPx=dec("50.1"))
    scene.then("a Stopped Stopped 100/0/100 10@50.1")
    scene.fill(10, "50.00").then("a Trade Stopped 100/10/90 10@50.00")
    scene.fill(90, "50.00").then("a Trade Filled 100/100/0 90@50.00").replays()


def test_l_1_b_an_order_by_cash_gets_its_quantity_with_new() -> None:
    scene = AccountScene().desk(order(OrderQty=None, CashOrderQty="500", OrdType=OrdType.Market))
    assert scene.state.reserved["USD"] == 500
    scene.venue(ExecType.New, OrderQty=dec(50)).then("a New New 50/0/50")
    assert scene.report.CashOrderQty == 500
    scene.fill(20).then("a Trade PartiallyFilled 50/20/30 20@10.00")
    assert scene.state.reserved["USD"] == 300
    scene.fill(30).then("a Trade Filled 50/50/0 30@10.00").replays()


def test_x_i_1_b_a_fill_may_end_the_order_in_the_same_report() -> None:
    scene = AccountScene().desk(order(TimeInForce=TimeInForce.ImmediateOrCancel))
    scene.fill(10, Ends=OrdStatus.Canceled).then("a Trade Canceled 100/10/0 10@10.00").replays()
    assert not scene.state.open
    assert scene.state.reserved["USD"] == 0


@pytest.mark.parametrize("total", [50, 100])
def test_c_2_a_a_replace_that_leaves_nothing_to_do_on_a_filled_order_is_too_late(
    total: int,
) -> None:
    scene = AccountScene().working().fill(100).desk(replace("b", "a", OrderQty=total, Price="9.00"))
    scene.then("b<a CancelReject Filled TooLateToCancel").happened("CancelRefused").replays()


def by_venue() -> AccountScene:
    return AccountScene(definition(PendingReports=PendingReports.Venue), instrument()).working()


def test_where_the_venue_reports_pending_the_desk_hears_it_when_the_venue_says_so() -> None:
    scene = by_venue().desk(cancel("b", "a")).happened("CancelRequested")
    assert [send.recipient for send in scene.sends] == ["book/AAPL"]
    scene.fill(10).then("a Trade PartiallyFilled 100/10/90 10@10.00")
    scene.venue(ExecType.PendingCancel, RequestID="b").happened("RequestPending")
    scene.then("b<a PendingCancel PendingCancel 100/10/90")
    scene.venue(ExecType.PendingCancel, RequestID="b").happened().then()
    scene.fill(10).then("a Trade PendingCancel 100/20/80 10@10.00")
    scene.venue(ExecType.Canceled, RequestID="b").then("b<a Canceled Canceled 100/20/0").replays()


def test_d_2_c_the_second_replace_names_the_last_accepted_order_when_it_is_taken_up() -> None:
    scene = by_venue().desk(replace("b", "a", OrderQty=80), replace("c", "b", OrderQty=70))
    scene.venue(ExecType.PendingReplace, RequestID="b").then(
        "b<a PendingReplace PendingReplace 100/0/100"
    )
    scene.refused("b").then("b<a CancelReject New Other")
    scene.venue(ExecType.PendingReplace, RequestID="c").then(
        "c<a PendingReplace PendingReplace 100/0/100"
    )
    scene.refused("c").then("c<a CancelReject New Other").replays()


def test_pending_from_the_venue_is_no_news_where_we_have_said_so_ourselves() -> None:
    scene = AccountScene().working().desk(cancel("b", "a"))
    scene.venue(ExecType.PendingCancel, RequestID="b").happened().then()


def test_f_1_b_a_possible_resend_is_told_how_the_order_stands() -> None:
    scene = AccountScene().working().fill(10).desk(order("a", PossResend=True))
    scene.happened("DuplicateReceived")
    scene.then("a OrderStatus PartiallyFilled 100/10/90 PossResend").replays()
