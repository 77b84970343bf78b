"""One run: the installation, its faults, and the time it takes to come to rest."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

from gateways.amqp.topology import shard_queue
from infra import snapshots
from infra.compose import COMPLIANCE, make_actor
from infra.hosts import actor as actor_host
from infra.hosts.actor import ActorHost
from infra.hosts.egress import EgressHost
from infra.hosts.ingress import IngressHost, KnownNames
from infra.hosts.network import host_of
from infra.reference import Reference
from infra.sim.broker import Broker, Consumer
from infra.sim.calls import Calls
from infra.sim.desk import SimDesk
from infra.sim.disk import Disk
from infra.sim.exchange import Exchange
from infra.sim.faults import Plan
from infra.sim.hosting import SimNetwork, SimSession, SimTime
from infra.sim.loop import WORLD, Process, SimLoop
from infra.sim.watch import Watch
from infra.sim.wire import Wire
from messages.base import Instant
from messages.envelope import Address
from messages.reference import AccountDefinition, InstrumentDefinition, Limits, VenueDefinition

START: Instant = 1_795_400_184_000_000_000
SHARDS = 2
RESTART_S = 0.2
SNAPSHOT_EVERY = 40
DESKS = ("blue", "red")
ACCOUNTS = {"acme": ("blue",), "bravo": ("blue", "red"), "carol": ("red",)}
SYMBOLS = ("AAPL", "MSFT")
VENUES = ("XNAS", "XPAR")


def reference() -> Reference:
    """Two desks, three accounts, two instruments, two venues."""
    return Reference(
        desks=DESKS,
        venues=tuple(
            VenueDefinition(
                Venue=name, Dialect="Paper", SenderCompID="OMS", TargetCompID=name,
                Host="sim", Port=1,
            )
            for name in VENUES
        ),
        instruments=tuple(
            InstrumentDefinition(
                Symbol=symbol, ReferencePx=Decimal(10), TickSize=Decimal("0.01"),
                LotSize=Decimal(1), ContractMultiplier=Decimal(1 + index),
                Venues=VENUES[index:] + VENUES[:index],
            )
            for index, symbol in enumerate(SYMBOLS)
        ),
        accounts=tuple(
            AccountDefinition(
                Account=name, Desks=desks, Cash={"USD": Decimal(200_000)},
                Limits=Limits(MaxOrderQty=Decimal(210), PriceCollar=Decimal("0.10"),
                              MaxPosition=Decimal(5_000)),
            )
            for name, desks in ACCOUNTS.items()
        ),
    )  # fmt: skip


class World:
    """Everything there is, and what one seed makes of it."""

    def __init__(self, seed: int, plan: Plan) -> None:
        self.seed = seed
        self.random = Random(f"world {seed}")
        self.plan = plan
        self.wire = Wire(Random(f"wire {seed}"), plan.weather)
        self.loop = SimLoop(self.wire)
        self.disk = Disk(Random(f"disk {seed}"), plan.hazards)
        self.broker = Broker(self.loop, Random(f"broker {seed}"), SHARDS)
        self.watch = Watch(self.disk)
        self.calls = Calls(self.loop, self.wire, Random(f"calls {seed}")) if seed % 2 else None
        self.reference = reference()
        self.exchanges = {v: Exchange(v, Random(f"{v} {seed}")) for v in VENUES}
        for exchange in self.exchanges.values():
            exchange.swallows = plan.swallowed
        self.hosts: dict[Address, ActorHost] = {}
        self.processes: dict[Address, Process] = {}
        self.zombies: list[Process] = []
        self.skew: dict[Address, Instant] = {}
        self.kills: Counter[str] = Counter()
        self.failures: list[str] = []
        self._number = 0
        self._wanted: set[Address] = set()
        self._healing = False
        accounts = {desk: tuple(a for a, d in ACCOUNTS.items() if desk in d) for desk in DESKS}
        self.desks = [
            SimDesk(desk, accounts[desk], SYMBOLS, Random(f"{desk} {seed}"), self.broker)
            for desk in DESKS
        ]
        self.addresses: tuple[Address, ...] = (
            "egress/0", "ingress/0", COMPLIANCE,
            *(f"account/{name}" for name in ACCOUNTS),
            *(f"book/{symbol}" for symbol in SYMBOLS),
            *(f"venue/{venue}" for venue in VENUES),
        )  # fmt: skip

    # ---- processes

    def start(self, address: Address) -> None:
        """A new incarnation, unless one is alive."""
        known = self.processes.get(address)
        if known and not known.dead:
            return
        self._number += 1
        process = self.processes[address] = Process(address, self._number)
        self._wanted.add(address)
        process.deaths.append(lambda: self._died(address, process))
        self.loop.in_process(process, self.loop.call_soon, self._begin, address, process)

    async def activate(self, address: Address) -> None:
        """Somebody wants to talk to this address."""
        self.loop.in_process(WORLD, self.loop.call_later, RESTART_S, self.start, host_of(address))

    def kill(self, address: Address, kind: str = "kill") -> None:
        """SIGKILL now."""
        process = self.processes.get(address)
        if process and not process.dead:
            self.kills[kind] += 1
            self.loop.kill(process)

    def stop(self, address: Address, seconds: float) -> None:
        """SIGSTOP; the supervisor starts another one; the old one goes on later, as a zombie."""
        process = self.processes.get(address)
        if not process or process.dead or process.stopped:
            return
        self.kills["stop"] += 1
        self.loop.stop_process(process)
        self.zombies.append(process)
        del self.processes[address]
        self._outside(seconds, self.loop.resume_process, process)
        self._outside(RESTART_S, self.start, address)

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
        self.failures.append(f"{type(error).__name__}")
        self.kills["fail_stop"] += 1
        self.loop.kill(process)

    def _died(self, address: Address, process: Process) -> None:
        if self.processes.get(address) is process and address in self._wanted:
            self._outside(RESTART_S * (0.5 + self.random.random()), self.start, address)

    def _outside(self, delay: float, call: Callable[..., object], *args: object) -> None:
        self.loop.in_process(WORLD, self.loop.call_later, delay, call, *args)

    async def _boot(self, address: Address, process: Process) -> None:
        network: Any = SimNetwork(self)
        publisher: Any = self.broker.publisher("gateway")
        match address.partition("/")[0]:
            case "egress":
                await EgressHost(publisher).start(network, address)
            case "ingress":
                known = KnownNames({a.Account for a in self.reference.accounts}, set(DESKS))
                host = IngressHost(
                    address, network, publisher, known,
                    clock=self._clock(address),
                )  # fmt: skip
                for shard in range(SHARDS):
                    self.broker.consume(shard_queue(shard), _deliver(host))
            case kind:
                await self._boot_actor(kind, address, process, network)

    async def _boot_actor(
        self, kind: str, address: Address, process: Process, network: Any
    ) -> None:
        told = tuple(self.reference.about(address))
        session = local = None
        if kind == "venue":
            definition = next(m for m in told if isinstance(m, VenueDefinition))
            session = SimSession(self, definition)
            local = session.local
        host = ActorHost(
            lambda: make_actor(address),
            self.disk.journal(address),
            network,
            compliance=None if kind == "compliance" else COMPLIANCE,
            reference=told,
            local=local,
            clock=self._clock(address),
            fail=lambda error: self._failed(process, error),
        )
        self.hosts[address] = host
        await host.start()
        if session:
            session.start(host)
        await network.listen(address, host)

    def _clock(self, address: Address) -> Callable[[], Instant]:
        return lambda: START + int(self.loop.now * 1e9) + self.skew.get(address, 0)

    # ---- a run

    def run(self, orders: int, pause_s: float = 0.02, settle_s: float = 60.0) -> None:
        """Everything starts, the desks work under faults, then all heals and comes to rest."""
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
        trouble = asyncio.ensure_future(self._trouble())
        market = asyncio.ensure_future(self._market())
        each = orders // len(self.desks)
        await asyncio.gather(*(desk.work(each, pause_s) for desk in self.desks))
        trouble.cancel()
        self.heal()
        await self._rest(settle_s)
        market.cancel()
        for exchange in self.exchanges.values():
            exchange.close()
        await self._rest(settle_s)

    async def _market(self) -> None:
        while True:
            await asyncio.sleep(self.random.random() * 0.01)
            self.random.choice(list(self.exchanges.values())).act()

    async def _trouble(self) -> None:
        """Faults as the plan says, in steps of 10 ms."""
        step = 0.01
        while True:
            await asyncio.sleep(step)
            for rate, strike in self._strikes():
                if rate and self.random.random() < rate * step:
                    strike()

    def _strikes(self) -> tuple[tuple[float, Callable[[], None]], ...]:
        plan = self.plan
        return (
            (plan.kills, lambda: self.kill(self.random.choice(self.addresses))),
            (plan.kill_all, self._kill_all),
            (plan.stops, lambda: self.stop(
                self.random.choice(self.addresses), self.random.random() * 3)),
            (plan.partitions, self._partition),
            (plan.line_cuts, self._cut_line),
            (plan.venue_outages, self._venue_outage),
            (plan.broker_outages, self._broker_outage),
            (plan.clock_jumps, self._clock_jump),
            (plan.passivations, self._passivate),
        )  # fmt: skip

    def _kill_all(self) -> None:
        """The whole machine loses power."""
        for address in self.addresses:
            self.kill(address, "kill_all")

    def _partition(self) -> None:
        one, other = self.random.sample(self.addresses, 2)
        self.wire.partition(one, other)
        way = frozenset((one, other))
        self._outside(self.random.random(), self.wire.weather.partitions.discard, way)

    def _cut_line(self) -> None:
        line = self.random.choice(list(self.exchanges.values())).line
        if line:
            self.wire.faults += 1
            line.cut()

    def _venue_outage(self) -> None:
        exchange = self.random.choice(list(self.exchanges.values()))
        exchange.open = False
        self.kills["venue"] += 1
        if exchange.line:
            exchange.line.cut()
        self._outside(self.random.random() * 2, setattr, exchange, "open", True)

    def _broker_outage(self) -> None:
        if self.broker.up:
            self.kills["broker"] += 1
            self.broker.go_down()
            self._outside(self.random.random() * 2, self.broker.come_up)

    def _clock_jump(self) -> None:
        address = self.random.choice(self.addresses)
        self.skew[address] = self.random.randint(-2_000_000_000, 2_000_000_000)

    def _passivate(self) -> None:
        """An actor that owes nothing lets go, and comes back when somebody talks to it."""
        address = self.random.choice(
            [a for a in self.addresses if a.startswith(("account", "book"))]
        )
        host, process = self.hosts.get(address), self.processes.get(address)
        if not host or not process or process.dead or process.stopped or host.idle_s() is None:
            return
        self._wanted.discard(address)
        self.kills["passivated"] += 1
        self.loop.in_process(process, self._let_go, host, process)

    def _let_go(self, host: ActorHost, process: Process) -> None:
        task = asyncio.ensure_future(host.stop())
        task.add_done_callback(lambda _: self._outside(0, self.loop.kill, process))

    def heal(self) -> None:
        """The last fault is over."""
        self.wire.heal()
        self.disk.heal()
        self.skew.clear()
        for exchange in self.exchanges.values():
            exchange.open, exchange.swallows = True, 0.0
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
        if not self.broker.quiet or any(desk.sending for desk in self.desks):
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
