"""Reports of an account that wait together travel as lists, which a desk reads like single ones."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.amqp import topology
from gateways.amqp.desk import Desk, _items
from gateways.amqp.desk_record import DeskRecord, Heard
from gateways.amqp.egress import MAX_REPORTS, outgoing, packed
from gateways.amqp.publisher import Outgoing
from gateways.amqp.topology import MAX_MESSAGE_BYTES
from infra.broker import PrivateBroker
from messages.reports import DESK_REPORT, DeskReport
from tests.gateways.desk_counterpart import DESK, Oms, eventually, report
from tests.gateways.test_egress_reports import execution, posted, texts


def numbered(*sizes: int) -> list[Outgoing]:
    """Reports 1, 2, ... whose Text has these lengths."""
    return [outgoing(posted(execution(text="x" * n), seq)) for seq, n in enumerate(sizes, 1)]


def heard(messages: list[Outgoing]) -> list[bytes]:
    return [item for message in messages for item, _ in _items(message.body)]


def test_reports_that_wait_together_are_one_list_in_order() -> None:
    reports = numbered(3, 4, 5)
    (message,) = packed(reports)
    assert message.body == b"[" + b",".join(report.body for report in reports) + b"]"
    assert [one["ReportSeq"] for one in json.loads(message.body)] == [1, 2, 3]
    assert (message.routing_key, message.user_id) == ("alpha", "gateway")
    assert (message.type, message.correlation_id, message.headers) == ("List", "", {})


def test_one_report_alone_stays_what_it_is() -> None:
    assert packed(numbered(5)) == numbered(5)
    assert packed([]) == []


@given(st.lists(st.integers(0, 65_000), max_size=30))
def test_no_list_is_longer_than_a_message_may_be_and_every_report_is_in_one(
    sizes: list[int],
) -> None:
    reports = numbered(*sizes)
    messages = packed(reports)
    assert all(len(message.body) <= MAX_MESSAGE_BYTES for message in messages)
    assert heard(messages) == [report.body for report in reports]


def test_a_list_has_a_bounded_number_of_reports() -> None:
    messages = packed(numbered(*([1] * (2 * MAX_REPORTS + 1))))
    assert [len(_items(message.body)) for message in messages] == [MAX_REPORTS, MAX_REPORTS, 1]
    assert messages[-1].type == "ExecutionReport"


@given(st.lists(texts, min_size=2, max_size=5))
def test_a_desk_hears_each_report_of_a_list_to_the_last_byte(said: list[str]) -> None:
    reports = [outgoing(posted(execution(text=text), n)) for n, text in enumerate(said, 1)]
    (message,) = packed(reports)
    items = _items(message.body)
    assert [item for item, _ in items] == [report.body for report in reports]
    assert [value["Text"] for _, value in items] == said
    for (item, _), one in zip(items, reports, strict=True):
        assert DESK_REPORT.validate_json(item) == DESK_REPORT.validate_json(one.body)


@pytest.mark.parametrize(
    ("body", "count"),
    [(b"[]", 0), (b"[ ]", 0), (b'[{"a":1} ,\n{"b":"]"} ]', 2), (b'[{"a":[1,{}]}]\n', 1)],
)
def test_a_list_may_have_spaces_where_json_has_them(body: bytes, count: int) -> None:
    assert [value for _, value in _items(body)] == json.loads(body)
    assert len(_items(body)) == count


@pytest.mark.parametrize("body", [b"[", b"[1,]", b"[,1]", b"[1 2]", b"[1]x", b"[1", b"[\xff]"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"list of reports|utf-8|Expecting"):
        _items(body)


def listed(*seqs: int) -> bytes:
    return b"[" + b",".join([report(seq).model_dump_json().encode() for seq in seqs]) + b"]"


@pytest.mark.live
async def test_a_desk_hears_lists_and_single_reports_in_order_and_each_once(
    broker: PrivateBroker, clean_broker: PrivateBroker
) -> None:
    """After a crash of the egress the same reports may come in other lists (I15)."""
    record, checked, raw = DeskRecord(), list[DeskReport](), list[int]()
    oms = Oms(clean_broker.url(topology.GATEWAY))
    await oms.open()
    url = broker.url(DESK)
    try:
        async with await Desk.connect(
            url, DESK, record=record, on_report=lambda heard, at, again: checked.append(heard)
        ) as desk:
            await oms.tell(listed(1, 2), b"[1]", listed(2, 3, 4))
            await oms.report(5)
            await eventually(lambda: desk.heard == 6)
            assert (desk.sequence.repeats, desk.sequence.gaps) == (1, 0)
        async with await Desk.connect(
            url, DESK, on_raw=lambda heard, at, again: raw.append(heard["ReportSeq"])
        ) as desk:
            await oms.tell(listed(6, 7))
            await eventually(lambda: desk.heard == 2)
        async with await Desk.connect(url, DESK) as desk:
            await oms.tell(listed(8, 9))
            came = [await anext(desk.reports()) for _ in range(2)]
    finally:
        await oms.close()
    assert checked == [report(seq) for seq in range(1, 6)]
    assert raw == [6, 7]
    assert [one.report for one in came] == [report(8), report(9)]
    recorded = [line.report for line in record.lines() if isinstance(line, Heard)]
    assert recorded == [report(seq) for seq in (1, 2, 2, 3, 4, 5)]
