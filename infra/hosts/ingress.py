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
from gateways.amqp.publisher import BulkPublisher, Outgoing, Unconfirmed
from infra.hosts.network import Network
from infra.links import Outpost
from infra.links.outlink import Outlink
from messages.base import Instant
from messages.envelope import Address, Envelope
from messages.lists import DeskDisconnected

RETRY_S = 0.1
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
        clock: Callable[[], Instant] = time.time_ns,
    ) -> None:
        self._address = address
        self._operators = operators
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
        self._answers: deque[tuple[Outgoing, _Open]] = deque()
        self._answering: asyncio.Task[None] | None = None
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
        opened = _Open(consumer, delivery, len(items) - len(dead), now)
        for item in items:
            if isinstance(item, ingress.Routed):
                self._route(item, now, opened)
            elif isinstance(item, ingress.Answered):
                self._answer(answer(item), opened)

    def _read(self, delivery: Delivery, now: Instant) -> list[ingress.Result]:
        sender, key, exchange = delivery.user_id, delivery.routing_key, delivery.exchange
        operator = self._operators.sender(sender, exchange)
        if operator is not None:
            found = self._operators.translate(operator, delivery.body, sender, key, exchange, now)
            return [found]
        return ingress.translate(
            delivery.body, sender, key, exchange, delivery.traceparent, now, self._known
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
            self._done(waiting.popleft()[1])

    def _done(self, opened: _Open | None) -> None:
        if opened is None:
            return  # our own word: no delivery waits for it
        opened.left -= 1
        if not opened.left:
            self._took_ns.append(self._clock() - opened.at)
            opened.consumer.acknowledge(opened.delivery)

    def _answer(self, message: Outgoing, opened: _Open) -> None:
        self._refused += 1
        self._answers.append((message, opened))
        if self._answering is None:
            self._answering = asyncio.ensure_future(self._publish_answers())

    @property
    def unacknowledged(self) -> int:
        """Messages on their way to accounts, and answers on their way to desks."""
        return sum(o.unacknowledged for o in self._outposts.values()) + len(self._answers)

    def signs(self) -> dict[str, Any]:
        """What its vitals say of it, since the last call (took_ns) or the first (the others)."""
        took_ns = [self._took_ns.popleft() for _ in range(len(self._took_ns))]
        return {
            "unacked": self.unacknowledged,
            "took_ns": took_ns,
            "refused": self._refused,
            "dead": self._dead,
        }

    async def _publish_answers(self) -> None:
        try:
            while self._answers:
                batch = list(self._answers)
                try:
                    await self._publisher.publish([message for message, _ in batch])
                except BrokerGone:
                    await self._publisher.ready()
                    continue
                except Unconfirmed as failed:
                    log.warning("refusals not confirmed", error=str(failed))
                    await asyncio.sleep(RETRY_S)
                    await self._publisher.ready()
                    continue  # a refusal twice is harmless, none at all is not
                for _, opened in batch:
                    self._answers.popleft()
                    self._done(opened)
        finally:
            self._answering = None


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
