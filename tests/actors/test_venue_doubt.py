"""What was sent and not answered: in doubt, asked about, over only on the venue's word (I16)."""

from typing import Any

import pytest

from actors.venue.venue import DOUBT_AFTER
from messages import venue as wire
from messages.base import SECOND
from messages.fix import ExecType, OrdRejReason, OrdStatus
from messages.routing import NewOrder
from tests.actors.scenes import VenueScene, dec, terms
from tests.actors.test_venue import DOWN, UP, cancel, child, placed, replace

CHECK = wire.CheckDoubt()
LATE = DOUBT_AFTER // SECOND


def status(scene: VenueScene, said: OrdStatus, **fields: Any) -> VenueScene:
    """The venue answers a status request."""
    return scene.hears(ExecType.OrderStatus, "k", "0", OrdStatus=said, **fields)


def unknown(scene: VenueScene) -> VenueScene:
    return status(scene, OrdStatus.Rejected, OrdRejReason=OrdRejReason.UnknownOrder)


def in_doubt() -> VenueScene:
    """Sent, and the session was cut before an answer."""
    scene = VenueScene(UP, child(), DOWN, UP).happened("SessionOpened", "WentInDoubt")
    return scene.then("fix/XNAS VenueStatusRequest k").replays()  # type: ignore[return-value]


def test_after_a_cut_the_venue_is_asked_and_knows_the_order() -> None:
    scene = status(in_doubt(), OrdStatus.New).happened("VenueExecuted")
    scene.then("book/AAPL Execution k New").replays()
    assert scene.state.unanswered == {}
    scene.hears(ExecType.New, "k", "x1").happened("VenueExecuted").then()


def test_after_a_cut_the_venue_does_not_know_the_order_and_gets_it_with_poss_resend() -> None:
    scene = unknown(in_doubt()).happened("VenueMessageSent")
    scene.then("fix/XNAS VenueNewOrder k PossResend").replays()
    scene.hears(ExecType.New, "k").then("book/AAPL Execution k New")


def test_an_unknown_order_that_was_answered_meanwhile_is_not_sent_again() -> None:
    scene = in_doubt().hears(ExecType.New, "k")
    unknown(scene).happened().then()


@pytest.mark.parametrize("end", [OrdStatus.Canceled, OrdStatus.Rejected, OrdStatus.Expired])
def test_after_a_cut_the_venue_says_that_the_order_has_ended(end: OrdStatus) -> None:
    scene = status(in_doubt(), end).then(f"book/AAPL Execution k {end}").replays()
    status(scene, end).happened().then()
    assert scene.state.children["k"].ended


def test_fills_that_only_a_status_report_tells_of_are_a_break() -> None:
    scene = status(in_doubt(), OrdStatus.PartiallyFilled, CumQty=dec(40))
    scene.happened("BreakFound", "VenueExecuted").then("book/AAPL Execution k New").replays()


def test_the_last_quantity_in_a_status_report_is_not_booked_again() -> None:
    scene = in_doubt().hears(ExecType.Trade, "k", "x1", LastQty=dec(40), LastPx=dec(10))
    given = {"CumQty": dec(40), "LastQty": dec(40), "LastPx": dec(10)}
    status(scene, OrdStatus.Canceled, **given).then("book/AAPL Execution k Canceled").replays()
    assert scene.state.children["k"].cum_qty == 40


def test_a_cancel_in_doubt_is_said_again_with_poss_resend() -> None:
    scene = placed(cancel(), DOWN, UP).happened("SessionOpened", "WentInDoubt", "VenueMessageSent")
    scene.then("fix/XNAS VenueCancel k.1 <k PossResend").replays()


def test_after_a_restart_nothing_is_sent_twice_without_asking() -> None:
    """A new process hears the session go down and up; its journal says what had been sent."""
    scene = placed(replace("b", OrderQty=120))
    scene.when(NewOrder(OrderID="m", Account="acme", Terms=terms()))
    scene.actor = scene.replayed()  # type: ignore[assignment]
    scene.when(wire.SessionDown(Text="starting"), UP)
    scene.then("fix/XNAS VenueReplace k.1 <k PossResend", "fix/XNAS VenueStatusRequest m")
    scene.replays()


