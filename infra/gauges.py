"""What is read from state at the moment of a scrape: actors, their vitals, orders and balances.

Between scrapes nothing is computed but what an entry changes. The address of an actor is a label
here and nowhere else, and an actor that has gone quiet and owes nothing is no longer shown.
"""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from actors import conservation
from infra.open_orders import OpenOrders
from infra.vitals import Vitals
from messages.base import SECOND, Instant
from messages.entry import EntryCopy

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


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family


def _counter(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family


def _of_incarnations(actors: list[tuple[str, _Actor]]) -> Iterable[Metric]:
    heard = [(address, actor) for address, actor in actors if actor.epoch]
    epochs = [(address, actor.epoch) for address, actor in heard]
    yield _gauge("oms_actor_epoch", "Which incarnation of the actor.", "actor", epochs)
    restarts = [(address, actor.restarts) for address, actor in heard]
    text = "Incarnations that began since this target did."
    yield _counter("oms_actor_restarts", text, "actor", restarts)


def _of_hosts(told: list[Vitals]) -> Iterable[Metric]:
    def gauge(name: str, text: str, value: Callable[[Vitals], float]) -> Metric:
        return _gauge(name, text, "actor", [(v.actor, value(v)) for v in told])

    yield gauge("oms_link_backlog", "Envelopes waiting to be handled.", lambda v: v.backlog)
    yield gauge("oms_link_unacked", "Envelopes sent, not acknowledged.", lambda v: v.unacked)
    yield gauge("oms_actor_parked_messages", "Messages parked now.", lambda v: v.parked)
    text = "Resident memory of the actor's process."
    yield gauge("oms_actor_resident_memory_bytes", text, lambda v: v.rss_bytes)
    text = "When the host last spoke, seconds since 1970."
    yield gauge("oms_actor_seen_timestamp_seconds", text, lambda v: v.at / SECOND)


def _of_orders(actors: list[_Actor]) -> Iterable[Metric]:
    working = {"account": 0, "venue": 0}
    for actor in actors:
        if actor.kind in working:
            working[actor.kind] += actor.open_orders()
    text = "Orders of accounts, and child orders at venues, that can still trade."
    yield _gauge("oms_open_orders", text, "actor_kind", working.items())
    doubts = sum(actor.in_doubt_orders() for actor in actors)
    text = "Requests that a venue may or may not have."
    yield GaugeMetricFamily("oms_in_doubt_orders", text, value=doubts)


def _of_totals(totals: Mapping[str, int] | None, unconfirmed: int) -> Iterable[Metric]:
    """The laws. Those on the totals are absent until these are told: absent is not 0."""
    laws = {"reports": unconfirmed}
    if totals is not None:
        laws |= {law: conservation.balance(law, totals) for law in conservation.LAWS}
        found = [(name, totals.get(name, 0)) for name in conservation.TOTALS]
        text = "Totals of all time from compliance's journal: a restart does not reset them."
        yield _counter("oms_journaled", text, "total", found)
    text = "What is out of balance; 0 at rest, as the sum over all shards of compliance."
    yield _gauge("oms_conservation", text, "law", laws.items())
