"""What was sent once is captured and sent again: a second later, the next day, by somebody else."""

import pytest

from messages.fix import ExecType, OrdRejReason
from tests.actors.scenes import AccountScene, cancel, definition, instrument, mass_cancel, order

DAY = 24 * 3600


@pytest.mark.parametrize("later", [1, DAY, 30 * DAY])
def test_a_captured_order_makes_no_second_one_however_late_it_comes(later: int) -> None:
    scene = AccountScene().working().fill(100).later(later).desk(order("a"))
    assert [send.recipient for send in scene.sends] == ["desk/blue"]
    assert scene.report.PossResend
    assert len(scene.state.orders) == 1
    scene.replays()


@pytest.mark.parametrize("later", [1, DAY])
def test_nor_does_one_that_was_refused_when_it_was_sent(later: int) -> None:
    scene = AccountScene().desk(order("a", OrderQty="1000000000"))
    assert scene.report.ExecType is ExecType.Rejected
    scene.later(later).desk(order("a", OrderQty="1000000000"))
    assert [send.recipient for send in scene.sends] == ["desk/blue"]
    assert len(scene.state.orders) == 0
    scene.replays()


def test_a_captured_cancel_does_not_hit_a_later_order() -> None:
    scene = AccountScene().working().desk(cancel("c", "a")).venue(ExecType.Canceled, RequestID="c")
    scene.later(DAY).desk(order("b")).desk(cancel("c", "a"))
    assert [send.recipient for send in scene.sends] == ["desk/blue"]
    scene.replays()


def test_a_captured_mass_cancel_does_not_hit_later_orders() -> None:
    scene = AccountScene().working().desk(mass_cancel("m")).later(DAY)
    scene.desk(order("b")).venue(ExecType.New, "acme-2").desk(mass_cancel("m"))
    assert [send.recipient for send in scene.sends] == ["desk/blue"]
    scene.replays()


def test_a_captured_order_in_the_name_of_another_desk_is_that_desks_own_and_refused() -> None:
    """The broker lets nobody speak for another: who replays it does so under its own name."""
    scene = AccountScene(definition(), instrument()).working().desk(order("a"), desk="red")
    assert scene.report.OrdRejReason is not OrdRejReason.DuplicateOrder
    assert scene.report.ExecType is ExecType.Rejected
    assert [send.recipient for send in scene.sends] == ["desk/red"]
    scene.replays()
