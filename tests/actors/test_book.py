"""The instrument book: which venue, and parent against child."""

from decimal import Decimal
from typing import Any

from actors.book import Book
from messages.fix import CxlRejReason, ExecType
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected
from tests.actors.scenes import START, BookScene, Scene, dec, instrument, terms


def parent(order_id: str = "acme-1", **fields: Any) -> NewOrder:
    return NewOrder(OrderID=order_id, Account="acme", Terms=terms(**fields))


def cancel(order_id: str = "acme-1") -> CancelOrder:
    return CancelOrder(OrderID=order_id, RequestID="b", Symbol="AAPL")


def replace(**fields: Any) -> ReplaceOrder:
    return ReplaceOrder(OrderID="acme-1", RequestID="b", Terms=terms(**fields))


def said(kind: ExecType, child: str = "acme-1.1", exec_id: str = "x1", **fields: Any) -> Execution:
    return Execution(
        OrderID=child,
        Symbol="AAPL",
        Account="acme",
        ExecType=kind,
        Venue="XNAS",
        VenueExecID=exec_id,
        TransactTime=START,
        **fields,
    )


def trade(qty: int, exec_id: str = "x2") -> Execution:
    return said(ExecType.Trade, exec_id=exec_id, LastQty=dec(qty), LastPx=dec("10.00"))


def refused(child: str = "acme-1.1") -> RequestRejected:
    return RequestRejected(
        OrderID=child,
        Symbol="AAPL",
        Account="acme",
        RequestID="b",
        CxlRejReason=CxlRejReason.Other,
    )


def test_an_order_goes_to_the_first_venue_of_its_instrument_as_one_child() -> None:
    scene = BookScene().when(parent()).happened("OrderRouted")
    scene.then("venue/XNAS NewOrder acme-1.1").replays()


def test_a_directed_order_goes_where_it_says() -> None:
    BookScene().when(parent(ExDestination="XPAR")).then("venue/XPAR NewOrder acme-1.1")


def test_an_order_directed_elsewhere_is_rejected_and_says_why() -> None:
    scene = BookScene().when(parent(ExDestination="XLON")).happened("OrderUnroutable")
    scene.then("account/acme Execution acme-1 Rejected").replays()
    assert "XLON" in scene.sends[0].message.Text  # type: ignore[attr-defined]


def test_without_an_instrument_or_a_venue_nothing_is_routable() -> None:
    for scene in (Scene(lambda: Book("book/AAPL")), BookScene(instrument(Venues=()))):
        scene.when(parent()).then("account/acme Execution acme-1 Rejected")
        assert "none is configured" in scene.sends[0].message.Text  # type: ignore[attr-defined]


def test_a_definition_counts_from_the_next_order_on() -> None:
    scene = BookScene().when(parent(), instrument(Venues=("XPAR",)))
    scene.happened("InstrumentDefined").when(instrument(Venues=("XPAR",))).happened()
    scene.when(parent("acme-2")).then("venue/XPAR NewOrder acme-2.1")
    scene.when(cancel()).then("venue/XNAS CancelOrder acme-1.1 b").replays()


def test_what_the_venue_says_of_the_child_is_told_of_the_parent() -> None:
    scene = BookScene().when(parent(), said(ExecType.New)).happened("ChildExecuted")
    scene.then("account/acme Execution acme-1 New")
    scene.when(trade(40)).then("account/acme Execution acme-1 Trade 40@10.00").replays()
    assert scene.state.parents["acme-1"].cum_qty == 40


def test_cancels_and_replaces_go_down_and_their_refusals_come_up() -> None:
    scene = BookScene().when(parent(), cancel()).happened("RequestRouted")
    scene.then("venue/XNAS CancelOrder acme-1.1 b")
    scene.when(refused()).then("account/acme RequestRejected acme-1 b Other")
    scene.when(replace(OrderQty=120)).then("venue/XNAS ReplaceOrder acme-1.1 b")
    scene.when(refused()).happened("ChildRequestRejected").replays()
    assert scene.state.parents["acme-1"].replaces == {}


def test_a_replace_that_the_venue_took_is_what_the_parent_is_from_then_on() -> None:
    scene = BookScene().when(parent(), replace(OrderQty=120), trade(100, "x1"))
    scene.when(said(ExecType.Replaced, exec_id="x2", RequestID="b"))
    scene.then("account/acme Execution acme-1 Replaced b")
    scene.when(trade(20, "x3")).happened("ChildExecuted").replays()
    assert scene.state.parents["acme-1"].order_qty == 120


def test_a_fill_beyond_the_child_is_a_break_and_is_passed_on() -> None:
    scene = BookScene().when(parent(), trade(130)).happened("BreakFound", "ChildExecuted")
    scene.then("account/acme Execution acme-1 Trade 130@10.00").replays()


def test_a_cancel_of_what_has_ended_is_too_late() -> None:
    for end in (ExecType.Canceled, ExecType.Expired, ExecType.Rejected):
        scene = BookScene().when(parent(), said(end))
        scene.when(cancel()).happened().then(
            "account/acme RequestRejected acme-1 b TooLateToCancel"
        )
        scene.when(replace()).then("account/acme RequestRejected acme-1 b TooLateToCancel")


def test_a_cancel_of_a_filled_order_is_the_venues_to_refuse() -> None:
    """A replace may still re-open it (FIX C.1.c)."""
    scene = BookScene().when(parent(), trade(100), cancel()).happened("RequestRouted")
    scene.when(replace(OrderQty=120)).then("venue/XNAS ReplaceOrder acme-1.1 b")


def test_a_cancel_of_an_unroutable_order_is_answered_by_its_rejection() -> None:
    BookScene().when(parent(ExDestination="XLON"), cancel()).happened().then()


def test_a_late_fill_after_the_end_is_passed_on() -> None:
    scene = BookScene().when(parent(), said(ExecType.Canceled), trade(10))
    scene.then("account/acme Execution acme-1 Trade 10@10.00").replays()
    assert scene.state.parents["acme-1"].cum_qty == Decimal(10)


def test_words_on_an_unknown_child_are_breaks_and_go_no_further() -> None:
    BookScene().when(said(ExecType.New, "zz.1")).happened("BreakFound").then().replays()
    BookScene().when(refused("zz.1")).happened("BreakFound").then().replays()
