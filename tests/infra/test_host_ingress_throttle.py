"""The ingress's host and the throttle: what comes again is never refused for being too much."""

import json
from collections.abc import Sequence
from typing import Any, cast

from gateways.amqp.consumer import Delivery, ShardConsumer
from gateways.amqp.publisher import BulkPublisher, Outgoing
from gateways.amqp.throttle import Throttle
from infra.hosts.ingress import IngressHost, KnownNames
from infra.hosts.network import CallNetwork
from messages.envelope import Address
from messages.reference import DeskSettings
from tests.gateways.ingress_deliveries import ACCOUNT, DESK, EXCHANGE, NOW, ORDER
from tests.infra.link_contract import until


class Answers:
    """Takes what is published, and confirms it."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        self.bodies += [json.loads(message.body) for message in messages]


class Broker:
    """Counts what is settled."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []

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
