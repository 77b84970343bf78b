"""What is under way when a kill comes: named as open until it is over, whoever has it then."""

from messages import venue as wire
from messages.fix import CxlRejReason, ExecType, OrdRejReason, OrdStatus, OrdType
from messages.kills import CancelKilled, KilledState, KillScope
from messages.market import Quote
from messages.routing import CancelOrder, Execution, ReplaceOrder
from tests.actors.book_scenes import MarketScene, iceberg
from tests.actors.scenes import AccountScene, BookScene, cancel_reject, dec, order, terms
from tests.actors.test_kill import FIRM, RELEASE, child, kill, to_killswitch, up

LATE = CxlRejReason.TooLateToCancel
XNAS = kill(KillScope.Venue, "XNAS")


def listed(scene: AccountScene | BookScene) -> dict[str, KilledState]:
    """What the last message made of orders, as the kill switch was told."""
    return {
        order.OrderID: order.State for said in to_killswitch(scene.sends) for order in said.Orders
    }


# ---- the account


def test_an_order_under_way_is_named_as_open_until_it_is_over() -> None:
    """I24: it may be between two actors that have heard of the kill, and in neither's list."""
    scene = AccountScene().desk(order()).when(FIRM).happened("KillBegan", "KillListed")
    assert listed(scene) == {"acme-1": KilledState.Open}
    scene.when(RELEASE).venue(ExecType.Rejected)
    assert listed(scene) == {"acme-1": KilledState.Rejected}
    scene.desk(order("b")).venue(ExecType.Rejected, "acme-2")
    assert to_killswitch(scene.sends) == []
    scene.replays()


def test_what_a_venue_has_spoken_of_is_named_by_its_connection_alone() -> None:
    scene = AccountScene().working().when(FIRM).happened("KillBegan")
    assert listed(scene) == {}


# ---- the book


STOP = {"OrdType": OrdType.Stop, "Price": None, "StopPx": dec("12")}


def triggered() -> BookScene:
    """A stop order whose child is on its way to the venue."""
    scene = BookScene().when(child(**STOP))
    quote = Quote(
        Symbol="AAPL", Venue="XNAS", BidPx=dec("11.9"), BidSize=dec(1), OfferPx=dec("12.1"),
        OfferSize=dec(1), LastPx=dec(12), LastQty=dec(1), At=scene.now,
    )  # fmt: skip
    scene.when(quote)
    assert "venue/XNAS" in [send.recipient for send in scene.sends]
    return scene


def venue_word(child_id: str, kind: ExecType) -> Execution:
    return Execution(
        OrderID=child_id, Symbol="AAPL", Account="acme", ExecType=kind, Venue="XNAS",
        VenueExecID="e1", TransactTime=0,
    )  # fmt: skip


def ended_child(scene: BookScene, kind: ExecType) -> BookScene:
    return scene.when(venue_word("k.1", kind))


def test_what_the_book_cannot_end_at_once_is_named_as_open_until_it_is_over() -> None:
    """I24."""
    scene = triggered().when(FIRM)
    assert listed(scene) == {"k": KilledState.Open}
    ended_child(scene, ExecType.Rejected)
    assert listed(scene) == {"k": KilledState.Rejected}
    scene.replays()


def test_an_order_whose_replace_was_under_way_ends_as_well() -> None:
    """I24: it would go on with its new terms as soon as the kill is released."""
    scene = triggered()
    ended_child(scene, ExecType.New)
    scene.when(ReplaceOrder(OrderID="k", RequestID="r", Terms=terms(**STOP, OrderQty=50)))
    scene.when(FIRM)
    assert listed(scene) == {"k": KilledState.Open}
    ended_child(scene, ExecType.Canceled)
    assert listed(scene) == {"k": KilledState.Canceled}
    scene.when(RELEASE)
    assert scene.sends == ()
    scene.replays()


def test_an_order_on_its_way_to_the_venue_is_named_as_open_until_the_venue_has_spoken() -> None:
    """I24: its connection may hear of the kill first, and have nothing to list."""
    scene = BookScene().when(child(), child("m")).when(venue_word("m.1", ExecType.New)).when(XNAS)
    assert listed(scene) == {"k": KilledState.Open}
    scene.when(venue_word("k.1", ExecType.Rejected))
    assert listed(scene) == {"k": KilledState.Canceled}
    scene.replays()


def test_of_another_venues_kill_it_is_not_named() -> None:
    scene = BookScene().when(child()).when(kill(KillScope.Venue, "XPAR"))
    assert listed(scene) == {}


