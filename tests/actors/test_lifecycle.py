"""The table of an order's life against what FIX says of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.lifecycle import DONE, LASTS, PRECEDENCE, TABLE, TERMINAL, By, after, legal, over, shown
from messages.fix import ExecType, OrdStatus, TimeInForce

PENDING = (OrdStatus.PendingCancel, OrdStatus.PendingReplace)
REAL = [status for status in OrdStatus if status not in PENDING]
"""What an order is; pending states are what is shown over it."""

OPEN = "Canceled Expired DoneForDay"
NEXT: dict[OrdStatus, str] = {
    OrdStatus.PendingNew: f"New Rejected Trade Replaced Restated Triggered Stopped"
    f" Suspended {OPEN}",
    OrdStatus.New: f"Rejected Trade TradeCancel TradeCorrect Replaced Restated Triggered Stopped"
    f" Suspended Calculated {OPEN}",
    OrdStatus.PartiallyFilled: f"New Trade TradeCancel TradeCorrect Replaced Restated Triggered"
    f" Stopped Suspended Calculated {OPEN}",
    OrdStatus.Filled: "New TradeCancel TradeCorrect Replaced Restated Calculated",
    OrdStatus.DoneForDay: "New Trade TradeCancel TradeCorrect Canceled Expired Replaced Restated"
    " Calculated",
    OrdStatus.Calculated: "New Trade TradeCancel TradeCorrect Canceled Expired DoneForDay Restated",
    OrdStatus.Stopped: f"New Rejected Trade TradeCancel TradeCorrect Replaced Restated Stopped"
    f" Suspended Calculated {OPEN}",
    OrdStatus.Suspended: f"New Rejected Trade TradeCancel TradeCorrect Replaced Restated Triggered"
    f" Stopped Suspended Calculated {OPEN}",
    OrdStatus.Canceled: "Trade TradeCancel TradeCorrect",
    OrdStatus.Expired: "Trade TradeCancel TradeCorrect",
    OrdStatus.Rejected: "",
}
"""What may happen in each state: the order state change matrices of FIX 4.4, appendix D."""

STATES, KINDS = st.sampled_from(REAL), st.sampled_from(ExecType)
TOTAL = st.integers(1, 100).map(Decimal)
CUM = st.integers(0, 120).map(Decimal)


@given(STATES, KINDS, TOTAL, CUM)
def test_a_move_is_legal_exactly_where_fix_shows_it(
    status: OrdStatus, happened: ExecType, total: Decimal, cum: Decimal
) -> None:
    """I12."""
    moved = after(status, happened, total, cum)
    assert (moved is not None) == (happened in NEXT[status].split())


def test_the_table_has_no_row_that_the_property_does_not_look_at() -> None:
    assert {(s, ExecType(kind)) for s in REAL for kind in NEXT[s].split()} == {
        (status, happened) for status, row in TABLE.items() for happened in row
    }


@pytest.mark.parametrize("status", REAL)
@pytest.mark.parametrize("happened", ExecType)
@given(TOTAL, CUM)
def test_every_pair_of_status_and_event_leads_where_its_row_says(
    status: OrdStatus, happened: ExecType, total: Decimal, cum: Decimal
) -> None:
    result, row = after(status, happened, total, cum), TABLE[status].get(happened)
    if row is By.QUANTITY or row is By.KEPT:
        part = OrdStatus.PartiallyFilled if cum else OrdStatus.New
        rest = status if row is By.KEPT else part
        assert result is (OrdStatus.Filled if cum >= total else rest)
    else:
        assert result is row


@given(STATES, KINDS, STATES, TOTAL, CUM)
def test_a_transition_passes_the_check_exactly_if_some_quantities_lead_there(
    status: OrdStatus, happened: ExecType, now: OrdStatus, total: Decimal, cum: Decimal
) -> None:
    ways = {after(status, happened, total, q) for q in (Decimal(0), total / 2, total, cum)}
    assert legal(status, happened, now) == (now in ways)


@given(STATES, KINDS, TOTAL, CUM)
def test_an_ended_order_is_left_only_by_what_fix_lets_re_open_a_filled_one(
    status: OrdStatus, happened: ExecType, total: Decimal, cum: Decimal
) -> None:
    result = after(status, happened, total, cum)
    if status in TERMINAL and result is not None and result is not status:
        assert status is OrdStatus.Filled
        assert happened is ExecType.Calculated or cum < total


@given(STATES, KINDS, TOTAL, CUM)
def test_no_move_leads_to_a_pending_state_or_back_to_pending_new(
    status: OrdStatus, happened: ExecType, total: Decimal, cum: Decimal
) -> None:
    assert after(status, happened, total, cum) not in (*PENDING, OrdStatus.PendingNew)


@pytest.mark.parametrize("status", REAL)
@pytest.mark.parametrize("lasting", TimeInForce)
def test_what_is_done_for_the_day_is_over_unless_it_lasts(
    status: OrdStatus, lasting: TimeInForce
) -> None:
    ended = status in TERMINAL or (status in DONE and lasting not in LASTS)
    assert over(status, lasting) == ended


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
