"""Linked orders: one cancels or updates the other (ContingencyType, 1385)."""

import pytest

from messages.fix import (
    ContingencyType,
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
)
from messages.lists import OrderLink
from messages.routing import ReplaceOrder
from tests.actors.lists import (
    ABSOLUTE,
    OCO,
    PROPORTIONAL,
    listed,
    one,
    pair,
    said,
    statuses,
    working,
)
from tests.actors.scenes import (
    AccountScene,
    cancel,
    dec,
    definition,
    instrument,
    replace,
)

A, B, C = "acme-1", "acme-2", "acme-3"
PAIRS = [OCO, ABSOLUTE, PROPORTIONAL]


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


def test_oco_the_other_ends_by_itself_while_its_cancel_is_under_way() -> None:
    scene = working(pair(OCO)).fill(1).venue(ExecType.Expired, B)
    scene.then("b Expired Expired 100/0/0")
    scene.refused("L 1", CxlRejReason.TooLateToCancel, B).happened().then().replays()


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


def test_ouo_proportional_what_is_being_taken_off_is_not_there_to_be_shared() -> None:
    scene = working(pair(PROPORTIONAL)).fill(50).fill(25)  # half of a, then half of the rest
    scene.venue(ExecType.Replaced, B, RequestID="L 1")
    scene.then("b Replaced New 50/0/50", f"book/AAPL ReplaceOrder {B} L 2")
    scene.venue(ExecType.Replaced, B, RequestID="L 2").then("b Replaced New 25/0/25").replays()


def test_ouo_proportional_all_of_what_will_be_left_is_all() -> None:
    """b is on its way to 50 when 50 of it fill: nothing is left of a either."""
    scene = working(pair(PROPORTIONAL)).fill(50).fill(50, order_id=B)
    assert said(scene)[1:] == [f"book/AAPL CancelOrder {A} L 2"]
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


@pytest.mark.parametrize(("total", "left"), [(90, 60), (120, 90), (50, 20)])
def test_ouo_a_replace_that_crosses_a_reduction_is_reduced_as_if_it_had_come_first(
    total: int, left: int
) -> None:
    """The desk has not heard of the reduction, so its total is not meant to undo it."""
    scene = working(pair(ABSOLUTE)).fill(30).desk(replace("x", "b", OrderQty=total))
    scene.venue(ExecType.Replaced, B, RequestID="L 1").then("b Replaced PendingReplace 70/0/70")
    scene.venue(ExecType.Replaced, B, RequestID="x")
    scene.happened("OrderReplaced", "LinkCounted", "OwnRequestMade")
    scene.then(f"x<b Replaced New {total}/0/{total}", f"book/AAPL ReplaceOrder {B} L 2")
    scene.venue(ExecType.Replaced, B, RequestID="L 2").then(f"x Replaced New {left}/0/{left}")
    assert scene.state.exposures["AAPL"].buying == 70 + left
    scene.fill(10).happened("OrderFilled", "LinkCounted", "OwnRequestMade")
    scene.venue(ExecType.Replaced, B, RequestID="L 3")
    scene.then(f"x Replaced New {left - 10}/0/{left - 10}").replays()


def test_ouo_a_replace_that_crosses_a_reduction_of_all_of_it_ends_the_order() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).desk(replace("x", "b", OrderQty=20))
    scene.venue(ExecType.Replaced, B, RequestID="L 1").venue(ExecType.Replaced, B, RequestID="x")
    scene.then("x<b Replaced New 20/0/20", f"book/AAPL CancelOrder {B} L 2")
    scene.venue(ExecType.Canceled, B, RequestID="L 2").then("x Canceled Canceled 20/0/0").replays()


@pytest.mark.parametrize("taken", [True, False])
def test_ouo_of_two_replaces_that_cross_a_reduction_the_last_total_is_reduced_once(
    taken: bool,
) -> None:
    scene = working(pair(ABSOLUTE)).fill(30)
    scene.desk(replace("x", "b", OrderQty=90)).desk(replace("y", "b", OrderQty=80))
    scene.venue(ExecType.Replaced, B, RequestID="L 1").venue(ExecType.Replaced, B, RequestID="x")
    scene.happened("OrderReplaced")
    if taken:
        scene.venue(ExecType.Replaced, B, RequestID="y")
    else:
        scene.refused("y", order_id=B)
    down = next(s.message for s in scene.sends if isinstance(s.message, ReplaceOrder))
    assert down.Terms.OrderQty == (50 if taken else 60)
    scene.venue(ExecType.Replaced, B, RequestID="L 2").happened("OrderReplaced").replays()


def test_ouo_a_replace_after_those_that_cross_a_reduction_has_not_heard_of_it_either() -> None:
    scene = working(pair(ABSOLUTE)).fill(30)
    scene.desk(replace("x", "b", OrderQty=90)).desk(replace("y", "b", OrderQty=80))
    scene.venue(ExecType.Replaced, B, RequestID="L 1").venue(ExecType.Replaced, B, RequestID="x")
    scene.desk(replace("z", "x", OrderQty=70))  # of the 90 that it heard last
    scene.venue(ExecType.Replaced, B, RequestID="y").venue(ExecType.Replaced, B, RequestID="z")
    assert said(scene) == ["z<y Replaced New 70/0/70", f"book/AAPL ReplaceOrder {B} L 2"]
    scene.venue(ExecType.Replaced, B, RequestID="L 2").then("z Replaced New 40/0/40").replays()


def test_ouo_a_refused_replace_that_crossed_a_reduction_leaves_it_as_it_was() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).desk(replace("x", "b", OrderQty=90))
    scene.venue(ExecType.Replaced, B, RequestID="L 1").refused("x", order_id=B)
    scene.happened("CancelRejected").then("x<b CancelReject New Other")
    assert scene.state.orders[B].terms.OrderQty == 70
    scene.fill(10).venue(ExecType.Replaced, B, RequestID="L 2").then("b Replaced New 60/0/60")
    scene.replays()


def test_ouo_a_refused_reduction_that_a_replace_crossed_is_owed_once() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).desk(replace("x", "b", OrderQty=90))
    scene.refused("L 1", order_id=B).venue(ExecType.Replaced, B, RequestID="x")
    scene.then("x<b Replaced New 90/0/90").fill(10)
    down = next(s.message for s in scene.sends if isinstance(s.message, ReplaceOrder))
    assert down.Terms.OrderQty == 50
    scene.replays()


def test_ouo_a_replace_by_a_desk_that_has_heard_of_the_reduction_says_the_new_total() -> None:
    scene = working(pair(ABSOLUTE)).fill(30).venue(ExecType.Replaced, B, RequestID="L 1")
    scene.desk(replace("x", "b", OrderQty=90)).venue(ExecType.Replaced, B, RequestID="x")
    scene.happened("OrderReplaced").then("x<b Replaced New 90/0/90").replays()


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
    words = said(scene)
    assert [one for one in words if "acme-3" in one or "acme-4" in one] == []
    assert [one for one in words if B in one] != []
