"""Linked orders: one cancels, triggers or updates the other (ContingencyType, 1385)."""

import pytest

from messages.fix import (
    ContingencyType,
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    TimeInForce,
)
from messages.lists import OrderLink
from messages.routing import NewOrder, ReplaceOrder
from tests.actors.lists import (
    ABSOLUTE,
    OCO,
    OTO,
    PROPORTIONAL,
    bracket,
    listed,
    one,
    pair,
    said,
    working,
)
from tests.actors.scenes import (
    AccountScene,
    cancel,
    dec,
    definition,
    instrument,
    mass_cancel,
    replace,
)

A, B, C = "acme-1", "acme-2", "acme-3"
PAIRS = [OCO, ABSOLUTE, PROPORTIONAL]


def statuses(scene: AccountScene) -> dict[str, str]:
    return {order.ClOrdID: str(order.status) for order in scene.state.orders.values()}


# ---- one cancels the other


@pytest.mark.parametrize(("qty", "status"), [(1, "PartiallyFilled"), (100, "Filled")])
def test_oco_the_first_fill_of_one_cancels_the_other(qty: int, status: str) -> None:
    scene = working(pair(OCO)).fill(qty)
    scene.happened("OrderFilled", "LinkFired", "OwnRequestMade")
    scene.then(
        f"a Trade {status} 100/{qty}/{100 - qty} {qty}@10.00", f"book/AAPL CancelOrder {B} L 1"
    )
    scene.venue(ExecType.Canceled, B, RequestID="L 1").then("b Canceled Canceled 100/0/0")
    assert scene.report.Text == "list L: a traded"
    assert scene.report.ExecRestatementReason is ExecRestatementReason.Other
    assert scene.report.OrigClOrdID is None
    scene.replays()


def test_oco_the_second_fill_of_the_same_order_asks_for_nothing_more() -> None:
    working(pair(OCO)).fill(1).fill(1).happened("OrderFilled").replays()


@pytest.mark.parametrize("end", [ExecType.Canceled, ExecType.Expired, ExecType.Rejected])
def test_oco_the_end_of_one_order_cancels_the_other(end: ExecType) -> None:
    scene = working(pair(OCO)).venue(end)
    assert said(scene)[1:] == [f"book/AAPL CancelOrder {B} L 1"]
    scene.venue(ExecType.Canceled, B, RequestID="L 1")
    assert scene.report.Text == f"list L: a is {end}"
    scene.replays()


def test_oco_of_three_the_first_fill_cancels_both_others() -> None:
    scene = working(listed(OCO, one("a"), one("b"), one("c"))).fill(5, order_id=B)
    assert said(scene)[1:] == [f"book/AAPL CancelOrder {A} L 1", f"book/AAPL CancelOrder {C} L 2"]


def test_oco_what_the_desk_cancels_already_is_not_cancelled_twice() -> None:
    scene = working(pair(OCO)).desk(cancel("x", "b")).fill(1).happened("OrderFilled", "LinkFired")
    scene.venue(ExecType.Canceled, B, RequestID="x").then("x<b Canceled Canceled 100/0/0").replays()


def test_oco_where_the_desk_s_own_cancel_was_refused_ours_follows() -> None:
    scene = working(pair(OCO)).desk(cancel("x", "b")).fill(1)
    scene.refused("x", order_id=B).happened("CancelRejected", "OwnRequestMade")
    scene.then("x<b CancelReject New Other", f"book/AAPL CancelOrder {B} L 1").replays()


def test_oco_a_refused_cancel_of_ours_is_not_sent_for_ever() -> None:
    scene = working(pair(OCO)).fill(1).refused("L 1", order_id=B)
    scene.happened("CancelRejected", "BreakFound").then()
    scene.fill(1).happened("OrderFilled").replays()


def test_oco_both_fill_before_the_cancel_arrives_and_both_are_booked() -> None:
    scene = working(pair(OCO)).fill(100).fill(100, order_id=B)
    scene.happened("OrderFilled", "CancelRejected")
    scene.then("b Trade Filled 100/100/0 100@10.00")
    scene.refused("L 1", CxlRejReason.TooLateToCancel, B).happened().then()
    assert statuses(scene) == {"a": "Filled", "b": "Filled"}
    assert scene.state.position("AAPL") == 200
    assert [o.overfilled for o in scene.state.orders.values()] == [0, 0]
    scene.replays()


