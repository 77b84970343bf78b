"""What a desk heard when, and which of its requests were answered."""

from typing import Any

import pytest

from infra.bench.answers import Answers
from infra.bench.timings import Timings, percentiles

MS = 1_000_000


def report(number: int, exec_type: str, status: str = "New", **more: Any) -> dict[str, Any]:
    return {
        "MsgType": "ExecutionReport",
        "ClOrdID": f"b-{number}",
        "ExecType": exec_type,
        "OrdStatus": status,
        **more,
    }


def test_latencies_count_from_the_send_to_each_report() -> None:
    timings = Timings()
    timings.expect(2)
    timings.sent[0], timings.sent[1] = 1000 * MS, 2000 * MS
    for number, start in enumerate((1000, 2000)):
        timings.hear(report(number, "PendingNew"), (start + 1) * MS, False)
        timings.hear(report(number, "New"), (start + 2) * MS, False)
        timings.hear(report(number, "Trade", "PartiallyFilled"), (start + 3) * MS, False)
    assert timings.done == 0
    timings.hear(report(0, "Trade", "Filled"), 1005 * MS, False)
    timings.hear(report(1, "Trade", "Filled"), 2009 * MS, False)
    found = timings.latencies(0, 2)
    assert found["ack_ms"]["p50"] == 1
    assert found["new_ms"]["max"] == 2
    assert (found["fill_ms"]["p50"], found["fill_ms"]["max"]) == (9, 9)
    assert timings.latencies(0, 1)["fill_ms"]["p50"] == 5
    assert timings.done == 2
    assert timings.span_s(0, 2) == pytest.approx(1.009)


def test_an_order_that_ends_unfilled_is_done_and_named() -> None:
    timings = Timings()
    timings.expect(1)
    ends: list[int] = []
    timings.ended = lambda: ends.append(timings.done)
    timings.hear(report(0, "Rejected", "Rejected", Text="no such account"), 5, False)
    assert ends == [1]
    assert timings.ended_otherwise == {"Rejected: no such account": 1}
    assert timings.latencies(0, 1)["fill_ms"] == {}


def test_reports_on_deep_orders_are_not_timed() -> None:
    timings = Timings()
    timings.hear({**report(0, "Trade", "PartiallyFilled"), "ClOrdID": "deep-I1-X1-Buy"}, 5, False)
    assert (timings.others, timings.done) == (1, 0)


def test_percentiles_are_of_the_sorted_values_in_milliseconds() -> None:
    found = percentiles([n * MS for n in range(1000, 0, -1)])
    assert found == {"p50": 501, "p99": 991, "p999": 1000, "max": 1000}
    assert percentiles([7 * MS]) == {"p50": 7, "p99": 7, "p999": 7, "max": 7}


@pytest.mark.parametrize(
    "answer",
    [
        {"MsgType": "ExecutionReport", "ClOrdID": "r-1", "ExecType": "New"},
        {"MsgType": "ExecutionReport", "ClOrdID": "r-1", "ExecType": "Rejected"},
        {"MsgType": "ExecutionReport", "ClOrdID": "r-1", "ExecType": "Replaced"},
        {"MsgType": "OrderCancelReject", "ClOrdID": "r-1"},
        {"MsgType": "OrderMassCancelReport", "ClOrdID": "r-1"},
        {"MsgType": "BusinessMessageReject", "BusinessRejectRefID": "r-1"},
    ],
)
def test_every_kind_of_answer_answers_its_request_once(answer: dict[str, Any]) -> None:
    answers = Answers()
    answers.expect(["r-1", "r-2"])
    for _ in range(2):
        answers.hear(answer, 0, False)
    assert (answers.waiting, answers.answered) == (1, 1)
    assert answers.first_waiting(3) == ["r-2"]
    assert answers.kinds.total() == 2


@pytest.mark.parametrize("pending", ["PendingNew", "PendingCancel", "PendingReplace"])
def test_pending_is_not_an_answer(pending: str) -> None:
    answers = Answers()
    answers.expect(["r-1"])
    answers.hear({"MsgType": "ExecutionReport", "ClOrdID": "r-1", "ExecType": pending}, 0, False)
    assert answers.waiting == 1


def test_refusals_are_counted_by_rule() -> None:
    answers = Answers()
    refusal = {"Rule": "lot_size"}
    answers.hear({"ExecType": "Rejected", "ClOrdID": "x", "Refusal": refusal}, 0, False)
    answers.hear({"MsgType": "OrderCancelReject", "ClOrdID": "y", "Refusal": refusal}, 0, False)
    assert answers.reasons == {"Rejected: lot_size": 1, "OrderCancelReject: lot_size": 1}
