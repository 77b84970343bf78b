"""Whole days of real exchanges, row by row. The files are not part of the project.

OMS_REPLAY_DATA names the folder that holds them; without it, ``shared/data`` beside the project.
"""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from infra import replay
from infra.replay import Kind, Plan, Source, plan

DATA = Path(
    os.environ.get("OMS_REPLAY_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)
ACCOUNTS = {"alpha": "desk-a", "beta": "desk-b"}


def source(name: str) -> Source:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not in {DATA}; set OMS_REPLAY_DATA to the folder that has it")
    return replay.open_source(DATA / name)


def test_every_row_of_a_day_of_amazon_is_accounted_for() -> None:
    amazon = source("AMZN_2012-06-21_message.csv")
    kinds, executed = Counter[Kind](), Decimal(0)
    for event in amazon.events():
        kinds[event.kind] += 1
        executed += event.qty if event.kind in (Kind.Execute, Kind.Hidden) else 0
    assert kinds == {
        Kind.New: 27_845,
        Kind.Delete: 18_235,
        Kind.Reduce: 16,
        Kind.Execute: 8_974,
        Kind.Hidden: 2_445,
    }
    assert executed == 810_755

    work = Plan(amazon.events(), symbol="AMZN", accounts=ACCOUNTS)
    desks = Counter(step.desk for step in work)
    assert work.events == 57_515 == sum(desks.values()) + sum(work.skipped.values())
    assert work.skipped == {plan.UNKNOWN: 7_467, plan.HIDDEN: 2_445}
    # 27,845 new orders, and one aggressor for each of the 5,903 executions of a known order.
    assert work.requests == {
        "NewOrderSingle": 33_748,
        "OrderCancelRequest": 13_843,
        "OrderCancelReplaceRequest": 12,
    }
    assert 0.45 < desks["desk-a"] / sum(desks.values()) < 0.55


def test_every_row_of_five_hours_of_bitcoin_is_accounted_for() -> None:
    bitcoin = source("bitstamp_2015-05-01_orders.csv.xz")
    orders, kinds = set[str](), Counter[Kind]()
    for event in bitcoin.events():
        kinds[event.kind] += 1
        orders.add(event.order_id)
    assert (kinds.total(), len(orders)) == (50_414, 25_076)
    assert kinds[Kind.New] == 24_894
    assert kinds[Kind.Delete] == 24_918
    assert kinds[Kind.Match] + kinds[Kind.Change] == 602

    work = Plan(bitcoin.events(), symbol="BTC", accounts=ACCOUNTS)
    assert sum(1 for _ in work) + work.skipped.total() == work.events == 50_414
    # 191 rows of orders begun before the file, and 22 that delete what is deleted already.
    assert work.skipped == {plan.UNKNOWN: 213, plan.TRADED: 561}
    assert work.requests == {
        "NewOrderSingle": 24_894,
        "OrderCancelRequest": 24_710,
        "OrderCancelReplaceRequest": 36,
    }


@pytest.mark.parametrize(
    ("name", "lot"),
    [
        ("AMZN_2012-06-21_message.csv", Decimal(1)),
        ("bitstamp_2015-05-01_orders.csv.xz", Decimal("0.00000001")),
    ],
)
def test_every_real_order_stands_on_the_ticks_and_lots_of_its_instrument(
    name: str, lot: Decimal
) -> None:
    real = source(name)
    definition = real.instrument("REAL", venues=["PAPER"])
    assert (definition.TickSize, definition.LotSize) == (Decimal("0.01"), lot)
    off = [
        step.request
        for step in Plan(real.events(), symbol="REAL", accounts=ACCOUNTS)
        if step.request.MsgType in ("NewOrderSingle", "OrderCancelReplaceRequest")
        and (step.request.OrderQty % lot or step.request.Price % definition.TickSize)  # type: ignore[operator]
    ]
    assert off == []
