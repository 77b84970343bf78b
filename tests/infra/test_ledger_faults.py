"""Each kind of fault, planted alone into a good day, is counted and named."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from infra.ledger import Ledger, VenueChange, close
from messages.fix import ExecType, OrdStatus, Side
from tests.infra.ledger_story import VENUE, Story, Told, a_good_day

D = Decimal


def settle(*stories: Story) -> Ledger:
    fills = [fill for story in stories for fill in story.fills]
    changes = [change for story in stories for change in story.changes]
    return close({story.desk: story.lines for story in stories}, fills, changes)


def drop(story: Story, *seqs: int) -> None:
    for seq in seqs:
        del story.lines[story.heard(seq)]


def unheard_tail(story: Story) -> None:
    drop(story, 12)


def only_pending(story: Story) -> None:
    story.cancel(Told("alpha-c1", "c1", Side.Buy, D(100), D(10)), "c8")
    order = Told("alpha-c1", "c1", Side.Buy, D(100), D(10), D(100), D("999.40"))
    story.report(order, ExecType.PendingCancel, OrdStatus.PendingCancel, ClOrdID="c8")


def unheard_fill(story: Story) -> None:
    story.fills.append(replace(story.fills[0], exec_id="X9", last_qty=D(5)))


def unexecuted_fill(story: Story) -> None:
    del story.fills[1]


def filled_elsewhere(story: Story) -> None:
    story.fills[0] = replace(story.fills[0], venue="OTHER")


def filled_at_another_price(story: Story) -> None:
    story.fills[0] = replace(story.fills[0], last_px=D("9.98"))


def one_name_for_two_fills(story: Story) -> None:
    story.fills[1] = replace(story.fills[1], exec_id=story.fills[0].exec_id)


def same_seq_other_content(story: Story) -> None:
    story.again(3, CumQty=D(99))


def same_exec_other_seq(story: Story) -> None:
    story.again(3, ReportSeq=13)


def same_exec_other_content(story: Story) -> None:
    story.again(3, ReportSeq=13, Text="again")


def booked_twice(story: Story) -> None:
    story.again(3, ReportSeq=13, ExecID="alpha-E99", CumQty=D(160))


def two_ends(story: Story) -> None:
    story.again(6, ReportSeq=13, ExecID="alpha-E99", ExecType=ExecType.Expired)


def c1() -> Told:
    return Told("alpha-c1", "c1", Side.Buy, D(100), D(10), D(100), D("999.40"))


def filled_beyond(story: Story) -> None:
    story.trade(c1(), 5, "10.00", OrdStatus.Filled)


def fill_of_a_rejected_order(story: Story) -> None:
    order = Told("alpha-c4", "c4", Side.Buy, D(7), D(10))
    story.trade(order, 5, "10.00", OrdStatus.Rejected)


def reopened_after_cancel(story: Story) -> None:
    order = Told("alpha-c2", "c3", Side.Sell, D(60), D(11))
    story.report(order, ExecType.Replaced, OrdStatus.New, OrigClOrdID="c3")


def bust_c1(story: Story, **changed: Any) -> None:
    """The venue takes the first fill of c1 back: it is open again."""
    story.bust(c1(), "alpha-E2", OrdStatus.PartiallyFilled, **changed)


def unmade_bust(story: Story) -> None:
    before = list(story.fills)
    bust_c1(story)
    story.fills, story.changes = before, []


def unheard_bust(story: Story) -> None:
    bust_c1(story)
    del story.lines[-1]


def unheard_fill_and_bust(story: Story) -> None:
    story.changes.append(VenueChange(VENUE, "X9", D(0), D(0)))


def bust_of_nothing(story: Story) -> None:
    order = c1()
    story.report(order, ExecType.TradeCancel, OrdStatus.Filled, ExecRefID="alpha-E99")


def bust_of_the_first_name(story: Story) -> None:
    order = c1()
    story.correct(order, "alpha-E2", 40, "9.98", OrdStatus.Filled)
    story.bust(order, "alpha-E12", OrdStatus.PartiallyFilled, ExecRefID="alpha-E2")
    story.fills.append(replace(story.fills[0], exec_id="alpha-X1", last_qty=D(40)))


def bust_that_changes_nothing(story: Story) -> None:
    bust_c1(story, CumQty=D(100), LeavesQty=D(0), AvgPx=D("9.994"))


def reopened_without_leaves(story: Story) -> None:
    bust_c1(story, LeavesQty=D(0))


def other_correction(story: Story) -> None:
    story.correct(c1(), "alpha-E2", 40, "9.98", OrdStatus.Filled)
    story.fills[0] = replace(story.fills[0], last_px=D("9.97"))
    story.changes[0] = replace(story.changes[0], last_px=D("9.97"))


def total_changed_by_a_fill(story: Story) -> None:
    story.edit(2, OrderQty=D(90), LeavesQty=D(50))


def nameless(story: Story) -> None:
    story.edit(2, ClOrdID=None)


def wrong_day(story: Story) -> None:
    story.edit(3, DayCumQty=D(40), DayOrderQty=D(40))


def wrong_day_order_qty(story: Story) -> None:
    story.edit(3, DayCumQty=D(100), DayOrderQty=D(60))


def wrong_order(story: Story) -> None:
    story.edit(1, ClOrdID="c99")


def another_symbol(story: Story) -> None:
    story.edit(4, Symbol="OTHER")


def another_quantity(story: Story) -> None:
    story.edit(4, OrderQty=D(60), LeavesQty=D(60))


def past_its_limit(story: Story) -> None:
    story.edit(2, LastPx=D("10.01"), AvgPx=D("10.01"))
    story.edit(3, AvgPx=(40 * D("10.01") + 60 * D("9.99")) / 100)
    story.fills[0] = replace(story.fills[0], last_px=D("10.01"))


def accepted_and_rejected(story: Story) -> None:
    story.cancel_reject(Told("alpha-c2", "c2", Side.Sell, D(50), D(11)), "c3", OrdStatus.Canceled)


def left_pending(story: Story) -> None:
    story.edit(11, OrdStatus=OrdStatus.PendingReplace)


FAULTS: list[tuple[Callable[[Story], None], int, int, str]] = [
    (unheard_tail, 1, 0, "OrderCancelRequest c7 of desk-a was confirmed by the broker and never"),
    (only_pending, 1, 0, "OrderCancelRequest c8 of desk-a was reported pending and never answered"),
    (lambda s: drop(s, 2), 2, 0, "desk-a never heard ReportSeq 2 to 2 of alpha"),
    (lambda s: drop(s, 5, 6, 8), 4, 0, "desk-a never heard ReportSeq 5 to 6 of alpha"),
    (unheard_fill, 1, 0, "Buy 5 TEST at 10.00 on PAPER was executed and no desk heard of it"),
    (unexecuted_fill, 0, 1, "Buy 60 TEST at 9.99 on PAPER was heard by a desk and never executed"),
    (filled_elsewhere, 1, 1, "Buy 40 TEST at 10.00 on OTHER was executed and no desk heard"),
    (filled_at_another_price, 1, 1, "Buy 40 TEST at 9.98 on PAPER was executed and no desk"),
    (one_name_for_two_fills, 0, 0, "PAPER used ExecID alpha-X1 for two executions"),
    (same_seq_other_content, 0, 0, "desk-a heard two different reports as ReportSeq 3 of alpha"),
    (same_exec_other_seq, 0, 0, "desk-a heard ExecID alpha-E3 with two ReportSeqs"),
    (same_exec_other_content, 0, 0, "desk-a heard ExecID alpha-E3 with two contents"),
    (booked_twice, 0, 1, "break: order alpha-c1 of 100 was filled 160"),
    (two_ends, 0, 0, "order alpha-c2: Expired (alpha-E99) says after it had ended with Canceled"),
    (filled_beyond, 0, 0, "break: order alpha-c1 of 100 was filled 105 (Trade alpha-E12)"),
    (fill_of_a_rejected_order, 0, 0, "break: order alpha-c4 was rejected, and filled 5"),
    (reopened_after_cancel, 0, 0, "alpha-c2: Replaced (alpha-E12) says after it had ended with"),
    (unmade_bust, 1, 0, "Buy 40 TEST at 10.00 on PAPER was executed and no desk"),
    (unheard_bust, 0, 1, "Buy 40 TEST at 10.00 on PAPER was heard by a desk and never executed"),
    (unheard_fill_and_bust, 1, 0, "a bust on PAPER was made by the venue and no desk heard of it"),
    (bust_of_nothing, 0, 0, "order alpha-c1: TradeCancel (alpha-E12) says ExecRefID alpha-E99, no"),
    (bust_of_the_first_name, 1, 1, "says ExecRefID alpha-E2, no fill that counts"),
    (bust_that_changes_nothing, 0, 0, "says CumQty 100, its fills add up to 60"),
    (reopened_without_leaves, 0, 0, "says LeavesQty 0, 40 is left of it"),
    (other_correction, 1, 1, "a correction to 40 at 9.98 on PAPER was heard by a desk and never"),
    (total_changed_by_a_fill, 0, 0, "alpha-c1: Trade (alpha-E2) says OrderQty 90, it was 100"),
    (nameless, 0, 0, "order alpha-c1: Trade (alpha-E2) says no ClOrdID, and a desk had named it"),
    (wrong_day, 0, 0, "says DayCumQty 40, today's fills are 100"),
    (wrong_day_order_qty, 0, 0, "says DayOrderQty 60, 100 is for today"),
    (wrong_order, 0, 0, "desk-a heard ExecutionReport New for 'c99', which it never sent"),
    (another_symbol, 0, 0, "order alpha-c2: c2 asked Symbol TEST, reported OTHER"),
    (another_quantity, 0, 0, "order alpha-c2: c2 asked OrderQty 50, reported 60"),
    (past_its_limit, 0, 0, "says at 10.01, past its limit 10.00"),
    (accepted_and_rejected, 0, 0, "OrderCancelRequest c3 of desk-a was both accepted and rejected"),
    (lambda s: s.edit(3, CumQty=D(99)), 0, 0, "says CumQty 99, its fills add up to 100"),
    (lambda s: s.edit(2, LeavesQty=D(59)), 0, 0, "says LeavesQty 59, 60 is left of it"),
    (lambda s: s.edit(6, LeavesQty=D(50)), 0, 0, "says LeavesQty 50, 0 is left of it"),
    (lambda s: s.edit(3, AvgPx=D("9.995")), 0, 0, "says AvgPx 9.995, its fills cost 999.40"),
    (lambda s: s.edit(2, LastMkt=None), 1, 1, "without LastQty, LastPx or LastMkt"),
    (left_pending, 0, 0, "order alpha-c5 was left PendingReplace"),
]


@pytest.mark.parametrize(("plant", "lost", "duplicated", "problem"), FAULTS)
def test_a_planted_fault_is_counted_and_named(
    plant: Callable[[Story], None], lost: int, duplicated: int, problem: str
) -> None:
    story = a_good_day()
    plant(story)
    ledger = settle(story, a_good_day("desk-b", "beta"))
    assert (ledger.lost, ledger.duplicated) == (lost, duplicated), ledger.problems
    assert any(problem in found for found in ledger.problems), ledger.problems
    assert not ledger.balanced
    assert not any("desk-b" in found or "beta" in found for found in ledger.problems)


def test_one_fault_is_not_named_at_every_later_report_of_the_order() -> None:
    story = a_good_day()
    story.edit(2, CumQty=D(39), LeavesQty=D(61), AvgPx=D(10))
    story.edit(3, CumQty=D(99), LeavesQty=D(1), AvgPx=(D(390) + 60 * D("9.99")) / 99)
    assert [found for found in settle(story).problems if "CumQty" in found] == [
        "order alpha-c1: Trade (alpha-E2) says CumQty 39, its fills add up to 40"
    ]


def test_a_report_in_another_desks_queue_is_named() -> None:
    a, b = a_good_day(), Story("desk-b", "beta")
    b.lines.append(a.lines[a.heard(1)])
    assert settle(a, b).problems == [
        "desk-b heard ExecutionReport New for 'c1', which it never sent",
        "desk-b heard ExecID alpha-E1 with two ReportSeqs",
    ]
