"""What users of other systems have suffered, one test each, named after what must not happen."""

import pytest

from actors.venue.venue import DOUBT_AFTER
from messages import venue as wire
from messages.base import SECOND
from messages.fix import CxlRejReason, ExecType, OrdRejReason, OrdStatus, Side
from messages.reference import VenueDefinition
from messages.routing import CancelOrder
from tests.actors.scenes import (
    AccountScene,
    VenueScene,
    cancel,
    cancel_reject,
    dec,
    definition,
    order,
    replace,
)
from tests.actors.test_venue import UP, child, placed


def restarted(scene: AccountScene | VenueScene) -> None:
    """The process died and its journal was replayed."""
    scene.actor = scene.replayed()


def at_risk(scene: AccountScene) -> object:
    """Everything that money depends on."""
    state = scene.state
    return state.positions, state.cash, state.reserved, state.exposures


# ---- restarts


def test_a_restart_does_not_book_a_fill_again() -> None:
    scene = AccountScene().working().fill(40, VenueExecID="x")
    before = at_risk(scene)
    restarted(scene)
    scene.fill(40, VenueExecID="x").happened("BreakFound").then()
    assert at_risk(scene) == before


def test_a_restart_does_not_create_orders_or_send_any() -> None:
    scene = AccountScene().working().desk(order("b"))
    orders = list(scene.state.orders)
    restarted(scene)
    scene.when(definition()).happened().then()
    assert list(scene.state.orders) == orders


def test_a_restart_does_not_drop_working_orders() -> None:
    scene = AccountScene().working().fill(10)
    restarted(scene)
    assert list(scene.state.open) == ["acme-1"]
    scene.desk(cancel("b", "a")).then(
        "b<a PendingCancel PendingCancel 100/10/90", "book/AAPL CancelOrder acme-1 b"
    )


def test_a_position_that_flipped_through_zero_does_not_fail_to_reload() -> None:
    scene = AccountScene().working().fill(100)
    scene.desk(order("s", Side=Side.SellShort, OrderQty=150)).venue(ExecType.New, "acme-2")
    scene.fill(150, "11.00", "acme-2").replays()
    restarted(scene)
    assert scene.state.position("AAPL") == -50
    scene.desk(order("c")).venue(ExecType.New, "acme-3").fill(20, order_id="acme-3").replays()
    assert scene.state.position("AAPL") == -30


def test_ids_that_we_make_do_not_differ_from_run_to_run() -> None:
    def run() -> list[object]:
        return (
            AccountScene()
            .working()
            .fill(10)
            .desk(cancel("b", "a"))
            .venue(ExecType.Canceled, RequestID="b")
            .report
        )

    assert run() == run()


# ---- fills


def test_a_fill_told_by_a_status_report_is_not_booked_before_its_execution_and_not_twice() -> None:
    scene = placed().hears(ExecType.OrderStatus, "k", "0", CumQty=dec(40), LeavesQty=dec(60))
    assert "BreakFound" in [event.Event for event in scene.events]  # type: ignore[attr-defined]
    assert not [s for s in scene.sends if getattr(s.message, "LastQty", None)]
    scene.hears(ExecType.Trade, "k", "x7", LastQty=dec(40), LastPx=dec(10))
    scene.then("book/AAPL Execution k Trade 40@10").replays()


def test_a_filled_order_is_not_filled_again_in_silence() -> None:
    scene = AccountScene().working().fill(100).fill(10).happened("BreakFound", "OrderFilled")
    scene.then("a Trade Filled 100/110/0 10@10.00").replays()
    assert scene.state.position("AAPL") == 110


def test_a_replace_in_flight_does_not_lead_to_an_overfill() -> None:
    """1.165 of 1.0: the replace's quantity is the total, so what traded meanwhile is in it."""
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=60)).fill(40)
    scene.venue(ExecType.Replaced, RequestID="b").then("b<a Replaced PartiallyFilled 60/40/20")
    scene.fill(20).then("b Trade Filled 60/60/0 20@10.00").replays()


def test_an_overfill_is_no_crash_and_is_not_silent() -> None:
    scene = AccountScene().working().fill(130).happened("BreakFound", "OrderFilled")
    scene.then("a Trade Filled 100/130/0 130@10.00").replays()
    assert scene.state.orders["acme-1"].overfilled == 30


def test_a_late_fill_after_a_cancel_is_not_lost() -> None:
    scene = AccountScene().working().venue(ExecType.Canceled).fill(10)
    scene.happened("OrderFilled").then("a Trade Canceled 100/10/0 10@10.00").replays()
    assert scene.state.position("AAPL") == 10


def test_a_fill_after_a_flip_is_not_applied_to_neither_order_nor_position() -> None:
    scene = AccountScene().working().fill(30)
    scene.desk(order("s", Side=Side.SellShort, OrderQty=50)).venue(ExecType.New, "acme-2")
    scene.fill(50, order_id="acme-2").fill(70)
    assert (scene.state.position("AAPL"), scene.state.orders["acme-1"].cum_qty) == (50, 100)


def test_a_fill_before_the_acknowledgement_is_not_dropped() -> None:
    scene = AccountScene().desk(order("a")).fill(40)
    scene.then("a Trade PartiallyFilled 100/40/60 40@10.00")
    scene.venue(ExecType.New).then("a New PartiallyFilled 100/40/60").replays()


