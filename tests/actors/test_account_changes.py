"""Cancels and replaces, by the order state change matrices of FIX 4.4 (volume 4, appendix D)."""

import pytest

from messages.fix import CxlRejReason, ExecType, OrdType, Side
from tests.actors.scenes import AccountScene, cancel, dec, definition, instrument, order, replace

CANCEL_DOWN = "book/AAPL CancelOrder acme-1"
REPLACE_DOWN = "book/AAPL ReplaceOrder acme-1"


def canceled(scene: AccountScene, request: str | None) -> AccountScene:
    return scene.venue(ExecType.Canceled, RequestID=request)


def replaced(scene: AccountScene, request: str) -> AccountScene:
    return scene.venue(ExecType.Replaced, RequestID=request)


# ---- B.1: cancels


def test_b_1_a_a_working_order_is_canceled() -> None:
    scene = AccountScene().working().desk(cancel("b", "a")).happened("CancelRequested")
    scene.then("b<a PendingCancel PendingCancel 100/0/100", f"{CANCEL_DOWN} b")
    canceled(scene, "b").then("b<a Canceled Canceled 100/0/0").replays()
    assert scene.state.reserved == {"USD": dec(0)}
    assert scene.state.open == {}


def test_b_1_b_a_fill_under_pending_cancel_keeps_the_original_name_and_the_pending_status() -> None:
    scene = AccountScene().working().fill(20).desk(cancel("b", "a"))
    scene.then("b<a PendingCancel PendingCancel 100/20/80", f"{CANCEL_DOWN} b")
    scene.fill(30).then("a Trade PendingCancel 100/50/50 30@10.00")
    canceled(scene, "b").then("b<a Canceled Canceled 100/50/0").replays()


def test_b_1_c_the_last_fill_under_pending_cancel_ends_in_a_cancel_reject() -> None:
    scene = AccountScene().working().fill(50).desk(cancel("b", "a")).fill(50)
    scene.happened("OrderFilled", "CancelRejected")
    scene.then("a Trade PendingCancel 100/100/0 50@10.00",
               "b<a CancelReject Filled TooLateToCancel")  # fmt: skip
    scene.refused("b", CxlRejReason.TooLateToCancel).happened().then().replays()


def test_b_1_d_a_cancel_before_new_is_answered_and_new_comes_under_pending_cancel() -> None:
    scene = AccountScene().desk(order("a"), cancel("b", "a"))
    scene.then("b<a PendingCancel PendingCancel 100/0/100", f"{CANCEL_DOWN} b")
    scene.venue(ExecType.New).then("a New PendingCancel 100/0/100")
    canceled(scene, "b").then("b<a Canceled Canceled 100/0/0").replays()


def test_b_1_e_a_cancel_before_new_may_be_done_without_new() -> None:
    scene = AccountScene().desk(order("a"), cancel("b", "a"))
    canceled(scene, "b").then("b<a Canceled Canceled 100/0/0")
    scene.venue(ExecType.New).happened("BreakFound").then().replays()


def test_b_1_f_a_filled_order_cannot_be_canceled() -> None:
    scene = AccountScene().working().fill(100).desk(cancel("b", "a")).happened("CancelRefused")
    scene.then("b<a CancelReject Filled TooLateToCancel").replays()


def test_a_cancel_that_the_venue_refuses_leaves_the_order_as_it_was() -> None:
    scene = AccountScene().working().fill(10).desk(cancel("b", "a")).refused("b")
    scene.then("b<a CancelReject PartiallyFilled Other").happened("CancelRejected")
    scene.desk(cancel("c", "a")).happened("CancelRequested").replays()


def test_a_rejected_order_ends_its_pending_cancel() -> None:
    scene = AccountScene().desk(order("a"), cancel("b", "a")).venue(ExecType.Rejected)
    scene.then("a Rejected Rejected 100/0/0 Other", "b<a CancelReject Rejected TooLateToCancel")
    scene.replays()


def test_a_cancel_nobody_asked_for_keeps_the_name_and_ends_what_was_pending() -> None:
    scene = AccountScene().working().venue(ExecType.Canceled, Text="halted")
    scene.then("a Canceled Canceled 100/0/0")
    assert scene.report.Text == "halted"
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=120))
    canceled(scene, None).then(
        "a Canceled Canceled 100/0/0", "b<a CancelReject Canceled TooLateToCancel"
    ).replays()
    assert scene.state.reserved == {"USD": dec(0)}


@pytest.mark.parametrize("end", [ExecType.Canceled, ExecType.Expired, ExecType.Rejected])
def test_an_ended_order_can_be_neither_canceled_nor_replaced(end: ExecType) -> None:
    scene = AccountScene().working().venue(end)
    scene.desk(cancel("b", "a")).then(f"b<a CancelReject {end} TooLateToCancel")
    scene.desk(replace("c", "a")).then(f"c<a CancelReject {end} TooLateToCancel").replays()


# ---- refusals of our own


def test_a_cancel_of_an_unknown_order_names_what_it_asked_for() -> None:
    scene = AccountScene().desk(cancel("b", "zz")).happened("CancelRefused")
    scene.then("b<zz CancelReject Rejected UnknownOrder").replays()
    assert scene.report.OrderID == "NONE"


