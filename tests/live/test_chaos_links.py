"""What is no death of one process: connections cut or slow, a full broker, a lost node."""

import random
from pathlib import Path

import pytest

from infra.chaos import links
from infra.chaos.faults import Ground
from infra.chaos.load import Load
from infra.chaos.scenery import Scenery
from infra.chaos.storm import Fault, Plan, Storm, play
from infra.session import Session
from infra.settings import Settings
from tests.live.stage import adds_up, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


async def _storm(data: Path, kinds: tuple[str, ...], scenery: Scenery, told: list[Fault]) -> Storm:
    async with Session(data) as session:
        ground = Ground(session, Load(session, 1, 30), random.Random(1), scenery)
        return await play(session, ground, Plan(0.05, len(kinds), 1, 30, kinds), told.append)


async def test_cut_and_slow_connections_a_memory_alarm_and_a_lost_node_are_got_over(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    cut = () if links.cannot_cut() else ("session", "amqp")
    kinds = (*cut, "memory", "delay", "node")
    told: list[Fault] = []
    scenery = Scenery(Settings(data=data, nodes=2))
    try:
        assert scenery.put_up(kinds) == {}
        with running(data, **scenery.settings.model_dump(exclude={"data"})):
            storm = await _storm(data, kinds, scenery, told)
            scenery.take_away()
    finally:
        scenery.take_away()
    adds_up(storm.ledger)
    assert sorted(fault.kind for fault in storm.faults) == sorted(kinds)
    assert told == storm.faults
    assert storm.load.acks
