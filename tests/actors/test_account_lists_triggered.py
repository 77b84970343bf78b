"""Linked orders: one triggers the other, and brackets of entry, profit and loss."""

import pytest

from messages.fix import ExecType, TimeInForce
from messages.routing import NewOrder
from tests.actors.lists import OTO, bracket, listed, one, pair, said, statuses, working
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
    scene.fill(5, order_id=B).venue(ExecType.New, B).then()
    scene.fill(95, order_id=B).then("b Trade Filled 100/100/0 95@10.00").replays()
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
