"""A report leaves for its desk with its number, and is the same to the last byte when it leaves
again (I15).
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.amqp.egress import answer, outgoing
from gateways.amqp.ingress import Answered
from messages import fix, lists, reports
from messages.base import Message
from messages.envelope import Envelope
from messages.refusals import Refusal
from tests.gateways.ingress_deliveries import NOW, ORDER, TRACE, hear

ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
NASTY = ['"', "\\", '\\"', '","ClOrdID":"no', '"ReportSeq":null}', "a/b", "{}", "'", "NONE"]
texts = st.text() | st.sampled_from(NASTY)


def execution(clordid: str = "c-1", text: str | None = None, **fields: object) -> Message:
    given: dict[str, object] = {
        "OrderID": "acme-1",
        "ClOrdID": clordid,
        "OrigClOrdID": "c-0",
        "ExecID": "acme-E1",
        "ExecType": fix.ExecType.New,
        "OrdStatus": fix.OrdStatus.New,
        "Account": "acme",
        "OrderQty": Decimal(100),
        "CumQty": Decimal(0),
        "LeavesQty": Decimal(100),
        "AvgPx": Decimal(0),
        "Text": text,
        "TransactTime": NOW,
    }
    return reports.ExecutionReport(**{**given, **fields})  # type: ignore[arg-type]


def cancel_reject(clordid: str = "c-1", text: str | None = None) -> Message:
    return reports.OrderCancelReject(
        OrderID="NONE",
        ClOrdID=clordid,
        OrigClOrdID="c-0",
        OrdStatus=fix.OrdStatus.Rejected,
        Account="acme",
        CxlRejResponseTo=fix.CxlRejResponseTo.OrderCancelRequest,
        CxlRejReason=fix.CxlRejReason.UnknownOrder,
        Refusal=Refusal(Rule="r", Field='"ClOrdID":"x"', Given="g", Allowed="a", Remedy="r"),
        Text=text,
        TransactTime=NOW,
    )


def mass_cancel(clordid: str = "c-1", text: str | None = None) -> Message:
    return reports.OrderMassCancelReport(
        OrderID=f"acme-{clordid}",
        ClOrdID=clordid,
        Account="acme",
        MassCancelRequestType=fix.MassCancelRequestType.CancelAllOrders,
        MassCancelResponse="CancelAllOrders",
        TotalAffectedOrders=2,
        Text=text,
        TransactTime=NOW,
    )


def list_status(list_id: str = "l-1", text: str | None = None) -> Message:
    order = lists.OrderOfList(
        ClOrdID="not-this",
        OrderID="acme-1",
        OrdStatus=fix.OrdStatus.New,
        WorkingIndicator=True,
        CumQty=Decimal(0),
        LeavesQty=Decimal(100),
        AvgPx=Decimal(0),
    )
    return lists.ListStatus(
        ListID=list_id,
        Account="acme",
        ListStatusType=fix.ListStatusType.Ack,
        ListOrderStatus=fix.ListOrderStatus.Executing,
        Orders=(order,),
        Text=text,
        TransactTime=NOW,
    )


def business_reject(
    clordid: str = "c-1", text: str = "no", **fields: object
) -> reports.BusinessMessageReject:
    refusal = Refusal(Rule="r", Field="f", Given=text, Allowed="a", Remedy="m")
    return reports.BusinessMessageReject(
        RefMsgType="OrderStatusRequest",
        BusinessRejectRefID=clordid,
        BusinessRejectReason="Other",
        Refusal=refusal,
        Text=text,
        Account="acme",
        TransactTime=NOW,
        **fields,
    )


MAKERS = [execution, cancel_reject, mass_cancel, list_status, business_reject]


def posted(report: Message, seq: int = 7, trace: str = TRACE) -> Envelope:
    body = report.model_dump_json(exclude_none=True).encode()
    return Envelope("account/acme", "desk/alpha", seq, type(report).__name__, NOW, trace, body)


@given(st.sampled_from(MAKERS), ids | st.sampled_from(NASTY), texts, st.integers(1, 2**63))
def test_the_number_in_the_bytes_is_the_number_in_the_model(
    make: type, clordid: str, text: str, seq: int
) -> None:
    report = make(clordid, text)
    out = outgoing(posted(report, seq))
    numbered = report.model_copy(update={"ReportSeq": seq})
    assert out.body == numbered.model_dump_json(exclude_none=True).encode()
    assert out.correlation_id == clordid


def test_a_report_goes_to_its_desk_from_the_gateway_with_its_kind_and_trace() -> None:
    out = outgoing(posted(execution()))
    assert (out.exchange, out.routing_key, out.user_id) == ("reports", "alpha", "gateway")
    assert (out.type, out.correlation_id) == ("ExecutionReport", "c-1")
    assert out.headers == {"traceparent": TRACE}
    assert outgoing(posted(execution(), trace="")).headers == {}


@pytest.mark.parametrize("make", MAKERS)
def test_a_repeat_is_the_same_to_the_last_byte(make: type) -> None:
    assert outgoing(posted(make(), 3)) == outgoing(posted(make(), 3))
    assert outgoing(posted(make(), 3)).body != outgoing(posted(make(), 4)).body


def test_every_report_of_an_account_can_be_numbered() -> None:
    numbered = [
        model
        for model in vars(reports).values()
        if isinstance(model, type) and "ReportSeq" in getattr(model, "model_fields", {})
    ]
    assert set(numbered) == {type(make()) for make in MAKERS}
    for make in MAKERS:
        assert outgoing(posted(make(), 5)).body.endswith(b',"ReportSeq":5}')


@pytest.mark.parametrize(
    "envelope",
    [
        posted(execution(ReportSeq=1)),
        posted(execution(), seq=0),
        posted(execution())._replace(recipient="book/AAPL"),
        posted(execution())._replace(body=b"{}"),
    ],
)
def test_what_is_no_report_to_a_desk_is_refused_by_name(envelope: Envelope) -> None:
    with pytest.raises(ValueError, match=f"{envelope.kind} {envelope.seq} from account/acme to"):
        outgoing(envelope)


def answered(body: object, **delivery: object) -> Answered:
    (result,) = hear(body, **delivery)  # type: ignore[arg-type]
    assert isinstance(result, Answered), result
    return result


def test_a_business_reject_goes_back_to_the_desk_without_a_number() -> None:
    result = answered({**ORDER, "Prize": "1"}, traceparent=TRACE)
    out = answer(result)
    assert (out.exchange, out.routing_key, out.user_id) == ("reports", "alpha", "gateway")
    assert (out.type, out.correlation_id) == ("BusinessMessageReject", "order-1")
    assert out.headers == {"traceparent": TRACE}
    assert reports.DESK_REPORT.validate_json(out.body) == result.reject


def test_a_rejected_order_for_an_unknown_account_goes_back_as_a_report() -> None:
    result = answered({**ORDER, "Account": "ghost"}, routing_key="ghost")
    out = answer(result)
    assert (out.type, out.correlation_id) == ("ExecutionReport", "order-1")
    assert out.headers == {"traceparent": result.trace}
    assert reports.DESK_REPORT.validate_json(out.body) == result.reject


def test_a_reject_of_what_cannot_be_read_has_no_correlation() -> None:
    assert answer(answered(b"?")).correlation_id == ""
    assert answer(answered(b"?")).headers == {}
