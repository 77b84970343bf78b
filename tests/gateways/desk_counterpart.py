"""The other side of a desk, for tests: requests and reports as bytes at a real broker, no rules."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone, connect
from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.publisher import BulkPublisher, Outgoing, Unconfirmed
from messages import orders
from messages.fix import ExecType, OrdStatus, OrdType, Side
from messages.reports import ExecutionReport
from tests.conftest import SHARDS

DESK = "alpha"


def order(clordid: str, account: str = "alpha") -> orders.NewOrderSingle:
    return orders.NewOrderSingle(
        ClOrdID=clordid,
        Account=account,
        Symbol="TEST",
        Side=Side.Buy,
        OrderQty=Decimal(100),
        OrdType=OrdType.Limit,
        Price=Decimal("10.00"),
    )


def report(seq: int, clordid: str = "c1", account: str = "alpha") -> ExecutionReport:
    return ExecutionReport(
        OrderID=f"o-{clordid}",
        ClOrdID=clordid,
        ExecID=f"{account}-E{seq}",
        ExecType=ExecType.New,
        OrdStatus=OrdStatus.New,
        Account=account,
        OrderQty=Decimal(100),
        CumQty=Decimal(0),
        LeavesQty=Decimal(100),
        AvgPx=Decimal(0),
        TransactTime=seq,
        ReportSeq=seq,
    )


class Oms:
    """The other side: takes every request from the shards, and publishes what a test tells it to.

    ``answer`` makes it answer each request that it has not seen with one report.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Delivery] = []
        self.answer = False
        self._seen: dict[str, int] = {}
        self._unanswered: list[Delivery] = []
        self._consumers: list[ShardConsumer] = []

    async def open(self) -> None:
        self._sends, self._hears = await connect(self.url, "s"), await connect(self.url, "h")
        self._publisher = BulkPublisher(self._sends)
        await self._publisher.open()
        for shard in range(SHARDS):
            consumer = ShardConsumer(self._hears, topology.shard_queue(shard), self._took(shard))
            self._consumers.append(consumer)
            await consumer.open()
        self._answering = asyncio.create_task(self._answer())

    async def close(self) -> None:
        self._answering.cancel()
        for channel in (*self._consumers, self._publisher):
            await channel.close()
        await self._sends.close()
        await self._hears.close()

    async def tell(self, *bodies: bytes) -> None:
        """Publish these bodies to the desk; again and again until they are confirmed."""
        batch = [Outgoing(topology.REPORTS_EXCHANGE, DESK, body) for body in bodies]
        while True:
            try:
                await self._publisher.publish(batch)
                return
            except (BrokerGone, Unconfirmed):
                await asyncio.sleep(0.05)
                await self._publisher.ready()

    async def report(self, *seqs: int) -> None:
        await self.tell(*(report(seq).model_dump_json().encode() for seq in seqs))

    @property
    def named(self) -> list[str]:
        """The ClOrdIDs that arrived, repeats included, in the order of each shard."""
        return [delivery.correlation_id for delivery in self.requests]

    def _took(self, shard: int) -> Callable[[Delivery], None]:
        def take(delivery: Delivery) -> None:
            self.requests.append(delivery)
            self._unanswered.append(delivery)
            self._consumers[shard].acknowledge(delivery)

        return take

    async def _answer(self) -> None:
        while True:
            await asyncio.sleep(0.005)
            fresh, self._unanswered = self._unanswered, []
            for delivery in fresh if self.answer else ():
                seq = self._seen.setdefault(delivery.correlation_id, len(self._seen) + 1)
                await self.tell(report(seq, delivery.correlation_id).model_dump_json().encode())


async def eventually(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as ``happened``; fail when it does not within that time."""
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110  # what happens sets no event
            await asyncio.sleep(0.01)
