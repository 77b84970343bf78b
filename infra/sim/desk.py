"""Desks that ask for anything at any time, and write down what they sent and heard."""

import asyncio
import hashlib
from decimal import Decimal
from random import Random
from typing import Any

from gateways.amqp.consumer import Delivery
from gateways.amqp.desk_outbox import Outbox, prepare
from gateways.amqp.desk_record import DeskRecord
from gateways.amqp.topology import reports_queue
from infra.sim.broker import Broker, Consumer
from messages.fix import MassCancelRequestType, MassStatusReqType, OrdType, Side, TimeInForce
from messages.orders import (
    DeskRequest,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)

TIMES = (
    TimeInForce.Day,
    TimeInForce.Day,
    TimeInForce.GoodTillCancel,
    TimeInForce.ImmediateOrCancel,
    TimeInForce.FillOrKill,
)


QUIET, QUIET_S = 0.04, 3.0
"""Now and then a desk is quiet for so long, in which actors keep snapshots and let go."""


class SimDesk:
    """One desk: its requests come from the seed, its record is the ledger's evidence."""

    def __init__(
        self, name: str, accounts: tuple[str, ...], symbols: tuple[str, ...], random: Random,
        broker: Broker,
    ) -> None:  # fmt: skip
        self.name = name
        self.record = DeskRecord()
        self.orders = 0
        self.digest = hashlib.sha256()
        self.sending = 0
        self._accounts = accounts
        self._symbols = symbols
        self._random = random
        self._outbox = Outbox(broker.publisher(name), name, self.record)
        self._count = 0
        self._sent: list[NewOrderSingle | OrderCancelReplaceRequest] = []
        self._said: list[DeskRequest] = []
        broker.consume(reports_queue(name), self._hear)

    async def work(self, orders: int, pause_s: float) -> None:
        """Ask until so many orders have gone out."""
        while self.orders < orders:
            batch = [self._request() for _ in range(self._random.randint(1, 4))]
            self._said += batch
            self.sending += 1
            task = asyncio.ensure_future(self._send(batch))
            del task
            quiet = self._random.random() < QUIET
            await asyncio.sleep(QUIET_S if quiet else self._random.random() * 2 * pause_s)

    async def _send(self, batch: list[DeskRequest]) -> None:
        try:
            packed = self._random.random() < 0.3
            await self._outbox.send([prepare(request) for request in batch], packed=packed)
        finally:
            self.sending -= 1

    def _hear(self, consumer: Consumer, delivery: Delivery) -> None:
        self.record.heard([(0, delivery.body, delivery.redelivered)])
        self.digest.update(delivery.body)
        consumer.acknowledge(delivery)

    # ---- what to ask

    def _request(self) -> DeskRequest:
        luck = self._random.random()
        if self._said and luck < 0.04:
            return self._random.choice(self._said[-50:])  # the same words once more
        if not self._sent or luck < 0.55:
            return self._order()
        order = self._random.choice(self._sent[-30:])
        if luck < 0.72:
            return OrderCancelRequest(
                ClOrdID=self._id(), OrigClOrdID=order.ClOrdID, Account=order.Account
            )
        if luck < 0.90:
            replace = OrderCancelReplaceRequest(
                ClOrdID=self._id(), OrigClOrdID=order.ClOrdID, Account=order.Account,
                Symbol=order.Symbol, Side=order.Side, TimeInForce=order.TimeInForce,
                **self._terms(),
            )  # fmt: skip
            self._sent.append(replace)
            return replace
        if luck < 0.97:
            return OrderStatusRequest(
                ClOrdID=order.ClOrdID, Account=order.Account, OrdStatusReqID=self._id()
            )
        if luck < 0.985:
            return OrderMassStatusRequest(
                MassStatusReqID=self._id(), Account=order.Account,
                MassStatusReqType=MassStatusReqType.StatusForAllOrders,
            )  # fmt: skip
        return OrderMassCancelRequest(
            ClOrdID=self._id(), Account=order.Account,
            MassCancelRequestType=MassCancelRequestType.CancelAllOrders,
        )  # fmt: skip

    def _order(self) -> NewOrderSingle:
        self.orders += 1
        order = NewOrderSingle(
            ClOrdID=self._id(),
            Account=self._random.choice(self._accounts),
            Symbol=self._random.choice(self._symbols),
            Side=self._random.choice(list(Side)),
            TimeInForce=self._random.choice(TIMES),
            ReportPendingNew=self._random.random() < 0.3,
            **self._terms(),
        )
        self._sent.append(order)
        return order

    def _terms(self) -> dict[str, Any]:
        if self._random.random() < 0.1:
            return {"OrdType": OrdType.Market, "OrderQty": Decimal(self._random.randint(1, 200))}
        return {
            "OrdType": OrdType.Limit,
            "OrderQty": Decimal(self._random.randint(1, 220)),
            "Price": Decimal(self._random.randint(880, 1120)) / 100,
        }

    def _id(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"
