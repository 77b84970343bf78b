"""Every move of an order at its account is counted by its ExecType, whoever made it."""

from decimal import Decimal
from typing import Any

import pytest

from infra.metrics import MOVES, TRANSITIONS
from messages import events as ev
from messages.fix import ExecType, OrdRejReason
from tests.infra.test_metrics_counts import Bench
from tests.infra.test_metrics_entries import (
    TERMS,
    accepted,
    acknowledged,
    adopted,
    child_taken,
    corrected,
    entry,
    executed,
    filled,
    journey,
    moved,
    received,
    taken_back,
)

BY_MOVE = set(MOVES) - set(TRANSITIONS.values())
"""What only an OrderMoved tells of."""


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_every_move_of_an_order_counts_by_its_exec_type(bench: Bench) -> None:
    def moves(kind: ExecType) -> float | None:
        return bench.value("oms_order_transitions_total", exec_type=kind)

    assert {moves(kind) for kind in MOVES} == {0}
    assert moves(ExecType.OrderStatus) is None
    order: dict[str, str] = {"OrderID": "acme-1", "ExecID": "e"}
    ask: dict[str, Any] = {**order, "ClOrdID": "a-2", "OrigClOrdID": "a-1", "Desk": "blue"}
    events = [
        *(accepted(), acknowledged(), filled(), taken_back(), corrected()),
        *(moved(kind) for kind in BY_MOVE),
        ev.OrderReleased(**order),
        *(kind(**order) for kind in (ev.OrderCanceled, ev.OrderExpired, ev.OrderRestated)),
        ev.OrderRejected(**order, OrdRejReason=OrdRejReason.Other),
        ev.OrderReplaced(**order, ClOrdID="a-2"),
        ev.CancelRequested(**ask),
        ev.ReplaceRequested(**ask, Terms=TERMS, ReservePx=Decimal(1)),
    ]
    bench.hear(received(1, *events))
    assert {kind: moves(kind) for kind in MOVES} == dict.fromkeys(MOVES, 1)
    every = {"OrderIDs": ("acme-2", "acme-3"), "ExecIDs": ("e", None)}
    mass: Any = {"ClOrdID": "m", "Desk": "blue", "Type": "CancelAllOrders", **every}
    bench.hear(received(2, ev.MassCancelRequested.model_construct(None, **mass)))
    assert moves(ExecType.PendingCancel) == 3


def test_an_order_that_waits_for_another_moves_when_it_is_held_cut_and_released(
    bench: Bench,
) -> None:
    order: dict[str, str] = {"OrderID": "acme-1", "ExecID": "e"}
    cut = ev.HeldOrderCut(**order, Terms=TERMS)
    bench.hear(received(1, accepted(), ev.OrderHeld(**order), cut, ev.OrderReleased(**order)))
    for kind in ("New", "Restated", "Triggered"):
        assert bench.value("oms_order_transitions_total", exec_type=kind) == 1


def test_a_venues_words_move_nothing_before_the_account_has_them(bench: Bench) -> None:
    bench.hear(entry("venue/XNAS", 1, child_taken(), executed(ExecType.New)))
    assert bench.value("oms_order_transitions_total", exec_type="New") == 0


def test_orders_that_a_venue_made_are_counted_apart(bench: Bench) -> None:
    bench.hear(entry("account/acme", 1, adopted(), acknowledged("XNAS.V-7")))
    assert bench.value("oms_orders_adopted_total") == 1
    assert bench.value("oms_orders_received_total") == 0


def test_what_a_venue_takes_back_is_out_of_balance_until_it_is_booked(bench: Bench) -> None:
    bench.hear(*journey(), entry("venue/XNAS", 9, executed(ExecType.TradeCancel, ref="x-1")))
    assert bench.value("oms_conservation", law="busts") == -1
    assert bench.value("oms_open_orders", actor_kind="venue") == 1
    bench.hear(entry("account/acme", 9, taken_back()))
    assert bench.value("oms_conservation", law="busts") == 0
    assert bench.value("oms_conservation", law="fills") == 0
    assert bench.value("oms_journaled_total", total="fills_taken_back") == 1
    assert bench.value("oms_open_orders", actor_kind="account") == 1
