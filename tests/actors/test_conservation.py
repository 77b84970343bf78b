"""The totals add up to 0 at rest; in flight, and when something is missing, they say where."""

from collections import Counter
from collections.abc import Iterable

import pytest

from actors.conservation import DIRECTIONS, LAWS, TOTALS, balance, counts, imbalances, is_new_order
from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy
from messages.fix import ExecType, OrdRejReason
from tests.infra.test_metrics_entries import (
    REPORT,
    accepted,
    adopted,
    corrected,
    duplicate,
    entry,
    executed,
    filled,
    journey,
    parked,
    received,
    refused,
    taken_back,
    venue_adopted,
)


def totals(entries: Iterable[EntryCopy]) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in entries:
        found.update(counts(each))
    return found


def test_every_law_reads_0_when_an_order_has_run_its_course() -> None:
    found = totals(journey())
    assert found == {
        "orders_received": 1,
        "orders_accepted": 1,
        "fills_booked": 1,
        "venue_trades": 1,
        "reports_owed": 3,
    }
    assert [balance(law, found) for law in LAWS] == [0] * len(LAWS)
    assert imbalances(found) == ()


def test_a_trade_on_its_way_to_the_account_is_out_of_balance_until_it_is_booked() -> None:
    *before, last = journey()
    assert imbalances(totals(before)) == ("fills: 1 traded at a venue and not booked",)
    assert imbalances(totals([*before, last])) == ()


def test_a_fill_that_no_venue_reported_reads_above_0() -> None:
    found = totals([entry("account/acme", 1, filled())])
    assert balance("fills", found) == 1
    assert imbalances(found) == ("fills: 1 booked by an account and reported by no venue",)


def test_an_order_without_an_outcome_reads_above_0_and_an_outcome_without_an_order_below() -> None:
    assert imbalances(totals([received(1)])) == ("orders: 1 received and not answered",)
    stray = entry("account/acme", 1, accepted(), Sender="book/AAPL")
    assert imbalances(totals([stray])) == ("orders: 1 answered and never received",)


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((accepted(),), "orders_accepted"),
        ((refused(),), "orders_refused"),
        ((duplicate(),), "orders_duplicate"),
        ((duplicate(same=False),), "orders_duplicate"),
        ((duplicate(same=False), refused(OrdRejReason.DuplicateOrder)), "orders_refused"),
        ((parked("NewOrderSingle"),), "orders_parked"),
    ],
)
def test_each_order_received_has_one_outcome(events: tuple[Event, ...], outcome: str) -> None:
    found = counts(received(1, *events))
    assert {name: n for name, n in found.items() if name.startswith("orders_")} == {
        "orders_received": 1,
        outcome: 1,
    }
    assert imbalances(found) == ()


def test_only_a_desks_new_order_at_an_account_counts_as_received() -> None:
    order = received(1, accepted())
    assert is_new_order(order)
    for other in (
        {"Kind": "OrderCancelRequest"},
        {"Sender": "book/AAPL"},
        {"Actor": "book/AAPL"},
    ):
        assert not is_new_order(order.model_copy(update=other))


def test_each_order_of_a_list_is_received_with_its_outcome() -> None:
    listed = entry("account/acme", 1, accepted(), accepted("acme-2"), Kind="NewOrderList")
    assert counts(listed) == {"orders_received": 2, "orders_accepted": 2}
    repeat = entry("account/acme", 2, duplicate("NewOrderList"), Kind="NewOrderList")
    assert counts(repeat) == {"requests_duplicate": 1}


def test_a_repeated_cancel_is_no_repeated_order() -> None:
    again = entry("account/acme", 1, duplicate("OrderCancelRequest"), Kind="OrderCancelRequest")
    assert counts(again) == {"requests_duplicate": 1}


def test_only_trades_count_as_trades_and_a_repeated_execution_counts_apart() -> None:
    repeated = ev.DuplicateExecution(ExecID="x-1")
    found = counts(entry("venue/XNAS", 1, executed(ExecType.New), repeated))
    assert found == {"executions_duplicate": 1}
    assert counts(entry("venue/XNAS", 2, executed(ExecType.Trade, 40))) == {"venue_trades": 1}


@pytest.mark.parametrize(
    ("kind", "event", "law", "left"),
    [
        (ExecType.TradeCancel, taken_back(), "busts", "taken back by a venue and still booked"),
        (
            ExecType.TradeCorrect,
            corrected(),
            "corrections",
            "corrected by a venue and not by its account",
        ),
    ],
)
def test_what_a_venue_takes_back_or_corrects_is_out_of_balance_until_the_account_has_done_it(
    kind: ExecType, event: Event, law: str, left: str
) -> None:
    before = [*journey(), entry("venue/XNAS", 9, executed(kind, 60, ref="x-1"))]
    assert imbalances(totals(before)) == (f"{law}: 1 {left}",)
    found = totals([*before, entry("account/acme", 9, event)])
    assert imbalances(found) == ()
    assert (found["fills_booked"], found["venue_trades"]) == (1, 1)


def test_a_fill_that_an_account_takes_back_by_itself_reads_above_0() -> None:
    found = totals([entry("account/acme", 1, taken_back())])
    assert imbalances(found) == ("busts: 1 taken back by an account and by no venue",)


def test_an_order_that_a_venue_made_is_out_of_balance_until_its_account_has_it() -> None:
    made = entry("venue/XNAS", 1, venue_adopted())
    assert imbalances(totals([made])) == (
        "adoptions: 1 made at a venue and not taken over by its account",
    )
    found = totals([made, entry("account/acme", 1, adopted())])
    assert imbalances(found) == ()
    assert "orders_received" not in found


def test_a_mass_of_reports_is_owed_report_by_report_and_only_to_desks() -> None:
    sends = (*REPORT, ("desk/red", 4, "ExecutionReport"), ("book/AAPL", 2, "NewOrder"))
    assert counts(entry("account/acme", 1, Sends=sends)) == {"reports_owed": 2}


def test_breaks_and_parked_messages_are_totals() -> None:
    break_found = ev.BreakFound(OrderID="acme-1", What="a fill for an unknown order")
    found = counts(entry("venue/XNAS", 1, break_found, parked("VenueExecution")))
    assert found == {"breaks": 1, "messages_parked": 1}


def test_every_law_and_every_count_speaks_of_a_known_total() -> None:
    assert {total for terms in LAWS.values() for total, _ in terms} <= set(TOTALS)
    assert set(LAWS) == set(DIRECTIONS)
    every = [*journey(), received(1, refused()), received(2, duplicate()), received(3, parked("x"))]
    late = [executed(kind) for kind in ExecType]
    every += [entry("any/one", 1, *late, taken_back(), corrected(), adopted(), venue_adopted())]
    assert set(totals(every)) <= set(TOTALS)


def test_totals_of_two_shards_may_each_be_out_of_balance_while_their_sum_is_not() -> None:
    accounts = totals(e for e in journey() if e.Actor.startswith("account/"))
    others = totals(e for e in journey() if not e.Actor.startswith("account/"))
    assert (balance("fills", accounts), balance("fills", others)) == (1, -1)
    assert imbalances(accounts + others) == ()