def test_oco_part_of_the_other_fills_before_its_cancel() -> None:
    scene = working(pair(OCO)).fill(10).fill(30, order_id=B)
    scene.happened("OrderFilled")
    scene.venue(ExecType.Canceled, B, RequestID="L 1").then("b Canceled Canceled 100/30/0")
    assert statuses(scene) == {"a": "PartiallyFilled", "b": "Canceled"}
    scene.replays()


def test_oco_a_bust_does_not_open_the_link_again() -> None:
    scene = working(pair(OCO)).fill(100).venue(ExecType.Canceled, B, RequestID="L 1")
    scene.venue(ExecType.TradeCancel, VenueExecRefID="v3").happened("TradeCanceled")
    assert statuses(scene) == {"a": "New", "b": "Canceled"}
    scene.fill(100).happened("OrderFilled").replays()


def test_oco_a_bust_before_the_cancel_arrives_changes_nothing() -> None:
    scene = working(pair(OCO)).fill(100).venue(ExecType.TradeCancel, VenueExecRefID="v3")
    scene.happened("TradeCanceled")
    scene.venue(ExecType.Canceled, B, RequestID="L 1").then("b Canceled Canceled 100/0/0").replays()


def test_oco_the_other_is_cancelled_again_where_a_bust_puts_it_back_to_work() -> None:
    scene = working(pair(OCO)).fill(100).fill(100, order_id=B)
    scene.venue(ExecType.TradeCancel, B, VenueExecRefID="v4")
    scene.happened("TradeCanceled", "OwnRequestMade")
    scene.venue(ExecType.Canceled, B, RequestID="L 2").then("b Canceled Canceled 100/0/0")
    assert statuses(scene) == {"a": "Filled", "b": "Canceled"}
    scene.replays()


def test_oco_an_order_that_the_venue_has_not_acknowledged_is_cancelled_too() -> None:
    scene = AccountScene().desk(pair(OCO)).fill(100)
    assert said(scene)[1:] == [f"book/AAPL CancelOrder {B} L 1"]
    scene.venue(ExecType.New, B).then("b New New 100/0/100")
    scene.venue(ExecType.Canceled, B, RequestID="L 1").then("b Canceled Canceled 100/0/0").replays()


def test_oco_pairs_of_one_list_are_links_of_their_own() -> None:
    links = (
        OrderLink(ClOrdLinkID="1", ContingencyType=OCO),
        OrderLink(ClOrdLinkID="2", ContingencyType=OCO),
    )
    orders = [one("a", "1"), one("b", "1"), one("c", "2"), one("d", "2"), one("e")]
    scene = working(listed(None, *orders, Links=links)).fill(1, order_id=C)
    assert said(scene)[1:] == ["book/AAPL CancelOrder acme-4 L 1"]
    scene.fill(100, order_id="acme-5").happened("OrderFilled").replays()


# ---- one triggers the other


def test_oto_the_others_are_accepted_and_reserved_and_wait_in_the_account() -> None:
    scene = AccountScene().desk(pair(OTO))
    scene.happened("ListAccepted", "OrderAccepted", "OrderAccepted", "OrderHeld")
    assert said(scene) == [
        "L Ack ReceivedForExecution a:PendingNew b:PendingNew",
        f"book/AAPL NewOrder {A}",
        "b New New 100/0/100",
    ]
    assert scene.state.reserved == {"USD": dec(2000)}
    assert scene.state.exposures["AAPL"].buying == 200
    scene.replays()


def test_oto_the_complete_fill_of_the_first_releases_the_others() -> None:
    scene = working(pair(OTO)).fill(60).happened("OrderFilled")
    scene.fill(40).happened("OrderFilled", "LinkFired", "OrderReleased")
    scene.then(
        "a Trade Filled 100/100/0 40@10.00",
        "b Triggered New 100/0/100",
        f"book/AAPL NewOrder {B}",
    )
    scene.venue(ExecType.New, B).then()
    scene.fill(100, order_id=B).then("b Trade Filled 100/100/0 100@10.00").replays()
    assert scene.state.reserved == {"USD": dec(0)}


