"""kill -9 of either side while orders stream: no order or report lost, none out of its logon.

Invariant I17: what could not be sent is not sent later either.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

import pytest

from gateways.fix.session import VenueMessage
from messages import fix
from messages.venue import SessionUp, VenueExecution, VenueStatusRequest
from tests.gateways.fix_venue import ROOT, Caller, an_order, free_port

pytestmark = pytest.mark.live

KILLS = 3
OUTSTANDING = 50


class Killable:
    """A Python module in a process of its own."""

    def __init__(self, module: str, port: int, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._command = [sys.executable, "-m", module, str(port), str(folder)]

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._command, cwd=ROOT)

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def running(module: str, port: int, folder: Path) -> AsyncIterator[Killable]:
    """The process, killed at the end if not before."""
    process = Killable(f"tests.gateways.{module}", port, folder)
    await process.start()
    try:
        yield process
    finally:
        await process.kill()


class Desk:
    """Sends one order after the other, and settles what is unanswered at each SessionUp."""

    def __init__(self, caller: Caller) -> None:
        self.session = caller.session
        self.heard = caller.heard
        self.unanswered: dict[str, None] = {}
        self.filled: dict[str, None] = {}
        self.logons = 0
        self.refused = 0
        self.sent = 0

    def take(self, seq: int, message: VenueMessage) -> None:
        """The session's on_message."""
        self.heard.append((seq, message))
        match message:
            case SessionUp():
                self.logons += 1
                for cl_ord_id in self.unanswered:
                    self.ask(cl_ord_id)
            case VenueExecution(ExecType=fix.ExecType.Trade, ClOrdID=cl_ord_id):
                self.filled[message.ExecID] = None
                self.unanswered.pop(cl_ord_id, None)
            case VenueExecution(ExecType=fix.ExecType.OrderStatus, ClOrdID=cl_ord_id):
                if message.OrdRejReason is fix.OrdRejReason.UnknownOrder:
                    self.say(cl_ord_id)
                else:
                    self.unanswered.pop(cl_ord_id, None)

    def ask(self, cl_ord_id: str) -> None:
        self.session.send(
            VenueStatusRequest(ClOrdID=cl_ord_id, Symbol="AAPL", Side=fix.Side.Buy),
        )

    def say(self, cl_ord_id: str) -> bool:
        """The account says in which logon the order was sent."""
        order = an_order(cl_ord_id).model_copy(update={"Account": f"{self.logons}"})
        return self.session.send(order)

    async def stream(self) -> None:
        """New orders for ever, as many as the session takes."""
        while True:
            while len(self.unanswered) < OUTSTANDING:
                cl_ord_id = f"c-{self.sent + 1}"
                if not self.say(cl_ord_id):
                    self.refused += 1
                    break
                self.sent += 1
                self.unanswered[cl_ord_id] = None
            await asyncio.sleep(0.001)


async def test_a_killed_venue_loses_no_order_and_works_none_twice(tmp_path: Path) -> None:
    port = free_port()
    caller = Caller(port, tmp_path / "store")
    desk = Desk(caller)
    caller.session._on_message = desk.take

    async def filled(more: int) -> None:
        goal = len(desk.filled) + more
        await caller.until(lambda: len(desk.filled) >= goal)

    async with running("fix_acceptor", port, tmp_path / "venue") as venue:
        caller.session.start(heard=0)
        try:
            streaming = asyncio.create_task(desk.stream())
            for logons in range(1, KILLS + 1):
                await filled(500)
                assert desk.logons == logons
                await venue.kill()
                await asyncio.sleep(0.3)
                await venue.start()
            await filled(500)
            streaming.cancel()
            await caller.until(lambda: not desk.unanswered)
            await asyncio.sleep(0.2)
        finally:
            caller.session.stop()

    assert desk.refused > 0
    words = [word == "up" for word in caller.session_words()]
    assert [up for up, _ in groupby(words)] == [True, False] * KILLS + [True]
    numbers = [seq for seq, _ in caller.heard if seq]
    assert numbers == sorted(set(numbers))
    assert caller.garbage == []
    check(read_log(tmp_path / "venue"), desk)


def read_log(folder: Path) -> list[list[str]]:
    return [line.split() for line in (folder / "venue.log").read_text().splitlines()]


def check(lines: list[list[str]], desk: Desk) -> None:
    """The venue received every order, in the logon in which it was sent, and was heard in all."""
    logons = 0
    received: set[str] = set()
    for kind, *rest in lines:
        match kind:
            case "logon":
                logons += 1
            case "order":
                cl_ord_id, sent_in = rest
                assert int(sent_in) == logons, f"{cl_ord_id} of logon {sent_in} came in {logons}"
                received.add(cl_ord_id)
            case "report" if rest[0].endswith("-fill"):
                assert rest[0] in desk.filled
    assert received == {f"c-{n}" for n in range(1, desk.sent + 1)}


async def test_a_killed_caller_hears_every_report(tmp_path: Path) -> None:
    port = free_port()
    journal = tmp_path / "client" / "heard.log"

    def lines() -> list[list[str]]:
        text = journal.read_text() if journal.exists() else ""
        return [line.split() for line in text.split("\n")[:-1]]

    async def heard(more: int) -> None:
        goal, deadline = len(lines()) + more, asyncio.get_running_loop().time() + 20
        while len(lines()) < goal:
            assert asyncio.get_running_loop().time() < deadline, f"{len(lines())} of {goal} heard"
            await asyncio.sleep(0.02)

    async with running("fix_acceptor", port, tmp_path / "venue"):
        async with running("fix_client", port, tmp_path / "client") as client:
            for _ in range(KILLS):
                await heard(500)
                await client.kill()
                await client.start()
            await heard(500)
        # What the last kill left unheard, as the next start would hear it.
        caller = Caller(port, tmp_path / "client" / "store")
        caller.session.start(heard=int(lines()[-1][0]))
        await caller.until(lambda: "up" in caller.session_words())
        await asyncio.sleep(1)
        caller.session.stop()

    numbers = [int(number) for number, _ in lines()]
    assert numbers == sorted(set(numbers))
    known = {exec_id for _, exec_id in lines()}
    known |= {m.ExecID for _, m in caller.heard if isinstance(m, VenueExecution)}
    venue = read_log(tmp_path / "venue")
    assert {rest[0] for kind, *rest in venue if kind == "report"} <= known
    orders = [rest[0] for kind, *rest in venue if kind == "order"]
    assert len(orders) == len(set(orders))
