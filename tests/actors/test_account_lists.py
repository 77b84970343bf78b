"""Lists of orders: all or nothing, cancelled and asked about as one; their orders are orders."""

import re
from pathlib import Path

import pytest

from messages.fix import CxlRejReason, ExecRestatementReason, ExecType, OrdRejReason, OrdStatus
from messages.lists import ListCancelRequest, ListStatus, ListStatusRequest, NewOrderList
from messages.orders import DESK_REQUEST
from tests.actors.lists import OCO, bracket, listed, one, pair, reports, said, working
from tests.actors.scenes import AccountScene, cancel, dec, definition, instrument, order, replace

CANCEL = ListCancelRequest(ListID="L", Account="acme")
STATUS = ListStatusRequest(ListID="L", Account="acme")


def test_every_order_of_a_list_is_accepted_and_goes_out() -> None:
    scene = AccountScene().desk(pair(None))
    scene.happened("ListAccepted", "OrderAccepted", "OrderAccepted")
    assert said(scene) == [
        "L Ack ReceivedForExecution a:PendingNew b:PendingNew",
        "book/AAPL NewOrder acme-1",
        "book/AAPL NewOrder acme-2",
    ]
    assert scene.state.reserved == {"USD": dec(2000)}
    scene.replays()


def test_reports_of_a_list_s_order_carry_the_list_s_id() -> None:
    scene = AccountScene().desk(pair(None)).venue(ExecType.New, "acme-2")
    scene.then("b New New 100/0/100")
    assert scene.report.ListID == "L"
    assert scene.fill(10, order_id="acme-2").report.ListID == "L"
    assert AccountScene().working().report.ListID is None


def test_an_order_of_a_list_is_cancelled_and_replaced_like_any_other() -> None:
    scene = working(pair(None)).desk(replace("c", "a", OrderQty=50))
    scene.then("c<a PendingReplace PendingReplace 100/0/100", "book/AAPL ReplaceOrder acme-1 c")
    scene.venue(ExecType.Replaced, RequestID="c").then("c<a Replaced New 50/0/50")
    scene.desk(cancel("d", "c")).venue(ExecType.Canceled, RequestID="d")
    scene.then("d<c Canceled Canceled 50/0/0").replays()
    assert scene.report.ListID == "L"
    assert scene.state.orders["acme-2"].status is OrdStatus.New


def test_where_a_rule_refuses_one_order_none_of_the_list_is_accepted() -> None:
    scene = AccountScene(definition(MaxOrderQty=dec(100)), instrument())
    scene.desk(listed(None, one("a"), one("b", OrderQty=101), one("c")))
    scene.happened("OrderRefused", "OrderRefused", "OrderRefused", "ListRefused")
    assert said(scene) == [
        "L Ack Reject a:Rejected b:Rejected c:Rejected",
        "a Rejected Rejected 100/0/0 Other",
        "b Rejected Rejected 101/0/0 OrderExceedsLimit",
        "c Rejected Rejected 100/0/0 Other",
    ]
    for report in reports(scene):
        assert report.Text is not None
        assert "order b of list L" in report.Text
        assert "at most 100" in report.Text
        assert report.ListID == "L"
    assert (scene.state.orders, scene.state.open) == ({}, {})
    assert scene.state.reserved == {}
    assert scene.state.exposures == {}
    scene.replays()


def test_what_the_first_orders_reserve_is_not_there_for_the_next() -> None:
    """Two orders of 1000 each, and 1500 in cash: one alone would pass."""
    scene = AccountScene(definition(Cash={"USD": dec(1500)}), instrument()).desk(pair(OCO))
    assert [r.OrdRejReason for r in reports(scene)] == [
        OrdRejReason.Other,
        OrdRejReason.OrderExceedsLimit,
    ]
    assert scene.state.buying_power("USD") == 1500
    scene.desk(order("single")).then("book/AAPL NewOrder acme-3").replays()


def test_a_position_limit_counts_all_orders_of_the_list() -> None:
    scene = AccountScene(definition(MaxPosition=dec(150)), instrument()).desk(order("x"))
    scene.desk(pair(None))
    assert {r.OrdStatus for r in reports(scene)} == {OrdStatus.Rejected}
    assert scene.state.exposures["AAPL"].buying == 100, "that of the first order, untouched"
    scene.replays()


