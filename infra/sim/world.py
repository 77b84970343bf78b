"""One run: the installation, its faults, and the time it takes to come to rest."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from random import Random
from typing import Any

from actors.actor import Actor
from gateways.amqp.ingress_operators import Operators as Known
from gateways.amqp.topology import shard_queue
from infra import snapshots
from infra.compose import COMPLIANCE, STOPPABLE, URGENT, make_actor
from infra.hosts import actor as actor_host
from infra.hosts.actor import ActorHost
from infra.hosts.egress import EgressHost
from infra.hosts.ingress import IngressHost, KnownNames
from infra.hosts.network import host_of
from infra.shell import Shell
from infra.sim import market
from infra.sim.asks import Asks
from infra.sim.broker import Broker, Consumer
from infra.sim.calls import Calls
from infra.sim.desk import SimDesk
from infra.sim.disk import Disk
from infra.sim.exchange import Exchange
from infra.sim.faults import Plan
from infra.sim.hosting import SimNetwork, SimSession, SimTime
from infra.sim.loop import WORLD, Process, SimLoop
from infra.sim.older import older
from infra.sim.operators import Operators
from infra.sim.oracle.evidence import Evidence
from infra.sim.setting import (
    ACCOUNTS,
    ADDRESSES,
    DESKS,
    OPERATORS,
    SHARDS,
    START,
    SYMBOLS,
    VENUES,
    reference,
    tradable,
)
from infra.sim.trouble import Trouble
from infra.sim.watch import Watch
from infra.sim.wire import Wire
from messages.base import Instant, Message
from messages.envelope import Address
from messages.kills import KILLSWITCH, StandingKill
from messages.reference import VenueDefinition

RESTART_S = 0.2
SNAPSHOT_EVERY = 40
MOST_CALLBACKS, MOST_CALLBACKS_AN_ORDER = 100_000, 3_000
"""What runs on for longer does not come to rest; a run of 300 orders needs some 100,000."""
IDLE_S = 0.05
"""The longest pause between two things that happen at venues."""


class World:
    """Everything there is, and what one seed makes of it.

    ``at_rest``: how many lines each desk had written down before it cancelled what was left.
    ``marks``: (virtual second, process, what struck it), for traces.
    """

    def __init__(self, seed: int, plan: Plan) -> None:
        self.seed = seed
        self.random = Random(f"world {seed}")
        self.plan = plan
        self.wire = Wire(Random(f"wire {seed}"), plan.weather)
        self.loop = SimLoop(self.wire)
        self.disk = Disk(Random(f"disk {seed}"), plan.hazards, self._crashed, self.loop.time)
        self.broker = Broker(self.loop, Random(f"broker {seed}"), SHARDS)
        self.watch = Watch(self.disk)
        self.calls = Calls(self.loop, self.wire, Random(f"calls {seed}")) if seed % 2 else None
        self.reference = reference()
        self.exchanges = {
            v: Exchange(v, Random(f"{v} {seed}"), SYMBOLS, tuple(ACCOUNTS), swallows=plan.swallowed)
            for v in VENUES
        }
        self.hosts: dict[Address, ActorHost] = {}
        self.ingress: IngressHost | None = None
        self.processes: dict[Address, Process] = {}
        self.zombies: list[Process] = []
        self.skew: dict[Address, Instant] = {}
        self.held_down: dict[Address, float] = {}
        self.at_rest: dict[str, int] = {}
        self.rested_at = 0.0
        self.jumps = 0
        self.kills: Counter[str] = Counter()
        self.keeps: Counter[str] = Counter()
        self.failures: list[str] = []
        self.marks: list[tuple[float, Address, str]] = []
        self._number = 0
        self._wanted: set[Address] = set()
        self.desks = [
            SimDesk(
                Asks(desk, tradable(desk), tuple(SYMBOLS), Random(f"{desk} {seed}"), self.now),
                self.broker,
            )
            for desk in DESKS
        ]
        self.operators = Operators(
            OPERATORS, self.broker, Random(f"operators {seed}"), Random(f"kills {seed}"),
            self.loop.time, self._still_open,
        )  # fmt: skip
        self.addresses: tuple[Address, ...] = ADDRESSES

    @cached_property
    def evidence(self) -> Evidence:
        """What the desks wrote down, once the run is over."""
        return Evidence({desk.name: list(desk.record.lines()) for desk in self.desks})

    def now(self) -> Instant:
        """The true time of day."""
        return START + int(self.loop.now * 1e9)

    def mark(self, address: Address, what: str) -> None:
        """Something struck a process."""
        self.marks.append((self.loop.now, address, what))

    def _crashed(self, address: Address, kind: str) -> None:
        self.mark(address, kind)

    # ---- processes

    def start(self, address: Address) -> None:
        """A new incarnation, unless one is alive."""
        known = self.processes.get(address)
        if known and not known.dead:
            return
        if (wait := self.held_down.get(address, 0.0) - self.loop.now) > 0:
            self.outside(wait, self.start, address)
            return
        self._number += 1
        self.mark(address, "starts")
        process = self.processes[address] = Process(address, self._number)
        self._wanted.add(address)
        process.deaths.append(lambda: self._died(address, process))
        self.loop.soon_in(process, self._begin, address, process)

    async def activate(self, address: Address) -> None:
        """Somebody wants to talk to this address."""
        self.loop.later_in(WORLD, RESTART_S, self.start, host_of(address))

    def kill(self, address: Address, kind: str = "kill") -> None:
        """SIGKILL now."""
        process = self.processes.get(address)
        if process and not process.dead:
            self.kills[kind] += 1
            self.mark(address, kind)
            self.loop.kill(process)

    def stop(self, address: Address, seconds: float) -> None:
        """SIGSTOP; the supervisor starts another one; the old one goes on later, as a zombie."""
        process = self.processes.get(address)
        if not process or process.dead or process.stopped:
            return
        self.kills["stopped, then a zombie"] += 1
        self.mark(address, "stopped")
        self.loop.stop_process(process)
        self.zombies.append(process)
        del self.processes[address]
        self.outside(seconds, self.loop.resume_process, process)
        self.outside(RESTART_S, self.start, address)

    def _begin(self, address: Address, process: Process) -> None:
        task = asyncio.ensure_future(self._boot(address, process))
        task.add_done_callback(lambda done: self._booted(process, done))

    def _booted(self, process: Process, done: "asyncio.Future[None]") -> None:
        if done.cancelled():
            return
        if error := done.exception():
            self._failed(process, error)

    def _failed(self, process: Process, error: BaseException) -> None:
        """Fail-stop: the host gave up. Whoever restarts it replays."""
        self.failures.append(f"{type(error).__name__}: {error}")
        self.kills["fail_stop"] += 1
        self.mark(process.name, f"fail-stop: {error}")
        self.loop.kill(process)

    def _died(self, address: Address, process: Process) -> None:
        if self.processes.get(address) is process and address in self._wanted:
            self.outside(RESTART_S * (0.5 + self.random.random()), self.start, address)

    def outside(self, delay: float, call: Callable[..., object], *args: object) -> None:
        """Later, whatever dies until then."""
        self.loop.later_in(WORLD, delay, call, *args)

    async def _boot(self, address: Address, process: Process) -> None:
        network: Any = SimNetwork(self)
        publisher: Any = self.broker.publisher("gateway")
        match address.partition("/")[0]:
            case "egress":
                await EgressHost(publisher).start(network, address)
            case "ingress":
                known = KnownNames(set(ACCOUNTS), set(DESKS), self.reference.tradable())
                scopes = self.reference.scopes
                operators = Known(frozenset(OPERATORS), tuple(VENUES), scopes=scopes)
                clock = self._clock(address)
                host = self.ingress = IngressHost(
                    address, network, publisher, known, operators=operators, clock=clock
                )
                for shard in range(SHARDS):
                    self.broker.consume(shard_queue(shard), _deliver(host))
            case kind:
                await self._boot_actor(kind, address, process, network)

    async def _boot_actor(
        self, kind: str, address: Address, process: Process, network: Any
    ) -> None:
        told: tuple[Message, ...] = tuple(self.reference.about(address))
        if kind in STOPPABLE:
            told = (*self.standing(address), *told)
        session = local = None
        if kind == "venue":
            definition = next(m for m in told if isinstance(m, VenueDefinition))
            session = SimSession(self, definition)
            local = session.local
        host = ActorHost(
            self._maker(address),
            self.disk.journal(address),
            network,
            compliance=None if kind == "compliance" else COMPLIANCE,
            reference=told,
            local=local,
            urgent=URGENT.get(kind, ()),
            clock=self._clock(address),
            fail=lambda error: self._failed(process, error),
        )
        self.hosts[address] = host
        await host.start()
        if session:
            session.start(host)
        await network.listen(address, host)

    def _maker(self, address: Address) -> Callable[[], Actor[Any, Any, Any]]:
        if self.plan.older and self.random.random() < self.plan.older:
            self.keeps["incarnations of an older version"] += 1
            return lambda: older(make_actor(address))
        return lambda: make_actor(address)

    def _clock(self, address: Address) -> Callable[[], Instant]:
        return lambda: START + int(self.loop.now * 1e9) + self.skew.get(address, 0)

    # ---- kills

    def stop_trade(self) -> None:
        """Somebody pulls the kill switch; its actor is not there before the first time."""
        if KILLSWITCH not in self.addresses:
            self.addresses = (*self.addresses, KILLSWITCH)
            self.start(KILLSWITCH)
        self.operators.killing.pull(self.now())

    def standing(self, address: Address) -> tuple[StandingKill, ...]:
        """What the host reads in the kill switch's journal before anything reaches the actor."""
        shell = Shell(make_actor(KILLSWITCH))
        tape = self.disk.tapes.get(KILLSWITCH)
        for entry in tape.entries if tape else ():
            shell.replay(entry)
        found: tuple[StandingKill, ...] = shell.actor.state.standing_for(address)
        return found

    def _still_open(self) -> set[tuple[str, str]]:
        return {(v, name) for v, e in self.exchanges.items() for name in e.still_open()}

    # ---- a run

    def run(self, orders: int, settle_s: float, pause_s: float = 0.02) -> None:
        """Everything starts, the desks work under faults, then all heals and comes to rest."""
        self.loop.most = MOST_CALLBACKS + orders * MOST_CALLBACKS_AN_ORDER
        with self._patched():
            asyncio.set_event_loop(None)
            self.loop.run_until_complete(self._life(orders, pause_s, settle_s))

    @contextlib.contextmanager
    def _patched(self) -> Iterator[None]:
        host: Any = actor_host
        kept = host.time, snapshots.EVERY
        host.time, snapshots.EVERY = SimTime(self.loop), SNAPSHOT_EVERY
        try:
            yield
        finally:
            host.time, snapshots.EVERY = kept

    async def _life(self, orders: int, pause_s: float, settle_s: float) -> None:
        for address in self.addresses:
            self.start(address)
        trouble = asyncio.ensure_future(Trouble(self).rage())
        trade = asyncio.ensure_future(self._trade())
        each = orders // len(self.desks)
        await asyncio.gather(*(desk.work(each, pause_s) for desk in self.desks))
        trouble.cancel()
        self.heal()
        await self._rest(settle_s)
        self.rested_at = self.loop.now
        self.at_rest = {desk.name: desk.record.count for desk in self.desks}
        for desk in self.desks:
            desk.send([desk.asks.everything_off()])
        await self._rest(settle_s)
        trade.cancel()
        for exchange in self.exchanges.values():
            market.close(exchange)
        await self._rest(settle_s)

    async def _trade(self) -> None:
        while True:
            busy = any(e.live or e.waiting for e in self.exchanges.values())
            await asyncio.sleep(self.random.random() * (0.01 if busy else IDLE_S))
            exchange = self.random.choice(list(self.exchanges.values()))
            exchange.now = self.now()
            market.act(exchange)

    def passivate(self, host: ActorHost, process: Process) -> None:
        """An actor lets go in order; it starts again when somebody talks to it."""
        self._wanted.discard(process.name)
        self.kills["passivated"] += 1
        self.mark(process.name, "passivated")
        self.loop.in_process(process, self._let_go, host, process)

    def _let_go(self, host: ActorHost, process: Process) -> None:
        task = asyncio.ensure_future(host.stop())
        task.add_done_callback(lambda _: self.outside(0, self.loop.kill, process))

    def heal(self) -> None:
        """The last fault is over."""
        self.wire.heal()
        self.disk.heal()
        self.skew.clear()
        self.held_down.clear()
        for exchange in self.exchanges.values():
            exchange.open, exchange.swallows = True, 0.0
            market.resume(exchange)
        if not self.broker.up:
            self.broker.come_up()
        for zombie in self.zombies:
            if zombie.stopped:
                self.loop.resume_process(zombie)
        for address in self.addresses:
            self.start(address)

    async def _rest(self, seconds: float) -> None:
        deadline = self.loop.now + seconds
        await asyncio.sleep(1.0)
        while self.loop.now < deadline and not self.quiet():
            await asyncio.sleep(0.5)

    def _reachable(self, address: Address) -> bool:
        return (self.calls or self.wire).listening(address)

    def quiet(self) -> bool:
        """Whether nothing is owed anywhere."""
        if not self.broker.quiet or self.operators.busy:
            return False
        if any(desk.sending for desk in self.desks):
            return False
        for address in self.addresses:
            process = self.processes.get(address)
            if process is None or process.dead:
                return False
            host = self.hosts.get(address)
            if host and (host.idle_s() is None or not self._reachable(address)):
                return False
        return not any(exchange.waiting for exchange in self.exchanges.values())


def _deliver(host: IngressHost) -> Callable[[Consumer, Any], None]:
    return lambda consumer, delivery: host.delivered(consumer, delivery)  # type: ignore[arg-type]
