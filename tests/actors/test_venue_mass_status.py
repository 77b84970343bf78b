"""At each logon the venue lists what it still works for us: what is missing is asked about."""

from typing import Any

from messages import venue as wire
from messages.base import Message
from messages.fix import ExecType, OrdRejReason, OrdStatus, OrdType, Side, TimeInForce
from messages.reference import Capabilities, VenueDefinition, VenueScope
from tests.actors.scenes import VenueScene, dec
from tests.actors.test_venue import UP, child

DOWN = wire.SessionDown(Text="cut")
SCOPE = VenueScope(Venue="XNAS", Accounts=("acme",), Symbols=("AAPL",))


def venue(mass_status: bool = True) -> VenueDefinition:
    return VenueDefinition(
        Venue="XNAS",
        Dialect="FIX44",
        SenderCompID="OMS",
        TargetCompID="XNAS",
        Host="h",
        Port=1,
        Native=Capabilities(
            OrdTypes=(OrdType.Limit,), TimesInForce=(TimeInForce.Day,), MassStatus=mass_status
        ),
    )


def reconnected(*given: Message) -> VenueScene:
    """A child that the venue works, and a new session."""
    scene = VenueScene(SCOPE, venue(), UP, *given, child()).hears(ExecType.New, "k")
    return scene.when(DOWN, UP)


def listed(scene: VenueScene, clordid: str | None, last: bool, **fields: Any) -> VenueScene:
    return scene.hears(
        ExecType.OrderStatus, clordid, "0", MassStatusReqID="XNAS.2", LastRptRequested=last,
        **fields,
    )  # fmt: skip


def words(scene: VenueScene) -> list[str]:
    return [type(send.message).__name__ for send in scene.sends]


def test_the_list_is_asked_for_at_each_logon() -> None:
    scene = VenueScene(venue(), UP).happened("SessionOpened", "MassStatusAsked")
    assert words(scene) == ["VenueMassStatusRequest"]
    scene.when(DOWN, UP).replays()
    assert scene.sends[0].message.MassStatusReqID == "XNAS.2"  # type: ignore[attr-defined]


def test_a_venue_that_has_no_such_list_is_not_asked() -> None:
    assert words(VenueScene(venue(mass_status=False), UP)) == []
    assert words(VenueScene(UP)) == []


def test_what_is_listed_is_not_asked_about() -> None:
    scene = listed(reconnected(), "k", last=True).happened("OrderListed", "MassStatusEnded")
    assert words(scene) == []
    scene.replays()


def test_what_we_think_is_open_and_the_list_lacks_is_asked_about() -> None:
    scene = listed(reconnected(), None, last=True, OrderID="NONE").happened("MassStatusEnded")
    assert words(scene) == ["VenueStatusRequest"]
    assert scene.sends[0].message.ClOrdID == "k"  # type: ignore[attr-defined]
    scene.replays()


def test_an_order_that_ended_in_silence_ends_by_the_answer() -> None:
    scene = listed(reconnected(), None, last=True, OrderID="NONE")
    scene.hears(ExecType.OrderStatus, "k", "0", OrdStatus=OrdStatus.Canceled, LeavesQty=dec(0))
    scene.then("book/AAPL Execution k Canceled").replays()


def test_an_order_that_the_venue_has_forgotten_is_a_break_and_stays_open() -> None:
    scene = listed(reconnected(), None, last=True, OrderID="NONE")
    scene.hears(
        ExecType.OrderStatus, "k", "0", OrderID="NONE", OrdStatus=OrdStatus.Rejected,
        OrdRejReason=OrdRejReason.UnknownOrder,
    )  # fmt: skip
    scene.happened("BreakFound").then().replays()
    assert not scene.state.children["k"].ended


def test_an_order_of_the_list_that_nobody_sent_is_adopted() -> None:
    scene = listed(reconnected(), None, last=False, OrderID="V9", Account="acme", Side=Side.Sell)
    assert "VenueOrderAdopted" in [event.Event for event in scene.events]  # type: ignore[attr-defined]
    listed(scene, "k", last=True).happened("OrderListed", "MassStatusEnded").replays()
    assert "XNAS.V9" in scene.state.children


def test_a_list_of_an_earlier_session_changes_nothing() -> None:
    scene = reconnected().hears(
        ExecType.OrderStatus, "k", "0", MassStatusReqID="XNAS.1", LastRptRequested=True
    )
    scene.happened().then().replays()
