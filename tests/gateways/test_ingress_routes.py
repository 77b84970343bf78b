"""A good request goes to its account as the desk said it, under the desk that the broker vouches
for; what comes again comes out the same.
"""

import json
from decimal import Decimal

import pytest

from gateways.amqp.ingress import NO_ORDER, Answered, Dead, Routed
from messages.envelope import Envelope, decode
from messages.fix import ExecType, OrdRejReason, OrdStatus
from messages.orders import DESK_REQUEST, FromDesk
from messages.reports import ExecutionReport
from tests.gateways.ingress_deliveries import (
    ACCOUNT,
    DESK,
    EXCHANGE,
    NOW,
    ORDER,
    REQUESTS,
    TRACE,
    hear,
    rejects,
)


def routed(body: object, **delivery: object) -> Routed:
    (result,) = hear(body, **delivery)  # type: ignore[arg-type]
    assert isinstance(result, Routed), result
    return result


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: r["MsgType"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrap", ["{}", " {} \n", "[{}]", "[ {} ]"])
def test_a_request_goes_to_its_account_as_it_was_said(
    request_: dict[str, object], indent: int | None, wrap: str
) -> None:
    result = routed(wrap.replace("{}", json.dumps(request_, indent=indent)).encode())
    said = FromDesk.model_validate_json(result.body)
    assert result.recipient == f"account/{ACCOUNT}"
    assert result.kind == request_["MsgType"]
    assert (said.Desk, said.ReceivedAt) == (DESK, NOW)
    assert said.Request == DESK_REQUEST.validate_json(json.dumps(request_))


def test_a_request_survives_an_envelope_whatever_its_line_breaks() -> None:
    result = routed(json.dumps(ORDER, indent=2).replace("\n", "\r\n").encode())
    out = Envelope("ingress/0", result.recipient, 1, result.kind, NOW, result.trace, result.body)
    assert decode(*out.encode().split(b"\n")) == out


def test_a_list_is_routed_in_its_order() -> None:
    results = hear(REQUESTS)
    assert [r.kind for r in results if isinstance(r, Routed)] == [r["MsgType"] for r in REQUESTS]


def test_a_valid_trace_of_the_desk_is_carried_on() -> None:
    assert routed(ORDER, traceparent=TRACE).trace == TRACE
    unsampled = TRACE[:-2] + "00"
    assert routed(ORDER, traceparent=unsampled).trace == unsampled


@pytest.mark.parametrize(
    "trace",
    [
        None,
        "",
        "nonsense",
        TRACE.upper(),
        TRACE + "-extra",
        TRACE + "\n",
        TRACE.replace("a" * 32, "0" * 32),
        TRACE.replace("b" * 16, "0" * 16),
        "ff" + TRACE[2:],
        TRACE.replace("-", " "),
    ],
)
def test_without_a_valid_trace_a_sampled_one_is_made(trace: str | None) -> None:
    made = routed(ORDER, traceparent=trace).trace
    version, trace_id, span_id, flags = made.split("-")
    assert (version, len(trace_id), len(span_id), flags) == ("00", 32, 16, "01")
    assert int(trace_id, 16)
    assert int(span_id, 16)
    assert made != TRACE


def test_a_redelivery_has_the_same_trace_and_another_order_has_another() -> None:
    first = routed(ORDER)
    assert routed(ORDER, at=NOW + 5).trace == first.trace
    assert routed({**ORDER, "ClOrdID": "order-9"}).trace != first.trace
    assert routed({**ORDER, "Account": "other"}, routing_key="other").trace != first.trace
    assert routed(ORDER, user_id="beta", exchange="orders.beta").trace != first.trace


def test_questions_about_all_orders_have_traces_of_their_own() -> None:
    question = REQUESTS[5]
    assert routed(question).trace != routed({**question, "MassStatusReqID": "q2"}).trace


# ---- who sent it


def test_what_the_broker_did_not_check_is_refused_item_by_item() -> None:
    found = rejects(hear([ORDER, REQUESTS[5], 7], user_id=None))
    assert [r.BusinessRejectRefID for r in found] == ["order-1", "question-1", None]
    for reject in found:
        assert reject.BusinessRejectReason == "NotAuthorized"
        assert reject.Refusal.Rule == "authenticated"
        assert (reject.Refusal.Field, reject.Refusal.Given) == ("user_id", "missing")
        assert "user_id to alpha" in reject.Text


def test_a_desk_on_the_exchange_of_another_is_told_so_itself() -> None:
    (result,) = hear(ORDER, user_id="beta")
    assert isinstance(result, Answered)
    assert result.desk == "beta"
    (reject,) = rejects([result])
    assert (reject.Refusal.Field, reject.Refusal.Given) == ("exchange", EXCHANGE)
    assert "publish to orders.beta" in reject.Text


@pytest.mark.parametrize("exchange", ["", "reports", "orders", "orders.", "orders.shard"])
def test_a_desk_on_no_desks_exchange_is_told_so(exchange: str) -> None:
    (reject,) = rejects(hear(ORDER, exchange=exchange))
    assert reject.Refusal.Rule == "own_exchange"


@pytest.mark.parametrize(
    ("user_id", "exchange"),
    [
        ("operator", EXCHANGE),
        ("operator", "orders.operator"),
        (None, "orders.nobody"),
        (None, "orders."),
        (None, "reports"),
        (None, ""),
        ("", "\x1b[2J" * 60),
    ],
)
def test_what_no_known_desk_sent_is_dead_as_a_whole(user_id: str | None, exchange: str) -> None:
    (result,) = hear([ORDER, ORDER], user_id=user_id, exchange=exchange)
    assert isinstance(result, Dead)
    assert "no known desk" in result.reason
    assert result.reason.isprintable()
    assert len(result.reason) < 250


def test_an_unreadable_body_without_user_is_answered_once_for_the_missing_user() -> None:
    (reject,) = rejects(hear(b"\xff", user_id=None))
    assert reject.Refusal.Rule == "authenticated"


# ---- an account that nobody knows


def unknown(order: dict[str, object], **delivery: object) -> ExecutionReport:
    (result,) = hear(order, routing_key="ghost", **delivery)  # type: ignore[arg-type]
    assert isinstance(result, Answered)
    assert isinstance(result.reject, ExecutionReport)
    return result.reject


def test_an_order_for_an_unknown_account_is_rejected_as_an_order() -> None:
    report = unknown({**ORDER, "Account": "ghost"})
    assert (report.OrderID, report.ClOrdID) == (NO_ORDER, "order-1")
    assert (report.ExecType, report.OrdStatus) == (ExecType.Rejected, OrdStatus.Rejected)
    assert report.OrdRejReason is OrdRejReason.UnknownAccounts
    assert (report.OrderQty, report.Price, report.LeavesQty) == (100, Decimal("231.25"), 0)
    assert report.Refusal is not None
    assert (report.Refusal.Field, report.Refusal.Given) == ("Account", "ghost")
    assert report.Text == report.Refusal.text()
    assert (report.ReportSeq, report.TransactTime) == (None, NOW)
    assert ExecutionReport.model_validate_json(report.model_dump_json()) == report


def test_its_exec_id_is_the_same_when_it_comes_again_and_else_another() -> None:
    order = {**ORDER, "Account": "ghost"}
    first = unknown(order).ExecID
    assert unknown(order, at=NOW + 5, traceparent=TRACE).ExecID == first
    assert unknown({**order, "OrderQty": "101"}).ExecID != first
    assert unknown({**order, "ClOrdID": "order-2"}).ExecID != first
    assert unknown(order, user_id="beta", exchange="orders.beta").ExecID != first


@pytest.mark.parametrize("request_", REQUESTS[1:], ids=lambda r: r["MsgType"])
def test_any_other_request_for_an_unknown_account_is_a_business_reject(
    request_: dict[str, object],
) -> None:
    (reject,) = rejects(hear({**request_, "Account": "ghost"}, routing_key="ghost"))
    assert reject.RefMsgType == request_["MsgType"]
    assert reject.BusinessRejectReason == "UnknownID"
    assert (reject.Refusal.Field, reject.Refusal.Given) == ("Account", "ghost")


# ---- a mass cancel without Account


EVERYWHERE = {name: value for name, value in REQUESTS[4].items() if name != "Account"}


def test_a_mass_cancel_without_account_goes_to_each_that_the_desk_may_trade() -> None:
    results = hear(EVERYWHERE, routing_key="")
    assert [r.recipient for r in results if isinstance(r, Routed)] == [
        f"account/{ACCOUNT}",
        "account/other",
    ]
    bodies = {r.body for r in results if isinstance(r, Routed)}
    assert len(bodies) == 1
    said = FromDesk.model_validate_json(bodies.pop())
    assert said.Request == DESK_REQUEST.validate_json(json.dumps(EVERYWHERE))
    assert hear(EVERYWHERE, routing_key="", at=NOW) == results, "and again when it comes again"


def test_a_mass_cancel_without_account_is_refused_to_a_desk_that_may_trade_none() -> None:
    (reject,) = rejects(hear(EVERYWHERE, user_id="beta", exchange="orders.beta", routing_key=""))
    assert (reject.Refusal.Rule, reject.Refusal.Field) == ("own_accounts", "Account")
    assert reject.BusinessRejectRefID == EVERYWHERE["ClOrdID"]


def test_among_other_requests_it_keeps_its_place() -> None:
    results = hear([ORDER, EVERYWHERE, {**ORDER, "ClOrdID": "order-3"}])
    assert [r.kind for r in results if isinstance(r, Routed)] == [
        "NewOrderSingle",
        "OrderMassCancelRequest",
        "OrderMassCancelRequest",
        "NewOrderSingle",
    ]
