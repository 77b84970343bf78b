"""The table of an order's life against what FIX says of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.lifecycle import PRECEDENCE, TERMINAL, TRADED, TRANSITIONS, after, shown
from messages.fix import ExecType, OrdStatus

PENDING = (OrdStatus.PendingCancel, OrdStatus.PendingReplace)
REAL = [status for status in OrdStatus if status not in PENDING]
"""What an order is; pending states are what is shown over it."""

NEXT: dict[OrdStatus, str] = {
    OrdStatus.PendingNew: "New Rejected Trade Canceled Expired Replaced",
    OrdStatus.New: "Trade Canceled Replaced Rejected Expired DoneForDay",
    OrdStatus.PartiallyFilled: "New Trade Canceled Replaced Expired DoneForDay",
    OrdStatus.Filled: "New Replaced",
    OrdStatus.DoneForDay: "Trade Canceled",
    OrdStatus.Canceled: "Trade",
    OrdStatus.Expired: "Trade",
    OrdStatus.Rejected: "",
}
"""What may happen in each state: the order state change matrices of FIX 4.4, appendix D."""

STATES, KINDS = st.sampled_from(REAL), st.sampled_from(ExecType)
LEFT = st.decimals(-100, 100, places=2)


@given(STATES, KINDS, LEFT)
def test_a_move_is_legal_exactly_where_fix_shows_it(
    status: OrdStatus, happened: ExecType, leaves: Decimal
) -> None:
    """I12."""
    assert (after(status, happened, leaves) is not None) == (happened in NEXT[status].split())


def test_the_table_has_no_row_that_the_property_does_not_look_at() -> None:
    assert {(s, ExecType(kind)) for s in REAL for kind in NEXT[s].split()} == set(TRANSITIONS)


@given(STATES, KINDS, LEFT)
def test_only_what_trades_depends_on_what_is_left(
    status: OrdStatus, happened: ExecType, leaves: Decimal
) -> None:
    result = after(status, happened, leaves)
    if TRANSITIONS.get((status, happened)) == TRADED:
        assert result is (OrdStatus.Filled if leaves <= 0 else OrdStatus.PartiallyFilled)
    else:
        assert result is after(status, happened, Decimal(1))


@given(STATES, KINDS, LEFT)
def test_an_ended_order_is_left_only_by_a_replace_of_a_filled_one(
    status: OrdStatus, happened: ExecType, leaves: Decimal
) -> None:
    result = after(status, happened, leaves)
    if status in TERMINAL and result is not None and result is not status:
        assert (status, happened) == (OrdStatus.Filled, ExecType.Replaced)
        assert result is OrdStatus.PartiallyFilled


@given(STATES, KINDS, LEFT)
def test_no_move_leads_to_a_pending_state_or_back_to_pending_new(
    status: OrdStatus, happened: ExecType, leaves: Decimal
) -> None:
    assert after(status, happened, leaves) not in (*PENDING, OrdStatus.PendingNew)


@given(STATES, KINDS)
def test_an_exec_type_that_names_a_status_leads_to_it_unless_a_later_one_holds(
    status: OrdStatus, happened: ExecType
) -> None:
    result = after(status, happened, Decimal(1))
    if result is None or happened in (ExecType.Trade, ExecType.Replaced):
        return
    assert result in (happened.value, status)
    if result != happened.value:
        assert happened is ExecType.New  # the late acknowledgement of what has traded
        assert PRECEDENCE[status] > PRECEDENCE[OrdStatus.New]


@given(STATES, st.lists(st.sampled_from(PENDING)))
def test_the_status_shown_is_the_highest_by_fix_precedence(
    status: OrdStatus, pending: list[OrdStatus]
) -> None:
    seen = shown(status, pending)
    assert seen in (status, *pending)
    if OrdStatus.PendingCancel in pending:
        assert seen is OrdStatus.PendingCancel
    elif pending:
        assert seen is OrdStatus.PendingReplace
    else:
        assert seen is status


@pytest.mark.parametrize("status", OrdStatus)
def test_every_status_has_its_precedence(status: OrdStatus) -> None:
    assert status in PRECEDENCE
    assert status in REAL or PRECEDENCE[status] > max(PRECEDENCE[s] for s in REAL)
