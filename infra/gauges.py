"""What is read from state at the moment of a scrape: actors, their vitals, orders and balances.

Between scrapes nothing is computed but what an entry changes. Accounts and books are shown as a few
lanes, never by name; an actor that has gone quiet and owes nothing is no longer shown.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import add

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from actors import conservation
from infra.monitoring.table import lane, row
from infra.open_orders import OpenOrders
from infra.vitals import Vitals
from messages.base import SECOND, Instant
from messages.entry import EntryCopy
from messages.envelope import Address

BORDERS = ("ingress", "egress")

QUIET = 300 * SECOND
"""How long an actor that owes nothing is shown after its last word."""


class _Actor:
    """What is known of one actor."""

    __slots__ = ("epoch", "kind", "orders", "restarts", "seen", "vitals")

    def __init__(self, address: str) -> None:
        self.kind = address.partition("/")[0]
        self.orders = OpenOrders()
        self.epoch = 0
        self.restarts = 0
        self.seen: Instant = 0
        self.vitals: Vitals | None = None

    def owes(self) -> bool:
        v = self.vitals
        return bool(self.orders) or bool(
            v and (v.backlog or v.unacked or v.reports_unconfirmed or v.parked)
        )

    def open_orders(self) -> int:
        """Counted from the events; where they do not go back to the first, the host's word."""
        told = self.vitals.open_orders if self.vitals else None
        return self.orders.open if self.orders.whole or told is None else told

    def in_doubt_orders(self) -> int:
        told = self.vitals.in_doubt_orders if self.vitals else None
        return len(self.orders.in_doubt) if self.orders.whole or told is None else told


class Gauges:
    """The collector of a registry. A scrape may come from another thread at any time."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._actors: dict[str, _Actor] = {}
        self._totals: Mapping[str, int] | None = None

    def observe(self, entry: EntryCopy, now: Instant) -> None:
        """Take one entry: who spoke, in which incarnation, and what became of the orders."""
        actor = self._actors.get(entry.Actor) or self._meet(entry.Actor)
        actor.seen = now
        if entry.Epoch > actor.epoch:
            actor.restarts += actor.epoch > 0
            actor.epoch = entry.Epoch
        actor.orders.observe(entry)

    def vitals(self, vitals: Vitals) -> None:
        """Take a host's word; a word older than the last is ignored."""
        actor = self._actors.get(vitals.actor) or self._meet(vitals.actor)
        if actor.vitals is None or vitals.at >= actor.vitals.at:
            actor.vitals = vitals
            actor.seen = self._clock()

    def totals(self, totals: Mapping[str, int]) -> None:
        """Balance these from now on; read at every scrape."""
        self._totals = totals

    def collect(self) -> Iterable[Metric]:
        """Every gauge, and the totals as counters (called by the registry)."""
        now = self._clock()
        for address, actor in list(self._actors.items()):
            if now - actor.seen > QUIET and not actor.owes():
                del self._actors[address]
        actors = list(self._actors.items())
        told = [actor.vitals for _, actor in actors if actor.vitals is not None]
        yield from _of_incarnations(actors)
        yield from _of_hosts(told)
        yield from _of_orders([actor for _, actor in actors])
        yield from _of_totals(self._totals, sum(v.reports_unconfirmed for v in told))

    def _meet(self, address: str) -> _Actor:
        self._actors[address] = actor = _Actor(address)
        return actor


def family(name: str, values: Iterable[tuple[str, float]] | float) -> Metric:
    """A gauge or counter of the table with its values: by its label, or the only one."""
    one = row(name)
    made: GaugeMetricFamily | CounterMetricFamily
    if one.kind == "gauge":
        made = GaugeMetricFamily(name, one.means, labels=one.labels)
    else:
        made = CounterMetricFamily(name, one.means, labels=one.labels)
    for value, number in [("", values)] if isinstance(values, int | float) else values:
        made.add_metric([value] if one.labels else [], number)
    return made


def by_lane(
    values: Iterable[tuple[Address, float]], merge: Callable[[float, float], float] = add
) -> Iterable[tuple[str, float]]:
    """The values of those in one lane as one."""
    found: dict[str, float] = {}
    for address, value in values:
        name = lane(address)
        found[name] = merge(found[name], value) if name in found else value
    return found.items()


def _of_incarnations(actors: list[tuple[str, _Actor]]) -> Iterable[Metric]:
    heard = [(address, actor) for address, actor in actors if actor.epoch]
    epochs = [(address, actor.epoch) for address, actor in heard]
    yield family("oms_actor_epoch", by_lane(epochs, max))
    restarts = [(address, actor.restarts) for address, actor in heard]
    yield family("oms_actor_restarts_total", by_lane(restarts))


def _of_hosts(told: list[Vitals]) -> Iterable[Metric]:
    def of(
        name: str,
        value: Callable[[Vitals], float | None],
        merge: Callable[[float, float], float] = add,
    ) -> Metric:
        found = [(v.actor, number) for v in told if (number := value(v)) is not None]
        return family(name, by_lane(found, merge))

    yield of("oms_link_backlog", lambda v: v.backlog)
    yield of("oms_link_unacked", lambda v: v.unacked)
    yield of("oms_actor_parked_messages", lambda v: v.parked)
    yield of("oms_actor_resident_memory_bytes", lambda v: v.rss_bytes)
    yield of("oms_actor_cpu_seconds_total", lambda v: v.cpu_ns / SECOND)
    yield of("oms_actor_loop_lag_seconds", lambda v: v.lag_ns / SECOND, max)
    yield of("oms_actor_seen_timestamp_seconds", lambda v: v.at / SECOND, min)
    yield of("oms_in_doubt_oldest_timestamp_seconds", _doubt_since, min)
    yield of("oms_venue_session_up", lambda v: v.connected if _kind(v) == "venue" else None)
    yield of("oms_broker_connected", lambda v: v.connected if _kind(v) in BORDERS else None)
    yield of("oms_border_refused_total", lambda v: v.refused if _kind(v) == "ingress" else None)
    yield of("oms_border_dead_total", lambda v: v.dead if _kind(v) == "ingress" else None)
    queues = next((v.queues for v in told if v.queues), {})
    yield family("oms_broker_messages", [(name, total) for name, (total, _) in queues.items()])
    longest = [(name, most) for name, (_, most) in queues.items()]
    yield family("oms_broker_longest_messages", longest)


def _kind(vitals: Vitals) -> str:
    return vitals.actor.partition("/")[0]


def _doubt_since(vitals: Vitals) -> float | None:
    return None if vitals.in_doubt_since is None else vitals.in_doubt_since / SECOND


def _of_orders(actors: list[_Actor]) -> Iterable[Metric]:
    working = {"account": 0, "venue": 0}
    for actor in actors:
        if actor.kind in working:
            working[actor.kind] += actor.open_orders()
    yield family("oms_open_orders", working.items())
    yield family("oms_in_doubt_orders", sum(actor.in_doubt_orders() for actor in actors))


def _of_totals(totals: Mapping[str, int] | None, unconfirmed: int) -> Iterable[Metric]:
    """The laws. Those on the totals are absent until these are told: absent is not 0."""
    laws = {"reports": unconfirmed}
    if totals is not None:
        laws |= {law: conservation.balance(law, totals) for law in conservation.LAWS}
        found = [(name, totals.get(name, 0)) for name in conservation.TOTALS]
        yield family("oms_journaled_total", found)
    yield family("oms_conservation", laws.items())
