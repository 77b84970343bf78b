"""A desk's side of the broker: requests go out until they are confirmed, reports come in once.

A request that was not confirmed is sent again with the same ClOrdID, which the other side takes for
the one it is, so sending again is always safe. Reports are numbered per account, so what the broker
delivers twice is seen by its number and handed on once, and what is missing is seen as well.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, Self

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone, Connection, connect
from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.desk_outbox import Outbox, Prepared, prepare
from gateways.amqp.desk_record import DeskRecord, Heard
from gateways.amqp.publisher import BulkPublisher
from gateways.amqp.report_sequence import ReportSequence
from messages.base import Instant
from messages.orders import DeskRequest
from messages.reports import DESK_REPORT, DeskReport

OnReport = Callable[[DeskReport, Instant, bool], None]
"""(report, received at, redelivered). Must return soon; what it raises goes to the event loop."""

OnRaw = Callable[[dict[str, Any], Instant, bool], None]
"""As OnReport, with the report's JSON as it came, unchecked."""

PREFETCH = 2000

_JSON = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")

log = logging.getLogger(__name__)


class Desk:
    """One desk, connected. ``sequence`` holds what is known of gaps and repeats.

    Give ``connect`` one of the callbacks, or none and iterate over ``reports``.
    """

    def __init__(
        self,
        desk: str,
        *,
        on_report: OnReport | None = None,
        on_raw: OnRaw | None = None,
        record: DeskRecord | None = None,
        sequence: ReportSequence | None = None,
    ) -> None:
        self.desk = desk
        self.sequence = sequence or ReportSequence()
        self.outbox: Outbox | None = None
        self.heard = 0  # reports, repeats included
        self._on_report, self._on_raw, self._record = on_report, on_raw, record
        self._connections: list[Connection] = []
        self._publisher: BulkPublisher | None = None
        self._consumer: ShardConsumer | None = None
        self._unrecorded = False
        self._came: list[tuple[Instant, Delivery]] = []
        self._unread: asyncio.Queue[Heard | Delivery] = asyncio.Queue()

    @classmethod
    async def connect(
        cls,
        url: str,
        desk: str,
        *,
        on_report: OnReport | None = None,
        on_raw: OnRaw | None = None,
        record: DeskRecord | None = None,
        sequence: ReportSequence | None = None,
        prefetch: int = PREFETCH,
    ) -> Self:
        """Connect as the broker's user ``desk``; raises BrokerGone when that fails.

        ``on_raw`` spares the checking of reports, for load generators. ``record`` is written
        before anything is published or acknowledged, and stays open when the desk is closed; once
        it cannot be written, the event loop is told and no further report is taken.
        ``sequence``: that of an earlier connection, to go on from there.
        """
        if on_report and on_raw:
            raise ValueError("a desk takes reports either by on_report or by on_raw")
        self = cls(desk, on_report=on_report, on_raw=on_raw, record=record, sequence=sequence)
        try:
            await self._open(url, prefetch)
        except BaseException:
            await self.close()
            raise
        return self

    async def _open(self, url: str, prefetch: int) -> None:
        for purpose in ("sends", "hears"):
            self._connections.append(await connect(url, f"desk {self.desk} {purpose}"))
        sends, hears = self._connections
        self._publisher = BulkPublisher(sends)
        await self._publisher.open()
        self.outbox = Outbox(self._publisher, self.desk, self._record)
        queue = topology.reports_queue(self.desk)
        self._consumer = ShardConsumer(hears, queue, self._delivered, prefetch=prefetch)
        await self._consumer.open()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Acknowledge what was handed on, then leave; sends that still wait raise BrokerGone."""
        for channel in (self._consumer, self._publisher):
            if channel is not None:
                await channel.close()
        for connection in self._connections:
            await connection.close()

    # ---- sending

    async def send(self, requests: Iterable[DeskRequest], traceparent: str = "") -> None:
        """Send requests; returns when the broker has every one of them on disk. See Outbox.send.

        ``traceparent``: the W3C trace context that these requests belong to.
        """
        await self.send_prepared([prepare(request, traceparent) for request in requests])

    async def send_prepared(self, batch: Sequence[Prepared], *, packed: bool = False) -> None:
        """As ``send``, for requests whose bytes are made already; ``packed``: see Outbox.send."""
        if self.outbox is None:
            raise BrokerGone(f"desk {self.desk} is not connected: use Desk.connect")
        await self.outbox.send(batch, packed=packed)

    # ---- hearing

    async def reports(self) -> AsyncIterator[Heard]:
        """Reports as they come, for a desk without a callback; for ever, until it is cancelled.

        A report is acknowledged when the next one is asked for.
        """
        if self._on_report or self._on_raw:
            raise ValueError(f"the reports of desk {self.desk} go to its callback")
        while True:
            came = await self._unread.get()
            if isinstance(came, Heard):
                yield came
            else:
                self._open_consumer().acknowledge(came)

    async def quiet(self, seconds: float) -> None:
        """Return when no report has come for so long."""
        heard = -1
        while heard != self.heard:
            heard = self.heard
            await asyncio.sleep(seconds)

    def _delivered(self, delivery: Delivery) -> None:
        if not self._came:
            # Everything that comes with the same read of the socket is recorded in one write.
            asyncio.get_running_loop().call_soon(self._take)
        self._came.append((time.time_ns(), delivery))

    def _take(self) -> None:
        came, self._came = self._came, []
        if self._unrecorded:
            return
        taken = []
        for at_ns, delivery in came:
            try:
                taken.append((at_ns, delivery, self._parse(delivery.body)))
            except ValueError as error:
                log.error("desk %s rejects what is no report: %s", self.desk, error)
                self._open_consumer().reject(delivery)
        self._note(
            (at_ns, body, delivery.redelivered)
            for at_ns, delivery, reports in taken
            for body, _ in reports
        )
        for at_ns, delivery, reports in taken:
            for _, report in reports:
                self._hand_on(report, at_ns, delivery)
            if self._on_report or self._on_raw:
                self._open_consumer().acknowledge(delivery)
            else:
                self._unread.put_nowait(delivery)

    def _note(self, reports: Iterable[tuple[Instant, bytes, bool]]) -> None:
        if self._record is None:
            return
        try:
            self._record.heard(reports)
        except OSError:
            # Nothing is heard that is not on record: from now on the broker keeps the reports.
            self._unrecorded = True
            raise

    def _parse(self, body: bytes) -> list[tuple[bytes, DeskReport | dict[str, Any]]]:
        """The reports of one delivery, which carries one or a list; ValueError if it does not."""
        if self._on_raw:
            return [(item, _fields(value)) for item, value in _items(body)]
        if body[:1] != b"[":
            return [(body, DESK_REPORT.validate_json(body))]
        return [(item, DESK_REPORT.validate_json(item)) for item, _ in _items(body)]

    def _hand_on(
        self, report: DeskReport | dict[str, Any], at_ns: Instant, delivery: Delivery
    ) -> None:
        redelivered = delivery.redelivered
        self.heard += 1
        if isinstance(report, dict):
            account, seq = report.get("Account"), report.get("ReportSeq")
        else:
            account, seq = getattr(report, "Account", None), getattr(report, "ReportSeq", None)
        if account is not None and seq is not None and not self.sequence.is_new(account, seq):
            return
        try:
            if isinstance(report, dict):
                assert self._on_raw is not None
                self._on_raw(report, at_ns, redelivered)
            elif self._on_report:
                self._on_report(report, at_ns, redelivered)
            else:
                self._unread.put_nowait(Heard(at_ns, report, redelivered, delivery.traceparent))
        except Exception as error:
            # The caller's own fault: the report is recorded and numbered, and the next one waits.
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"desk {self.desk} could not take a report", "exception": error}
            )

    def _open_consumer(self) -> ShardConsumer:
        assert self._consumer is not None, "deliveries come from the consumer"
        return self._consumer


def _items(body: bytes) -> list[tuple[bytes, Any]]:
    """The values in a body, one or a list of them, each with the bytes that it came in."""
    if body[:1] != b"[":
        return [(body, json.loads(body))]
    text = body.decode()
    items: list[tuple[bytes, Any]] = []
    at = _skip(text, 1)
    while text[at : at + 1] != "]" or items:
        value, end = _JSON.raw_decode(text, at)
        items.append((text[at:end].encode(), value))
        at = _skip(text, end)
        if text[at : at + 1] != ",":
            break
        at = _skip(text, at + 1)
    if text[at:].rstrip() != "]":
        raise ValueError(f"a list of reports does not end where it should: {body[-80:]!r}")
    return items


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    assert space is not None, "it matches nothing, too"
    return space.end()


def _fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"not a JSON object: {value!r:.80}")
    return value
