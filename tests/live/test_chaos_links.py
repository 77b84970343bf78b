"""What is no death: connections that are cut, a broker that takes no more."""

import random
from pathlib import Path

import pytest

from infra.chaos import links
from infra.chaos.faults import Ground
from infra.chaos.load import Load
from infra.chaos.storm import Fault, Plan, Storm, play
from infra.session import Session
from tests.live.stage import adds_up, running

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


async def _storm(data: Path, kinds: tuple[str, ...], told: list[Fault]) -> Storm:
    async with Session(data) as session:
        ground = Ground(session, Load(session, 1, 30), random.Random(1))
        return await play(session, ground, Plan(0.05, len(kinds), 1, 30, kinds), told.append)


async def test_cut_connections_and_a_memory_alarm_are_got_over(tmp_path: Path) -> None:
    kinds = ("memory",) if links.cannot_cut() else ("session", "amqp", "memory")
    told: list[Fault] = []
    with running(tmp_path / "data") as data:
        storm = await _storm(data, kinds, told)
    adds_up(storm.ledger)
    assert sorted(fault.kind for fault in storm.faults) == sorted(kinds)
    assert told == storm.faults
    assert storm.load.acks