@pytest.mark.parametrize("end", [ExecType.Canceled, ExecType.Expired, ExecType.Rejected])
def test_oto_the_end_of_the_first_unfilled_cancels_what_waits(end: ExecType) -> None:
    scene = (
        working(pair(OTO))
        .venue(end)
        .then(
            f"a {end} {end} 100/0/0" + " Other" * (end is ExecType.Rejected),
            "b Canceled Canceled 100/0/0",
        )
    )
    assert scene.sends[1].message.Text == f"list L: a is {end}"  # type: ignore[attr-defined]
    assert scene.state.open == {}
    assert scene.state.reserved == {"USD": dec(0)}
    scene.replays()


def test_oto_the_first_ended_partly_filled_releases_the_others_for_that_part() -> None:
    request = listed(OTO, one("a"), one("b", OrderQty=50, DisplayQty=dec(40)), one("c", OrderQty=1))
    scene = working(request).fill(30).venue(ExecType.Canceled)
    scene.then(
        "a Canceled Canceled 100/30/0",
        "b Restated New 15/0/15",
        "b Triggered New 15/0/15",
        f"book/AAPL NewOrder {B}",
        "c Canceled Canceled 1/0/0",
    )
    down = next(s.message for s in scene.sends if isinstance(s.message, NewOrder))
    assert (down.Terms.OrderQty, down.Terms.DisplayQty) == (15, 15)
    assert scene.state.reserved == {"USD": dec(150)}
    scene.replays()


def test_oto_the_part_is_in_whole_lots() -> None:
    given = (definition(), instrument(LotSize=dec(10)))
    scene = working(pair(OTO), *given).fill(39).venue(ExecType.Canceled)
    assert said(scene)[1] == "b Restated New 30/0/30"


def test_oto_a_day_order_that_is_done_for_the_day_has_ended() -> None:
    scene = working(pair(OTO)).venue(ExecType.DoneForDay)
    assert statuses(scene) == {"a": "DoneForDay", "b": "Canceled"}


def test_oto_an_order_that_is_good_for_longer_is_waited_for_on_the_next_day() -> None:
    scene = working(pair(OTO, TimeInForce=TimeInForce.GoodTillCancel)).venue(ExecType.DoneForDay)
    scene.happened("OrderMoved")
    scene.venue(ExecType.Restated, TradeDate="20261124").fill(100)
    assert said(scene)[1:] == ["b Triggered New 100/0/100", f"book/AAPL NewOrder {B}"]
    scene.replays()


def test_oto_a_bust_of_what_triggered_leaves_the_others_at_work() -> None:
    scene = working(pair(OTO)).fill(100).venue(ExecType.New, B)
    scene.venue(ExecType.TradeCancel, VenueExecRefID="v2").happened("TradeCanceled")
    scene.fill(100).happened("OrderFilled")
    assert statuses(scene) == {"a": "Filled", "b": "New"}
    scene.replays()


def test_a_held_order_is_cancelled_by_the_desk_at_once() -> None:
    scene = working(pair(OTO)).desk(cancel("x", "b"))
    scene.happened("CancelRequested", "OrderCanceled")
    scene.then("x<b PendingCancel PendingCancel 100/0/100", "x<b Canceled Canceled 100/0/0")
    scene.desk(cancel("x", "b")).then("x<b PendingCancel Canceled 100/0/0 PossResend")
    scene.fill(100).happened("OrderFilled", "LinkFired").replays()


def test_a_held_order_is_replaced_by_the_desk_at_once_and_goes_out_so() -> None:
    scene = working(pair(OTO)).desk(replace("x", "b", OrderQty=70, Price="9.00"))
    scene.happened("ReplaceRequested", "OrderReplaced")
    scene.then("x<b PendingReplace PendingReplace 100/0/100", "x<b Replaced New 70/0/70")
    assert scene.state.reserved == {"USD": dec(1000 + 630)}
    scene.fill(100)
    down = next(s.message for s in scene.sends if isinstance(s.message, NewOrder))
    assert (down.Terms.OrderQty, down.Terms.Price) == (70, 9)
    assert said(scene)[1] == "x Triggered New 70/0/70"
    scene.replays()