def test_a_list_with_a_used_name_is_refused_and_the_first_order_lives_on() -> None:
    scene = AccountScene().working().desk(pair(None))
    assert said(scene) == [
        "L Ack Reject a:Rejected b:Rejected",
        "a Rejected New 100/0/100 DuplicateOrder",
        "b Rejected Rejected 100/0/0 Other",
    ]
    scene.fill(100).then("a Trade Filled 100/100/0 100@10.00").replays()


def test_the_same_list_twice_is_answered_the_same() -> None:
    scene = AccountScene().desk(pair(OCO)).venue(ExecType.New)
    scene.desk(pair(OCO)).happened("DuplicateReceived", "DuplicateReceived")
    assert said(scene) == [
        "L Ack Executing a:New b:PendingNew PossResend",
        "a New New 100/0/100 PossResend",
    ]
    assert len(scene.state.orders) == 2
    scene.replays()


def test_a_refused_list_twice_is_refused_the_same() -> None:
    scene = AccountScene(definition(MaxOrderQty=dec(100)), instrument()).working()
    request = listed(None, one("a"), one("b", OrderQty=101), one("c"))
    scene.desk(request)
    first = {r.ClOrdID: (r.ExecID, r.OrderID, r.Text, r.OrdRejReason) for r in reports(scene)}
    scene.desk(request).happened(*["DuplicateReceived"] * 3)
    again = {r.ClOrdID: (r.ExecID, r.OrderID, r.Text, r.OrdRejReason) for r in reports(scene)}
    assert again == first
    assert all(r.PossResend for r in reports(scene))
    scene.replays()


def test_the_same_list_with_other_content_is_refused_and_the_first_stays() -> None:
    scene = working(pair(OCO)).desk(pair(None))
    assert said(scene) == [
        "L Ack Reject a:Rejected b:Rejected",
        "a Rejected New 100/0/100 DuplicateOrder",
        "b Rejected New 100/0/100 DuplicateOrder",
    ]
    assert all("ListID" in (r.Text or "") for r in reports(scene))
    scene.desk(STATUS)
    assert said(scene) == ["L Response Executing a:New b:New"]
    scene.desk(pair(OCO))
    assert said(scene)[0] == "L Ack Executing a:New b:New PossResend"
    scene.replays()


def test_an_order_of_a_list_does_not_come_again_as_a_single_order() -> None:
    scene = working(pair(None)).desk(order("a"))
    scene.then("a Rejected New 100/0/100 DuplicateOrder").replays()


def test_two_desks_may_use_the_same_list_id() -> None:
    scene = AccountScene(definition(Desks=("blue", "red")), instrument())
    scene.desk(pair(None)).desk(pair(None), desk="red")
    assert [o.Desk for o in scene.state.orders.values()] == ["blue", "blue", "red", "red"]
    scene.desk(CANCEL, desk="red")
    assert [o.Desk for o in scene.state.orders.values() if o.canceling] == ["red", "red"]
    scene.replays()


# ---- asked about


def test_a_list_s_status_tells_of_every_order() -> None:
    scene = working(bracket()).fill(40, "9.99").desk(STATUS).happened()
    assert said(scene) == ["L Response Executing entry:PartiallyFilled profit:New loss:New"]
    status = scene.sends[0].message
    assert isinstance(status, ListStatus)
    entry, profit, _ = status.Orders
    assert (entry.CumQty, entry.LeavesQty, entry.AvgPx) == (40, 60, dec("9.99"))
    assert (entry.WorkingIndicator, profit.WorkingIndicator) == (True, False)


def test_a_list_of_which_nothing_is_open_is_all_done() -> None:
    scene = working(pair(None)).fill(100).fill(100, order_id="acme-2").desk(STATUS)
    assert said(scene) == ["L Response AllDone a:Filled b:Filled"]


def test_a_refused_list_s_status_is_reject() -> None:
    scene = AccountScene().desk(listed(None, one("a", Symbol="NONE"))).desk(STATUS)
    assert said(scene) == ["L Response Reject a:Rejected"]
    scene.desk(CANCEL).happened()
    assert said(scene) == ["L Response Reject a:Rejected"]


@pytest.mark.parametrize("request_", [STATUS, CANCEL])
def test_an_unknown_list_is_answered_with_reject(
    request_: ListStatusRequest | ListCancelRequest,
) -> None:
    scene = AccountScene(definition(Desks=("blue", "red")), instrument()).desk(pair(None))
    scene.desk(request_, desk="red").happened()
    assert said(scene) == ["L Response Reject"]
    status = scene.sends[0].message
    assert isinstance(status, ListStatus)
    assert status.Text is not None
    assert "names no list of desk red" in status.Text


