"""Compliance looks at each move of each order again."""

from typing import Any

from actors.compliance import Compliance
from actors.transitions import REMEMBERED
from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy
from messages.fix import ExecType, OrdStatus
from tests.actors.scenes import AccountScene, Scene, dec


class Audit(Scene):
    """``compliance/0`` and what ``account/acme`` did."""

    def __init__(self) -> None:
        super().__init__(lambda: Compliance("compliance/0"))
        self.number = 0

    def hears(self, *entries: tuple[Event, ...]) -> "Audit":
        copies = []
        for events in entries:
            self.number += 1
            copies.append(
                EntryCopy(
                    Actor="account/acme", Number=self.number, Epoch=1, At=1, Sender="book/AAPL",
                    Seq=self.number, Kind="Execution", CausedAt=1, Trace="", Cause="", Chain="",
                    Sends=(), Events=events,
                )
            )  # fmt: skip
        self._take(step_of(self, tuple(copies)))
        return self

    @property
    def violations(self) -> list[str]:
        found: list[str] = self.state.violations
        return found


def step_of(scene: Scene, message: Any) -> Any:
    from actors.actor import step

    return step(scene.actor, message, scene.now)


def filled(status: OrdStatus, order_id: str = "acme-1") -> ev.OrderFilled:
    return ev.OrderFilled(
        OrderID=order_id, ExecID="e", OrdStatus=status, Venue="X", VenueExecID="v",
        LastQty=dec(1), LastPx=dec(1), ReceivedAt=1,
    )  # fmt: skip


def moved(happened: ExecType, status: OrdStatus) -> ev.OrderMoved:
    return ev.OrderMoved(OrderID="acme-1", ExecID="e", ExecType=happened, OrdStatus=status)


def accepted(order_id: str = "acme-1") -> ev.OrderAccepted:
    scene = AccountScene().working()
    first = next(iter(scene.state.orders.values()))
    return ev.OrderAccepted(
        OrderID=order_id, ClOrdID="a", Desk="blue", Terms=first.terms, ReservePx=dec(1),
        ReceivedAt=1,
    )  # fmt: skip


def test_a_move_that_the_table_shows_is_no_violation() -> None:
    audit = Audit().hears((accepted(),), (filled(OrdStatus.PartiallyFilled),))
    audit.hears((filled(OrdStatus.Filled),)).replays()
    assert audit.violations == []
    assert audit.state.orders == {"acme-1": OrdStatus.Filled}


def test_a_move_that_the_table_does_not_show_is_a_violation() -> None:
    audit = Audit().hears((accepted(),), (filled(OrdStatus.Canceled),)).replays()
    assert audit.violations == [
        "account/acme 2: order acme-1 went from PendingNew to Canceled by Trade"
    ]


def test_a_move_within_the_same_company_of_copies_is_checked_too() -> None:
    audit = Audit().hears((accepted(),))
    audit.hears((filled(OrdStatus.Filled),), (moved(ExecType.Suspended, OrdStatus.Suspended),))
    assert len(audit.violations) == 1


def test_what_the_account_recorded_as_a_break_is_excused() -> None:
    broken = ev.BreakFound(OrderID="acme-1", What="beyond the order")
    audit = Audit().hears((accepted(),), (filled(OrdStatus.Filled),))
    audit.hears((broken, filled(OrdStatus.Filled))).replays()
    assert audit.violations == []


def test_an_order_that_was_done_for_the_day_may_work_on_the_next() -> None:
    audit = Audit().hears((accepted(),), (moved(ExecType.DoneForDay, OrdStatus.DoneForDay),))
    audit.hears((filled(OrdStatus.PartiallyFilled),)).replays()
    assert audit.violations == []


def test_an_order_of_which_nothing_is_known_any_more_is_not_judged() -> None:
    assert Audit().hears((filled(OrdStatus.Canceled),)).violations == []


def test_only_the_orders_that_moved_last_are_remembered() -> None:
    audit = Audit()
    audit.hears(*((accepted(f"acme-{n}"),) for n in range(REMEMBERED + 5)))
    assert len(audit.state.orders) == REMEMBERED
    assert "acme-4" not in audit.state.orders
    audit.replays()


def test_an_event_of_an_older_version_that_does_not_say_where_leaves_nothing_to_check() -> None:
    old = filled(OrdStatus.PartiallyFilled).model_copy(update={"OrdStatus": None})
    later = moved(ExecType.DoneForDay, OrdStatus.DoneForDay), filled(OrdStatus.DoneForDay)
    together = Audit().hears((accepted(),), (old,), (filled(OrdStatus.Canceled),)).replays()
    assert together.violations == []
    apart = Audit().hears((accepted(),)).hears((old,)).hears((filled(OrdStatus.Canceled),))
    assert apart.violations == []
    apart.hears(later).replays()
    assert apart.violations == [
        "account/acme 4: order acme-1 went from Canceled to DoneForDay by DoneForDay"
    ]
