"""The kinds of fault: what each does, and from when to when its recovery is measured.

Each is a coroutine that returns when the fault is over and what it hit serves again. Seconds are
monotonic. ``FAULTS`` begins with the cheap ones: a short run takes the first of them.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]

from infra import installation, liveness, pids
from infra.chaos import links
from infra.chaos.load import Load
from infra.chaos.scenery import Scenery
from infra.chaos.second import LOG, SecondNode
from infra.chaos.torment import choose
from infra.chaos.victim import BACK_WITHIN_S, KINDS, LOOK_EVERY_S, NotBack, Sessions, Victim
from infra.session import Session
from infra.settings import Settings

AT_ONCE = 3
"""Processes that ``several`` kills at the same instant."""
STOPPED_S = (0.5, 3.0)
SILENT_S = (1.0, 4.0)
SHORT_OF_MEMORY_S = 2.0
FULL_S = 4.0
LATE_S = (0.05, 0.5)
"""How much later each byte arrives, in either direction."""
LATE_FOR_S = (0.5, 2.0)


class Hit(NamedTuple):
    """``what`` was hit; ``back_s`` as the kind defines it; ``note``: what else is worth a word."""

    what: str
    back_s: float
    note: str = ""


@dataclass
class Ground:
    """What faults work on."""

    session: Session
    load: Load
    draw: random.Random
    scenery: Scenery | None = None

    @property
    def settings(self) -> Settings:
        """Those of the installation."""
        return Settings.of(self.session.data)

    async def any_of(self, *kinds: str, count: int = 1) -> list[Victim]:
        """Processes of these kinds, drawn."""
        return await choose(self.session.data, kinds, count, self.draw)

    async def until(self, holds: Callable[[], bool], what: str) -> float:
        """The seconds until it holds, from now.

        Raises:
            NotBack: it does not, after ``BACK_WITHIN_S``; ``what`` says what was waited for.
        """
        at = time.monotonic()
        while not holds():
            await asyncio.sleep(LOOK_EVERY_S)
            if time.monotonic() - at > BACK_WITHIN_S:
                data = self.session.data
                raise NotBack(f"{what}, not within {BACK_WITHIN_S:.0f} s: oms logs --data {data}")
        return time.monotonic() - at


def _kill(kind: str) -> Callable[[Ground], Awaitable[Hit]]:
    async def kill(ground: Ground) -> Hit:
        (victim,) = await ground.any_of(kind)
        return Hit(victim.address, await victim.kill())

    return kill


async def _several(ground: Ground) -> Hit:
    victims = await ground.any_of(*KINDS, count=AT_ONCE)
    times = await asyncio.gather(*[victim.kill() for victim in victims])
    return Hit(", ".join(victim.address for victim in victims), max(times))


async def _stopped(ground: Ground) -> Hit:
    (victim,) = await ground.any_of(*liveness.HOSTED)
    data = ground.session.data
    await _pause(victim.pid, ground.draw.uniform(*STOPPED_S))
    beat = liveness.beaten_at(data, victim.address)
    back_s = await ground.until(
        lambda: liveness.beaten_at(data, victim.address) > beat, f"{victim.address} to go on"
    )
    replaced = pids.read(data).get(victim.address) != victim.pid
    return Hit(victim.address, back_s, "was replaced meanwhile" if replaced else "")


async def _hung(ground: Ground) -> Hit:
    (victim,) = await ground.any_of(*liveness.HOSTED)
    at = time.monotonic()
    os.kill(victim.pid, signal.SIGSTOP)
    try:
        back_s = await victim.back(at, "it was stopped")
    finally:
        with suppress(ProcessLookupError):  # a zombie: whatever is left of it goes on now
            os.kill(victim.pid, signal.SIGCONT)
    return Hit(victim.address, back_s)


async def _silent(ground: Ground) -> Hit:
    (victim,) = await ground.any_of("paper")
    await _pause(victim.pid, ground.draw.uniform(*SILENT_S))
    sessions = Sessions(ground.session.data, victim.address.partition("/")[2])
    back_s = await ground.until(sessions.heard, f"a word of {victim.address}")
    return Hit(victim.address, back_s)


async def _session(ground: Ground) -> Hit:
    venue = ground.draw.choice(ground.session.reference.venues).Venue
    sessions = Sessions(ground.session.data, venue)
    await asyncio.to_thread(links.cut, ground.session.data, venue)
    return Hit(f"fix/{venue}", await ground.until(sessions.opened, f"a session with {venue}"))


async def _delay(ground: Ground) -> Hit:
    assert ground.scenery
    relays = ground.scenery.relays
    venue = ground.draw.choice(relays.venues)
    relays.delay(venue, ground.draw.uniform(*LATE_S))
    try:
        await asyncio.sleep(ground.draw.uniform(*LATE_FOR_S))
        sessions = Sessions(ground.session.data, venue)
        lost = relays.cut(venue)
    finally:
        relays.delay(venue, 0.0)
    back_s = await ground.until(sessions.opened, f"a session with {venue}")
    return Hit(f"fix/{venue}", back_s, f"{lost} bytes were lost")


async def _amqp(ground: Ground) -> Hit:
    await asyncio.to_thread(links.cut_broker, ground.settings)
    return Hit("broker/0", await ground.until(_answers(ground), "an answer after the cut"))


async def _memory(ground: Ground) -> Hit:
    broker = links.broker(ground.settings, ground.session.reference)
    await asyncio.to_thread(links.alarm, broker, on=True)
    await asyncio.sleep(SHORT_OF_MEMORY_S)
    await asyncio.to_thread(links.alarm, broker, on=False)
    back_s = await ground.until(_answers(ground), "an answer after the broker's memory alarm")
    return Hit("broker/0", back_s)


async def _disk(ground: Ground) -> Hit:
    assert ground.scenery
    ground.scenery.disk.fill()
    await asyncio.sleep(FULL_S)
    ground.scenery.disk.clear()
    since = time.time()
    back_s = await ground.until(
        lambda: ground.load.answered_everywhere(since), "an answer of every account"
    )
    return Hit("journals", back_s)


async def _postgres(ground: Ground) -> Hit:
    assert ground.scenery
    server = ground.scenery.server
    assert server
    since, at = time.time(), time.monotonic()
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    up_s = time.monotonic() - at
    await ground.until(lambda: ground.load.answered_everywhere(since), "an answer of every account")
    return Hit("journals", time.monotonic() - at, f"the server after {up_s:.2f} s")


async def _ray(ground: Ground) -> Hit:
    data = ground.session.data
    name = ground.draw.choice(("gcs_server", "raylet"))
    alive = pids.read(data)
    hosted = [address for address in alive if address.partition("/")[0] in liveness.HOSTED]
    victims = [Victim(data, address, alive[address]) for address in hosted]
    process = next(
        child
        for child in psutil.Process(alive["supervisor/0"]).children(recursive=True)
        if child.name() == name
    )
    at = time.monotonic()
    process.kill()
    times = await asyncio.gather(*[victim.back(at, f"the end of {name}") for victim in victims])
    return Hit(name, max(times), f"{len(victims)} processes began anew")


async def _node(ground: Ground) -> Hit:
    assert ground.scenery
    node = ground.scenery.node
    assert node
    there = await _there(ground, node)
    joins, at = node.joins, time.monotonic()
    await asyncio.to_thread(node.kill)
    times = await asyncio.gather(*[victim.back(at, "the end of its node") for victim in there])
    await ground.until(lambda: node.joins > joins, "another node")
    return Hit("node", max(times), f"{len(there)} processes began anew")


async def _there(ground: Ground, node: SecondNode) -> list[Victim]:
    """Who runs on the second node. Where nobody does, some die, for Ray spreads what begins."""
    end = time.monotonic() + BACK_WITHIN_S
    while not (found := _hosted_by(node, ground.session.data)):
        if time.monotonic() > end:
            raise NotBack(f"no actor begins on the second node: see {ground.session.data / LOG}")
        for victim in await ground.any_of(*liveness.HOSTED, count=AT_ONCE):
            await victim.kill()
    return found


def _hosted_by(node: SecondNode, data: Path) -> list[Victim]:
    alive, members = pids.read(data), node.members()
    hosted = [address for address in alive if address.partition("/")[0] in liveness.HOSTED]
    return [Victim(data, a, alive[a]) for a in hosted if alive[a] in members]


async def _all(ground: Ground) -> Hit:
    data = ground.session.data
    at = time.monotonic()
    os.kill(pids.read(data)["supervisor/0"], signal.SIGKILL)
    await ground.until(lambda: installation.supervisor_pid(data) is None, "its end")
    await asyncio.to_thread(installation.up, ground.settings, lambda part, what: None)
    await ground.until(_answers(ground), "an answer after everything was killed")
    return Hit("everything", time.monotonic() - at)


def _answers(ground: Ground) -> Callable[[], bool]:
    since = time.time()
    return lambda: ground.load.answered(since)


async def _pause(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


class Fault(NamedTuple):
    """``does``: to what, and how. ``back``: from when to when its recovery is measured.

    ``wide``: it hits more than what is waited for, so the next fault waits for the rest as well.
    ``needs``: the option of ``oms chaos`` without which there is nothing to hit.
    """

    does: str
    back: str
    do: Callable[[Ground], Awaitable[Hit]]
    wide: bool = False
    needs: str = ""


SERVES = "signal to the next process serving"
POSTGRES, NODES = "--journal postgres", "--nodes 2"
LOGGED_ON = "signal to the next FIX session open"

FAULTS: dict[str, Fault] = {
    "account": Fault("SIGKILL an account actor", SERVES, _kill("account")),
    "book": Fault("SIGKILL a book actor", SERVES, _kill("book")),
    "venue": Fault("SIGKILL a venue connection", LOGGED_ON, _kill("venue")),
    "compliance": Fault("SIGKILL compliance", SERVES, _kill("compliance")),
    "surveillance": Fault("SIGKILL surveillance", SERVES, _kill("surveillance")),
    "ingress": Fault("SIGKILL the ingress", SERVES, _kill("ingress")),
    "egress": Fault("SIGKILL the egress", SERVES, _kill("egress")),
    "paper": Fault("SIGKILL a paper exchange", LOGGED_ON, _kill("paper")),
    "broker": Fault("SIGKILL RabbitMQ", "signal to AMQP answering", _kill("broker")),
    "killswitch": Fault("SIGKILL the kill switch", SERVES, _kill("killswitch")),
    "rulebook": Fault("SIGKILL the rule book", SERVES, _kill("rulebook")),
    "several": Fault(f"SIGKILL {AT_ONCE} of them at once", "signal to the last one back", _several),
    "stopped": Fault("SIGSTOP a hosted process, SIGCONT soon", "SIGCONT to serving", _stopped),
    "hung": Fault("SIGSTOP a hosted process for good", "SIGSTOP to its successor serving", _hung),
    "silent": Fault("SIGSTOP a paper exchange for a while", "SIGCONT to its next word", _silent),
    "session": Fault("cut a FIX session's TCP connection", "cut to the next session", _session),
    "delay": Fault(
        "bytes of a FIX session come late, then are lost", "cut to the next session", _delay
    ),
    "amqp": Fault("cut every connection to RabbitMQ", "cut to the next answer", _amqp),
    "memory": Fault("memory alarm of RabbitMQ", "end of the alarm to the next answer", _memory),
    "disk": Fault(
        "the journals' disk is full", "room to an answer of every account", _disk, wide=True
    ),
    "postgres": Fault(
        "SIGKILL PostgreSQL, then start it",
        "signal to an answer of every account",
        _postgres,
        wide=True,
        needs=POSTGRES,
    ),
    "ray": Fault(
        "SIGKILL Ray's control store or raylet", "signal to every one serving", _ray, wide=True
    ),
    "node": Fault(
        "SIGKILL a node with all its actors",
        "signal to every one serving",
        _node,
        wide=True,
        needs=NODES,
    ),
    "all": Fault("SIGKILL everything, then oms up", "signal to the next answer", _all, wide=True),
}
