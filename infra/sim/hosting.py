"""What hosts are given instead of sockets, FIX engines and the time of day."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from infra.hosts.network import COMPLIANCE_LINGER_S, PATIENT, host_of
from infra.hosts.venue import VenueSession
from infra.links import Heard, Inbox, Outpost
from infra.links.calls import CallListener, CallOutpost
from infra.links.endpoint import Endpoint
from infra.links.outlink import Outlink
from infra.links.stream import StreamListener, StreamOutpost
from infra.sim.line import Line
from infra.sim.loop import SimLoop
from messages.envelope import Address, Envelope
from messages.reference import VenueDefinition

if TYPE_CHECKING:
    from infra.sim.world import World


class SimTime:
    """What the module ``time`` is to a host that runs in here."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.now

    def perf_counter_ns(self) -> int:
        return int(self._loop.now * 1e9)

    time_ns = process_time_ns = perf_counter_ns


class SimNetwork:
    """The links of production: streams over connections in memory, or calls that get lost."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def outpost(self, link: Outlink, heard: Heard) -> Outpost:
        """The sending end of ``link``."""
        world, recipient = self._world, host_of(link.recipient)
        watch = world.watch.told(link.sender, heard)
        if world.calls:
            return _Watched(world, link, CallOutpost(link, world.calls.call, watch))
        linger = COMPLIANCE_LINGER_S if link.recipient.startswith(PATIENT) else 0.0
        end = Endpoint(host=recipient, port=1)
        return _Watched(
            world, link, StreamOutpost(link, end, watch, world.activate, linger_s=linger)
        )

    async def listen(self, address: Address, inbox: Inbox) -> object:
        """Listen at ``address``."""
        if self._world.calls:
            return self._world.calls.listen(address, CallListener(inbox))
        listener = StreamListener(inbox, Endpoint(host=address, port=1))
        await listener.start()
        return listener


class _Watched:
    """An outpost that is watched, and whose process may die between two sends."""

    def __init__(self, world: "World", link: Outlink, outpost: StreamOutpost | CallOutpost) -> None:
        self._world = world
        self._link = link
        self._outpost = outpost

    @property
    def unacknowledged(self) -> int:
        return self._outpost.unacknowledged

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        disk = self._world.disk
        if disk.happens(disk.hazards.between_sends):
            disk.crash(self._link.sender, "between_sends")
        self._world.watch.leaves(self._link.sender, envelopes[-1])
        self._outpost.offer(envelopes)

    def vitals(self, data: bytes) -> None:
        """News of health are not simulated."""

    async def close(self) -> None:
        await self._outpost.close()


class SimSession(VenueSession):
    """A venue connection's host whose FIX session is a :class:`Line`."""

    def __init__(self, world: "World", definition: VenueDefinition) -> None:
        exchange = world.exchanges[definition.Venue]

        def line(*_: object, **__: object) -> Line:
            return Line(exchange, world.loop, world.random, self._said, world.now)

        super().__init__(definition, None, make_session=line)  # type: ignore[arg-type]
