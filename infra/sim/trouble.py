"""What strikes while the desks work: rates of the plan, looked at every 10 virtual milliseconds."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from infra.compose import COMPLIANCE
from infra.hosts.actor import ActorHost
from infra.sim.loop import Process
from infra.sim.setting import ADDRESSES, DESKS
from messages.envelope import Address
from messages.kills import KILLSWITCH

if TYPE_CHECKING:
    from infra.sim.world import World

STEP_S = 0.01
CONCERNED = (KILLSWITCH, KILLSWITCH, *ADDRESSES)
AMIDST_S = 0.1
"""A kill is told to everybody within that time, where all goes well."""
ACTORS = [a for a in ADDRESSES if not a.startswith(("egress", "ingress"))]


class Trouble:
    """The faults of one run. All chance is the world's, so a seed repeats it.

    When people stop trade is chance of its own: a seed does the same as without, until then.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self._random = world.random
        plan = world.plan
        strikes: tuple[tuple[float, Callable[[], None]], ...] = (
            (plan.kills, self._kill),
            (plan.kill_all, self._kill_all),
            (plan.stops, self._stop),
            (plan.compliance_down, self._compliance_down),
            (plan.partitions, self._partition),
            (plan.line_cuts, self._cut_line),
            (plan.venue_outages, self._venue_outage),
            (plan.broker_outages, self._broker_outage),
            (plan.clock_jumps, self._clock_jump),
            (plan.passivations, self._passivate),
            (plan.snapshots, self._keep_snapshot),
            (plan.disconnects, self._disconnect),
            (plan.resolutions, self._resolve),
            (plan.rule_changes, self._change_rules),
        )
        self._stops = Random(f"stops {world.seed}")
        self._strikes = tuple((rate * STEP_S, strike) for rate, strike in strikes if rate)

    async def rage(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(STEP_S)
            for probability, strike in self._strikes:
                if self._random.random() < probability:
                    strike()
            if self._stops.random() < self._world.plan.stops_of_trade * STEP_S:
                self._stop_trade()

    def _stop_trade(self) -> None:
        """People kill a scope; often somebody dies, or stands still, in the midst of it."""
        world = self._world
        world.keeps["kills of a scope"] += 1
        world.stop_trade()
        plan, random = world.plan, self._stops
        if plan.kills and random.random() < 0.5:
            world.outside(random.random() * AMIDST_S, world.kill, random.choice(CONCERNED))
        if plan.stops and random.random() < 0.5:
            world.outside(random.random() * AMIDST_S, self._freeze, random.choice(CONCERNED))
        if plan.kill_all and random.random() < 0.2:
            world.outside(random.random() * AMIDST_S, self._kill_all)

    def _freeze(self, address: Address) -> None:
        self._world.stop(address, self._stops.random() * 3)

    def _kill(self) -> None:
        self._world.kill(self._random.choice(ADDRESSES))

    def _kill_all(self) -> None:
        """The whole machine loses power."""
        for address in self._world.addresses:
            self._world.kill(address, "power lost")

    def _stop(self) -> None:
        self._world.stop(self._random.choice(ADDRESSES), self._random.random() * 3)

    def _compliance_down(self) -> None:
        """Nobody can start it for a while; everything else goes on."""
        self._world.held_down[COMPLIANCE] = self._world.loop.now + 2 + self._random.random() * 8
        self._world.kill(COMPLIANCE, "compliance down for long")

    def _partition(self) -> None:
        wire = self._world.wire
        one, other = self._random.sample(ADDRESSES, 2)
        wire.partition(one, other)
        way = frozenset((one, other))
        self._world.outside(self._random.random(), wire.weather.partitions.discard, way)

    def _cut_line(self) -> None:
        line = self._random.choice(list(self._world.exchanges.values())).line
        if line:
            self._world.wire.faults["session cut"] += 1
            line.cut()

    def _venue_outage(self) -> None:
        world = self._world
        exchange = self._random.choice(list(world.exchanges.values()))
        exchange.open = False
        world.kills["venue"] += 1
        if exchange.line:
            exchange.line.cut()
        long = 8.0 if self._random.random() < 0.2 else 2.0
        world.outside(self._random.random() * long, setattr, exchange, "open", True)

    def _broker_outage(self) -> None:
        world = self._world
        if world.broker.up:
            world.kills["broker"] += 1
            world.broker.go_down()
            world.outside(self._random.random() * 2, world.broker.come_up)

    def _clock_jump(self) -> None:
        """Forwards or backwards, by up to two seconds; until the next jump or the end."""
        self._world.jumps += 1
        skew = self._random.randint(-2_000_000_000, 2_000_000_000)
        self._world.skew[self._random.choice(ADDRESSES)] = skew

    def _alive(self, *kinds: str) -> tuple[ActorHost, Process] | None:
        """A host chosen at random that owes nothing at this moment, if it is so."""
        address = self._random.choice([a for a in ADDRESSES if a.startswith(kinds)])
        host, process = self._world.hosts.get(address), self._world.processes.get(address)
        if not host or not process or process.dead or process.stopped or host.idle_s() is None:
            return None
        return host, process

    def _passivate(self) -> None:
        """An actor that owes nothing lets go, and comes back when somebody talks to it."""
        if found := self._alive("account", "book"):
            self._world.passivate(*found)

    def _keep_snapshot(self) -> None:
        """An actor keeps a snapshot, in the midst of its work or not."""
        host = self._world.hosts.get(self._random.choice(ACTORS))
        process = self._world.processes.get(host.address) if host else None
        if host and process and not process.dead and not process.stopped:
            self._world.loop.soon_in(process, self._snapshot, host)

    def _snapshot(self, host: ActorHost) -> None:
        if host.shell.number:
            self._world.keeps["snapshots"] += 1
            host._snapshots.keep(host.shell)

    def _disconnect(self) -> None:
        """A desk is taken for gone: what it has open is cancelled."""
        ingress, process = self._world.ingress, self._world.processes.get("ingress/0")
        if ingress and process and not process.dead and not process.stopped:
            desk, keep = self._random.choice(DESKS), self._random.random() < 0.5
            self._world.keeps["disconnects"] += 1
            self._world.loop.soon_in(process, self._gone, desk, keep)

    def _gone(self, desk: str, keep: bool) -> None:
        if ingress := self._world.ingress:
            ingress.disconnected(desk, self._world.now(), keep_good_till_cancel=keep)

    def _resolve(self) -> None:
        world = self._world
        for venue, exchange in world.exchanges.items():
            host = world.hosts.get(f"venue/{venue}")
            if host and not exchange.open:
                world.operators.look(exchange, host.shell.actor.state)

    def _change_rules(self) -> None:
        """Two operators make another version of the rule book."""
        world = self._world
        assert world.reference.rules is not None
        world.keeps["rule books"] += 1
        world.operators.change_rules(world.reference.rules, world.now())