def test_a_slice_whose_fill_is_taken_back_under_the_kill_is_canceled() -> None:
    """I24: the order was over when the kill came, and is open again while it stands."""
    scene = MarketScene().order(iceberg(40, 40)).fill(40, exec_id="one").when(XNAS)
    assert listed(scene) == {}
    scene.venue(ExecType.TradeCancel, VenueExecRefID="one")
    scene.then(
        "account/acme Execution acme-1 TradeCancel", "venue/XNAS CancelOrder acme-1.1 acme-1.1 1"
    )
    scene.venue(ExecType.Canceled).then("account/acme Execution acme-1 Canceled")
    scene.when(RELEASE).then().replays()


# ---- the venue connection


def test_a_filled_order_that_a_replace_makes_work_again_is_canceled() -> None:
    """I24: the replace was under way when the kill came."""
    scene = up().when(child()).hears(ExecType.New, "k")
    scene.when(ReplaceOrder(OrderID="k", RequestID="r", Terms=terms(OrderQty=200)))
    filled = {"LastQty": dec(100), "LastPx": dec(10), "CumQty": dec(100)}
    scene.hears(ExecType.Trade, "k", "x2", OrdStatus=OrdStatus.Filled, **filled)
    scene.when(FIRM, CancelKilled())
    (listed_,) = to_killswitch(scene.sends)
    assert [o.State for o in listed_.Orders] == [KilledState.Open]
    assert scene.sends[-1].message.OrigClOrdID == "k.1"  # type: ignore[attr-defined]
    replaced = {"OrderQty": dec(200), "CumQty": dec(100), "LeavesQty": dec(100)}
    scene.hears(ExecType.Replaced, "k.1", "x3", OrdStatus=OrdStatus.PartiallyFilled, **replaced)
    scene.hears(ExecType.Canceled, "k.2", "x4", OrdStatus=OrdStatus.Canceled)
    (told,) = to_killswitch(scene.sends)
    assert [o.State for o in told.Orders] == [KilledState.Canceled]
    scene.replays()


def test_a_filled_order_whose_replace_and_cancel_are_refused_has_filled() -> None:
    """I24."""
    scene = up().when(child()).hears(ExecType.New, "k")
    scene.when(ReplaceOrder(OrderID="k", RequestID="r", Terms=terms(OrderQty=200)))
    filled = {"LastQty": dec(100), "LastPx": dec(10), "CumQty": dec(100)}
    scene.hears(ExecType.Trade, "k", "x2", OrdStatus=OrdStatus.Filled, **filled)
    scene.when(FIRM, CancelKilled())
    for name in ("k.1", "k.2"):
        scene.when(cancel_reject(name, LATE, OrdStatus=OrdStatus.Filled))
    (told,) = to_killswitch(scene.sends)
    assert [o.State for o in told.Orders] == [KilledState.Filled]
    scene.replays()


def test_an_order_that_got_lost_on_its_way_is_in_doubt_and_not_said_again_after_the_release() -> (
    None
):
    """I24: the venue knows neither the order nor, so, what the cancel is about."""
    scene = up().when(child(), FIRM, CancelKilled())
    nothing = {"OrderID": "NONE", "OrdStatus": OrdStatus.Rejected}
    scene.when(cancel_reject("k.1", CxlRejReason.UnknownOrder, **nothing))
    (told,) = to_killswitch(scene.sends)
    assert [o.State for o in told.Orders] == [KilledState.InDoubt]
    scene.when(RELEASE, wire.SessionDown(), wire.SessionUp())
    unknown = {"OrdStatus": OrdStatus.Rejected, "OrdRejReason": OrdRejReason.UnknownOrder}
    scene.hears(ExecType.OrderStatus, "k", OrderID="NONE", **unknown)
    assert [s for s in scene.sends if s.recipient == "fix/XNAS"] == []
    assert scene.sends[0].message.ExecType is ExecType.Rejected  # type: ignore[attr-defined]
    assert scene.sends[0].message.Text == "stopped by a kill that was released since"  # type: ignore[attr-defined]
    scene.replays()


def test_an_order_whose_desks_cancel_is_refused_under_the_kill_could_not_be_canceled() -> None:
    """I24: the kill made no cancel of its own, for one was under way."""
    scene = up().when(child()).hears(ExecType.New, "k").hears(ExecType.DoneForDay, "k", "x2")
    scene.when(CancelOrder(OrderID="k", RequestID="c", Symbol="AAPL")).when(FIRM, CancelKilled())
    assert [s for s in scene.sends if s.recipient == "fix/XNAS"] == []
    scene.when(cancel_reject("k.1", LATE, OrdStatus=OrdStatus.DoneForDay))
    (told,) = to_killswitch(scene.sends)
    assert [o.State for o in told.Orders] == [KilledState.CancelRefused]
    scene.replays()
