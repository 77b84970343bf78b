"""Open orders and doubts follow an actor's events, also where these come in an unusual order."""

from decimal import Decimal
from typing import Any

import pytest

from infra import open_orders
from infra.open_orders import OpenOrders
from messages import events as ev
from messages.base import Event
from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    TimeInForce,
)
from tests.infra.test_metrics_entries import (
    START,
    TERMS,
    accepted,
    adopted,
    child_taken,
    corrected,
    entry,
    executed,
    filled,
    journeys,
    moved,
    taken_back,
    venue_adopted,
)


def after(*events: Event) -> OpenOrders:
    orders = OpenOrders()
    orders.observe(entry("any/one", 1, *events))
    return orders


def replace_requested(quantity: int) -> ev.ReplaceRequested:
    return ev.ReplaceRequested(
        OrderID="acme-1",
        ClOrdID="a-9",
        OrigClOrdID="a-1",
        Desk="blue",
        Terms=TERMS.model_copy(update={"OrderQty": Decimal(quantity)}),
        ReservePx=Decimal(1),
        ExecID="e",
    )


def restated(**fields: Any) -> ev.OrderRestated:
    return ev.OrderRestated(OrderID="acme-1", ExecID="e", **fields)


def for_units(quantity: int) -> ev.OrderAcknowledged:
    return ev.OrderAcknowledged(
        OrderID="acme-1", ExecID="e", Venue="XNAS", OrderQty=Decimal(quantity), ReceivedAt=START
    )


def own_replace(quantity: int) -> ev.OwnRequestMade:
    return ev.OwnRequestMade(
        OrderID="acme-1",
        RequestID="own-1",
        Terms=TERMS.model_copy(update={"OrderQty": Decimal(quantity)}),
        ExecRestatementReason=ExecRestatementReason.Other,
        Text="linked",
    )


def held_and_cut(quantity: int) -> ev.HeldOrderCut:
    terms = TERMS.model_copy(update={"OrderQty": Decimal(quantity)})
    return ev.HeldOrderCut(OrderID="acme-1", ExecID="e", Terms=terms)


def ended_with_a_fill(quantity: int) -> ev.OrderFilled:
    return filled(quantity).model_copy(update={"Ends": OrdStatus.Canceled})


GTC = TERMS.model_copy(update={"TimeInForce": TimeInForce.GoodTillCancel})
CASH = TERMS.model_copy(update={"OrderQty": None, "CashOrderQty": Decimal(9_000)})
CANCELED = ev.OrderCanceled(OrderID="acme-1", ExecID="e")
REPLACED = ev.OrderReplaced(OrderID="acme-1", ExecID="e", ClOrdID="a-9")
OWN_TAKEN = ev.OrderReplaced(OrderID="acme-1", ExecID="e", ClOrdID="own-1")
REPLACE_REFUSED = ev.CancelRejected(
    OrderID="acme-1", ClOrdID="a-9", CxlRejReason=CxlRejReason.TooLateToCancel
)
CANCEL_TAKEN = ev.RequestTaken(ChildID="aapl-1", RequestID="r-1", ClOrdID="xnas-2")
DOUBT = ev.WentInDoubt(ClOrdID="xnas-1")
CANCEL_DOUBT = ev.WentInDoubt(ClOrdID="xnas-2")


@pytest.mark.parametrize(
    ("events", "opened"),
    [
        ((accepted(),), 1),
        ((accepted(), filled(40)), 1),
        ((accepted(), filled(40), filled(60)), 0),
        ((accepted(), CANCELED), 0),
        ((accepted(), CANCELED, filled(40)), 0),
        ((accepted(), ev.OrderExpired(OrderID="acme-1", ExecID="e")), 0),
        ((accepted(), replace_requested(150), REPLACED, filled(100)), 1),
        ((accepted(), replace_requested(150), filled(100)), 0),
        ((accepted(), replace_requested(150), filled(100), REPLACED), 1),
        ((accepted(), replace_requested(150), filled(100), REPLACE_REFUSED, REPLACED), 0),
        ((accepted(), filled(60), replace_requested(50), REPLACED), 0),
        ((accepted(), replace_requested(150), CANCELED, REPLACED), 0),
        ((filled(), CANCELED, REPLACED), 0),
        ((accepted(), filled(100), replace_requested(150), REPLACED), 1),
        ((accepted(), filled(100), taken_back()), 1),
        ((accepted(), filled(100), corrected(60)), 1),
        ((accepted(), filled(100), corrected(60), taken_back("x-1-c")), 1),
        ((accepted(), filled(60), corrected(100)), 0),
        ((accepted(), filled(100), corrected(60), corrected(100, "x-1-c")), 0),
        ((accepted(), filled(60), CANCELED, taken_back()), 0),
        ((accepted(), ended_with_a_fill(40)), 0),
        ((accepted(), moved(ExecType.DoneForDay)), 0),
        ((accepted(), moved(ExecType.DoneForDay), restated()), 1),
        ((accepted(Terms=GTC), moved(ExecType.DoneForDay)), 1),
        ((accepted(Terms=GTC), moved(ExecType.DoneForDay), filled(100)), 0),
        ((accepted(Terms=GTC), filled(100), moved(ExecType.Calculated)), 0),
        ((accepted(), moved(ExecType.Stopped), moved(ExecType.Suspended)), 1),
        ((accepted(), moved(ExecType.Triggered)), 1),
        ((accepted(), filled(60), restated(OrderQty=Decimal(60))), 0),
        ((accepted(), filled(100), restated(OrderQty=Decimal(150))), 1),
        (
            (accepted(Terms=GTC), filled(50), restated(OrderQty=Decimal(200), CumQty=Decimal(100))),
            1,
        ),
        ((accepted(Terms=CASH),), 1),
        ((accepted(Terms=CASH), filled(40)), 1),
        ((accepted(Terms=CASH), for_units(40), filled(40)), 0),
        ((accepted(Terms=CASH), filled(40), for_units(40)), 0),
        ((accepted(), own_replace(60), filled(60)), 1),
        ((accepted(), own_replace(60), OWN_TAKEN, filled(60)), 0),
        ((accepted(), held_and_cut(60), filled(60)), 0),
        ((adopted("acme-1"),), 1),
        ((adopted("acme-1"), filled(100)), 0),
    ],
)
def test_an_order_is_open_while_it_can_trade(events: tuple[Event, ...], opened: int) -> None:
    assert after(*events).open == opened


