"""Borders say how they are, and stop taking when a drain is asked for."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry

from actors.venue.state import Request, VenueState
from gateways.amqp.connection import BrokerGone
from infra import compose, drains
from infra.broker import BrokerUnavailable, PrivateBroker
from infra.cli import main
from infra.commands.drain import under_way
from infra.hosts import signs as border
from infra.hosts.draining import Draining
from infra.hosts.network import Network
from infra.hosts.signs import BorderSigns, QueueWatch
from infra.hosts.venue import signs
from infra.links.outlink import Outlink
from infra.metrics import Metrics
from infra.vitals import Vitals
from tests.infra.test_metrics_entries import START

INGRESS = "ingress/0"


class Outpost:
    """A link to compliance: keeps the vitals."""

    def __init__(self) -> None:
        self.heard: list[Vitals] = []
        self.offers: list[Any] = []
        self.closed = False
        self.twice = asyncio.Event()

    def offer(self, envelopes: Any) -> None:
        self.offers.append(envelopes)

    def vitals(self, data: bytes) -> None:
        self.heard.append(Vitals.model_validate_json(data))
        if len(self.heard) == 2:
            self.twice.set()

    async def close(self) -> None:
        self.closed = True


class Links:
    """A network with that one link."""

    def __init__(self) -> None:
        self.post = Outpost()

    def outpost(self, link: Outlink, heard: Any) -> Outpost:
        assert (link.sender, link.recipient) == (INGRESS, compose.COMPLIANCE)
        return self.post


async def test_a_border_tells_its_vitals_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border, "VITALS_EVERY_S", 0.01)
    links = Links()
    words = {"backlog": 3, "connected": True, "took_ns": [5], "queues": {"dead": (1, 1)}}
    one = BorderSigns(INGRESS, compose.COMPLIANCE, cast(Network, links), lambda: words)
    one.start()
    await asyncio.wait_for(links.post.twice.wait(), 10)
    await one.stop()
    said = links.post.heard[0]
    assert (said.actor, said.backlog, said.connected) == (INGRESS, 3, True)
    assert said.queues == {"dead": (1, 1)}
    assert said.cpu_ns > 0 < said.rss_bytes
    assert links.post.offers[0] == [], "nothing is ever owed"
    assert links.post.closed


async def test_queues_are_summed_by_sort_and_the_longest_is_told() -> None:
    lengths = {"orders.0": 3, "orders.1": 4, "reports.alpha": 0, "reports.beta": 9, "dead.q": 1}

    async def ask(queue: str) -> int:
        return lengths[queue]

    watch = QueueWatch(ask, 2, ["alpha", "beta"])
    await watch.look()
    assert watch.found == {"orders": (7, 4), "reports": (9, 9), "dead": (1, 1)}


async def test_what_nobody_can_say_is_not_said() -> None:
    async def ask(queue: str) -> int:
        raise BrokerGone("away")

    watch = QueueWatch(ask, 1, [])
    watch.found = {"dead": (1, 1)}
    await watch.look()
    assert watch.found is None


def test_what_borders_and_venues_say_is_measured() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, lambda: START)
    queues = {"reports": (30, 20)}
    told = {"refused": 4, "dead": 2, "connected": False, "queues": queues}
    metrics.vitals(Vitals(actor=INGRESS, at=START, **told))
    metrics.vitals(Vitals(actor="venue/XPAR", at=START, connected=True, in_doubt_since=START))
    value = registry.get_sample_value
    assert value("oms_broker_connected", {"actor": INGRESS}) == 0
    assert value("oms_border_refused_total", {"actor": INGRESS}) == 4
    assert value("oms_border_dead_total", {"actor": INGRESS}) == 2
    assert value("oms_broker_messages", {"queue": "reports"}) == 30
    assert value("oms_broker_longest_messages", {"queue": "reports"}) == 20
    assert value("oms_venue_session_up", {"actor": "venue/XPAR"}) == 1
    assert value("oms_broker_connected", {"actor": "venue/XPAR"}) is None
    since = value("oms_in_doubt_oldest_timestamp_seconds", {"actor": "venue/XPAR"})
    assert since == pytest.approx(START / 1e9)


@pytest.mark.parametrize(
    ("doubts", "expected"),
    [
        ([], {"connected": True, "in_doubt_orders": 0, "in_doubt_since": None}),
        ([7, 5], {"connected": True, "in_doubt_orders": 2, "in_doubt_since": 5}),
    ],
)
def test_a_venue_says_since_when_its_oldest_doubt_is(
    doubts: list[int], expected: dict[str, Any]
) -> None:
    state = VenueState(up=True)
    for number, since in enumerate([0, *doubts]):
        name = f"x-{number}"
        request = Request(name, "c", "New", "", None, "", in_doubt=since > 0, doubt_since=since)
        state.requests[name] = request
        state.unanswered[name] = None
    assert signs(state) == expected


# ---- draining


class Consumer:
    """Has so many deliveries that are not acknowledged."""

    def __init__(self, outstanding: int) -> None:
        self.outstanding = outstanding
        self.stopped = 0

    async def stop_consuming(self) -> None:
        self.stopped += 1


async def test_a_border_stops_taking_once_and_tells_what_is_left(tmp_path: Path) -> None:
    consumers, ended = [Consumer(2), Consumer(1)], list[int]()
    owed = 4
    one = Draining(tmp_path, INGRESS, consumers, lambda: owed, ended.append)
    await one.look()
    assert [consumer.stopped for consumer in consumers] == [0, 0]
    drains.ask(tmp_path)
    await one.look()
    assert drains.left(tmp_path, INGRESS) == 7
    consumers[0].outstanding = consumers[1].outstanding = owed = 0
    await one.look()
    assert drains.left(tmp_path, INGRESS) == 0
    assert [consumer.stopped for consumer in consumers] == [1, 1]
    assert ended == []
    drains.withdraw(tmp_path)
    await one.look()
    assert ended == [0], "the next process takes from the first"


async def test_a_border_that_begins_during_a_drain_takes_nothing(tmp_path: Path) -> None:
    drains.ask(tmp_path)
    consumer = Consumer(0)
    await Draining(tmp_path, INGRESS, [consumer], lambda: 0).look()
    assert consumer.stopped == 1


def test_what_is_in_the_way_of_a_drain_is_named(tmp_path: Path) -> None:
    drains.ask(tmp_path)
    assert list(under_way(tmp_path)) == ["ingress/0 still takes"]
    drains.tell(tmp_path, INGRESS, 3)
    assert list(under_way(tmp_path)) == ["ingress/0 has 3 under way"]


def test_a_drain_of_nothing_says_how_to_start(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["drain", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert "oms up" in told.output
    assert not drains.asked(tmp_path)


def test_a_broker_s_folder_that_was_moved_is_refused_with_the_place_it_came_from(
    tmp_path: Path,
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    PrivateBroker(before, ["alpha"], 2).port()
    before.rename(after)
    with pytest.raises(BrokerUnavailable, match=f"made in {before}.*put the folder back"):
        PrivateBroker(after, ["alpha"], 2).port()
