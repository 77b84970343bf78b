"""A kill at each actor: what adds risk stops, cancels flow, what was open is cancelled."""

from typing import Any

import pytest

from actors import kills
from actors.actor import Send
from messages import venue as wire
from messages.fix import ExecType, OrdRejReason, OrdStatus, OrdType, Side
from messages.kills import (
    KILLSWITCH,
    CancelKilled,
    EndedKill,
    KilledOrder,
    KilledState,
    KillHeard,
    KillScope,
    KillSequence,
    StandingKill,
)
from messages.routing import CancelOrder, NewOrder, ReplaceOrder
from tests.actors.scenes import (
    DESK,
    START,
    AccountScene,
    BookScene,
    VenueScene,
    cancel,
    dec,
    order,
    replace,
    terms,
)


def kill(scope: KillScope = KillScope.Firm, name: str | None = None) -> StandingKill:
    return StandingKill(KillID="K1", Scope=scope, Name=name, Reason="loop", By="ann", At=START)


FIRM = kill()
RELEASE = EndedKill(KillID="K1", By="bob", Reason="fixed", At=START)
TEXT = "kill K1 of Firm by ann at 2026-11-23T02:16:24Z: loop"


def child(name: str = "k", **fields: Any) -> NewOrder:
    return NewOrder(OrderID=name, Account="acme", Terms=terms(**fields), Desk=DESK)


def to_killswitch(sends: tuple[Send, ...]) -> list[Any]:
    return [send.message for send in sends if send.recipient == KILLSWITCH]


# ---- scopes


@pytest.mark.parametrize(
    ("scope", "name", "stops"),
    [
        (KillScope.Firm, None, True),
        (KillScope.Desk, "blue", True),
        (KillScope.Desk, "red", False),
        (KillScope.Account, "acme", True),
        (KillScope.Account, "blue", False),
        (KillScope.Instrument, "AAPL", True),
        (KillScope.Instrument, "MSFT", False),
        (KillScope.Venue, "XNAS", True),
        (KillScope.Venue, "XPAR", False),
    ],
)
def test_a_kill_stops_what_is_in_its_scope(scope: KillScope, name: str | None, stops: bool) -> None:
    known = {"K1": kill(scope, name)}
    found = kills.standing(known, desk="blue", account="acme", symbol="AAPL", venue="XNAS")
    assert (found is not None) is stops


@pytest.mark.parametrize(
    ("side", "fields", "adds"),
    [
        (Side.Buy, {"OrderQty": 100}, False),
        (Side.Buy, {"OrderQty": 50}, False),
        (Side.Buy, {"OrderQty": 101}, True),
        (Side.Buy, {"Price": "9.99"}, False),
        (Side.Buy, {"Price": "10.01"}, True),
        (Side.Sell, {"Price": "9.99"}, True),
        (Side.Sell, {"Price": "10.01"}, False),
        (Side.Buy, {"OrderQty": 50, "Price": "10.01"}, True),
        (Side.Buy, {"OrdType": OrdType.Market}, True),
    ],
)
def test_a_replace_adds_risk_unless_it_asks_for_less(
    side: Side, fields: dict[str, Any], adds: bool
) -> None:
    assert kills.adds_risk(terms(Side=side), terms(Side=side, **fields)) is adds


# ---- the account


def test_a_new_order_is_refused_and_told_who_when_and_why() -> None:
    """I23."""
    scene = AccountScene().when(FIRM)
    assert to_killswitch(scene.sends) == [KillHeard(KillID="K1", By="account/acme", At=scene.now)]
    scene.desk(order()).then("a Rejected Rejected 100/0/0 BrokerOption")
    refusal = scene.report.Refusal
    assert (refusal.Rule, refusal.Field, refusal.Given) == ("kill_switch", "Firm", "all")
    assert refusal.Allowed == f"is stopped by {TEXT}"
    assert "second person" in refusal.Remedy
    scene.when(RELEASE).desk(order("b"))
    assert scene.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]
    scene.replays()


def test_cancels_and_smaller_replaces_still_flow() -> None:
    scene = AccountScene().working().when(kill(KillScope.Desk, DESK))
    scene.desk(replace("b", "a", OrderQty=200)).then("b<a CancelReject New BrokerOption")
    assert scene.report.Refusal.Rule == "kill_switch"
    scene.desk(replace("c", "a", OrderQty=50))
    assert scene.events[0].Event == "ReplaceRequested"  # type: ignore[attr-defined]
    scene.desk(cancel("d", "a"))
    assert scene.events[0].Event == "CancelRequested"  # type: ignore[attr-defined]
    scene.replays()


