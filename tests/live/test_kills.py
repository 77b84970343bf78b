"""SIGKILL of every kind of process while orders flow: the ledger adds up, all parts agree (I21)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import chaos, pids
from infra.chaos import Victim
from tests.live.stage import running, trade, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

KILLS = 3


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("kills")) as folder:
        yield folder


@pytest.mark.parametrize("kind", chaos.KINDS)
async def test_nothing_is_lost_or_doubled_whatever_is_killed(data: Path, kind: str) -> None:
    kills = await trade(data, 150, kind, **{kind: KILLS})
    assert [kill.kind for kill in kills] == [kind] * KILLS
    assert len({kill.pid for kill in kills}) == KILLS  # each was another process
    print(kind, [f"{kill.address} {kill.back_s:.2f} s" for kill in kills])


async def test_nothing_is_lost_when_everything_is_killed_in_turn(data: Path) -> None:
    plan = dict.fromkeys((*chaos.KINDS[:-1],), 1)  # the broker takes seconds: it had its turn
    kills = await trade(data, 150, "turn", **plan)
    assert sorted(kill.kind for kill in kills) == sorted(plan)


async def test_a_victim_that_does_not_come_back_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaos, "BACK_WITHIN_S", 0.0)
    pid = pids.read(data)["ingress/0"]
    with pytest.raises(chaos.NotBack, match=rf"ingress/0 \(pid {pid}\) is not back.*oms logs"):
        await Victim(data, "ingress/0", pid).kill()
    monkeypatch.undo()
    await asyncio.to_thread(until, lambda: pids.read(data).get("ingress/0") not in (None, pid))
