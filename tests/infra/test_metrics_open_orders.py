"""Open orders and doubts follow an actor's events, also where these come in an unusual order."""

from decimal import Decimal

import pytest

from infra.open_orders import OpenOrders
from messages import events as ev
from messages.base import Event
from messages.fix import CxlRejReason, ExecType
from tests.infra.test_metrics_entries import (
    TERMS,
    accepted,
    child_taken,
    entry,
    executed,
    filled,
    journeys,
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


CANCELED = ev.OrderCanceled(OrderID="acme-1", ExecID="e")
REPLACED = ev.OrderReplaced(OrderID="acme-1", ExecID="e", ClOrdID="a-9")
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


def test_what_has_ended_takes_no_memory() -> None:
    every = list(journeys(50))
    for kind in ("account", "venue"):
        orders = OpenOrders()
        for each in every:
            if each.Actor.startswith(kind):
                orders.observe(each)
        assert (orders.open, bool(orders), orders.whole) == (0, False, True)
