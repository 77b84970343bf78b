"""Many cancels at once: the desk asks for them, by account or instrument, or the desk is gone."""

from typing import Any

from messages.fix import (
    ExecRestatementReason,
    ExecType,
    MassCancelRequestType,
    PendingReports,
    TimeInForce,
)
from messages.lists import DeskDisconnected
from messages.orders import OrderMassCancelRequest
from messages.routing import VenueOrder
from tests.actors.lists import bracket, working
from tests.actors.scenes import (
    START,
    AccountScene,
    cancel,
    dec,
    definition,
    instrument,
    mass_cancel,
    order,
    replace,
    terms,
)

LOST = DeskDisconnected(Desk="blue", At=START + 10)


def two(**fields: Any) -> AccountScene:
    """Orders a in AAPL and b in MSFT, both working."""
    scene = AccountScene(definition(**fields), instrument(), instrument("MSFT"))
    return (
        scene.desk(order("a"), order("b", Symbol="MSFT"))
        .venue(ExecType.New)
        .venue(ExecType.New, "acme-2", Symbol="MSFT")
    )


def test_a_mass_cancel_by_account_cancels_every_open_order_of_the_desk() -> None:
    scene = two().desk(mass_cancel("m")).happened("MassCancelRequested")
    scene.then(
        "m CancelAllOrders 2",
        "m<a PendingCancel PendingCancel 100/0/100",
        "book/AAPL CancelOrder acme-1 m",
        "m<b PendingCancel PendingCancel 100/0/100",
        "book/MSFT CancelOrder acme-2 m",
    )
    scene.venue(ExecType.Canceled, RequestID="m").then("m<a Canceled Canceled 100/0/0").replays()


def test_a_mass_cancel_by_instrument_leaves_the_others() -> None:
    scene = two().desk(mass_cancel("m", "MSFT"))
    scene.then(
        "m CancelOrdersForASecurity 1",
        "m<b PendingCancel PendingCancel 100/0/100",
        "book/MSFT CancelOrder acme-2 m",
    ).replays()


def test_a_mass_cancel_without_account_is_answered_by_this_account() -> None:
    everywhere = OrderMassCancelRequest(
        ClOrdID="m", MassCancelRequestType=MassCancelRequestType.CancelAllOrders
    )
    scene = two().desk(everywhere)
    report = scene.sends[0].message
    assert report.Account == "acme"  # type: ignore[attr-defined]
    assert report.TotalAffectedOrders == 2  # type: ignore[attr-defined]
    scene.desk(everywhere).then("m CancelAllOrders 2").happened("DuplicateReceived").replays()


def test_a_mass_cancel_again_cancels_nothing_more() -> None:
    scene = two().desk(mass_cancel("m")).desk(order("c")).desk(mass_cancel("m"))
    scene.then("m CancelAllOrders 2").happened("DuplicateReceived")
    assert scene.sends[0].message.PossResend  # type: ignore[attr-defined]
    assert not scene.state.orders["acme-3"].canceling
    scene.desk(mass_cancel("m", "AAPL")).then("m CancelRequestRejected 0").replays()


def test_a_mass_cancel_leaves_orders_of_other_desks_and_those_being_cancelled() -> None:
    scene = two(Desks=("blue", "red")).desk(order("x"), desk="red").desk(cancel("y", "a"))
    scene.desk(mass_cancel("m"))
    assert [o.ClOrdID for o in scene.state.orders.values() if o.request("m")] == ["b"]
    scene.replays()


def test_a_mass_cancel_of_nothing_says_so() -> None:
    AccountScene().desk(mass_cancel("m")).then("m CancelAllOrders 0").replays()


def test_a_mass_cancel_whose_pending_reports_are_the_venue_s_reports_none_itself() -> None:
    scene = two(PendingReports=PendingReports.Venue).desk(mass_cancel("m", "AAPL"))
    scene.then("m CancelOrdersForASecurity 1", "book/AAPL CancelOrder acme-1 m")
    scene.venue(ExecType.PendingCancel, RequestID="m")
    scene.then("m<a PendingCancel PendingCancel 100/0/100").replays()


# ---- the desk is gone


def test_orders_of_a_disconnected_desk_are_cancelled_and_say_why() -> None:
    scene = two().when(LOST).happened("DeskLost", "OwnRequestMade", "OwnRequestMade")
    scene.then("book/AAPL CancelOrder acme-1 blue 1", "book/MSFT CancelOrder acme-2 blue 2")
    scene.venue(ExecType.Canceled, RequestID="blue 1").then("a Canceled Canceled 100/0/0")
    assert scene.report.ExecRestatementReason is ExecRestatementReason.CancelOnConnectionLoss
    assert scene.report.Text == "desk blue is disconnected"
    scene.replays()


def test_a_disconnect_is_heard_of_once() -> None:
    scene = two().when(LOST).refused("blue 1")
    scene.when(LOST).happened().then()
    scene.when(LOST.model_copy(update={"At": LOST.At - 1})).happened().then()
    scene.when(LOST.model_copy(update={"At": LOST.At + 1})).happened("DeskLost", "OwnRequestMade")
    scene.replays()


def test_orders_of_other_desks_stay() -> None:
    scene = two(Desks=("blue", "red")).desk(order("x"), desk="red").when(LOST)
    assert [o.ClOrdID for o in scene.state.orders.values() if o.canceling] == ["a", "b"]
    scene.when(DeskDisconnected(Desk="red", At=START)).happened("DeskLost", "OwnRequestMade")


def test_orders_that_came_after_the_disconnect_stay() -> None:
    scene = two().later(60).desk(order("c")).when(LOST)
    assert [o.ClOrdID for o in scene.state.orders.values() if o.canceling] == ["a", "b"]
    scene.replays()


def test_orders_good_till_cancel_go_too_unless_the_desk_keeps_them() -> None:
    scene = two().desk(order("g", TimeInForce=TimeInForce.GoodTillCancel))
    scene.desk(order("d", TimeInForce=TimeInForce.GoodTillDate, ExpireDate="20261231"))
    scene.when(LOST.model_copy(update={"KeepGoodTillCancel": True}))
    assert [o.ClOrdID for o in scene.state.orders.values() if o.canceling] == ["a", "b"]
    scene.when(LOST.model_copy(update={"At": LOST.At + 1}))
    assert all(o.canceling for o in scene.state.orders.values())
    scene.replays()


def test_held_orders_of_a_disconnected_desk_are_over_at_once() -> None:
    scene = working(bracket()).when(LOST)
    scene.then(
        "book/AAPL CancelOrder acme-1 blue 1",
        "profit Canceled Canceled 100/0/0",
        "loss Canceled Canceled 100/0/0",
    )
    assert scene.sends[1].message.ExecRestatementReason == "CancelOnConnectionLoss"  # type: ignore[attr-defined]
    scene.replays()


def test_an_order_with_a_replace_under_way_is_cancelled_and_its_replace_answered() -> None:
    scene = two().desk(replace("r", "a", OrderQty=50)).when(LOST)
    scene.venue(ExecType.Canceled, RequestID="blue 1")
    scene.then("a Canceled Canceled 100/0/0", "r<a CancelReject Canceled TooLateToCancel")
    scene.replays()


def test_an_order_that_the_venue_made_is_not_the_connection_s() -> None:
    telephoned = VenueOrder(OrderID="V.1", Account="acme", Venue="XNAS", Terms=terms())
    scene = AccountScene().when(telephoned, LOST).happened("DeskLost").then()
    assert scene.state.reserved == {"USD": dec(1000)}
    scene.replays()