def test_a_desk_cannot_cancel_the_order_of_another_desk() -> None:
    scene = AccountScene(definition(Desks=("blue", "red")), instrument()).working()
    scene.desk(cancel("b", "a"), desk="red").then("b<a CancelReject Rejected UnknownOrder")


def test_one_cancel_at_a_time() -> None:
    scene = AccountScene().working().desk(cancel("b", "a"), cancel("c", "a"))
    scene.then("c<a CancelReject PendingCancel AlreadyPending")
    scene.desk(replace("d", "a", OrderQty=120))
    scene.then("d<a CancelReject PendingCancel AlreadyPending").replays()


def test_a_cancel_may_overtake_a_replace() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=120), cancel("c", "b"))
    scene.then("c<a PendingCancel PendingCancel 100/0/100", f"{CANCEL_DOWN} c")
    canceled(scene, "c").then(
        "c<a Canceled Canceled 100/0/0", "b<c CancelReject Canceled TooLateToCancel"
    ).replays()


@pytest.mark.parametrize(
    "wrong", [{"Symbol": "MSFT"}, {"Side": Side.Sell}, {"ExDestination": "XPAR"}]
)
def test_what_an_order_is_cannot_be_replaced(wrong: dict[str, object]) -> None:
    scene = AccountScene(definition(), instrument(), instrument("MSFT"))
    scene.working(ExDestination="XNAS").desk(replace("b", "a", **wrong))
    scene.then("b<a CancelReject New BrokerOption").replays()
    assert scene.report.Refusal.Field == next(iter(wrong))


def test_a_replace_that_repeats_the_destination_or_leaves_it_out_is_taken() -> None:
    scene = AccountScene().working(ExDestination="XNAS")
    scene.desk(replace("b", "a", ExDestination="XNAS", OrderQty=110)).happened("ReplaceRequested")
    scene.desk(replace("c", "b", OrderQty=120)).happened("ReplaceRequested")


def test_a_cancel_that_names_the_wrong_side_is_refused() -> None:
    scene = AccountScene().working().desk(cancel("b", "a", Side=Side.Sell))
    scene.then("b<a CancelReject New BrokerOption")


def test_a_cancel_that_comes_again_is_answered_with_the_same_words() -> None:
    scene = AccountScene().working().desk(cancel("b", "a"))
    first = scene.report
    scene.desk(cancel("b", "a")).happened("DuplicateReceived")
    assert scene.report == first.model_copy(update={"PossResend": True})
    canceled(scene, "b").desk(cancel("b", "a"))
    scene.then("b<a PendingCancel Canceled 100/0/0 PossResend").replays()


def test_a_replace_that_comes_again_is_answered_with_the_same_words() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=120))
    first = scene.report
    scene.desk(replace("b", "a", OrderQty="120.0")).happened("DuplicateReceived")
    assert scene.report == first.model_copy(update={"PossResend": True})
    scene.replays()


@pytest.mark.parametrize("make", [cancel, lambda b, a: replace(b, a, OrderQty=120)])
def test_a_refused_change_that_comes_again_is_refused_with_the_same_words(make: object) -> None:
    scene = AccountScene().desk(make("b", "zz"))  # type: ignore[operator]
    first = scene.report
    scene.desk(make("b", "zz")).happened("DuplicateReceived").replays()  # type: ignore[operator]
    assert scene.report == first.model_copy(update={"PossResend": True})


def test_another_change_under_a_used_name_is_refused_and_the_first_stays() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=120))
    scene.desk(replace("b", "a", OrderQty=130))
    scene.then("b<a CancelReject PendingReplace DuplicateClOrdID").happened("CancelRefused")
    scene.desk(cancel("a", "a")).then("a<a CancelReject PendingReplace DuplicateClOrdID")
    replaced(scene, "b").then("b<a Replaced New 120/0/120").replays()


# ---- C: replaces


def test_c_1_a_a_replace_to_more_takes_its_name_and_its_quantity_once_the_venue_has_it() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=110, Price="10.50"))
    scene.then("b<a PendingReplace PendingReplace 100/0/100", f"{REPLACE_DOWN} b")
    assert scene.state.reserved == {"USD": dec(1155)}  # the dearer version
    replaced(scene, "b").then("b<a Replaced New 110/0/110").replays()
    assert scene.report.Price == dec("10.50")
    scene.fill(10).then("b Trade PartiallyFilled 110/10/100 10@10.00")


def test_c_1_b_a_fill_under_pending_replace_keeps_the_original_name_and_quantity() -> None:
    scene = AccountScene().working().fill(10).desk(replace("b", "a", OrderQty=120))
    scene.then("b<a PendingReplace PendingReplace 100/10/90", f"{REPLACE_DOWN} b")
    scene.fill(1).then("a Trade PendingReplace 100/11/89 1@10.00")
    replaced(scene, "b").then("b<a Replaced PartiallyFilled 120/11/109")
    scene.fill(109).then("b Trade Filled 120/120/0 109@10.00").replays()


