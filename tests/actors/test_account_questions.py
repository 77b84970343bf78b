"""Mass cancels, status requests and mass status requests."""

from messages.fix import ExecType, MassStatusReqType
from messages.orders import OrderMassStatusRequest, OrderStatusRequest
from tests.actors.scenes import (
    AccountScene,
    cancel,
    definition,
    instrument,
    mass_cancel,
    order,
    replace,
)


def three_orders() -> AccountScene:
    """``a`` and ``b`` in AAPL, ``c`` in MSFT, all working."""
    scene = AccountScene(definition(Desks=("blue", "red")), instrument(), instrument("MSFT"))
    scene.desk(order("a"), order("b"), order("c", Symbol="MSFT"))
    for order_id, symbol in (("acme-1", "AAPL"), ("acme-2", "AAPL"), ("acme-3", "MSFT")):
        scene.venue(ExecType.New, order_id, Symbol=symbol)
    return scene


def status(clordid: str, request_id: str | None = None) -> OrderStatusRequest:
    return OrderStatusRequest(ClOrdID=clordid, Account="acme", OrdStatusReqID=request_id)


def mass_status(symbol: str | None = None) -> OrderMassStatusRequest:
    kind = (
        MassStatusReqType.StatusForOrdersForASecurity
        if symbol
        else MassStatusReqType.StatusForAllOrders
    )
    return OrderMassStatusRequest(
        MassStatusReqID="m", Account="acme", MassStatusReqType=kind, Symbol=symbol
    )


# ---- mass cancel


def test_a_mass_cancel_asks_for_every_open_order_of_the_desk() -> None:
    scene = three_orders().desk(order("r"), desk="red").desk(mass_cancel("x"))
    scene.happened("MassCancelRequested").replays()
    scene.then(
        "x CancelAllOrders 3",
        "x<a PendingCancel PendingCancel 100/0/100", "book/AAPL CancelOrder acme-1 x",
        "x<b PendingCancel PendingCancel 100/0/100", "book/AAPL CancelOrder acme-2 x",
        "x<c PendingCancel PendingCancel 100/0/100", "book/MSFT CancelOrder acme-3 x",
    )  # fmt: skip
    exec_ids = [s.message.ExecID for s in scene.sends if hasattr(s.message, "ExecID")]
    assert len(set(exec_ids)) == 3
    for order_id in ("acme-1", "acme-2"):
        scene.venue(ExecType.Canceled, order_id, RequestID="x")
    scene.then("x<b Canceled Canceled 100/0/0").replays()


def test_a_mass_cancel_of_one_security_leaves_the_others() -> None:
    scene = three_orders().desk(mass_cancel("x", "MSFT"))
    scene.then(
        "x CancelOrdersForASecurity 1",
        "x<c PendingCancel PendingCancel 100/0/100", "book/MSFT CancelOrder acme-3 x",
    )  # fmt: skip


def test_a_mass_cancel_leaves_out_what_is_being_canceled_already() -> None:
    scene = three_orders().desk(cancel("d", "a"), mass_cancel("x", "AAPL"))
    scene.then(
        "x CancelOrdersForASecurity 1",
        "x<b PendingCancel PendingCancel 100/0/100", "book/AAPL CancelOrder acme-2 x",
    )  # fmt: skip


def test_a_mass_cancel_with_nothing_open_is_answered_with_0() -> None:
    AccountScene().desk(mass_cancel("x")).then("x CancelAllOrders 0").replays()


def test_a_mass_cancel_that_comes_again_is_answered_and_cancels_nothing_more() -> None:
    scene = three_orders().desk(mass_cancel("x", "AAPL"))
    first = scene.report
    scene.desk(order("late"), mass_cancel("x", "AAPL")).happened("DuplicateReceived")
    scene.then("x CancelOrdersForASecurity 2").replays()
    assert scene.report == first.model_copy(update={"PossResend": True})


def test_another_mass_cancel_under_a_used_name_is_refused_and_cancels_nothing() -> None:
    for wrong in (mass_cancel("x"), mass_cancel("a")):
        scene = three_orders().desk(mass_cancel("x", "AAPL")).desk(wrong)
        scene.happened("DuplicateReceived").then(f"{wrong.ClOrdID} CancelRequestRejected 0")
        assert "was used before" in scene.report.Text
        scene.replays()


def test_a_fill_of_an_order_in_a_mass_cancel_ends_its_part_with_a_cancel_reject() -> None:
    scene = three_orders().desk(mass_cancel("x")).fill(100)
    scene.then("a Trade PendingCancel 100/100/0 100@10.00",
               "x<a CancelReject Filled TooLateToCancel").replays()  # fmt: skip


# ---- status


def test_a_status_request_is_answered_from_state_and_changes_nothing() -> None:
    scene = AccountScene().working().fill(30).desk(status("a", "q1")).happened()
    scene.then("a OrderStatus PartiallyFilled 100/30/70")
    assert (scene.report.OrdStatusReqID, scene.report.ExecID) == ("q1", "0")


def test_a_status_request_shows_the_pending_state() -> None:
    scene = AccountScene().working().desk(replace("b", "a", OrderQty=120), status("a"))
    scene.then("a OrderStatus PendingReplace 100/0/100")
    scene.desk(cancel("c", "b"), status("c")).then("c OrderStatus PendingCancel 100/0/100")


def test_the_status_of_an_order_without_an_answer_is_pending_new() -> None:
    AccountScene().desk(order("a"), status("a")).then("a OrderStatus PendingNew 100/0/100")


def test_the_status_of_an_unknown_order_is_rejected_as_in_fix_g_1_a() -> None:
    scene = AccountScene().desk(status("zz", "q1")).happened()
    scene.then("zz OrderStatus Rejected 0/0/0 UnknownOrder")
    assert (scene.report.OrderID, scene.report.OrdStatusReqID) == ("NONE", "q1")


def test_the_status_of_another_desks_order_is_unknown() -> None:
    three_orders().desk(status("a"), desk="red").then("a OrderStatus Rejected 0/0/0 UnknownOrder")


def test_a_mass_status_lists_the_open_orders_and_marks_the_last() -> None:
    scene = three_orders().fill(100).desk(mass_status())
    scene.then("b OrderStatus New 100/0/100", "c OrderStatus New 100/0/100")
    found = [send.message for send in scene.sends]
    assert [(r.MassStatusReqID, r.TotNumReports, r.LastRptRequested) for r in found] == [
        ("m", 2, False),
        ("m", 2, True),
    ]
    scene.desk(mass_status("MSFT")).then("c OrderStatus New 100/0/100")


def test_a_mass_status_without_open_orders_is_one_report_that_says_so() -> None:
    scene = AccountScene().desk(mass_status())
    scene.then("NONE OrderStatus Rejected 0/0/0 UnknownOrder")
    assert (scene.report.TotNumReports, scene.report.LastRptRequested) == (0, True)