def test_a_mass_cancel_ends_held_orders_at_once_and_asks_the_venue_for_the_others() -> None:
    scene = working(bracket()).desk(mass_cancel("m"))
    scene.then(
        "m CancelAllOrders 3",
        "m<entry PendingCancel PendingCancel 100/0/100",
        f"book/AAPL CancelOrder {A} m",
        "m<profit PendingCancel PendingCancel 100/0/100",
        "m<profit Canceled Canceled 100/0/0",
        "m<loss PendingCancel PendingCancel 100/0/100",
        "m<loss Canceled Canceled 100/0/0",
    )
    scene.venue(ExecType.Canceled, RequestID="m").then("m<entry Canceled Canceled 100/0/0")
    assert scene.state.open == {}
    scene.replays()


# ---- a bracket


def test_a_bracket_s_exits_wait_go_out_together_and_one_cancels_the_other() -> None:
    scene = working(bracket()).fill(100)
    scene.happened("OrderFilled", "LinkFired", "OrderReleased", "OrderReleased")
    assert said(scene)[1:] == [
        "profit Triggered New 100/0/100",
        f"book/AAPL NewOrder {B}",
        "loss Triggered New 100/0/100",
        f"book/AAPL NewOrder {C}",
    ]
    scene.venue(ExecType.New, B).venue(ExecType.New, C).fill(100, "11.00", B)
    assert said(scene)[1:] == [f"book/AAPL CancelOrder {C} L 1"]
    scene.venue(ExecType.Canceled, C, RequestID="L 1").then("loss Canceled Canceled 100/0/0")
    assert scene.state.position("AAPL") == 0
    scene.replays()


def test_a_bracket_s_exits_end_with_an_entry_that_was_never_filled() -> None:
    scene = working(bracket()).venue(ExecType.Rejected)
    assert statuses(scene) == {"entry": "Rejected", "profit": "Canceled", "loss": "Canceled"}
    assert len(scene.sends) == 3
    scene.replays()


def test_a_bracket_s_exit_that_the_desk_cancels_takes_the_other_with_it() -> None:
    scene = working(bracket()).desk(cancel("x", "loss"))
    assert said(scene)[1:] == [
        "x<loss Canceled Canceled 100/0/0",
        "profit Canceled Canceled 100/0/0",
    ]
    scene.fill(100).happened("OrderFilled", "LinkFired").replays()


# ---- one updates the other


def test_ouo_absolute_the_other_is_reduced_by_what_one_fills() -> None:
    scene = (
        working(pair(ABSOLUTE)).fill(30).happened("OrderFilled", "LinkCounted", "OwnRequestMade")
    )
    assert said(scene)[1:] == [f"book/AAPL ReplaceOrder {B} L 1"]
    down = next(s.message for s in scene.sends if isinstance(s.message, ReplaceOrder))
    assert (down.Terms.OrderQty, down.Terms.Price) == (70, 10)
    scene.venue(ExecType.PendingReplace, B, RequestID="L 1").then()
    scene.venue(ExecType.Replaced, B, RequestID="L 1").then("b Replaced New 70/0/70")
    assert scene.report.OrigClOrdID is None
    assert scene.report.Text == "list L: other orders of it traded"
    assert scene.report.ExecRestatementReason is ExecRestatementReason.Other
    assert scene.state.exposures["AAPL"].buying == 140
    scene.replays()


def test_ouo_proportional_the_other_is_reduced_in_proportion() -> None:
    scene = working(listed(PROPORTIONAL, one("a"), one("b", OrderQty=50))).fill(30)
    scene.venue(ExecType.Replaced, B, RequestID="L 1").then("b Replaced New 35/0/35")
    scene.fill(7, order_id=B)  # a fifth of b takes a fifth of what is left of a
    scene.venue(ExecType.Replaced, A, RequestID="L 2").then("a Replaced PartiallyFilled 86/30/56")
    scene.replays()


@pytest.mark.parametrize("kind", [ABSOLUTE, PROPORTIONAL])
def test_ouo_a_complete_fill_leaves_nothing_of_the_other(kind: ContingencyType) -> None:
    scene = working(pair(kind)).fill(100)
    assert said(scene)[1:] == [f"book/AAPL CancelOrder {B} L 1"]
    scene.venue(ExecType.Canceled, B, RequestID="L 1").then("b Canceled Canceled 100/0/0").replays()


