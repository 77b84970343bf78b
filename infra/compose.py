"""The composition root: from an address and the settings to a running host."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actors.actor import Actor
from infra import endpoints, poison
from infra.hosts.actor import ActorHost
from infra.hosts.network import Activate, CallNetwork, Network, StreamNetwork
from infra.journals import JOURNALS, journal_path
from infra.links.calls import Call, CallListener
from infra.reference import Reference, load
from infra.settings import Settings
from messages.base import Message
from messages.envelope import Address
from messages.reference import VenueDefinition

if TYPE_CHECKING:
    from gateways.amqp.consumer import Delivery, ShardConsumer
    from infra.hosts.ingress import IngressHost

COMPLIANCE = "compliance/0"


def make_actor(address: Address) -> Actor[Any, Any, Any]:
    """The actor of that address as it was born. Imports its own kind only: a start is mostly that.

    Raises:
        KeyError: no actor is of that kind.
    """
    match address.partition("/")[0]:
        case "account":
            from actors.account.account import Account

            return Account(address)
        case "book":
            from actors.book import Book

            return Book(address)
        case "venue":
            from actors.venue.venue import Venue

            return Venue(address)
        case "compliance":
            from actors.compliance import Compliance

            return Compliance(address)
        case kind:
            raise KeyError(f"{kind} is not a kind of actor: {address}")


@dataclass
class Running:
    """A host in service and how to let go of it."""

    host: ActorHost | None = None
    listener: object = None
    stops: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def called(self, words: bytes) -> bytes:
        """A batch that came by remote call."""
        assert isinstance(self.listener, CallListener)
        return await self.listener.called(words)

    def idle_s(self) -> float | None:
        """See :meth:`ActorHost.idle_s`."""
        return self.host.idle_s() if self.host else None

    async def stop(self) -> None:
        """Give up links, sessions and files, in the order opposite to their making."""
        for stop in reversed(self.stops):
            await stop()


async def start(address: Address, settings: Settings, activate: Activate, call: Call) -> Running:
    """Put the host of ``address`` into service.

    Raises:
        JournalFailed, ReferenceRefused, ConnectionError: it cannot; the message says why.
    """
    network = _network(settings, activate, call)
    reference = load(settings.config)
    match address.partition("/")[0]:
        case "ingress":
            return await _ingress(address, settings, network, reference)
        case "egress":
            return await _egress(address, settings, network, reference)
        case kind:
            return await _actor(kind, address, settings, network, reference)


def _network(settings: Settings, activate: Activate, call: Call) -> Network:
    if settings.link == "ray":
        return CallNetwork(call)
    return StreamNetwork(settings.data, activate, settings.link_token)


async def _actor(
    kind: str, address: Address, settings: Settings, network: Network, reference: Reference
) -> Running:
    running = Running()
    told: Sequence[Message] = tuple(reference.about(address, settings.data))
    path = journal_path(settings.data / "journals", address)
    make, journal = poison.watched(
        settings.data, address, lambda: make_actor(address), JOURNALS[settings.journal](path)
    )
    session = watch = local = None
    more: dict[str, Any] = {}
    if kind == "venue":
        from infra.hosts.venue import VenueSession, signs

        more["signs"] = signs

        definition = endpoints.venue(settings.data, _venue(reference, address))
        told = (definition, *(m for m in told if not isinstance(m, VenueDefinition)))
        session = VenueSession(definition, settings.data / "fix" / definition.Venue)
        local = session.local
    if kind == "compliance":
        from infra.hosts.compliance import Watch

        watch = Watch(settings)
    host = ActorHost(
        make,
        journal,
        network,
        compliance=None if kind == "compliance" else COMPLIANCE,
        reference=told,
        local=local,
        observe=watch.observe if watch else None,
        hear_vitals=watch.vitals if watch else None,
        **more,
    )
    await host.start()
    if watch:
        watch.start(host)
        running.stops.append(watch.stop)
    running.host = host
    running.stops.append(host.stop)
    if session:  # before anybody can reach the actor: what it sends must find the session
        session.start(host)
        running.stops.append(session.stop)
    running.listener = await network.listen(address, host)
    return running


def _venue(reference: Reference, address: Address) -> VenueDefinition:
    return next(v for v in reference.venues if f"venue/{v.Venue}" == address)


async def _egress(
    address: Address, settings: Settings, network: Network, reference: Reference
) -> Running:
    from gateways.amqp.connection import connect
    from gateways.amqp.publisher import BulkPublisher
    from infra.hosts.egress import EgressHost
    from infra.hosts.signs import BorderSigns

    connection = await connect(endpoints.amqp(settings), f"oms {address}")
    publisher = BulkPublisher(connection)
    await publisher.open()
    packed = frozenset(agreed.Desk for agreed in reference.desk_settings if agreed.PackReports)
    host = EgressHost(publisher, packed)
    listener = await host.start(network, address)
    vitals = BorderSigns(address, COMPLIANCE, network, host.signs)
    vitals.start()
    return Running(listener=listener, stops=[connection.close, vitals.stop])


async def _ingress(
    address: Address, settings: Settings, network: Network, reference: Reference
) -> Running:
    from gateways.amqp.connection import connect
    from gateways.amqp.consumer import ShardConsumer
    from gateways.amqp.ingress_operators import Operators
    from gateways.amqp.presence import Absences, Presence
    from gateways.amqp.publisher import BulkPublisher
    from gateways.amqp.topology import shard_queue
    from infra.hosts.draining import Draining
    from infra.hosts.ingress import IngressHost, KnownNames
    from infra.hosts.presence import DeskWatch
    from infra.hosts.signs import BorderSigns, QueueWatch

    url = endpoints.amqp(settings)
    publishing = await connect(url, f"oms {address} answers")
    publisher = BulkPublisher(publishing)
    await publisher.open()
    accounts = {a.Account for a in reference.accounts}
    known = KnownNames(accounts, set(reference.desks), reference.tradable())
    operators = Operators(
        frozenset(reference.operators), frozenset(v.Venue for v in reference.venues)
    )
    host = IngressHost(address, network, publisher, known, operators=operators)
    consuming = await connect(url, f"oms {address}")
    consumers: list[ShardConsumer] = []
    for shard in range(settings.shards):
        consumer = ShardConsumer(consuming, shard_queue(shard), _hand_to(host, consumers, shard))
        consumers.append(consumer)
        await consumer.open()
    running = Running(listener=consumers, stops=[publishing.close, consuming.close])
    presence = Presence(consuming)  # the other connection may be held up by the broker
    await presence.open()
    queues = QueueWatch(presence.waiting, settings.shards, reference.desks)

    def signs() -> dict[str, Any]:
        connected = publisher.usable and all(consumer.usable for consumer in consumers)
        waits = sum(consumer.outstanding for consumer in consumers)
        seen = {"connected": connected, "backlog": waits, "queues": queues.found}
        return host.signs() | seen

    vitals = BorderSigns(address, COMPLIANCE, network, signs)
    draining = Draining(settings.data, address, consumers, lambda: host.unacknowledged)
    for task in (queues, vitals, draining):
        task.start()
        running.stops.append(task.stop)
    absences = Absences(reference.desk_settings)
    if absences.agreed:
        watch = DeskWatch(presence, absences, host)
        watch.start()
        running.stops.append(watch.stop)
    return running


def _hand_to(
    host: "IngressHost", consumers: "list[ShardConsumer]", shard: int
) -> "Callable[[Delivery], None]":
    return lambda delivery: host.delivered(consumers[shard], delivery)