# ---- cancelled as a whole


def test_a_list_s_cancel_cancels_what_is_open_and_says_so_when_it_is_done() -> None:
    scene = working(listed(None, one("a"), one("b"), one("c"))).fill(100).desk(CANCEL)
    scene.happened("ListCancelRequested", "OwnRequestMade", "OwnRequestMade")
    assert said(scene) == [
        "L Response Cancelling a:Filled b:New c:New",
        "book/AAPL CancelOrder acme-2 L 1",
        "book/AAPL CancelOrder acme-3 L 2",
    ]
    scene.venue(ExecType.Canceled, "acme-2", RequestID="L 1").then("b Canceled Canceled 100/0/0")
    assert scene.report.Text == "list L: canceled by the desk"
    assert scene.report.ExecRestatementReason is ExecRestatementReason.Other
    scene.venue(ExecType.Canceled, "acme-3", RequestID="L 2").desk(STATUS)
    assert said(scene) == ["L Response AllDone a:Filled b:Canceled c:Canceled"]
    scene.replays()


def test_a_list_s_cancel_again_asks_only_for_what_is_not_being_cancelled() -> None:
    scene = working(pair(None)).desk(CANCEL).desk(CANCEL).happened()
    assert said(scene) == ["L Response Cancelling a:New b:New"]
    scene.refused("L 1").desk(CANCEL).happened("OwnRequestMade")
    assert said(scene)[1:] == ["book/AAPL CancelOrder acme-1 L 3"]
    scene.replays()


def test_held_orders_of_a_cancelled_list_are_over_at_once() -> None:
    scene = working(bracket()).desk(CANCEL)
    assert said(scene) == [
        "L Response Cancelling entry:New profit:New loss:New",
        "book/AAPL CancelOrder acme-1 L 1",
        "profit Canceled Canceled 100/0/0",
        "loss Canceled Canceled 100/0/0",
    ]
    scene.venue(ExecType.Canceled, RequestID="L 1").then("entry Canceled Canceled 100/0/0")
    assert scene.state.open == {}
    scene.replays()


def test_our_own_cancel_that_comes_too_late_is_no_news() -> None:
    scene = working(pair(None)).desk(CANCEL).fill(100)
    scene.then("a Trade Filled 100/100/0 100@10.00").happened("OrderFilled", "CancelRejected")
    scene.refused("L 1", CxlRejReason.TooLateToCancel).happened().then().replays()


def test_our_own_cancel_that_the_venue_refuses_is_a_break() -> None:
    scene = working(pair(None)).desk(CANCEL).refused("L 1").then()
    scene.happened("CancelRejected", "BreakFound").replays()


def test_a_desk_s_own_cancel_waits_for_the_one_under_way() -> None:
    scene = working(pair(None)).desk(CANCEL).desk(cancel("x", "a"))
    scene.then("x<a CancelReject New AlreadyPending").replays()


def test_a_desk_cannot_name_a_request_of_ours() -> None:
    """Ours have a space in their names, which no ClOrdID has."""
    scene = working(pair(None)).desk(replace("L.1", "a", OrderQty=50)).desk(CANCEL)
    scene.venue(ExecType.Replaced, RequestID="L.1").then("L.1<a Replaced New 50/0/50")
    scene.venue(ExecType.Canceled, RequestID="L 1").then("L.1 Canceled Canceled 50/0/0").replays()


def test_pending_words_of_a_venue_about_our_own_requests_are_no_news() -> None:
    scene = working(pair(None)).desk(CANCEL).venue(ExecType.PendingCancel, RequestID="L 1")
    scene.happened().then().replays()


# ---- the recipe


def examples() -> list[str]:
    """The requests in the recipe, as JSON."""
    text = Path(__file__).parents[2].joinpath("docs/recipes/linked-orders.md").read_text()
    return re.findall(r"```json\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("example", examples())
def test_the_examples_of_the_recipe_are_accepted(example: str) -> None:
    request = DESK_REQUEST.validate_json(example)
    assert isinstance(request, NewOrderList)
    scene = AccountScene(definition("growth"), instrument(TickSize=dec("0.01")))
    scene.desk(request).replays()
    assert said(scene)[0].startswith(f"{request.ListID} Ack ReceivedForExecution")


def test_the_recipe_shows_every_kind_of_list() -> None:
    assert len(examples()) == 3