def test_ouo_fills_meanwhile_are_taken_off_when_the_first_reduction_is_done() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).fill(20).happened("OrderFilled", "LinkCounted")
    scene.venue(ExecType.Replaced, B, RequestID="L 1")
    scene.then("b Replaced New 70/0/70", f"book/AAPL ReplaceOrder {B} L 2")
    scene.venue(ExecType.Replaced, B, RequestID="L 2").then("b Replaced New 50/0/50").replays()


def test_ouo_fills_of_both_are_taken_off_each_other() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).fill(20, order_id=B)
    assert said(scene)[1:] == [f"book/AAPL ReplaceOrder {A} L 2"]
    scene.venue(ExecType.Replaced, B, RequestID="L 1").then("b Replaced PartiallyFilled 70/20/50")
    scene.venue(ExecType.Replaced, A, RequestID="L 2").then("a Replaced PartiallyFilled 80/30/50")
    scene.replays()


def test_ouo_the_desk_s_own_replace_goes_first() -> None:
    scene = working(pair(ABSOLUTE)).desk(replace("x", "b", OrderQty=90)).fill(30)
    scene.happened("OrderFilled", "LinkCounted")
    scene.venue(ExecType.Replaced, B, RequestID="x")
    scene.then("x<b Replaced New 90/0/90", f"book/AAPL ReplaceOrder {B} L 1")
    scene.venue(ExecType.Replaced, B, RequestID="L 1").then("x Replaced New 60/0/60").replays()


def test_ouo_what_the_venue_refused_is_taken_off_with_the_next_fill() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).refused("L 1", order_id=B)
    scene.happened("CancelRejected", "BreakFound").then()
    scene.fill(20, order_id=A)
    down = next(s.message for s in scene.sends if isinstance(s.message, ReplaceOrder))
    assert down.Terms.OrderQty == 50
    scene.replays()


def test_ouo_reductions_come_in_whole_lots_and_never_too_small() -> None:
    given = (definition(), instrument(LotSize=dec(10)))
    scene = working(pair(ABSOLUTE), *given).fill(15)
    scene.venue(ExecType.Replaced, B, RequestID="L 1").then("b Replaced New 80/0/80")
    scene.fill(5).happened("OrderFilled", "LinkCounted")  # taken off already
    scene.fill(1).happened("OrderFilled", "LinkCounted", "OwnRequestMade").replays()


def test_ouo_a_bust_gives_nothing_back_and_its_fill_again_takes_nothing() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).venue(ExecType.Replaced, B, RequestID="L 1")
    scene.venue(ExecType.TradeCancel, VenueExecRefID="v3").happened("TradeCanceled")
    scene.fill(30).happened("OrderFilled")
    scene.fill(10).happened("OrderFilled", "LinkCounted", "OwnRequestMade")
    scene.venue(ExecType.Replaced, B, RequestID="L 2").then("b Replaced New 60/0/60").replays()


def test_ouo_the_other_filled_before_its_reduction_arrives() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).fill(100, order_id=B)
    scene.then("b Trade Filled 100/100/0 100@10.00", f"book/AAPL CancelOrder {A} L 2")
    scene.refused("L 1", CxlRejReason.TooLateToCancel, B).happened("CancelRejected").then()
    scene.venue(ExecType.Canceled, A, RequestID="L 2").then("a Canceled Canceled 100/30/0")
    assert statuses(scene) == {"a": "Canceled", "b": "Filled"}
    assert scene.state.reserved == {"USD": dec(0)}
    scene.replays()


def test_ouo_the_end_of_an_order_leaves_the_others() -> None:
    scene = working(pair(ABSOLUTE)).venue(ExecType.Canceled)
    scene.happened("OrderCanceled")
    assert statuses(scene) == {"a": "Canceled", "b": "New"}


def test_a_reduced_order_is_told_by_its_own_name() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).venue(ExecType.Replaced, B, RequestID="L 1")
    order = scene.state.orders[B]
    assert (order.ClOrdID, order.status) == ("b", OrdStatus.New)
    scene.desk(cancel("x", "b")).then(
        "x<b PendingCancel PendingCancel 70/0/70", f"book/AAPL CancelOrder {B} x"
    )


@pytest.mark.parametrize("kind", PAIRS)
def test_orders_of_other_lists_are_left_alone(kind: ContingencyType) -> None:
    scene = working(pair(kind)).desk(listed(kind, one("c"), one("d"), list_id="M")).fill(1)
    assert all("acme-3" not in words and "acme-4" not in words for words in said(scene))