# ---- what the session did not take


def test_what_the_session_did_not_take_is_held_and_sent_after_the_next_logon() -> None:
    """I17."""
    scene = VenueScene(UP, child(), wire.NotSent(ClOrdID="k")).happened("VenueMessageHeld")
    scene.when(DOWN, UP).happened("SessionOpened", "VenueMessageSent")
    scene.then("fix/XNAS VenueNewOrder k").replays()


def test_a_child_that_was_held_can_be_canceled_without_asking_the_venue() -> None:
    scene = VenueScene(UP, child(), wire.NotSent(ClOrdID="k"), cancel())
    scene.then("book/AAPL Execution k Canceled b").replays()


def test_a_replace_never_overtakes_the_child_that_was_held() -> None:
    scene = VenueScene(UP, child(), wire.NotSent(ClOrdID="k"), replace(OrderQty=120))
    scene.happened("RequestTaken").then()
    scene.later(LATE).when(CHECK)
    scene.then("fix/XNAS VenueNewOrder k", "fix/XNAS VenueReplace k.1 <k").replays()


def test_what_was_in_doubt_stays_in_doubt_when_its_repeat_was_not_sent() -> None:
    scene = unknown(in_doubt()).when(wire.NotSent(ClOrdID="k")).happened().replays()
    assert scene.state.requests["k"].in_doubt
    scene.when(cancel()).then("fix/XNAS VenueCancel k.1 <k")


def test_news_of_what_was_answered_or_never_asked_changes_nothing() -> None:
    placed(wire.NotSent(ClOrdID="k")).happened().then()
    placed(wire.NotSent(ClOrdID="zz")).happened().then()


# ---- the timer


def test_each_send_sets_one_timer_that_is_kept() -> None:
    scene = VenueScene(UP, child())
    assert [(t.key, t.at, t.keep) for t in scene.timers] == [
        ("doubt", scene.now + DOUBT_AFTER, True)
    ]
    assert VenueScene(child()).timers == ()


def test_an_answer_that_is_late_puts_the_request_in_doubt_and_asks() -> None:
    scene = VenueScene(UP, child()).later(LATE).when(CHECK).happened("WentInDoubt")
    scene.then("fix/XNAS VenueStatusRequest k").replays()
    assert scene.timers
    scene.later(LATE).when(CHECK).happened().then("fix/XNAS VenueStatusRequest k")


def test_an_answer_that_is_not_late_yet_is_waited_for() -> None:
    scene = VenueScene(UP, child()).later(LATE - 1).when(CHECK).happened().then()
    assert [t.key for t in scene.timers] == ["doubt"]


def test_nothing_is_asked_while_the_session_is_down() -> None:
    """I17."""
    scene = VenueScene(UP, child(), DOWN).later(LATE).when(CHECK)
    scene.happened("WentInDoubt").then().replays()
    scene.later(LATE).when(CHECK).happened().then()


def test_the_timer_ends_when_everything_is_answered() -> None:
    assert placed().later(LATE).when(CHECK).happened().then().timers == ()


def test_a_child_that_was_held_while_up_is_tried_again_by_the_timer() -> None:
    scene = VenueScene(UP, child(), wire.NotSent(ClOrdID="k"))
    assert [t.key for t in scene.timers] == ["doubt"]
    scene.later(LATE).when(CHECK).then("fix/XNAS VenueNewOrder k").replays()


def test_a_duplicate_reject_of_what_is_in_doubt_is_a_break_and_no_answer() -> None:
    scene = in_doubt().hears(ExecType.Rejected, "k", "x9", OrdRejReason=OrdRejReason.DuplicateOrder)
    scene.happened("DuplicateExecution", "BreakFound").then().replays()
    assert scene.state.unanswered == {"k": None}


def test_a_status_that_shows_a_request_was_not_acted_on_refuses_it() -> None:
    scene = placed(cancel(), DOWN, UP)
    scene.hears(ExecType.OrderStatus, "k.1", "0", OrdStatus=OrdStatus.New)
    scene.then("book/AAPL RequestRejected k b Other").replays()
