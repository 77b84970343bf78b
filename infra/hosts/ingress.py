"""The host of the ingress border: from the shard queues to the accounts.

It keeps no journal and decides nothing. The broker hears that a delivery is done once every
message in it is durable at its account, or its refusal is durable at the desk's queue.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from gateways.amqp import ingress
from gateways.amqp.connection import BrokerGone
from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.egress import answer
from gateways.amqp.ingress_operators import Operators
from gateways.amqp.publisher import BulkPublisher, Fate, Outgoing, Unconfirmed
from gateways.amqp.throttle import Throttle
from infra.hosts.network import Network
from infra.links import Outpost
from infra.links.outlink import Outlink
from messages.base import Instant
from messages.envelope import Address, Envelope
from messages.lists import DeskDisconnected

RETRY_S = 0.1
HELD = 100
"""Refusals that wait for a desk whose queue is full; for what is beyond, nobody else shall wait."""
KEPT = 10_000
"""So many deliveries' times are kept until somebody asks for them."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Open:
    """A delivery, taken at ``at``, with so many of its messages still on their way."""

    consumer: ShardConsumer
    delivery: Delivery
    left: int
    at: Instant
    took: Callable[[int], object]
    """Told how long it took until all of it was durable, in nanoseconds."""
    clock: Callable[[], Instant]
    dead: bool = False

    def done(self) -> None:
        """One of them is durable, or given up."""
        self.left -= 1
        if not self.left:
            self.took(self.clock() - self.at)
            (self.consumer.reject if self.dead else self.consumer.acknowledge)(self.delivery)


