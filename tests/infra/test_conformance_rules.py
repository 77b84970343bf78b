"""The small model of FIX's rules: what a report ought to say, learned from the rows alone."""

from decimal import Decimal

import pytest

from infra.conformance.rules import Modeled
from infra.conformance.scenarios import Row


def told(*reports: str) -> Modeled:
    """Reports as ``ClOrdID ExecType OrdStatus OrderQty CumQty LastQty``, then other fields."""
    order = Modeled(qty=Decimal(100))
    names = ("ClOrdID", "ExecType", "OrdStatus", "OrderQty", "CumQty", "LastQty")
    for number, report in enumerate(reports, 1):
        values = report.split()
        fields = dict(zip(names, values, strict=False))
        fields |= dict(pair.split("=") for pair in values[6:])
        order.told(Row(number, str(number), "out", "ExecutionReport", fields, {}), Decimal(10))
    return order


@pytest.mark.parametrize(
    ("reports", "status", "leaves"),
    [
        (["X 0 0 100 0 0"], "0", 100),
        (["X 0 0 100 0 0", "X F 1 100 40 40"], "1", 60),
        (["X F 2 100 100 100"], "2", 0),
        (["X F 1 100 40 40", "Y 6 6 100 40 0"], "6", 60),
        (["Y 6 6 100 0 0", "X 0 0 100 0 0"], "6", 100),
        (["Y E E 100 0 0", "Z 6 6 100 0 0"], "6", 100),
        (["Y E E 100 0 0", "Y 5 0 80 0 0"], "0", 80),
        (["X F 4 100 40 40"], "4", 0),
        (["X F 1 100 40 40", "X 3 3 100 40 0"], "3", 60),
        (["X 3 3 100 40 0", "X D 1 100 40 0"], "1", 60),
        (["X 7 7 100 0 40", "X F 7 100 40 40"], "7", 60),
        (["Y 6 6 100 0 0", "Y 4 4 100 0 0"], "4", 0),
    ],
)
def test_the_highest_state_that_holds_is_the_status(
    reports: list[str], status: str, leaves: int
) -> None:
    order = told(*reports)
    assert (order.status, order.leaves) == (status, leaves)


def test_a_refused_cancel_is_no_longer_pending() -> None:
    order = told("Y 6 6 100 0 0")
    fields = {"ClOrdID": "Y", "OrdStatus": "0"}
    order.told(Row(2, "2", "out", "OrderCancelReject", fields, {}), Decimal(10))
    assert order.status == "0"


def test_an_answer_and_a_refused_duplicate_change_nothing() -> None:
    order = told("X F 1 100 40 40", "X I 1 100 0 0", "X 8 1 100 0 0")
    assert (order.status, order.cum) == ("1", 40)


def test_only_what_the_venue_accepted_is_the_order_quantity() -> None:
    assert told("X 0 0 100 0 0", "Z E E 80 0 0").qty == 100
    assert told("X 0 0 500 0 0").qty == 500  # an order by cash


def test_the_average_price_is_that_of_the_fills_that_stand() -> None:
    fills = ["X F 1 100 10 10 ExecID=A LastPx=100", "X F 2 100 100 90 ExecID=B LastPx=110"]
    assert told(*fills).avg_px == 109
    assert told(*fills, "X H 1 100 90 0 ExecRefID=A").avg_px == 110
    assert told(*fills, "X G 2 100 100 90 ExecRefID=B ExecID=C LastPx=100").avg_px == 100
    assert told("X F 1 100 40 40").avg_px == 10


def test_without_a_stated_cumqty_it_is_the_sum_of_the_fills() -> None:
    order = Modeled(qty=Decimal(100))
    for number, fields in enumerate(
        ({"ExecType": "F", "LastQty": "40", "ExecID": "A"}, {"ExecType": "H", "ExecRefID": "A"}), 1
    ):
        order.told(Row(number, "1", "out", "ExecutionReport", fields, {}), Decimal(10))
        assert order.cum == (40 if number == 1 else 0)
