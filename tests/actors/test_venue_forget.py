"""A venue connection does not grow for ever: what ended days ago is forgotten, and nothing else."""

from actors.venue.forget import DAY, KEPT_DAYS
from messages.base import SECOND
from messages.fix import ExecType, OrdStatus
from messages.reference import VenueScope
from messages.routing import NewOrder
from tests.actors.scenes import VenueScene, dec, terms
from tests.actors.test_venue import DOWN, UP, cancel, placed, replace, trade
from tests.actors.test_venue_resolution import resolved

LONG = (KEPT_DAYS + 1) * DAY // SECOND
"""Seconds after which the venue is silent for too long."""
NEXT = DAY // SECOND


def another(name: str) -> NewOrder:
    return NewOrder(OrderID=name, Account="acme", Terms=terms())


def filled() -> VenueScene:
    return trade(placed(), 100)


def test_what_was_filled_days_ago_is_forgotten_with_the_first_order_of_a_day() -> None:
    scene = filled().later(LONG).when(another("m"))
    scene.happened("DayBegan", "ChildTaken", "VenueMessageSent").replays()
    assert list(scene.state.children) == list(scene.state.requests) == ["m"]
    assert scene.state.exec_ids == scene.state.by_venue_id == {}
    scene.when(another("n")).happened("ChildTaken", "VenueMessageSent")


def test_what_was_filled_yesterday_can_still_be_taken_back() -> None:
    scene = filled().later(NEXT).when(DOWN, UP).happened("DayBegan", "SessionOpened")
    scene.hears(ExecType.TradeCancel, "k", "x3", ExecRefID="x2", CumQty=dec(0))
    scene.then("book/AAPL Execution k TradeCancel").replays()
    assert scene.state.children["k"].cum_qty == 0


def test_a_late_word_keeps_an_order_for_days_more() -> None:
    scene = filled().later(LONG - NEXT)
    scene.hears(ExecType.TradeCancel, "k", "x3", ExecRefID="x2", CumQty=dec(0))
    trade(scene, 100, "x4").later(3 * NEXT).when(another("m")).happened(
        "DayBegan", "ChildTaken", "VenueMessageSent"
    )
    assert "k" in scene.state.children


def test_what_may_still_trade_is_never_forgotten() -> None:
    scene = trade(placed(), 40).later(2 * LONG).when(another("m")).replays()
    assert list(scene.state.children) == ["k", "m"]
    assert "x2" in scene.state.exec_ids


def test_what_is_unanswered_is_never_forgotten() -> None:
    scene = filled().when(replace(OrderQty=120)).later(LONG).when(another("m")).replays()
    assert {"k", "k.1"} <= set(scene.state.requests)


def test_an_order_that_the_venue_made_is_never_forgotten() -> None:
    """Or a late word on it would make it anew, and its fills would be booked once more."""
    scene = VenueScene(VenueScope(Venue="XNAS", Accounts=("acme",), Symbols=("AAPL",)), UP)
    fill = {"LastQty": dec(100), "LastPx": dec(10), "CumQty": dec(100), "Account": "acme"}
    scene.when(another("m"))
    scene.hears(ExecType.Trade, None, "x1", OrdStatus=OrdStatus.Filled, **fill)  # type: ignore[arg-type]
    scene.later(LONG).when(another("n")).replays()
    scene.hears(ExecType.Trade, None, "x1", OrdStatus=OrdStatus.Filled, **fill)  # type: ignore[arg-type]
    scene.happened("DuplicateExecution")


def test_a_word_on_what_was_forgotten_is_a_break_and_booked_by_nobody() -> None:
    scene = filled().later(LONG).when(another("m"))
    trade(scene, 1, "x9").happened("BreakFound").then().replays()


def test_a_request_on_what_was_forgotten_is_too_late_and_answered() -> None:
    """I9."""
    scene = filled().later(LONG).when(another("m"), cancel())
    scene.happened().then("book/AAPL RequestRejected k b TooLateToCancel")
    scene.when(replace(OrderQty=120)).then("book/AAPL RequestRejected k b TooLateToCancel")


def test_what_people_resolved_is_forgotten_with_its_order() -> None:
    from messages.operators import DoubtOutcome

    scene = (
        resolved(DoubtOutcome.Rejected).later(LONG).when(UP).happened("DayBegan", "SessionOpened")
    )
    scene.replays()
    assert scene.state.children == scene.state.resolutions == {}