@pytest.mark.parametrize(
    ("events", "doubts"),
    [
        ((child_taken(), DOUBT), 1),
        ((child_taken(), DOUBT, DOUBT), 1),
        ((child_taken(), DOUBT, executed(ExecType.New)), 0),
        ((child_taken(), DOUBT, executed(ExecType.Trade, 40, clordid="other")), 0),
        ((child_taken(), DOUBT, ev.VenueMessageSent(ClOrdID="xnas-1", At=0)), 1),
        ((child_taken(), DOUBT, ev.VenueMessageHeld(ClOrdID="xnas-1")), 0),
        ((child_taken(), CANCEL_TAKEN, CANCEL_DOUBT, executed(ExecType.Trade, 40)), 1),
        ((child_taken(), CANCEL_TAKEN, CANCEL_DOUBT, executed(ExecType.Trade, 40, "xnas-2")), 1),
        ((child_taken(), CANCEL_TAKEN, CANCEL_DOUBT, executed(ExecType.Canceled)), 0),
        ((child_taken(), CANCEL_TAKEN, CANCEL_DOUBT, executed(ExecType.New, request="r-1")), 0),
        ((child_taken(), DOUBT, executed(ExecType.PendingNew)), 0),
        (
            (
                *(child_taken(), CANCEL_TAKEN, CANCEL_DOUBT),
                executed(ExecType.PendingCancel, clordid="xnas-2", request="r-1"),
            ),
            1,
        ),
        (
            (
                *(child_taken(), CANCEL_TAKEN, CANCEL_DOUBT),
                executed(ExecType.Trade, 40, Ends=OrdStatus.Canceled),
            ),
            0,
        ),
        (
            (
                *(child_taken(), CANCEL_TAKEN, CANCEL_DOUBT),
                ev.VenueRequestRejected(ChildID="aapl-1", ClOrdID="xnas-2", RequestID="r-1"),
            ),
            0,
        ),
    ],
)
def test_a_doubt_ends_with_the_venues_word_and_not_by_asking_again(
    events: tuple[Event, ...], doubts: int
) -> None:
    assert len(after(*events).in_doubt) == doubts


def test_a_venues_larger_replace_keeps_the_child_open() -> None:
    larger = TERMS.model_copy(update={"OrderQty": Decimal(150)})
    asked = ev.RequestTaken(ChildID="aapl-1", RequestID="r-1", ClOrdID="xnas-2", Terms=larger)
    replaced = executed(ExecType.Replaced, clordid="xnas-2", request="r-1")
    assert after(child_taken(), asked, replaced, executed(ExecType.Trade, 100)).open == 1


V7: dict[str, Any] = {"ChildID": "XNAS.V-7"}


@pytest.mark.parametrize(
    ("events", "opened"),
    [
        ((executed(ExecType.Trade, 100), executed(ExecType.TradeCancel, ref="x-1")), 1),
        ((executed(ExecType.Trade, 100), executed(ExecType.TradeCorrect, 60, ref="x-1")), 1),
        ((executed(ExecType.Trade, 60), executed(ExecType.TradeCorrect, 100, ref="x-1")), 0),
        ((executed(ExecType.Trade, 60, Ends=OrdStatus.Expired),), 0),
        ((executed(ExecType.DoneForDay),), 0),
        ((executed(ExecType.DoneForDay), executed(ExecType.Restated)), 1),
        ((executed(ExecType.Restated, OrderQty=Decimal(60)), executed(ExecType.Trade, 60)), 0),
        ((executed(ExecType.PendingCancel), executed(ExecType.Stopped, 100)), 1),
        ((venue_adopted(),), 2),
        ((venue_adopted(), executed(ExecType.Canceled, **V7)), 1),
    ],
)
def test_a_child_is_open_while_its_venue_says_so(events: tuple[Event, ...], opened: int) -> None:
    assert after(child_taken(), *events).open == opened


def test_what_has_ended_takes_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_orders, "KEPT", 10)
    every = list(journeys(50))
    for kind in ("account", "venue"):
        orders = OpenOrders()
        for each in every:
            if each.Actor.startswith(kind):
                orders.observe(each)
        assert (orders.open, bool(orders), orders.whole) == (0, False, True)
        assert len(orders._ended) == 10


def test_where_a_fill_is_taken_back_of_an_order_that_was_forgotten_the_numbers_are_not_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_orders, "KEPT", 10)
    orders = OpenOrders()
    for each in journeys(11):
        if each.Actor == "account/acme":
            orders.observe(each)
    orders.observe(entry("account/acme", 99, taken_back("x-1.2", "acme-1.2")))
    assert (orders.open, orders.whole) == (1, True)
    orders.observe(entry("account/acme", 100, taken_back("x-1.1", "acme-1.1")))
    assert (orders.open, orders.whole) == (1, False)
