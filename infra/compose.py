"""The composition root: from an address and the settings to a running host."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actors.actor import Actor
from infra import endpoints, kills, poison
from infra.forked import Forked
from infra.hosts.actor import ActorHost
from infra.hosts.calendars import CalendarWatch
from infra.hosts.network import Activate, CallNetwork, Network, StreamNetwork, TlsNetwork, Where
from infra.journals import JOURNALS, journal_path
from infra.links.calls import Call, CallListener
from infra.links.stream import StreamListener
from infra.reference import Reference, load
from infra.settings import Settings
from messages.base import Message
from messages.envelope import Address
from messages.reference import VenueDefinition

if TYPE_CHECKING:
    from gateways.amqp.consumer import Delivery, ShardConsumer
    from gateways.amqp.ingress_operators import Operators
    from gateways.amqp.presence import Absences
    from infra.hosts.ingress import IngressHost

COMPLIANCE = "compliance/0"

STOPPABLE = ("account", "book", "venue")
"""Kinds that a kill stops."""

URGENT: dict[str, tuple[str, ...]] = {
    "venue": ("killswitch", "ingress"),
    "account": ("killswitch",),
    "book": ("killswitch",),
}
"""Whose words overtake what waits at an actor: a venue hears nothing but people from an ingress."""


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
        case "rulebook":
            from actors.rulebook.keeper import RuleBookKeeper

            return RuleBookKeeper(address)
        case "killswitch":
            from actors.killswitch import KillSwitch

            return KillSwitch(address)
        case "surveillance":
            from actors.surveillance.surveillance import Surveillance

            return Surveillance(address)
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

    @property
    def port(self) -> int:
        """The TCP port that others reach it at, with TLS between nodes."""
        assert isinstance(self.listener, StreamListener)
        return self.listener.port

    async def stop(self) -> None:
        """Give up links, sessions and files, in the order opposite to their making."""
        for stop in reversed(self.stops):
            await stop()


async def start(
    address: Address, settings: Settings, activate: Activate, call: Call, where: Where
) -> Running:
    """Put the host of ``address`` into service.

    Raises:
        JournalFailed, ReferenceRefused, ConnectionError: it cannot; the message says why.
    """
    network = _network(settings, activate, call, where)
    reference = load(settings.config)
    match address.partition("/")[0]:
        case "ingress":
            return await _ingress(address, settings, network, reference)
        case "egress":
            return await _egress(address, settings, network, reference)
        case kind:
            return await _actor(kind, address, settings, network, reference)


def _network(settings: Settings, activate: Activate, call: Call, where: Where) -> Network:
    token = settings.secret("link_token")
    match settings.link:
        case "ray":
            return CallNetwork(call)
        case "tls":
            first = settings.link_port
            return TlsNetwork(where, settings.node_ip, first, settings.link_tls, token)
        case _:
            return StreamNetwork(settings.data, activate, token)


async def _actor(
    kind: str, address: Address, settings: Settings, network: Network, reference: Reference
) -> Running:
    running = Running()
    told: Sequence[Message] = tuple(reference.about(address, settings.data))
    if kind in STOPPABLE:  # before anything else reaches the actor, whatever it has missed
        told = (*kills.standing(settings.data, address), *told)
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
        urgent=URGENT.get(kind, ()),
        observe=watch.observe if watch else None,
        hear_vitals=watch.vitals if watch else None,
        apart=Forked,
        **more,
    )
    await host.start()
    if watch:
        watch.start(host)
        running.stops.append(watch.stop)
    running.host = host
    running.stops.append(host.stop)
    days = CalendarWatch(settings.data, told, host.tell)
    days.start()
    running.stops.append(days.stop)
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
    from gateways.amqp.presence import Absences, Presence
    from gateways.amqp.publisher import BulkPublisher
    from gateways.amqp.throttle import Throttle
    from gateways.amqp.topology import people_queue, shard_queue
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
    throttle = Throttle(reference.desk_settings)
    host = IngressHost(
        address, network, publisher, known, operators=_operators(reference), throttle=throttle
    )
    consuming = await connect(url, f"oms {address}")
    consumers: list[ShardConsumer] = []
    absences = Absences(reference.desk_settings)
    queues = [shard_queue(shard) for shard in range(settings.shards)]
    queues += [people_queue(settings.shards)] if reference.roles else []
    for place, queue in enumerate(queues):
        consumer = ShardConsumer(consuming, queue, _hand_to(host, absences, consumers, place))
        consumers.append(consumer)
        await consumer.open()
    running = Running(stops=[publishing.close, consuming.close])
    presence = Presence(consuming)  # the other connection may be held up by the broker
    await presence.open()
    watch = QueueWatch(presence.waiting, len(queues), reference.desks)

    def signs() -> dict[str, Any]:
        connected = publisher.usable and all(consumer.usable for consumer in consumers)
        waits = sum(consumer.outstanding for consumer in consumers)
        seen = {"connected": connected, "backlog": waits, "queues": watch.found}
        return host.signs() | seen

    vitals = BorderSigns(address, COMPLIANCE, network, signs)
    draining = Draining(settings.data, address, consumers, lambda: host.unacknowledged)
    for task in (watch, vitals, draining):
        task.start()
        running.stops.append(task.stop)
    if absences.agreed:
        desks = DeskWatch(presence, absences, host)
        desks.start()
        running.stops.append(desks.stop)
    return running


def _operators(reference: Reference) -> "Operators":
    from gateways.amqp.ingress_operators import Operators

    return Operators(
        names=frozenset(reference.roles),
        venues=tuple(v.Venue for v in reference.venues),
        roles=reference.roles,
        scopes=reference.scopes,
        desks={person.Name: person.Desk for person in reference.people},
    )


def _hand_to(
    host: "IngressHost", absences: "Absences", consumers: "list[ShardConsumer]", shard: int
) -> "Callable[[Delivery], None]":
    def hand(delivery: "Delivery") -> None:
        absences.heard(delivery.user_id)
        host.delivered(consumers[shard], delivery)

    return hand
