"""All actors together, over hundreds of random days: in the end everything adds up."""

from functools import cache
from typing import Any

import pytest

from actors.conservation import imbalances
from actors.lifecycle import TERMINAL
from messages.fix import ExecType
from messages.reports import DESK_REPORT, ExecutionReport
from tests.actors.town import ACCOUNTS, COMPLIANCE, DESK, MAKE, VENUE, Town

SEEDS = 25
STEPS = 300


@cache
def day(seed: int) -> Town:
    """A town at the end of its day, with everything healed."""
    town = Town(seed)
    town.run(STEPS)
    town.heal()
    return town


def state(town: Town, address: str) -> Any:
    return town.shells[address].actor.state


def reports(town: Town, account: str) -> list[Any]:
    sent = town.outboxes.get((f"account/{account}", f"desk/{DESK}"), [])
    assert [envelope.seq for envelope in sent] == list(range(1, len(sent) + 1))
    return [DESK_REPORT.validate_json(envelope.body) for envelope in sent]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_day_everything_adds_up(seed: int) -> None:
    """I5, I9, I10, I13, I18."""
    town = day(seed)
    nothing_is_left_open(town)
    what_was_booked_is_what_traded(town)
    every_request_was_answered(town)
    compliance = state(town, COMPLIANCE)
    assert compliance.violations == []
    assert imbalances(compliance.totals) == ()
    assert compliance.totals.get("breaks", 0) == 0
    for address in MAKE:
        town.die(address)  # which compares the replay with the state in memory


def nothing_is_left_open(town: Town) -> None:
    assert state(town, VENUE).unanswered == {}
    for name in ACCOUNTS:
        account = state(town, f"account/{name}")
        assert [o for o in account.orders.values() if o.pending] == []
        assert {o.status for o in account.orders.values()} <= TERMINAL
        assert account.reserved.get("USD", 0) == 0


def what_was_booked_is_what_traded(town: Town) -> None:
    booked = [key for name in ACCOUNTS for key in state(town, f"account/{name}").booked]
    assert sorted(booked) == sorted(f"XNAS {exec_id}" for exec_id in town.exchange.trades)
    orders = [o for name in ACCOUNTS for o in state(town, f"account/{name}").orders.values()]
    at_exchange = {resting.names[0]: resting for resting in town.exchange.orders}
    for order in orders:
        resting = at_exchange.get(f"{order.OrderID}.1")
        if resting is None:
            assert order.cum_qty == 0
        else:
            assert (order.cum_qty, order.status) == (resting.cum, resting.status)
            assert order.terms.OrderQty == resting.qty


def every_request_was_answered(town: Town) -> None:
    for name in ACCOUNTS:
        heard = reports(town, name)
        answered = {r.ClOrdID for r in heard}  # an order may be over before New: by its cancel
        answered |= {r.OrigClOrdID for r in heard if isinstance(r, ExecutionReport)}
        for request in town.asked[name]:
            assert request.ClOrdID in answered  # type: ignore[union-attr]
        fills: dict[str, list[ExecutionReport]] = {}
        for report in heard:
            if isinstance(report, ExecutionReport) and report.ExecType is ExecType.Trade:
                fills.setdefault(report.OrderID, []).append(report)
        for told in fills.values():
            assert [r.CumQty for r in told] == [
                sum(r.LastQty or 0 for r in told[: i + 1]) for i in range(len(told))
            ]


def test_a_day_is_the_same_whenever_it_is_run() -> None:
    days = [Town(7), Town(7)]
    for town in days:
        town.run(STEPS)
    assert days[0].entries == days[1].entries


def test_the_days_have_seen_what_they_are_meant_to_show() -> None:
    """A random run proves little if the interesting things do not happen in it."""
    seen: set[str] = set()
    for seed in range(SEEDS // 2):
        town = day(seed)
        for address in MAKE:
            for entry in town.entries[address]:
                events = town.shells[address].actor.EVENTS.validate_json(entry.events)
                seen |= {event.Event for event in events}
    rare = {"WentInDoubt", "VenueMessageHeld", "DuplicateExecution", "OrderReplaced"}
    rare |= {"CancelRejected", "MassCancelRequested", "DuplicateReceived", "OrderExpired"}
    assert rare <= seen
