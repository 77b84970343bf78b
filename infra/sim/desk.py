"""Desks that ask for anything at any time, and write down what they sent and heard."""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Coroutine
from random import Random
from typing import Any

from gateways.amqp.consumer import Delivery
from gateways.amqp.desk_outbox import Outbox, Prepared, prepare
from gateways.amqp.desk_record import DeskRecord
from gateways.amqp.topology import reports_queue
from infra.sim.asks import Asks
from infra.sim.broker import Broker, Consumer
from messages.orders import DeskRequest

QUIET, QUIET_S = 0.04, 3.0
"""Now and then a desk is quiet for so long, in which actors keep snapshots and let go."""

REPEATS = 0.04
NONSENSE = 0.015

_REJECT = re.compile(rb'"MsgType":"BusinessMessageReject"')
_REFERENCE = re.compile(rb'"BusinessRejectRefID":"([^"]*)"')
_ORDER_ID = re.compile(rb'"OrderID":"([a-z]+-\d+|X[A-Z]+\.T[^"]*)"')
_ACCOUNT = re.compile(rb'"Account":"([a-z]+)"')


class Record(DeskRecord):
    """``count``: lines so far."""

    @property
    def count(self) -> int:
        return len(self._lines or ())


class SimDesk:
    """One desk: its requests come from the seed, its record is the ledger's evidence.

    ``nonsense``: what it sent that is no request, by the name that a reject quotes ("": none);
    ``rejects``: what was rejected as such.
    """

    def __init__(self, asks: Asks, broker: Broker) -> None:
        self.name = asks.desk
        self.asks = asks
        self.record = Record()
        self.digest = hashlib.sha256()
        self.sending = 0
        self.nonsense: Counter[str] = Counter()
        self.rejects: Counter[str] = Counter()
        self.heard: list[bytes] = []
        self._random: Random = asks.random
        publisher = broker.publisher(self.name)
        self._outbox = Outbox(publisher, self.name, self.record)
        self._unrecorded = Outbox(publisher, self.name)
        self._said: list[DeskRequest] = []
        broker.consume(reports_queue(self.name), self._hear)

    async def work(self, orders: int, pause_s: float) -> None:
        """Ask until so many orders have gone out."""
        while self.asks.orders < orders:
            batch = [self._request() for _ in range(self._random.randint(1, 4))]
            self._said += batch
            self.send(batch)
            if self._random.random() < NONSENSE:
                self._send_nonsense(self.asks.nonsense()[1])
            quiet = self._random.random() < QUIET
            await asyncio.sleep(QUIET_S if quiet else self._random.random() * 2 * pause_s)

    def send(self, batch: list[DeskRequest]) -> None:
        """Send these; it takes as long as it takes."""
        packed = self._random.random() < 0.3
        prepared = [prepare(request) for request in batch]
        self._begin(self._outbox.send(prepared, packed=packed))

    def _request(self) -> DeskRequest:
        if self._said and self._random.random() < REPEATS:
            return self._random.choice(self._said[-50:])  # the same words once more
        return self.asks.next()

    def _send_nonsense(self, nonsense: Prepared) -> None:
        self.nonsense[nonsense.key] += 1
        self._begin(self._unrecorded.send([nonsense]))

    def _begin(self, sending: Coroutine[Any, Any, None]) -> None:
        self.sending += 1
        task = asyncio.ensure_future(sending)
        task.add_done_callback(self._sent)

    def _sent(self, done: "asyncio.Future[None]") -> None:
        self.sending -= 1
        done.result()

    def _hear(self, consumer: Consumer, delivery: Delivery) -> None:
        body = delivery.body
        self.record.heard([(0, body, delivery.redelivered)])
        self.heard.append(body)
        self.digest.update(body)
        if _REJECT.search(body):
            named = _REFERENCE.search(body)
            self.rejects[named[1].decode() if named else ""] += 1
        elif (named := _ORDER_ID.search(body)) and (account := _ACCOUNT.search(body)):
            self.asks.order_ids.append((account[1].decode(), named[1].decode()))
        consumer.acknowledge(delivery)
