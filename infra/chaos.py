"""Chaos: kill real processes while orders flow, and measure how long each is away.

Every victim is back in service before the next one is chosen, so what is measured is one fault at
a time, and every kill falls into a system at work. What the desks saw is the judge: the ledger of
``infra.session``.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from infra import logs, pids
from infra.flow import Flow
from infra.journals import journal_of
from infra.journals.reading import rows
from infra.ledger import Ledger
from infra.session import Session
from infra.supervisor import paper_folder
from messages.envelope import Address

KINDS = ("account", "book", "venue", "compliance", "ingress", "egress", "paper", "broker")
"""What may be killed; the first part of an address."""

SEVERAL = "several"
"""Instead of a kind: ``AT_ONCE`` processes of any kind, at the same instant."""
AT_ONCE = 3

BATCH = 5
PACE_S = 0.05
"""Each desk says so many things, so often."""

BETWEEN_S = (0.05, 0.5)
"""From one victim's return to the next kill: drawn between these."""

LOOK_EVERY_S = 0.01
BACK_WITHIN_S = 60.0
SETTLE_WITHIN_S = 45.0
"""Longer than the patience of every part: what is not answered by then is lost."""


class NotBack(Exception):
    """A victim did not come back."""


class Kill(NamedTuple):
    """One SIGKILL. ``back_s``: from the signal until the address served again."""

    kind: str
    address: Address
    pid: int
    back_s: float


Told = Callable[[Kill], None]


class Victim:
    """A process that serves an address, and how to see from outside that it serves again.

    A venue connection serves when its FIX session is logged on, and so does a paper exchange.
    """

    def __init__(self, data: Path, address: Address, pid: int) -> None:
        self.address = address
        self.pid = pid
        self._data = data
        kind, _, name = address.partition("/")
        self._log, self._mark = logs.path(data, address), b""
        if kind == "paper":
            self._log, self._mark = paper_folder(data, name) / "log", b"listening on"
        elif kind != "broker":  # noted by the supervisor when it speaks AMQP: the pid says it all
            self._mark = b'"serving"'
        self._read = self._log.stat().st_size if self._mark else 0
        session = f"venue/{name}" if kind in ("venue", "paper") else ""
        self._journal = journal_of(data, session) if session else None
        self._entries = self._sessions(after=0)

    async def kill(self) -> float:
        """SIGKILL; returns the seconds until the address is served again.

        Raises:
            NotBack: it is not, after ``BACK_WITHIN_S``.
        """
        at = time.monotonic()
        os.kill(self.pid, signal.SIGKILL)
        while not self._serves():
            await asyncio.sleep(LOOK_EVERY_S)
            if time.monotonic() - at > BACK_WITHIN_S:
                raise NotBack(
                    f"{self.address} (pid {self.pid}) is not back {BACK_WITHIN_S:.0f} s after its "
                    f"SIGKILL; the reason is in the log: oms logs --data {self._data}"
                )
        return time.monotonic() - at

    def _serves(self) -> bool:
        if pids.read(self._data).get(self.address) in (None, self.pid):
            return False
        if self._mark:
            with self._log.open("rb") as log:
                log.seek(self._read)
                if self._mark not in log.read():
                    return False
        return self._journal is None or self._sessions(self._entries) > self._entries

    def _sessions(self, after: int) -> int:
        """The number of the last entry that opened the venue's session, ``after`` if there is none.

        An entry before the kill does not count, and no entry is looked at twice.
        """
        if self._journal is None:
            return 0
        if not after:
            return int(next(rows(self._journal, "SELECT number FROM head"))[0])
        query = "SELECT max(number) FROM entries WHERE number > ? AND instr(events, ?)"
        last = next(rows(self._journal, query, (after, b'"SessionOpened"')))[0]
        return int(last or after)


async def torment(
    session: Session,
    kills: Mapping[str, int],
    requests: int,
    seed: int,
    prefix: str = "c",
    told: Told = lambda kill: None,
) -> list[Kill]:
    """All desks send at least ``requests`` requests, and on until so many of each kind were killed.

    ``prefix`` tells the ClOrdIDs of several calls on one installation apart.

    Raises:
        NotBack: a victim did not come back.
    """
    flows = {desk: Flow(session.reference, desk, seed, prefix) for desk in session.desks}
    done = asyncio.Event()
    sending = [
        asyncio.ensure_future(_send(session, desk, flow, requests // len(flows), done))
        for desk, flow in flows.items()
    ]
    try:
        await _warm(session.data)
        found = await _kill_all(session.data, kills, random.Random(seed), told)  # noqa: S311
    except BaseException:
        for task in sending:
            task.cancel()  # the broker may be gone for good
        raise
    done.set()
    await asyncio.gather(*sending)
    return found


async def _warm(data: Path) -> None:
    """Until the first requests have woken whoever they wake: no process is new for a second."""
    deadline = time.monotonic() + BACK_WITHIN_S
    alive: dict[Address, int] = {}
    while time.monotonic() < deadline and (found := pids.read(data)) != alive:
        alive = found
        await asyncio.sleep(1)


async def _send(session: Session, desk: str, flow: Flow, least: int, done: asyncio.Event) -> None:
    sent = 0
    while sent < least or not done.is_set():
        await session.send(desk, [flow.next() for _ in range(BATCH)])
        sent += BATCH
        await asyncio.sleep(PACE_S)


async def _kill_all(
    data: Path, kills: Mapping[str, int], draw: random.Random, told: Told
) -> list[Kill]:
    order = [kind for kind, count in kills.items() for _ in range(count)]
    draw.shuffle(order)
    found = []
    for kind in order:
        await asyncio.sleep(draw.uniform(*BETWEEN_S))
        victims = await _choose(data, kind, draw)
        times = await asyncio.gather(*[victim.kill() for victim in victims])
        for victim, back_s in zip(victims, times, strict=True):
            found.append(Kill(kind, victim.address, victim.pid, back_s))
            told(found[-1])
    return found


async def _choose(data: Path, kind: str, draw: random.Random) -> list[Victim]:
    count = AT_ONCE if kind == SEVERAL else 1
    deadline = time.monotonic() + BACK_WITHIN_S
    while True:
        alive = pids.read(data)
        kinds = KINDS if kind == SEVERAL else (kind,)
        addresses = sorted(a for a in alive if a.partition("/")[0] in kinds)
        if len(addresses) >= count:
            return [Victim(data, a, alive[a]) for a in draw.sample(addresses, count)]
        if time.monotonic() > deadline:
            raise NotBack(f"no {kind} runs in {data}: is the installation up? oms status")
        await asyncio.sleep(LOOK_EVERY_S)


async def settle(session: Session, within_s: float = SETTLE_WITHIN_S) -> Ledger:
    """Wait until nobody hears anything and the ledger adds up, or time is up."""
    deadline = time.monotonic() + within_s
    while True:
        await session.quiet(0.5, at_most=within_s)
        ledger = session.close_ledger()
        if ledger.balanced or time.monotonic() > deadline:
            return ledger


async def close(session: Session) -> Ledger:
    """Let everything come to an end, cancel what is open, and add up."""
    await settle(session)
    await session.cancel_everything()
    return await settle(session)


def by_kind(kills: Iterable[Kill]) -> dict[str, list[float]]:
    """The recovery times of each kind, shortest first."""
    found: dict[str, list[float]] = {}
    for kill in kills:
        found.setdefault(kill.kind, []).append(kill.back_s)
    return {kind: sorted(found[kind]) for kind in (*KINDS, SEVERAL) if kind in found}