def test_a_correction_is_not_added_to_what_it_corrects() -> None:
    scene = AccountScene().working().fill(40, VenueExecID="x.01")
    scene.venue(
        ExecType.TradeCorrect,
        VenueExecID="x.02",
        VenueExecRefID="x.01",
        LastQty=dec(30),
        LastPx=dec(10),
    )
    assert scene.state.position("AAPL") == 30


def test_a_venue_that_tells_its_story_three_times_does_not_make_three_fills() -> None:
    scene = placed()
    for _ in range(3):
        scene.hears(ExecType.New, "k", "x1")
        scene.hears(ExecType.Trade, "k", "x2", LastQty=dec(100), LastPx=dec(10))
    assert scene.state.children["k"].cum_qty == 100


# ---- states


def test_a_cancel_that_is_stale_after_the_fill_is_not_told_to_the_desk() -> None:
    scene = AccountScene().working().fill(100).venue(ExecType.Canceled)
    scene.happened("BreakFound").then().replays()
    assert scene.state.orders["acme-1"].status is OrdStatus.Filled


@pytest.mark.parametrize("late", [ExecType.Canceled, ExecType.Rejected, ExecType.New])
def test_an_order_that_has_ended_does_not_change_its_end(late: ExecType) -> None:
    scene = AccountScene().working().venue(ExecType.Canceled).venue(late)
    scene.happened("BreakFound").then()
    assert scene.state.orders["acme-1"].status is OrdStatus.Canceled


def test_a_break_does_not_stop_other_orders() -> None:
    scene = AccountScene().working().fill(130).desk(order("b"))
    scene.happened("OrderAccepted").venue(ExecType.New, "acme-2").then("b New New 100/0/100")


def test_a_word_on_an_unknown_order_is_not_discarded() -> None:
    AccountScene().fill(10, order_id="acme-9").happened("BreakFound").then().replays()


def test_no_order_is_invented_from_a_report_that_is_for_no_account_of_ours() -> None:
    scene = VenueScene(UP).hears(ExecType.New, None, Account="stranger").happened("BreakFound")
    assert not scene.state.children


def test_time_without_an_answer_is_not_a_reject() -> None:
    scene = VenueScene(UP, child())
    scene.now += 2 * DOUBT_AFTER
    scene.when(wire.CheckDoubt())
    assert not [s for s in scene.sends if s.recipient.startswith("book/")]
    assert list(scene.state.unanswered) == ["k"]


def test_the_cancel_of_a_dead_order_is_not_repeated_for_ever() -> None:
    scene = placed(CancelOrder(OrderID="k", RequestID="b", Symbol="AAPL"))
    too_late = cancel_reject("k.1", CxlRejReason.TooLateToCancel, OrdStatus=OrdStatus.Filled)
    scene.when(too_late).then("book/AAPL RequestRejected k b TooLateToCancel")
    for _ in range(5):
        scene.now += 60 * SECOND
        scene.when(wire.CheckDoubt())
        assert not [s for s in scene.sends if getattr(s.message, "ClOrdID", "") == "k.1"]


def test_a_cancel_that_the_venue_never_had_is_not_taken_for_done() -> None:
    scene = AccountScene().working().desk(cancel("b", "a")).refused("b", CxlRejReason.UnknownOrder)
    scene.then("b<a CancelReject New UnknownOrder").replays()
    assert scene.state.open


def test_a_partial_fill_in_a_cancel_does_not_leave_the_wrong_quantity_behind() -> None:
    scene = AccountScene().working().desk(cancel("b", "a")).fill(30)
    scene.venue(ExecType.Canceled, RequestID="b").then("b<a Canceled Canceled 100/30/0").replays()
    assert scene.state.exposures["AAPL"].buying == 0
    assert scene.state.reserved["USD"] == 0


def test_the_second_order_of_a_clordid_does_not_touch_the_first() -> None:
    scene = AccountScene().working().fill(10).desk(order("a", OrderQty=150))
    scene.then("a Rejected PartiallyFilled 100/10/90 DuplicateOrder").replays()
    assert scene.report.OrdRejReason is OrdRejReason.DuplicateOrder


def test_an_order_that_waited_for_the_session_is_not_sent_when_it_is_stale() -> None:
    scene = VenueScene(venue_definition(StaleAfter=60), child())
    assert [timer.message.MsgType for timer in scene.timers] == ["CheckStale"]  # type: ignore[attr-defined]
    scene.later(60).when(wire.CheckStale()).then("book/AAPL Execution k Rejected")
    assert scene.sends[0].message.OrdRejReason is OrdRejReason.StaleOrder  # type: ignore[attr-defined]
    scene.when(UP).then().replays()


def test_a_stale_order_is_not_sent_either_where_the_session_comes_up_before_the_timer() -> None:
    scene = VenueScene(venue_definition(StaleAfter=60), child()).later(61).when(UP)
    scene.then("book/AAPL Execution k Rejected").replays()


def test_an_order_that_waited_for_a_moment_is_not_rejected() -> None:
    scene = VenueScene(venue_definition(StaleAfter=60), child()).later(59).when(wire.CheckStale())
    scene.then().when(UP).then("fix/XNAS VenueNewOrder k").replays()


def venue_definition(**fields: object) -> VenueDefinition:
    return VenueDefinition(
        Venue="XNAS", Dialect="FIX44", SenderCompID="OMS", TargetCompID="XNAS", Host="h", Port=1,
        **fields,
    )  # fmt: skip
