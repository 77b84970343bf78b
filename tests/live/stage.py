"""A whole installation for live tests, and the proof that nothing of it is left running."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Self

import psutil

from gateways.fix.scripted import WireFields
from infra import at_rest, chaos, installation, pids
from infra.journals import journal_of
from infra.ledger import Ledger
from infra.replayed import replay
from infra.session import Session
from infra.settings import Settings
from infra.shell import Shell
from messages import fix
from messages.orders import DeskRequest, NewOrderSingle
from messages.reports import BusinessMessageReject, DeskReport, ExecutionReport

MARK = "OMS_LIVE_TEST"
"""In the environment of every process that a test starts, so that what is left can be found."""

HEARD_WITHIN_S = 30.0


@contextmanager
def running(data: Path, **settings: object) -> Iterator[Path]:
    """An installation in ``data``, ended on exit; whatever is left of it then is an error."""
    os.environ[MARK] = str(data)
    try:
        start(data, **settings)
        yield data
    finally:
        installation.down(data)
        del os.environ[MARK]
    assert left_running(data) == []


@asynccontextmanager
async def running_beside(data: Path, **settings: object) -> AsyncIterator[Path]:
    """The same, where the test's own loop must go on while it starts and ends."""
    context = running(data, **settings)
    found = await asyncio.to_thread(context.__enter__)
    try:
        yield found
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


def start(data: Path, **settings: object) -> None:
    """``oms up``; with one spare process, for several installations share a small machine."""
    chosen = Settings.model_validate({"data": data, "spares": 1, **settings})
    installation.up(chosen, lambda part, what: None)


def processes(data: Path) -> list[psutil.Process]:
    """Every live process that names the folder, or is of its supervisor's session; us excepted.

    A process may overwrite its arguments and environment, but it cannot leave the session of
    whoever started it without a word.
    """
    found, mark, session = [], str(data), _session(data)
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if os.getsid(process.pid) == session or any(mark in word for word in words):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            continue  # it ended while we looked, or is not ours
    return found


def _session(data: Path) -> int:
    noted = data / pids.FOLDER / "supervisor.0"
    return int(noted.read_text().split()[0]) if noted.exists() else -1


def left_running(data: Path, within_s: float = 10.0) -> list[str]:
    """What still runs ``within_s`` seconds from now; empty as soon as nothing does."""
    deadline = time.monotonic() + within_s
    while (found := processes(data)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [f"{process.pid} {process.name()}" for process in found]


def until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    """Return as soon as it holds; AssertionError where it does not within that time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s"
        time.sleep(0.05)


def oms(data: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the ``oms`` command as a user would, its output plain and wide."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        env={**os.environ, MARK: str(data), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def replayed(data: Path, address: str) -> Shell:
    """The actor as its journal tells."""
    return replay(address, journal_of(data, address))


def an_order(clordid: str, **fields: object) -> NewOrderSingle:
    """A limit order of account growth (desk alpha) that rests, 5 % below the reference price."""
    words = {
        "ClOrdID": clordid, "Account": "growth", "Symbol": "AAPL", "Side": fix.Side.Buy,
        "OrderQty": Decimal(100), "OrdType": fix.OrdType.Limit, "Price": Decimal("180.5"),
        "TimeInForce": fix.TimeInForce.Day,
    }  # fmt: skip
    return NewOrderSingle.model_validate(words | fields)


def execution(clordid: str, number: int, exec_type: str, status: str, **tags: str) -> WireFields:
    """An ExecutionReport on an order for 100 AAPL as a venue says it; ``t14``: CumQty."""
    report = {
        "35": "8", "37": f"V-{clordid}", "17": f"e{number}", "11": clordid, "150": exec_type,
        "39": status, "55": "AAPL", "54": "1", "38": "100", "14": "0",
        "151": str(100 - int(tags.get("t14", "0"))), "6": "0", "60": "20261123-14:30:00.000",
    }  # fmt: skip
    return report | {tag.removeprefix("t"): text for tag, text in tags.items()}


class Talk:
    """A session whose reports are kept, by desk, and can be waited for."""

    def __init__(self, data: Path) -> None:
        self.session = Session(data, self._take)
        self.heard: dict[str, list[DeskReport]] = {
            desk: [] for desk in self.session.reference.desks
        }
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.session.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.session.__aexit__(*error)

    def _take(self, desk: str, report: DeskReport) -> None:
        self.heard[desk].append(report)
        self._news.set()

    async def send(self, *requests: DeskRequest, desk: str = "alpha") -> None:
        """Send as that desk."""
        await self.session.send(desk, requests)

    async def execution(self, desk: str = "alpha", **fields: object) -> ExecutionReport:
        """The next ExecutionReport with these fields; what is found is not found again."""
        report = await self._found(desk, fields | {"MsgType": "ExecutionReport"})
        assert isinstance(report, ExecutionReport)
        return report

    async def reject(self, desk: str = "alpha", **fields: object) -> BusinessMessageReject:
        """As ``execution``, of a BusinessMessageReject."""
        report = await self._found(desk, fields | {"MsgType": "BusinessMessageReject"})
        assert isinstance(report, BusinessMessageReject)
        return report

    async def _found(self, desk: str, fields: dict[str, object]) -> DeskReport:
        deadline = time.monotonic() + HEARD_WITHIN_S
        while True:
            for index, report in enumerate(self.heard[desk]):
                if all(getattr(report, name, None) == value for name, value in fields.items()):
                    return self.heard[desk].pop(index)
            if time.monotonic() > deadline:
                heard = "\n".join(map(repr, self.heard[desk][-10:]))
                raise AssertionError(f"{desk} heard nothing with {fields}, last:\n{heard}")
            self._news.clear()
            waiting = asyncio.ensure_future(self._news.wait())
            await asyncio.wait([waiting], timeout=0.5)
            waiting.cancel()


def adds_up(ledger: Ledger) -> None:
    """Nothing lost, nothing twice, no contradiction; else say what."""
    assert ledger.problems[:10] == []
    assert (ledger.lost, ledger.duplicated, ledger.open) == (0, 0, 0), ledger.line()


async def trade(data: Path, requests: int, prefix: str, **kills: int) -> list[chaos.Kill]:
    """All desks send, so many of each kind are killed, and in the end everything adds up."""
    async with Session(data) as session:
        found = await chaos.torment(session, kills, requests, seed=1, prefix=prefix)
        adds_up(await chaos.close(session))
    assert at_rest.problems(data) == []
    return found
