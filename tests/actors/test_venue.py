"""The venue connection: what is sent when, what the venue's words mean, and each word once."""

from typing import Any

import pytest

from messages import venue as wire
from messages.base import Message
from messages.fix import CxlRejReason, ExecType, OrdRejReason, OrdStatus
from messages.reference import VenueDefinition
from messages.routing import CancelOrder, NewOrder, ReplaceOrder
from tests.actors.scenes import VenueScene, cancel_reject, dec, terms

UP, DOWN = wire.SessionUp(), wire.SessionDown(Text="cut")


def child(**fields: Any) -> NewOrder:
    return NewOrder(OrderID="k", Account="acme", Terms=terms(**fields))


def cancel(request: str = "b") -> CancelOrder:
    return CancelOrder(OrderID="k", RequestID=request, Symbol="AAPL")


def replace(request: str = "b", **fields: Any) -> ReplaceOrder:
    return ReplaceOrder(OrderID="k", RequestID=request, Terms=terms(**fields))


def placed(*more: Message) -> VenueScene:
    """A child that the venue has acknowledged."""
    return VenueScene(UP, child()).hears(ExecType.New, "k").when(*more)


def trade(scene: VenueScene, qty: int, exec_id: str = "x2", **fields: Any) -> VenueScene:
    given = {"LastQty": dec(qty), "LastPx": dec("10.00")} | fields
    return scene.hears(ExecType.Trade, fields.pop("clordid", "k"), exec_id, **given)


# ---- the session


def test_a_child_goes_out_at_once_while_the_session_is_up() -> None:
    scene = VenueScene(UP).when(child()).happened("ChildTaken", "VenueMessageSent")
    scene.then("fix/XNAS VenueNewOrder k").replays()


def test_nothing_is_sent_while_the_session_is_down_and_all_of_it_after_logon_in_order() -> None:
    """I17."""
    scene = VenueScene(child()).happened("ChildTaken").then()
    scene.when(NewOrder(OrderID="m", Account="acme", Terms=terms())).then()
    scene.when(replace(OrderQty=120)).happened("RequestTaken").then()
    scene.when(UP)
    scene.then(
        "fix/XNAS VenueNewOrder k", "fix/XNAS VenueNewOrder m", "fix/XNAS VenueReplace k.1 <k"
    ).replays()


def test_a_session_that_went_down_holds_what_comes_then() -> None:
    scene = VenueScene(UP, DOWN).happened("SessionClosed").when(DOWN).happened()
    scene.when(child()).happened("ChildTaken").then().replays()


def test_the_definition_is_journaled_where_it_differs() -> None:
    definition = VenueDefinition(
        Venue="XNAS",
        Dialect="Paper",
        SenderCompID="OMS",
        TargetCompID="XNAS",
        Host="localhost",
        Port=9,
    )
    scene = VenueScene(definition).happened("VenueDefined").when(definition).happened()
    scene.when(definition.model_copy(update={"Port": 10})).happened("VenueDefined").replays()


# ---- executions


def test_what_the_venue_says_goes_up_to_the_book() -> None:
    scene = VenueScene(UP, child()).hears(ExecType.New, "k").happened("VenueExecuted")
    scene.then("book/AAPL Execution k New")
    trade(scene, 40).then("book/AAPL Execution k Trade 40@10.00")
    scene.hears(ExecType.Expired, "k", "x3").then("book/AAPL Execution k Expired").replays()
    assert scene.state.unanswered == {}


def test_the_same_exec_id_counts_once() -> None:
    """I10."""
    scene = trade(trade(placed(), 40), 40).happened("DuplicateExecution").then().replays()
    assert scene.state.children["k"].cum_qty == 40


def test_pending_new_is_a_courtesy_and_leaves_the_order_unanswered() -> None:
    scene = VenueScene(UP, child()).hears(ExecType.PendingNew, "k").happened().then()
    assert scene.state.unanswered == {"k": None}


