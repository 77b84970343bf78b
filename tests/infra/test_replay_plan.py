"""Market events become requests of two desks: each event exactly one request, or a reason."""

from collections import Counter
from decimal import Decimal

import pytest

from infra import replay
from infra.replay import Kind, MarketEvent, Plan, plan
from messages import orders
from messages.fix import OrdType, Side, TimeInForce

D = Decimal
ACCOUNTS = {"alpha": "desk-a", "beta": "desk-b"}


def event(kind: Kind, order: str = "1", qty: int = 100, price: str = "10.00") -> MarketEvent:
    return MarketEvent(0, kind, order, Side.Buy, D(qty), D(price))


def planned(*events: MarketEvent, seed: int = 1) -> tuple[Plan, list[replay.Planned]]:
    work = Plan(events, symbol="TEST", accounts=ACCOUNTS, seed=seed, prefix="r")
    return work, list(work)


def test_a_new_order_goes_in_as_a_limit_day_order() -> None:
    _, [(at, desk, order)] = planned(event(Kind.New))
    assert isinstance(order, orders.NewOrderSingle)
    assert (at, desk) == (0, ACCOUNTS[order.Account])
    assert (order.ClOrdID, order.Symbol, order.Side) == ("r-1", "TEST", Side.Buy)
    assert (order.OrderQty, order.Price) == (D(100), D("10.00"))
    assert (order.OrdType, order.TimeInForce) == (OrdType.Limit, TimeInForce.Day)


def test_a_deleted_order_is_cancelled_by_its_own_desk() -> None:
    _, [new, cancel] = planned(event(Kind.New), event(Kind.Delete))
    assert isinstance(cancel.request, orders.OrderCancelRequest)
    assert (cancel.request.ClOrdID, cancel.request.OrigClOrdID) == ("r-2", "r-1")
    assert (cancel.desk, cancel.request.Account) == (new.desk, new.request.Account)


def test_a_partial_cancel_lowers_the_total_and_chains_on_the_id_sent_last() -> None:
    _, [_, first, second, cancel] = planned(
        event(Kind.New, qty=100),
        event(Kind.Reduce, qty=30),
        event(Kind.Reduce, qty=20),
        event(Kind.Delete),
    )
    assert isinstance(first.request, orders.OrderCancelReplaceRequest)
    assert isinstance(second.request, orders.OrderCancelReplaceRequest)
    assert isinstance(cancel.request, orders.OrderCancelRequest)
    assert (first.request.OrderQty, first.request.OrigClOrdID) == (D(70), "r-1")
    assert (second.request.OrderQty, second.request.OrigClOrdID) == (D(50), "r-2")
    assert cancel.request.OrigClOrdID == "r-3"


def test_what_traded_stays_in_the_total_of_a_later_replace() -> None:
    _, steps = planned(
        event(Kind.New, qty=100), event(Kind.Execute, qty=40), event(Kind.Reduce, qty=10)
    )
    replace = steps[-1].request
    assert isinstance(replace, orders.OrderCancelReplaceRequest)
    assert replace.OrderQty == D(90)


def test_a_partial_cancel_of_all_that_is_left_is_a_cancel() -> None:
    _, steps = planned(event(Kind.New, qty=100), event(Kind.Reduce, qty=100))
    assert isinstance(steps[-1].request, orders.OrderCancelRequest)


def test_a_change_of_price_is_a_replace_at_the_new_price() -> None:
    _, steps = planned(event(Kind.New), event(Kind.Change, qty=0, price="10.25"))
    replace = steps[-1].request
    assert isinstance(replace, orders.OrderCancelReplaceRequest)
    assert (replace.OrderQty, replace.Price) == (D(100), D("10.25"))


@pytest.mark.parametrize("order", [str(n) for n in range(8)])
def test_an_execution_becomes_an_opposite_order_of_the_other_desk(order: str) -> None:
    _, [resting, taker] = planned(event(Kind.New, order), event(Kind.Execute, order, qty=40))
    assert isinstance(taker.request, orders.NewOrderSingle)
    assert taker.request.TimeInForce is TimeInForce.ImmediateOrCancel
    assert (taker.request.Side, taker.request.OrderQty) == (Side.Sell, D(40))
    assert taker.request.Price == D("10.00")
    assert taker.desk != resting.desk


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([event(Kind.Delete)], plan.UNKNOWN),
        ([event(Kind.Execute)], plan.UNKNOWN),
        ([event(Kind.Reduce)], plan.UNKNOWN),
        ([event(Kind.Match)], plan.UNKNOWN),
        ([event(Kind.New), event(Kind.Delete), event(Kind.Delete)], plan.UNKNOWN),
        ([event(Kind.New), event(Kind.Execute), event(Kind.Delete)], plan.UNKNOWN),
        ([event(Kind.Hidden)], plan.HIDDEN),
        ([event(Kind.Cross)], plan.CROSSED),
        ([event(Kind.Halt)], plan.HALTED),
        ([event(Kind.New, qty=0)], plan.EMPTY),
        ([event(Kind.New), event(Kind.New)], plan.REUSED),
        ([event(Kind.New), event(Kind.Match, qty=40)], plan.TRADED),
    ],
)
def test_what_is_not_sent_is_counted_with_its_reason(
    events: list[MarketEvent], reason: str
) -> None:
    work, steps = planned(*events)
    assert work.skipped == Counter({reason: 1})
    assert len(steps) == len(events) - 1
    assert work.events == len(events)


def test_an_order_that_traded_inside_the_file_is_still_cancelled_when_the_file_deletes_it() -> None:
    work, steps = planned(event(Kind.New), event(Kind.Match), event(Kind.Delete))
    assert isinstance(steps[-1].request, orders.OrderCancelRequest)
    assert work.requests == Counter(NewOrderSingle=1, OrderCancelRequest=1)


def test_the_same_seed_plans_the_same_and_another_one_deals_the_orders_differently() -> None:
    events = [event(Kind.New, str(n)) for n in range(400)]
    desks = {seed: [step.desk for step in planned(*events, seed=seed)[1]] for seed in (1, 2)}
    assert planned(*events, seed=1)[1] == planned(*events, seed=1)[1]
    for seed in (1, 2):
        assert 160 < desks[seed].count("desk-a") < 240
    assert 120 < sum(a != b for a, b in zip(desks[1], desks[2], strict=True)) < 280


def test_each_run_has_clordids_of_its_own() -> None:
    events = [event(Kind.New, str(n)) for n in range(5)]
    steps = [list(Plan(events, symbol="T", accounts=ACCOUNTS, seed=seed)) for seed in (1, 2)]
    ids = [step.request.ClOrdID for step in (*steps[0], *steps[1])]  # type: ignore[union-attr]
    assert len(set(ids)) == 10


def test_one_account_alone_cannot_trade_with_itself() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        Plan([], symbol="TEST", accounts={"alpha": "desk-a"})


def test_the_accounts_of_a_replay_refuse_nothing() -> None:
    alpha, beta = replay.account_definitions(ACCOUNTS)
    assert (alpha.Account, alpha.Desks, beta.Desks) == ("alpha", ("desk-a",), ("desk-b",))
    assert alpha.Cash["USD"] >= D(10) ** 12
    assert set(alpha.Limits.model_dump().values()) == {None}