def test_a_kill_that_was_released_before_it_came_changes_nothing() -> None:
    """A trigger may come later than its release, on a slower way."""
    scene = AccountScene().when(RELEASE, FIRM).happened().then()
    scene.desk(order())
    assert scene.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]


def test_a_kill_is_heard_once() -> None:
    AccountScene().when(FIRM, FIRM).happened().then()
    VenueScene().when(FIRM, FIRM).happened().then()
    BookScene().when(FIRM, FIRM).happened().then()


# ---- the book


def test_what_was_on_its_way_to_the_book_is_rejected_there() -> None:
    """I23."""
    scene = BookScene().when(FIRM).when(child())
    scene.then("account/acme Execution k Rejected").happened("OrderUnroutable")
    assert TEXT in scene.sends[0].message.Text  # type: ignore[attr-defined]
    scene.replays()


def test_a_book_under_the_kill_of_another_venue_goes_on() -> None:
    scene = BookScene().when(kill(KillScope.Venue, "XPAR"))
    scene.when(child()).then("venue/XNAS NewOrder k.1")
    scene.when(child("m", ExDestination="XPAR")).then("account/acme Execution m Rejected")


def test_the_desk_goes_with_the_order_to_the_venue() -> None:
    scene = BookScene().when(child())
    assert scene.sends[0].message.Desk == DESK  # type: ignore[attr-defined]


def test_what_the_book_holds_ends_at_once() -> None:
    stop = child(OrdType=OrdType.Stop, Price=None, StopPx=dec("12"))
    scene = BookScene().when(stop).when(FIRM)
    assert scene.sends[0].message.ExecType is ExecType.Canceled  # type: ignore[attr-defined]
    (heard,) = to_killswitch(scene.sends)
    assert heard.Orders == (
        KilledOrder(OrderID="k", Account="acme", Symbol="AAPL", State=KilledState.Canceled),
    )
    scene.replays()


# ---- the venue connection


def up() -> VenueScene:
    return VenueScene(wire.SessionUp())


def test_what_was_on_its_way_to_the_venue_is_rejected_there() -> None:
    """I23."""
    scene = up().when(FIRM).when(child()).then("book/AAPL Execution k Rejected")
    assert scene.sends[0].message.Text == f"stopped by {TEXT}"  # type: ignore[attr-defined]
    scene.happened("ChildTaken", "VenueExecuted").replays()


def test_an_open_order_is_canceled_and_its_end_is_told() -> None:
    """I24."""
    scene = up().when(child()).hears(ExecType.New, "k")
    sent_at = scene.now
    scene.when(FIRM)
    assert to_killswitch(scene.sends) == [
        KillHeard(KillID="K1", By="venue/XNAS", At=scene.now, LastClOrdID="k", LastSentAt=sent_at)
    ]
    assert wire.SequenceAsked(KillID="K1") in [send.message for send in scene.sends]
    scene.when(CancelKilled())
    (listed,) = to_killswitch(scene.sends)
    assert (listed.Listed, [o.State for o in listed.Orders]) == (True, [KilledState.Open])
    assert scene.sends[-1].recipient == "fix/XNAS"
    assert isinstance(scene.sends[-1].message, wire.VenueCancel)
    scene.hears(ExecType.Canceled, "k.1", "x2", OrdStatus=OrdStatus.Canceled)
    up_, told = scene.sends
    assert up_.message.Text == f"canceled by {TEXT}"  # type: ignore[attr-defined]
    assert up_.message.RequestID is None  # type: ignore[attr-defined]
    assert [o.State for o in told.message.Orders] == [KilledState.Canceled]  # type: ignore[attr-defined]
    scene.replays()


def test_the_desk_hears_canceled_with_the_reason() -> None:
    scene = AccountScene().working()
    scene.venue(ExecType.Canceled, Text=f"canceled by {TEXT}")
    scene.then("a Canceled Canceled 100/0/0")
    assert scene.report.Text == f"canceled by {TEXT}"