class _Lane:
    """The refusals for one desk: a desk that does not read them holds up nobody else."""

    def __init__(self, publisher: BulkPublisher) -> None:
        self._publisher = publisher
        self._waiting: deque[tuple[Outgoing, _Open]] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Refusals that the broker has not confirmed."""
        return len(self._waiting)

    def put(self, message: Outgoing, opened: _Open) -> None:
        self._waiting.append((message, opened))
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._publish(list(self._waiting))
        finally:
            self._task = None

    async def _publish(self, batch: list[tuple[Outgoing, _Open]]) -> None:
        failed: set[int] = set()
        full = False
        try:
            await self._publisher.publish([message for message, _ in batch])
        except BrokerGone:
            await self._publisher.ready()
            return
        except Unconfirmed as error:
            log.warning("refusals not confirmed", error=str(error))
            failed = {failure.index for failure in error.failures}
            full = any(failure.fate is Fate.REFUSED for failure in error.failures)
        came = list(self._waiting)[len(batch) :]
        kept = [pair for index, pair in enumerate(batch) if index in failed] + came
        for index, (_, opened) in enumerate(batch):
            if index not in failed:
                opened.done()
        while full and len(kept) > HELD:
            _, opened = kept.pop()
            opened.dead = True
            opened.done()
        self._waiting = deque(kept)
        if failed:
            await asyncio.sleep(RETRY_S)
            await self._publisher.ready()  # a refusal twice is harmless, none at all is not


class IngressHost:
    """Translates deliveries, numbers them per account, and acknowledges what is durable."""

    def __init__(
        self,
        address: Address,
        network: Network,
        publisher: BulkPublisher,
        known: ingress.Known,
        *,
        operators: Operators = Operators(),  # noqa: B008  # immutable
        throttle: Throttle | None = None,
        clock: Callable[[], Instant] = time.time_ns,
    ) -> None:
        self._address = address
        self._operators = operators
        self._unlimited = Throttle()
        self._throttle = throttle or self._unlimited
        self._network = network
        self._publisher = publisher
        self._known = known
        self._clock = clock
        self._incarnation = secrets.token_hex(8)
        self._outposts: dict[Address, Outpost] = {}
        self._sent: dict[Address, int] = {}
        self._open: dict[Address, deque[tuple[int, _Open | None]]] = {}
        self._posts: dict[Address, list[Envelope]] = {}
        self._post_due = False
        self._lanes: dict[str, _Lane] = {}
        self._took_ns: deque[int] = deque(maxlen=KEPT)
        self._refused = self._dead = 0

    def delivered(self, consumer: ShardConsumer, delivery: Delivery) -> None:
        """One delivery; returns at once."""
        now = self._clock()
        items = self._read(delivery, now)
        dead = [item for item in items if isinstance(item, ingress.Dead)]
        if dead:
            log.error("dead letter", reason=dead[0].reason, exchange=delivery.exchange)
            self._dead += 1
        if len(dead) == len(items):
            consumer.reject(delivery)
            return
        left = len(items) - len(dead)
        opened = _Open(consumer, delivery, left, now, self._took_ns.append, self._clock)
        for item in items:
            if isinstance(item, ingress.Routed):
                self._route(item, now, opened)
            elif isinstance(item, ingress.Answered):
                self._answer(answer(item), opened)

    def _read(self, delivery: Delivery, now: Instant) -> list[ingress.Result]:
        sender, key, exchange = delivery.user_id, delivery.routing_key, delivery.exchange
        operator = self._operators.sender(sender, exchange)
        if operator is not None:
            return [*self._operators.translate(operator, delivery.body, sender, key, exchange, now)]
        # What comes again may have been taken already: to refuse it now would be no answer.
        throttle = self._unlimited if delivery.redelivered else self._throttle
        return ingress.translate(
            delivery.body, sender, key, exchange, delivery.traceparent, now, self._known, throttle
        )

    def disconnected(self, desk: str, at: Instant, *, keep_good_till_cancel: bool) -> None:
        """The desk is away since ``at``: each account that it may trade is told, until it knows."""
        said = DeskDisconnected(Desk=desk, At=at, KeepGoodTillCancel=keep_good_till_cancel)
        body = said.model_dump_json().encode()
        for account in self._known.accounts_of(desk):
            item = ingress.Routed(f"account/{account}", said.MsgType, "", body)
            self._route(item, self._clock(), None)

    def _route(self, item: ingress.Routed, now: Instant, opened: _Open | None) -> None:
        recipient = item.recipient
        seq = self._sent[recipient] = self._sent.get(recipient, 0) + 1
        envelope = Envelope(self._address, recipient, seq, item.kind, now, item.trace, item.body)
        self._open.setdefault(recipient, deque()).append((seq, opened))
        self._posts.setdefault(recipient, []).append(envelope)
        if not self._post_due:  # what one read from the socket brought goes on as one batch
            self._post_due = True
            asyncio.get_running_loop().call_soon(self._post)

    def _post(self) -> None:
        self._post_due = False
        posts, self._posts = self._posts, {}
        for recipient, envelopes in posts.items():
            outpost = self._outposts.get(recipient)
            if outpost is None:
                link = Outlink(self._address, recipient, incarnation=self._incarnation)
                outpost = self._outposts[recipient] = self._network.outpost(link, self._heard)
            outpost.offer(envelopes)

    def _heard(self, recipient: Address, seq: int) -> None:
        waiting = self._open[recipient]
        while waiting and waiting[0][0] <= seq:
            _, opened = waiting.popleft()
            if opened:  # else it was our own word, and no delivery waits for it
                opened.done()

    def _answer(self, message: Outgoing, opened: _Open) -> None:
        self._refused += 1
        lane = self._lanes.get(message.routing_key)
        if lane is None:
            lane = self._lanes[message.routing_key] = _Lane(self._publisher)
        lane.put(message, opened)

    @property
    def unacknowledged(self) -> int:
        """Messages on their way to accounts, and answers on their way to desks."""
        answers = sum(lane.waiting for lane in self._lanes.values())
        return sum(o.unacknowledged for o in self._outposts.values()) + answers

    def signs(self) -> dict[str, Any]:
        """What its vitals say of it, since the last call (took_ns) or the first (the others)."""
        took_ns = [self._took_ns.popleft() for _ in range(len(self._took_ns))]
        return {
            "unacked": self.unacknowledged,
            "took_ns": took_ns,
            "refused": self._refused,
            "dead": self._dead,
        }


class KnownNames:
    """What reference data says exists."""

    def __init__(
        self,
        accounts: Container[str],
        desks: Container[str],
        tradable: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """``tradable``: desk -> the accounts that it may trade."""
        self.accounts = accounts
        self.desks = desks
        self._tradable = tradable or {}

    def accounts_of(self, desk: str) -> Sequence[str]:
        """The accounts that the desk may trade."""
        return self._tradable.get(desk, ())
