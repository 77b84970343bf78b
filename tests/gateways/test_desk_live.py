"""A desk at a real broker: what it sends arrives, what it hears it hears once, whatever breaks."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, Refused, prepare
from gateways.amqp.desk_record import Confirmed, DeskRecord, Heard, Sent
from infra.broker import PrivateBroker
from messages import orders
from messages.reports import DeskReport, ExecutionReport
from tests.gateways.desk_counterpart import DESK, Oms, eventually, order, report

pytestmark = pytest.mark.live


@pytest.fixture
async def oms(clean_broker: PrivateBroker) -> AsyncIterator[Oms]:
    other_side = Oms(clean_broker.url(topology.GATEWAY))
    await other_side.open()
    try:
        yield other_side
    finally:
        await other_side.close()


async def test_a_request_arrives_with_its_identity_and_its_trace(
    broker: PrivateBroker, oms: Oms
) -> None:
    record = DeskRecord()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with await Desk.connect(broker.url(DESK), DESK, record=record) as desk:
        await desk.send([order("c1"), order("c2", "beta")], trace)
        await eventually(lambda: len(oms.requests) == 2)
    first, second = sorted(oms.requests, key=lambda delivery: delivery.correlation_id)
    assert (first.user_id, first.type, first.routing_key) == (DESK, "NewOrderSingle", "alpha")
    assert (first.correlation_id, second.correlation_id) == ("c1", "c2")
    assert first.traceparent == trace
    assert orders.DESK_REQUEST.validate_json(second.body) == order("c2", "beta")
    sent_1, sent_2, confirmed = record.lines()
    assert isinstance(sent_1, Sent)
    assert isinstance(sent_2, Sent)
    assert (sent_1.request, sent_2.request) == (order("c1"), order("c2", "beta"))
    assert isinstance(confirmed, Confirmed)
    assert confirmed.keys == ("c1", "c2")
    assert sent_1.at_ns <= confirmed.at_ns


async def test_reports_are_heard_once_and_recorded_as_often_as_they_came(
    broker: PrivateBroker, oms: Oms
) -> None:
    record, heard = DeskRecord(), list[DeskReport]()
    desk = await Desk.connect(
        broker.url(DESK), DESK, record=record, on_report=lambda r, at, again: heard.append(r)
    )
    async with desk:
        await oms.report(1, 2, 2, 1, 3)
        await eventually(lambda: desk.heard == 5)
    assert heard == [report(1), report(2), report(3)]
    assert (desk.sequence.repeats, desk.sequence.gaps) == (2, 0)
    recorded = [line.report for line in record.lines() if isinstance(line, Heard)]
    assert recorded == [report(seq) for seq in (1, 2, 2, 1, 3)]


async def test_a_missing_report_is_seen(broker: PrivateBroker, oms: Oms) -> None:
    async with await Desk.connect(broker.url(DESK), DESK, on_raw=lambda *heard: None) as desk:
        await oms.report(1, 4)
        await eventually(lambda: desk.heard == 2)
        assert desk.sequence.missing("alpha") == [2, 3]


async def test_raw_reports_come_as_json_with_the_time_they_came(
    broker: PrivateBroker, oms: Oms
) -> None:
    heard = list[tuple[str, int, bool]]()
    desk = await Desk.connect(
        broker.url(DESK), DESK, on_raw=lambda r, at, again: heard.append((r["ClOrdID"], at, again))
    )
    async with desk:
        await oms.tell(report(1, "c9").model_dump_json().encode())
        await eventually(lambda: bool(heard))
    [(clordid, at, redelivered)] = heard
    assert (clordid, redelivered) == ("c9", False)
    assert at > 1_500_000_000 * 10**9


async def test_one_delivery_may_carry_several_reports(broker: PrivateBroker, oms: Oms) -> None:
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        bodies = [json.loads(report(seq).model_dump_json()) for seq in (1, 2)]
        await oms.tell(json.dumps(bodies).encode())
        reports = desk.reports()
        heard = [await anext(reports), await anext(reports)]
    assert [one.report for one in heard] == [report(1), report(2)]


async def test_what_was_not_taken_from_the_iterator_is_delivered_again(
    broker: PrivateBroker, oms: Oms
) -> None:
    await oms.report(1, 2, 3)
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        reports = desk.reports()
        first, second = await anext(reports), await anext(reports)
        assert (first.report, second.report) == (report(1), report(2))
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        reports = desk.reports()
        again = [await anext(reports), await anext(reports)]
    assert [one.report for one in again] == [report(2), report(3)]
    assert again[0].redelivered


async def test_what_is_no_report_is_laid_aside_and_the_next_one_heard(
    broker: PrivateBroker, oms: Oms, caplog: pytest.LogCaptureFixture
) -> None:
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        await oms.tell(b'{"MsgType":"Nonsense"}', b"[1]", b"no json")
        await oms.report(1)
        assert (await anext(desk.reports())).report == report(1)
    assert caplog.text.count("rejects what is no report") == 3
    async with await Desk.connect(broker.url(DESK), DESK, on_raw=lambda *heard: None) as desk:
        await desk.quiet(0.2)
    assert caplog.text.count("rejects what is no report") == 3


async def test_a_callback_that_fails_does_not_stop_the_reports(
    broker: PrivateBroker, oms: Oms
) -> None:
    faults, heard = list[object](), list[int | None]()
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: faults.append(context["exception"])
    )

    def take(one: DeskReport, at: int, redelivered: bool) -> None:
        assert isinstance(one, ExecutionReport)
        if one.ReportSeq == 1:
            raise RuntimeError("the desk's own fault")
        heard.append(one.ReportSeq)

    async with await Desk.connect(broker.url(DESK), DESK, on_report=take) as desk:
        await oms.report(1, 2)
        await eventually(lambda: heard == [2])
    assert [str(fault) for fault in faults] == ["the desk's own fault"]
    assert desk.sequence.gaps == 0


async def test_a_report_that_cannot_be_recorded_is_not_heard(
    broker: PrivateBroker, oms: Oms
) -> None:
    faults, heard = list[object](), list[DeskReport]()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: faults.append(context["exception"]))
    full = DeskRecord(Path("/dev/full"))
    async with await Desk.connect(
        broker.url(DESK), DESK, record=full, on_report=lambda r, at, again: heard.append(r)
    ):
        await oms.report(1)
        await eventually(lambda: bool(faults))
        await oms.report(2)
        await asyncio.sleep(0.1)
    full.close()
    assert heard == []
    assert "No space left" in str(faults)
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        reports = desk.reports()
        assert [(await anext(reports)).report for _ in range(2)] == [report(1), report(2)]


async def test_a_desk_that_speaks_for_another_is_refused(broker: PrivateBroker, oms: Oms) -> None:
    with pytest.raises(BrokerGone, match="cannot connect"):
        await Desk.connect(broker.url(DESK).replace(f"{DESK}:", f"{DESK}:x"), DESK)
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        assert desk.outbox is not None
        desk.outbox.desk = "beta"
        with pytest.raises(Refused, match=r"406 PRECONDITION_FAILED.*logged in as itself"):
            await desk.send([order("c1")])
        desk.outbox.desk = DESK
        await desk.send([order("c2")])
        await eventually(lambda: oms.named == ["c2"])


async def test_a_closed_desk_sends_nothing(broker: PrivateBroker, oms: Oms) -> None:
    desk = await Desk.connect(broker.url(DESK), DESK)
    await desk.close()
    with pytest.raises(BrokerGone):
        await desk.send([order("c1")])


async def test_a_request_too_long_for_the_broker_is_refused_here(
    broker: PrivateBroker, oms: Oms
) -> None:
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        with pytest.raises(ValueError, match="bytes"):
            await desk.send_prepared([Prepared("c1", "alpha", "NewOrderSingle", b"x" * 70_000)])
        await desk.send([order("c2")])
        await eventually(lambda: oms.named == ["c2"])


async def test_nothing_is_lost_or_heard_twice_over_a_broker_that_is_killed(
    broker: PrivateBroker, oms: Oms
) -> None:
    oms.answer = True
    heard, record = list[str](), DeskRecord()
    desk = await Desk.connect(
        broker.url(DESK),
        DESK,
        record=record,
        on_raw=lambda r, at, again: heard.append(r["ClOrdID"]),
    )
    wanted = [f"c{number}" for number in range(400)]
    async with desk:

        async def send(start: int) -> None:
            await desk.send_prepared([prepare(order(c)) for c in wanted[start : start + 10]])

        sends = []
        for start in range(0, 400, 10):
            sends.append(asyncio.create_task(send(start)))
            await asyncio.sleep(0.005)
            if start == 100:
                await asyncio.to_thread(broker.kill)
            if start == 300:
                await asyncio.to_thread(broker.start)
        await asyncio.gather(*sends)
        await eventually(lambda: len(heard) >= 400, 60)
        await desk.quiet(0.3)
    assert set(oms.named) == set(wanted)
    assert sorted(heard) == sorted(wanted)
    assert desk.sequence.gaps == 0
    assert desk.outbox is not None
    assert desk.outbox.resent > 0
    confirmed = [key for line in record.lines() if isinstance(line, Confirmed) for key in line.keys]
    assert sorted(confirmed) == sorted(wanted)


async def test_overlapping_sends_keep_their_order_over_an_outage(
    broker: PrivateBroker, oms: Oms
) -> None:
    wanted = [f"c{number}" for number in range(60)]
    async with await Desk.connect(broker.url(DESK), DESK) as desk:
        await asyncio.to_thread(broker.kill)
        sends = [asyncio.create_task(desk.send([order(clordid)])) for clordid in wanted]
        await asyncio.sleep(0.1)
        assert not any(send.done() for send in sends)
        await asyncio.to_thread(broker.start)
        await asyncio.gather(*sends)
        await eventually(lambda: len(set(oms.named)) == 60)
    assert list(dict.fromkeys(oms.named)) == wanted