def test_a_pending_cancel_is_passed_on_and_leaves_the_cancel_unanswered() -> None:
    scene = placed(cancel("c")).hears(ExecType.PendingCancel, "k.1", "x8", OrigClOrdID="k")
    scene.happened("VenueExecuted").then("book/AAPL Execution k PendingCancel c")
    assert list(scene.state.unanswered) == ["k.1"]
    scene.hears(ExecType.PendingCancel, "k.1", "x8", OrigClOrdID="k")
    scene.happened("DuplicateExecution").then().replays()


def test_new_after_a_pending_cancel_is_still_news() -> None:
    """FIX B.1.d: the acknowledgement may come after the cancel was taken up."""
    scene = VenueScene(UP, child()).when(cancel("c"))
    scene.hears(ExecType.PendingCancel, "k.1", "x8", OrigClOrdID="k")
    scene.hears(ExecType.New, "k", "x9").then("book/AAPL Execution k New").replays()


def test_new_after_a_fill_is_counted_and_not_told_again() -> None:
    scene = trade(VenueScene(UP, child()), 10)
    assert scene.state.unanswered == {}  # a fill shows as well as New that the venue has it
    scene.hears(ExecType.New, "k")
    scene.happened("VenueExecuted").then().replays()


def test_a_word_on_what_is_not_ours_is_a_break() -> None:
    VenueScene(UP).hears(ExecType.New, "zz").happened("BreakFound").then().replays()


def test_quantities_of_anything_but_a_trade_are_not_counted() -> None:
    scene = placed().hears(ExecType.Canceled, "k", "x2", LastQty=dec(40), LastPx=dec(10))
    scene.then("book/AAPL Execution k Canceled").replays()
    assert scene.state.children["k"].cum_qty == 0


def test_a_cancel_nobody_asked_for_ends_the_child() -> None:
    scene = placed().hears(ExecType.Canceled, "k", "x2").then("book/AAPL Execution k Canceled")
    assert scene.state.children["k"].ended
    scene.when(cancel()).happened().then("book/AAPL RequestRejected k b TooLateToCancel")
    scene.when(replace()).then("book/AAPL RequestRejected k b TooLateToCancel").replays()


def test_a_rejection_as_duplicate_speaks_of_the_repeat_and_not_of_the_order() -> None:
    """FIX F.1.a: it must not kill the first."""
    scene = placed()
    scene.hears(
        ExecType.Rejected, "k", "x9", OrdStatus=OrdStatus.New,
        OrdRejReason=OrdRejReason.DuplicateOrder,
    )  # fmt: skip
    scene.happened("DuplicateExecution").then().replays()
    assert not scene.state.children["k"].ended


# ---- cancels and replaces


def test_a_cancel_has_its_own_name_at_the_venue_and_its_answer_bears_the_desks() -> None:
    scene = placed(cancel()).happened("RequestTaken", "VenueMessageSent")
    scene.then("fix/XNAS VenueCancel k.1 <k")
    scene.hears(ExecType.Canceled, "k.1", "x2", OrigClOrdID="k")
    scene.then("book/AAPL Execution k Canceled b").replays()
    assert scene.state.unanswered == {}


def test_a_replace_that_was_taken_names_the_child_from_then_on() -> None:
    scene = placed(replace(OrderQty=120)).then("fix/XNAS VenueReplace k.1 <k")
    assert scene.sends[0].message.Terms.OrderQty == 120  # type: ignore[attr-defined]
    scene.hears(ExecType.Replaced, "k.1", "x2", OrigClOrdID="k", OrderQty=dec(120))
    scene.then("book/AAPL Execution k Replaced b")
    scene.when(cancel("c")).then("fix/XNAS VenueCancel k.2 <k.1").replays()
    assert scene.sends[0].message.Terms.OrderQty == 120  # type: ignore[attr-defined]


