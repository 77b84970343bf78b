"""An installation with its journals on a PostgreSQL server: both are killed, and nothing is lost.

While the server is away no actor says anything, and when it is back each goes on from what was
confirmed (I1, I21).
"""

import asyncio
import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import at_rest, chaos, installation, pids
from infra.chaos.faults import Ground
from infra.chaos.load import Load
from infra.chaos.scenery import Scenery
from infra.chaos.storm import Plan, play
from infra.session import Session
from infra.settings import Settings
from infra.supervisor import CannotStart
from tests.infra.postgres_server import PASSWORD, Server
from tests.live.stage import adds_up, oms, running, start

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("postgres")
    with running(folder, journal="postgres", journal_url=server.url()):
        yield folder


async def _trade(data: Path, requests: int, prefix: str, **kills: int) -> list[chaos.Kill]:
    async with Session(data) as session:
        found = await chaos.torment(session, kills, requests, seed=1, prefix=prefix)
        adds_up(await chaos.close(session))
    _at_rest(data)
    return found


def _at_rest(data: Path) -> None:
    """Reading every journal over a connection takes longer than reading files."""
    found = at_rest.problems(data, within_s=40)
    assert found == []


async def test_nothing_is_lost_when_actors_are_killed(data: Path) -> None:
    plan = {"account": 2, "book": 1, "venue": 1, "compliance": 1}
    assert len(await _trade(data, 150, "actors", **plan)) == 5
    assert not list((data / "journals").glob("*/*.sqlite"))


async def test_nothing_is_lost_when_the_server_is_killed_and_an_actor_with_it(
    data: Path, server: Server
) -> None:
    async with Session(data) as session:
        flow = asyncio.ensure_future(chaos.torment(session, {}, 1_500, seed=1, prefix="server"))
        await asyncio.sleep(1)
        server.kill()
        os.kill(
            next(n for a, n in pids.read(data).items() if a.startswith("account/")), signal.SIGKILL
        )
        await asyncio.sleep(3)
        assert not flow.done()
        await asyncio.to_thread(server.start)
        await flow
        adds_up(await chaos.close(session))
    _at_rest(data)


async def test_a_storm_kills_the_server_and_whoever_writes_to_it(
    data: Path, server: Server
) -> None:
    scenery = Scenery(Settings.of(data))
    scenery.server = server
    kinds = ("postgres", "account")
    async with Session(data) as session:
        ground = Ground(session, Load(session, 2, 30, "storm"), random.Random(2), scenery)
        storm = await play(session, ground, Plan(0.05, len(kinds), 2, 30, kinds), print)
    adds_up(storm.ledger)
    assert sorted(fault.kind for fault in storm.faults) == sorted(kinds)
    _at_rest(data)


def test_everything_goes_on_after_a_full_stop(data: Path, server: Server) -> None:
    installation.down(data)
    server.kill()
    with pytest.raises(CannotStart, match=r"PostgreSQL at .*\(pg_isready\)") as refused:
        start(data, journal="postgres", journal_url=server.url())
    assert PASSWORD not in str(refused.value)
    server.start()
    start(data, journal="postgres", journal_url=server.url())
    assert asyncio.run(_trade(data, 100, "again")) == []


def test_commands_read_what_the_server_keeps(data: Path) -> None:
    verified = oms(data, "journal", "verify", "--json", "--data", str(data))
    told = json.loads(verified.stdout)
    assert [j["Fault"] for j in told["Journals"] if j["Fault"]] == []
    assert verified.returncode == 0
    assert sum(journal["Entries"] for journal in told["Journals"]) > 1_000
    doctor = oms(data, "doctor", "--data", str(data), "--json")
    assert "every hash chain whole" in doctor.stdout
    assert oms(data, "orders", "--data", str(data)).returncode == 0


def test_the_secret_of_the_url_is_in_its_own_file_only(data: Path) -> None:
    """Neither in a log, nor in what else is written down."""
    secret = PASSWORD.encode()
    found = [p for p in data.rglob("*") if p.is_file() and secret in p.read_bytes()]
    assert found == [data / "journal.url"]
    assert found[0].stat().st_mode & 0o777 == 0o600