def test_a_replace_that_adds_risk_is_refused_and_a_smaller_one_goes() -> None:
    scene = up().when(child()).hears(ExecType.New, "k").when(FIRM)
    bigger = ReplaceOrder(OrderID="k", RequestID="r", Terms=terms(OrderQty=200))
    scene.when(bigger).then("book/AAPL RequestRejected k r BrokerOption")
    smaller = ReplaceOrder(OrderID="k", RequestID="s", Terms=terms(OrderQty=50))
    scene.when(smaller)
    assert [s.recipient for s in scene.sends] == ["fix/XNAS"]


def test_a_cancel_of_a_desk_flows_under_a_kill() -> None:
    scene = up().when(child()).hears(ExecType.New, "k").when(FIRM)
    scene.when(CancelOrder(OrderID="k", RequestID="c", Symbol="AAPL"))
    scene.then("fix/XNAS VenueCancel k.1 <k")
    scene.when(CancelKilled())  # a second cancel would only be refused
    assert [s.recipient for s in scene.sends] == [KILLSWITCH]


def test_what_waits_for_the_session_never_leaves() -> None:
    """I23."""
    scene = VenueScene(child(), FIRM).when(CancelKilled())
    rejected = [s for s in scene.sends if s.recipient == "book/AAPL"]
    assert [s.message.ExecType for s in rejected] == [ExecType.Rejected]  # type: ignore[attr-defined]
    scene.when(wire.SessionUp())
    assert [s for s in scene.sends if s.recipient == "fix/XNAS"] == []
    scene.replays()


def test_the_session_coming_up_between_the_kill_and_its_cancels_lets_nothing_out() -> None:
    """I23: the gate stands from the entry that journals the kill on."""
    scene = VenueScene(child(), FIRM).when(wire.SessionUp())
    assert [s for s in scene.sends if s.recipient == "fix/XNAS"] == []
    assert scene.sends[0].message.ExecType is ExecType.Rejected  # type: ignore[attr-defined]
    scene.when(CancelKilled()).replays()


def test_an_order_that_the_venue_never_got_is_not_said_again() -> None:
    """I23: without a kill it would be, marked PossResend."""
    scene = up().when(child()).when(wire.SessionDown(), FIRM, wire.SessionUp())
    unknown = {"OrdStatus": OrdStatus.Rejected, "OrdRejReason": OrdRejReason.UnknownOrder}
    scene.hears(ExecType.OrderStatus, "k", OrderID="NONE", **unknown)
    assert [s for s in scene.sends if s.recipient == "fix/XNAS"] == []
    assert scene.sends[0].message.ExecType is ExecType.Rejected  # type: ignore[attr-defined]
    scene.replays()


def test_an_order_that_was_not_sent_after_all_ends() -> None:
    """I23."""
    scene = up().when(child(), FIRM).when(wire.NotSent(ClOrdID="k"))
    assert scene.sends[0].message.ExecType is ExecType.Rejected  # type: ignore[attr-defined]


def test_what_may_have_reached_the_venue_is_listed_in_doubt_and_kept() -> None:
    """I16, I24."""
    scene = up().when(child()).when(wire.SessionDown(), wire.SessionUp(), FIRM)
    scene.when(CancelKilled())
    (listed,) = to_killswitch(scene.sends)
    assert [o.State for o in listed.Orders] == [KilledState.InDoubt]
    assert "k" in scene.state.unanswered
    scene.hears(ExecType.Canceled, "k.1", "x2", OrdStatus=OrdStatus.Canceled)
    (told,) = to_killswitch(scene.sends)
    assert [o.State for o in told.Orders] == [KilledState.Canceled]


def test_cancels_leave_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.venue.killed.CHUNK", 2)
    scene = up()
    for name in ("k", "m", "n"):
        scene.when(child(name))
    scene.when(FIRM, CancelKilled())
    assert [t.key for t in scene.timers if t.key == "kill"] == ["kill"]
    canceled = [s for s in scene.sends if isinstance(s.message, wire.VenueCancel)]
    assert len(canceled) == 2
    scene.when(CancelKilled())
    canceled = [s for s in scene.sends if isinstance(s.message, wire.VenueCancel)]
    assert len(canceled) == 1
    assert [t.key for t in scene.timers if t.key == "kill"] == []
    scene.replays()


def test_what_the_session_counted_goes_into_the_certificate() -> None:
    scene = up().when(FIRM).when(wire.SequenceTold(KillID="K1", MsgSeqNum=7))
    assert to_killswitch(scene.sends) == [KillSequence(KillID="K1", By="venue/XNAS", MsgSeqNum=7)]
