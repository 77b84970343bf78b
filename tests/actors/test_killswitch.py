"""The kill switch: one person stops, another releases, and the certificate is what actors say."""

from typing import Any

from actors.killswitch import KillSwitch
from messages.kills import (
    KILLSWITCH,
    EndedKill,
    Kill,
    KillDirectory,
    KilledOrder,
    KilledState,
    KillHeard,
    KillOrders,
    KillReport,
    KillScope,
    KillStatus,
    ReleaseKill,
    SpreadKills,
    StandingKill,
)
from messages.operators import FromOperator
from tests.actors.scenes import START, Scene

DIRECTORY = KillDirectory(
    Accounts={"acme": ("blue",), "bravo": ("red",)}, Symbols=("AAPL", "MSFT"), Venues=("XNAS",)
)
WISH = Kill(Scope=KillScope.Desk, Name="blue", Reason="loop", TransactTime=START)
KILL_ID = WISH.kill_id("ann")
OTHERS = ["account/acme", "book/AAPL", "book/MSFT"]


def said(request: Any, who: str = "ann") -> FromOperator:
    return FromOperator(Operator=who, ReceivedAt=START, Request=request)


def switch(*given: Any) -> Scene:
    return Scene(lambda: KillSwitch(KILLSWITCH), DIRECTORY, *given)


def reports(scene: Scene) -> list[tuple[str, str]]:
    return [
        (send.recipient, send.message.KillStatus.value)
        for send in scene.sends
        if isinstance(send.message, KillReport)
    ]


def test_everybody_in_scope_is_told_venues_first() -> None:
    scene = switch(said(WISH))
    told = [s.recipient for s in scene.sends if isinstance(s.message, StandingKill)]
    assert told == ["venue/XNAS"]
    assert reports(scene) == [("desk/ann", "Standing")]
    scene.when(said(WISH))  # the border says it again after a crash
    assert [s.recipient for s in scene.sends] == ["desk/ann"]
    scene.happened().when(KillHeard(KillID=KILL_ID, By="venue/XNAS", At=START))
    assert [s.recipient for s in scene.sends] == OTHERS
    scene.when(SpreadKills()).happened().then().replays()


def test_accounts_and_books_do_not_wait_for_a_venue_connection_that_is_dead() -> None:
    scene = switch(said(WISH))
    assert [timer.key for timer in scene.timers] == ["spread"]
    scene.when(SpreadKills()).happened("KillSpread")
    assert [s.recipient for s in scene.sends] == OTHERS


def test_nobody_is_told_of_a_kill_that_was_released_meanwhile() -> None:
    scene = switch(said(WISH), said(ReleaseKill(KillID=KILL_ID, Reason="fixed"), "bob"))
    scene.when(SpreadKills()).happened().then()


def test_only_a_second_person_releases_a_kill() -> None:
    """I25."""
    release = ReleaseKill(KillID=KILL_ID, Reason="fixed")
    scene = switch(said(WISH), said(release))
    assert reports(scene) == [("desk/ann", "Refused")]
    assert "another person" in scene.sends[0].message.Text  # type: ignore[attr-defined]
    assert [k.KillID for k in scene.state.standing] == [KILL_ID]
    scene.when(said(release, "bob"))
    ended = [s.recipient for s in scene.sends if isinstance(s.message, EndedKill)]
    assert ended == ["venue/XNAS", "account/acme", "book/AAPL", "book/MSFT"]
    assert reports(scene) == [("desk/ann", "Released"), ("desk/bob", "Released")]
    assert scene.state.standing == ()
    scene.when(said(release, "cid")).happened("KillRefused")
    scene.when(said(release, "bob")).happened()
    scene.replays()


def test_nobody_releases_what_is_no_kill() -> None:
    scene = switch(said(ReleaseKill(KillID="K9", Reason="r"), "bob"))
    assert reports(scene) == [("desk/bob", "Refused")]


def test_a_kill_is_quiet_when_all_have_heard_and_every_order_is_settled() -> None:
    """I24."""
    scene = switch(said(WISH))
    for by in ("venue/XNAS", *OTHERS):
        scene.when(KillHeard(KillID=KILL_ID, By=by, At=START))
        assert reports(scene) == []
    one = KilledOrder(OrderID="k", Account="acme", Symbol="AAPL", State=KilledState.Open)
    listed = KillOrders(KillID=KILL_ID, By="venue/XNAS", At=START, Orders=(one,), Listed=True)
    scene.when(listed).then()
    over = one.model_copy(update={"State": KilledState.Canceled})
    scene.when(KillOrders(KillID=KILL_ID, By="venue/XNAS", At=START, Orders=(over,)))
    assert reports(scene) == [("desk/ann", "Quiet")]
    assert scene.state.kills[KILL_ID].quiet
    scene.replays()


def test_a_kill_is_not_quiet_while_an_order_is_under_way_between_actors() -> None:
    """I24: what a venue connection says of a child stands for what the account said of it."""
    scene = switch(said(WISH))
    way = [KilledOrder(OrderID=n, Account="acme", Symbol="AAPL", State=KilledState.Open)
           for n in ("acme-1", "acme-2")]  # fmt: skip
    child = way[0].model_copy(update={"OrderID": "acme-1.1", "State": KilledState.InDoubt})
    empty = KillOrders(KillID=KILL_ID, By="venue/XNAS", At=START, Orders=(child,), Listed=True)
    scene.when(KillHeard(KillID=KILL_ID, By="venue/XNAS", At=START), empty)
    for by in OTHERS:
        told = tuple(way) if by == "account/acme" else ()
        scene.when(KillHeard(KillID=KILL_ID, By=by, At=START, Orders=told))
    assert not scene.state.kills[KILL_ID].quiet
    assert list(scene.state.kills[KILL_ID].open) == ["account/acme acme-2"]
    over = way[1].model_copy(update={"State": KilledState.Rejected})
    scene.when(KillOrders(KillID=KILL_ID, By="account/acme", At=START, Orders=(over,)))
    assert reports(scene) == [("desk/ann", "Quiet")]
    assert set(scene.state.kills[KILL_ID].orders) == {
        "venue/XNAS acme-1.1", "account/acme acme-2"
    }  # fmt: skip
    scene.replays()


def test_the_same_words_of_another_person_are_another_kill() -> None:
    assert WISH.kill_id("ann") == KILL_ID
    assert WISH.kill_id("bob") != KILL_ID


def test_the_status_of_a_released_kill_is_released() -> None:
    scene = switch(said(WISH), said(ReleaseKill(KillID=KILL_ID, Reason="r"), "bob"), said(WISH))
    assert reports(scene) == [("desk/ann", KillStatus.Released.value)]
