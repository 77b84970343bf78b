"""A desk's record holds what was sent and heard, in memory and in a file that survives a kill."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from gateways.amqp.desk_record import (
    Confirmed,
    DeskRecord,
    Heard,
    Sent,
    read_record,
    request_key,
)
from messages import orders
from messages.fix import (
    ExecType,
    MassCancelRequestType,
    MassStatusReqType,
    OrdStatus,
    OrdType,
    Side,
)
from messages.reports import ExecutionReport

ORDER = orders.NewOrderSingle(
    ClOrdID="c1",
    Account="alpha",
    Symbol="TEST",
    Side=Side.Buy,
    OrderQty=Decimal(100),
    OrdType=OrdType.Market,
)
REPORT = ExecutionReport(
    OrderID="o1",
    ClOrdID="c1",
    ExecID="e1",
    ExecType=ExecType.New,
    OrdStatus=OrdStatus.New,
    Account="alpha",
    OrderQty=Decimal(100),
    CumQty=Decimal(0),
    LeavesQty=Decimal(100),
    AvgPx=Decimal(0),
    Text='a "quoted" }\nline',
    TransactTime=7,
    ReportSeq=1,
)
LINES = [Sent(1, ORDER), Confirmed(2, ("c1", "status q1")), Heard(3, REPORT, True)]


def write(record: DeskRecord) -> None:
    record.sent(1, [ORDER.model_dump_json().encode()])
    record.confirmed(2, ["c1", "status q1"])
    record.heard([(3, REPORT.model_dump_json(indent=1).encode(), True)])


def test_what_is_recorded_is_read_back_from_memory_and_from_the_file(tmp_path: Path) -> None:
    record = DeskRecord(tmp_path / "desk.jsonl")
    write(record)
    assert list(record.lines()) == LINES
    assert list(read_record(tmp_path / "desk.jsonl")) == LINES  # before it is closed


def test_a_record_is_continued_by_the_next_process(tmp_path: Path) -> None:
    for _ in range(2):
        record = DeskRecord(tmp_path / "desk.jsonl", keep=False)
        write(record)
        record.close()
    assert list(read_record(tmp_path / "desk.jsonl")) == [*LINES, *LINES]


@pytest.mark.parametrize("missing", [1, 2, 3, 20, 150, 250])
def test_a_line_cut_short_by_a_kill_tells_nothing_and_spoils_no_other(
    tmp_path: Path, missing: int
) -> None:
    path = tmp_path / "desk.jsonl"
    record = DeskRecord(path)
    write(record)
    record.close()
    os.truncate(path, path.stat().st_size - missing)
    whole = LINES if missing == 1 else LINES[:2]
    assert list(read_record(path)) == LINES[:2]
    record = DeskRecord(path)  # ends the line; one that lacked its end only is whole again
    write(record)
    assert list(read_record(path)) == [*whole, *LINES]


def test_a_whole_line_that_is_no_request_is_named(tmp_path: Path) -> None:
    path = tmp_path / "desk.jsonl"
    path.write_bytes(b'{"at":1,"sent":{"MsgType":"NewOrderSingle"}}\n')
    with pytest.raises(ValueError, match=r"desk\.jsonl, line 1 is no line of a record"):
        list(read_record(path))


def test_a_record_that_keeps_nothing_says_where_to_read() -> None:
    with pytest.raises(ValueError, match="read_record"):
        list(DeskRecord(keep=False).lines())


def test_a_question_is_not_named_like_the_order_it_asks_about() -> None:
    ask = orders.OrderStatusRequest(ClOrdID="c1", Account="alpha")
    named = orders.OrderStatusRequest(ClOrdID="c1", Account="alpha", OrdStatusReqID="q1")
    all_open = orders.OrderMassStatusRequest(
        MassStatusReqID="m1",
        Account="alpha",
        MassStatusReqType=MassStatusReqType.StatusForAllOrders,
    )
    cancel_all = orders.OrderMassCancelRequest(
        ClOrdID="c2",
        Account="alpha",
        MassCancelRequestType=MassCancelRequestType.CancelAllOrders,
    )
    keys = [request_key(request) for request in (ORDER, ask, named, all_open, cancel_all)]
    assert keys == ["c1", "status c1", "status q1", "status m1", "c2"]