def test_requests_are_chained_to_the_last_replace_under_way() -> None:
    """FIX: the sender chains optimistically."""
    scene = placed(replace("b", OrderQty=120), replace("c", OrderQty=130))
    scene.then("fix/XNAS VenueReplace k.2 <k.1")
    scene.when(cancel("d")).then("fix/XNAS VenueCancel k.3 <k.2")


def test_a_fill_under_the_name_of_a_replace_answers_nothing() -> None:
    scene = placed(replace("b", OrderQty=120))
    scene.hears(ExecType.Trade, "k", "x2", LastQty=dec(5), LastPx=dec(10))
    scene.then("book/AAPL Execution k Trade 5@10")
    scene.hears(ExecType.Trade, "k.1", "x3", LastQty=dec(5), LastPx=dec(10))
    scene.then("book/AAPL Execution k Trade 5@10")
    assert scene.state.unanswered == {"k.1": None}


def test_a_refused_request_goes_up_with_the_desks_name() -> None:
    scene = placed(cancel()).when(cancel_reject("k.1", CxlRejReason.TooLateToCancel))
    scene.happened("VenueRequestRejected")
    scene.then("book/AAPL RequestRejected k b TooLateToCancel").replays()
    scene.when(cancel_reject("k.1")).happened("DuplicateExecution").then()


def test_a_cancel_reject_for_what_we_never_asked_is_a_break() -> None:
    placed(cancel_reject("zz")).happened("BreakFound").then()
    placed(cancel_reject("k")).happened("BreakFound").then()


def test_the_end_of_a_child_answers_every_request_on_it() -> None:
    scene = placed(replace("b", OrderQty=120), cancel("c"))
    scene.hears(ExecType.Canceled, "k.2", "x2").then("book/AAPL Execution k Canceled c")
    assert scene.state.unanswered == {}


def test_a_cancel_of_a_child_that_never_left_is_done_at_once() -> None:
    scene = VenueScene(child(), cancel()).happened("RequestTaken", "VenueExecuted")
    scene.then("book/AAPL Execution k Canceled b").replays()
    scene.when(UP).then()


def test_a_cancel_of_a_child_that_never_left_ends_its_replaces_too() -> None:
    scene = VenueScene(child(), replace("b", OrderQty=120), cancel("c"))
    scene.then("book/AAPL Execution k Canceled c")
    scene.when(UP).then().replays()


# ---- what the venue did not understand


def test_a_new_order_that_the_venue_did_not_understand_is_rejected() -> None:
    reject = wire.VenueReject(ClOrdID="k", RefMsgType="D", Text="no such symbol")
    scene = VenueScene(UP, child(), reject).happened("VenueExecuted")
    scene.then("book/AAPL Execution k Rejected").replays()
    assert scene.state.children["k"].ended


def test_a_cancel_that_the_venue_did_not_understand_is_refused() -> None:
    scene = placed(cancel(), wire.VenueReject(ClOrdID="k.1", RefMsgType="F", Text="what?"))
    scene.then("book/AAPL RequestRejected k b Other").replays()


def test_a_question_that_the_venue_did_not_understand_says_nothing_of_the_order() -> None:
    """I16: a venue without status requests must not end an order that it may well have."""
    scene = VenueScene(UP, child(), DOWN, UP).then("fix/XNAS VenueStatusRequest k")
    scene.when(wire.VenueReject(ClOrdID="k", RefMsgType="H", Text="not supported"))
    scene.happened("BreakFound").then().replays()
    assert scene.state.unanswered == {"k": None}


def test_a_reject_without_a_kind_is_about_the_request_that_waits() -> None:
    scene = VenueScene(UP, child(), wire.VenueReject(ClOrdID="k", RefMsgType="", Text="no"))
    scene.then("book/AAPL Execution k Rejected")


@pytest.mark.parametrize("clordid", ["zz", "k"])
def test_a_reject_of_what_is_not_waiting_is_a_break(clordid: str) -> None:
    reject = wire.VenueReject(ClOrdID=clordid, RefMsgType="D", Text="no")
    placed(reject).happened("BreakFound").then()
