"""A desk that agreed to it dies, and its orders are cancelled at the venue; another desk's stay."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.amqp.desk import Desk
from infra import chaos, endpoints, pids
from infra.reference import SAMPLE
from infra.settings import Settings
from messages.fix import ExecRestatementReason, ExecType, OrdStatus
from messages.reports import ExecutionReport
from tests.live.stage import an_order, replayed, running, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

PATIENCE_S = 2
AGREED = f'\n[[desk_settings]]\nDesk = "alpha"\nCancelOnDisconnect = {PATIENCE_S}\n'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("gone")
    config = folder / "reference.toml"
    config.write_text(SAMPLE.read_text() + AGREED)
    with running(folder / "data", config=config) as installation:
        yield installation


def a_desk(data: Path, *clordids: str) -> "subprocess.Popen[str]":
    """A desk of its own, whose orders work."""
    words = [sys.executable, "-m", "tests.live.a_desk", str(data), *clordids]
    desk = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert desk.stdout is not None
    new = [desk.stdout.readline().split() for _ in clordids]
    assert sorted(new) == sorted([name, "New"] for name in clordids)
    return desk


def killed(desk: "subprocess.Popen[str]") -> None:
    desk.kill()
    desk.wait(10)


def status(data: Path, account: str, clordid: str) -> OrdStatus:
    state = replayed(data, f"account/{account}").actor.state
    return next(o.status for o in state.orders.values() if o.ClOrdID == clordid)


async def heard(data: Path, desk: str) -> list[ExecutionReport]:
    """What waits for the desk."""
    found: list[ExecutionReport] = []
    url = endpoints.desk(Settings.of(data), desk)
    async with await Desk.connect(url, desk) as client:
        try:
            async with asyncio.timeout(2):
                async for one in client.reports():
                    assert isinstance(one.report, ExecutionReport)
                    found.append(one.report)
        except TimeoutError:
            return found
    raise AssertionError("reports come for ever")


@pytest.mark.parametrize("kill", ["", "ingress/0"])
async def test_a_dead_desk_s_orders_are_cancelled_and_another_desk_s_stay(
    data: Path, kill: str
) -> None:
    name = kill.partition("/")[0] or "plain"
    other = an_order(f"beta-{name}", Account="macro")
    url = endpoints.desk(Settings.of(data), "beta")
    told: list[ExecutionReport] = []
    async with await Desk.connect(
        url,
        "beta",
        on_report=lambda r, at, again: told.append(r),  # type: ignore[arg-type]
    ) as beta:
        await beta.send([other])
        desk = await asyncio.to_thread(a_desk, data, f"growth-{name}", f"macro-{name}")
        killed(desk)
        if kill:
            await chaos.Victim(data, kill, pids.read(data)[kill]).kill()
        gone = (("growth", f"growth-{name}"), ("macro", f"macro-{name}"))
        await asyncio.to_thread(
            until, lambda: all(status(data, *one) is OrdStatus.Canceled for one in gone)
        )
        assert status(data, "macro", other.ClOrdID) is OrdStatus.New
        assert [report.ExecType for report in told] == [ExecType.New]
    reports = {r.ClOrdID: r for r in await heard(data, "alpha") if r.ExecType is ExecType.Canceled}
    assert set(reports) == {f"growth-{name}", f"macro-{name}"}
    for report in reports.values():
        assert report.ExecRestatementReason is ExecRestatementReason.CancelOnConnectionLoss
        assert report.OrdStatus is OrdStatus.Canceled


async def test_a_desk_that_comes_back_in_time_keeps_its_orders(data: Path) -> None:
    url = endpoints.desk(Settings.of(data), "alpha")
    first = await asyncio.to_thread(a_desk, data, "growth-kept")
    killed(first)
    async with await Desk.connect(url, "alpha", on_report=lambda r, at, again: None):
        await asyncio.sleep(PATIENCE_S + 2)
        assert status(data, "growth", "growth-kept") is OrdStatus.New
    gone = time.monotonic()
    await asyncio.to_thread(
        until, lambda: status(data, "growth", "growth-kept") is OrdStatus.Canceled
    )
    assert time.monotonic() - gone > PATIENCE_S / 2