def test_c_1_c_a_replace_re_opens_an_order_that_was_filled_meanwhile() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=120)).fill(100)
    scene.then("a Trade PendingReplace 100/100/0 100@10.00")
    replaced(scene, "b").then("b<a Replaced PartiallyFilled 120/100/20")
    assert scene.state.open == {"acme-1": None}
    scene.fill(20).then("b Trade Filled 120/120/0 20@10.00").replays()


def test_c_1_c_a_replace_may_be_asked_of_a_filled_order() -> None:
    scene = AccountScene().working().fill(100).desk(replace("b", "a", OrderQty=120))
    scene.then("b<a PendingReplace PendingReplace 100/100/0", f"{REPLACE_DOWN} b")
    replaced(scene, "b").then("b<a Replaced PartiallyFilled 120/100/20").replays()


def test_c_2_a_replace_that_the_venue_refuses_leaves_the_order_as_it_was() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=150))
    scene.refused("b", CxlRejReason.BrokerOption).then("b<a CancelReject New BrokerOption")
    assert scene.state.reserved == {"USD": dec(1000)}
    scene.fill(100).then("a Trade Filled 100/100/0 100@10.00").replays()


def test_c_3_a_a_replace_to_less_leaves_what_is_left_of_the_new_total() -> None:
    scene = AccountScene().working().fill(60).desk(replace("b", "a", OrderQty=80))
    replaced(scene, "b").then("b<a Replaced PartiallyFilled 80/60/20").replays()
    assert scene.state.reserved == {"USD": dec(200)}


@pytest.mark.parametrize("total", [80, 70], ids=["c_3_b", "c_3_c"])
def test_a_replace_to_what_is_filled_or_less_ends_the_order_filled(total: int) -> None:
    scene = AccountScene().working().fill(80).desk(replace("b", "a", OrderQty=total))
    replaced(scene, "b").then("b<a Replaced Filled 80/80/0").replays()
    assert scene.state.reserved == {"USD": dec(0)}
    assert scene.state.exposures["AAPL"].buying == 0


def test_a_replace_nobody_asked_for_is_taken_from_the_venue() -> None:
    scene = AccountScene().working()
    scene.venue(ExecType.Replaced, OrderQty=dec(80), Price=dec("9.50")).happened("OrderReplaced")
    scene.then("a Replaced New 80/0/80").replays()
    assert scene.state.reserved == {"USD": dec(760)}


def test_a_market_order_can_be_replaced_by_a_limit_order() -> None:
    scene = AccountScene().desk(order("a", OrdType=OrdType.Market)).venue(ExecType.New)
    scene.desk(replace("b", "a", Price="9.00")).happened("ReplaceRequested").replays()
    assert scene.state.reserved == {"USD": dec(1100)}


# ---- D.2: chains


def chain() -> AccountScene:
    """Two replaces under way, the second on top of the first."""
    return (
        AccountScene()
        .working()
        .desk(replace("b", "a", OrderQty=110), replace("c", "b", OrderQty=120))
    )


def test_d_2_a_two_replaces_are_taken_one_after_the_other() -> None:
    scene = chain()
    scene.then("c<a PendingReplace PendingReplace 100/0/100", f"{REPLACE_DOWN} c")
    replaced(scene, "b").then("b<a Replaced PendingReplace 110/0/110")
    replaced(scene, "c").then("c<b Replaced New 120/0/120").replays()


def test_d_2_b_the_first_is_refused_and_the_second_taken() -> None:
    scene = chain().refused("b").then("b<a CancelReject PendingReplace Other")
    replaced(scene, "c").then("c<a Replaced New 120/0/120").replays()


def test_d_2_c_the_second_is_refused_after_the_first_was_taken() -> None:
    scene = replaced(chain(), "b")
    scene.refused("c").then("c<b CancelReject New Other").replays()
    assert scene.state.reserved == {"USD": dec(1100)}


def test_d_2_d_both_are_refused() -> None:
    scene = chain().refused("b").refused("c").then("c<a CancelReject New Other").replays()
    assert scene.state.reserved == {"USD": dec(1000)}


def test_the_dearest_version_under_way_stays_reserved() -> None:
    scene = chain()
    assert scene.state.reserved == {"USD": dec(1200)}
    replaced(scene, "b")
    assert scene.state.reserved == {"USD": dec(1200)}


def test_replaces_that_would_re_open_filled_orders_hold_back_their_money_meanwhile() -> None:
    """Else two of them pass where there is money for one."""
    scene = AccountScene(definition(Cash={"USD": dec(2_500)}), instrument()).working().fill(100)
    scene.desk(order("b")).venue(ExecType.New, "acme-2").fill(100, order_id="acme-2")
    scene.desk(replace("c", "a", OrderQty=140)).happened("ReplaceRequested")
    assert scene.state.reserved == {"USD": dec(400)}
    assert scene.state.exposures["AAPL"].buying == 40
    scene.desk(replace("d", "b", OrderQty=140)).happened("CancelRefused")
    scene.refused("c")
    assert scene.state.reserved == {"USD": dec(0)}
    scene.replays()
