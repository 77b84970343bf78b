"""The ingress's host when a desk sends too much, or does not read what it is told."""

import json
from collections.abc import Sequence
from typing import Any, cast

from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.publisher import BulkPublisher, Failure, Fate, Outgoing, Unconfirmed
from gateways.amqp.throttle import Throttle
from infra.hosts.ingress import HELD, IngressHost, KnownNames
from infra.hosts.network import CallNetwork
from messages.envelope import Address
from messages.reference import DeskSettings
from tests.gateways.ingress_deliveries import ACCOUNT, DESK, EXCHANGE, NOW, ORDER
from tests.infra.link_contract import until


class Answers:
    """Takes what is published, and confirms it; the queues of ``full`` take nothing."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.full: set[str] = set()

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        refused = [i for i, message in enumerate(messages) if message.routing_key in self.full]
        taken = [message for i, message in enumerate(messages) if i not in refused]
        self.bodies += [json.loads(message.body) for message in taken]
        if refused:
            raise Unconfirmed([Failure(i, Fate.REFUSED, "full") for i in refused])

    async def ready(self) -> None:
        """There is a channel all the time."""


class Broker:
    """Counts what is settled."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.dead: list[int] = []

    def reject(self, delivery: Delivery) -> None:
        self.dead.append(delivery.tag)

    def acknowledge(self, delivery: Delivery) -> None:
        self.acknowledged.append(delivery.tag)


def delivery(tag: int, *, redelivered: bool = False) -> Delivery:
    body = json.dumps({**ORDER, "ClOrdID": f"order-{tag}"}).encode()
    return Delivery(body, DESK, ACCOUNT, EXCHANGE, "", "", {}, redelivered, tag, 1)


async def test_what_comes_again_goes_on_and_what_is_new_and_too_much_is_refused() -> None:
    heard: list[bytes] = []

    async def call(to: Address, words: bytes) -> bytes:
        assert to == f"account/{ACCOUNT}"
        heard.append(words)
        return str(words.count(b'"FromDesk"')).encode()

    answers, broker = Answers(), Broker()
    host = IngressHost(
        "ingress/0", CallNetwork(call), cast(BulkPublisher, answers),
        KnownNames({ACCOUNT}, {DESK}), clock=lambda: NOW,
        throttle=Throttle([DeskSettings(Desk=DESK, ThrottleNoMsgs=1)]),
    )  # fmt: skip
    consumer = cast(ShardConsumer, broker)
    for each in (delivery(1), delivery(2, redelivered=True), delivery(3)):
        host.delivered(consumer, each)
    await until(lambda: sorted(broker.acknowledged) == [1, 2, 3])
    assert b"order-1" in b"".join(heard)
    assert b"order-2" in b"".join(heard)
    assert [body["BusinessRejectRefID"] for body in answers.bodies] == ["order-3"]


async def nobody_is_called(to: Address, words: bytes) -> bytes:
    raise AssertionError(f"{to} was told {words!r}")


async def test_a_desk_whose_queue_is_full_holds_up_nobody_else() -> None:
    answers, alphas, betas = Answers(), Broker(), Broker()
    answers.full = {DESK}
    host = IngressHost(
        "ingress/0", CallNetwork(nobody_is_called), cast(BulkPublisher, answers),
        KnownNames({ACCOUNT}, {DESK, "beta"}), clock=lambda: NOW,
    )  # fmt: skip
    wrong = delivery(0)._replace(body=b"no JSON")
    for tag in range(HELD + 30):
        host.delivered(cast(ShardConsumer, alphas), wrong._replace(tag=tag))
    other = wrong._replace(user_id="beta", exchange="orders.beta", tag=1)
    host.delivered(cast(ShardConsumer, betas), other)
    await until(lambda: betas.acknowledged == [1])
    await until(lambda: len(alphas.dead) == 30)  # an operator sees them; the shard goes on
    assert alphas.acknowledged == []
    answers.full = set()
    await until(lambda: len(alphas.acknowledged) == HELD)
    assert len(answers.bodies) == HELD + 1
