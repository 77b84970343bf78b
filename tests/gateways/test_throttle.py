"""A desk's token bucket at the border: what it refuses, what always gets through, what it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.amqp.ingress import Routed, translate
from gateways.amqp.throttle import NS, Throttle
from infra.reference import Reference, load
from messages.orders import DESK_REQUEST, DeskRequest
from messages.reference import DeskSettings
from tests.gateways.ingress_deliveries import (
    ACCOUNT,
    DESK,
    EXCHANGE,
    NOW,
    ORDER,
    REQUESTS,
    Everybody,
    rejects,
)


def request(body: dict[str, object]) -> DeskRequest:
    return DESK_REQUEST.validate_json(json.dumps(body))


NEW = request(ORDER)
CANCEL = next(request(body) for body in REQUESTS if body["MsgType"] == "OrderCancelRequest")
LIST = next(request(body) for body in REQUESTS if body["MsgType"] == "NewOrderList")


def agreed(count: int | None, seconds: int = 1, desk: str = DESK) -> Throttle:
    return Throttle([DeskSettings(Desk=desk, ThrottleNoMsgs=count, ThrottleTimeInterval=seconds)])


def passed(throttle: Throttle, times: list[int], what: DeskRequest = NEW) -> list[bool]:
    return [throttle.objection(DESK, what, at) is None for at in times]


@pytest.mark.parametrize(
    ("limit", "seconds", "times", "expected"),
    [
        (2, 1, [0, 0, 0], [True, True, False]),
        (2, 1, [0, 0, NS // 2], [True, True, True]),
        (2, 1, [0, 0, NS // 2 - 1], [True, True, False]),
        (1, 10, [0, 9 * NS, 10 * NS], [True, False, True]),
        (2, 1, [0, 100 * NS, 100 * NS, 100 * NS], [True, True, True, False]),
        (2, 1, [NS, NS, 0], [True, True, False]),
    ],
    ids=["burst", "refill", "not yet", "slow", "never more than full", "a clock that goes back"],
)
def test_so_many_pass_in_a_time(
    limit: int, seconds: int, times: list[int], expected: list[bool]
) -> None:
    assert passed(agreed(limit, seconds), [NOW + at for at in times]) == expected


@given(st.lists(st.integers(0, 3 * NS), max_size=60), st.integers(1, 20))
def test_no_window_lets_more_pass_than_the_burst_and_what_came_back(
    gaps: list[int], limit: int
) -> None:
    throttle, at, taken = agreed(limit), NOW, []
    for gap in gaps:
        at += gap
        if throttle.objection(DESK, NEW, at) is None:
            taken.append(at)
    for first, begin in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            assert last - first + 1 <= limit + (end - begin) / NS * limit + 1e-6


def test_cancels_have_a_bucket_of_their_own() -> None:
    throttle = agreed(1)
    assert passed(throttle, [NOW, NOW]) == [True, False]
    assert passed(throttle, [NOW, NOW], CANCEL) == [True, False]


def test_each_order_of_a_list_counts() -> None:
    assert passed(agreed(5), [NOW, NOW], LIST) == [True, False]


def test_other_desks_and_desks_without_an_agreement_are_not_asked() -> None:
    assert passed(agreed(1, desk="beta"), [NOW] * 100) == [True] * 100
    assert passed(agreed(None), [NOW] * 100) == [True] * 100


def test_what_is_too_much_is_answered_with_the_limit_and_the_remedy() -> None:
    throttle = agreed(1)
    body = json.dumps([ORDER, {**ORDER, "ClOrdID": "order-9"}]).encode()
    first, second = translate(body, DESK, ACCOUNT, EXCHANGE, None, NOW, Everybody, throttle)
    assert isinstance(first, Routed)
    (reject,) = rejects([second])
    assert reject.BusinessRejectReason == "ThrottleLimitExceeded"
    assert (reject.RefMsgType, reject.BusinessRejectRefID) == ("NewOrderSingle", "order-9")
    assert reject.Refusal is not None
    assert "1 requests in 1 s" in reject.Refusal.Allowed
    assert "same ClOrdID" in reject.Refusal.Remedy


@pytest.mark.parametrize("wrong", [{"ThrottleNoMsgs": 0}, {"ThrottleTimeInterval": 0}])
def test_a_limit_of_nothing_is_refused_when_the_reference_data_is_read(
    wrong: dict[str, int],
) -> None:
    given_data = load().model_dump(mode="json")
    given_data["desk_settings"] = [{"Desk": "alpha", **wrong}]
    with pytest.raises(ValueError, match=r"Throttle.* of desk alpha"):
        Reference.model_validate_json(json.dumps(given_data))
