"""Kill so many of each kind while desks send, for tests; ``oms chaos`` does more (``storm``)."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from infra import pids
from infra.chaos import victim
from infra.chaos.victim import KINDS, LOOK_EVERY_S, Kill, NotBack, Victim
from infra.flow import Flow, kinds_for
from infra.ledger import Ledger
from infra.session import Session
from messages.envelope import Address

BATCH = 5
PACE_S = 0.2
"""Each desk says so many things, so often: work enough, and a small machine still has time to
start a process."""

BETWEEN_S = (0.05, 0.5)
"""From one victim's return to the next kill: drawn between these."""

AWAKE_S = 5.0
"""A machine at work starts a process within this time."""

SETTLE_WITHIN_S = 45.0
"""Longer than the patience of every part: what is not answered by then is lost."""

Told = Callable[[Kill], None]


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
    kinds = kinds_for(session.reference)
    flows = {desk: Flow(session.reference, desk, seed, prefix, kinds) for desk in session.desks}
    session.listen(lambda desk, report: flows[desk].heard(report))
    done = asyncio.Event()
    sending = [
        asyncio.ensure_future(_send(session, desk, flow, requests // len(flows), done))
        for desk, flow in flows.items()
    ]
    try:
        if kills:
            await warm(session.data)
        found = await _kill_all(session.data, kills, random.Random(seed), told)  # noqa: S311
    except BaseException:
        for task in sending:
            task.cancel()  # the broker may be gone for good
        raise
    done.set()
    await asyncio.gather(*sending)
    return found


async def warm(data: Path) -> None:
    """Until requests have woken whoever they wake: for longer than a start takes none is new."""
    deadline = time.monotonic() + victim.BACK_WITHIN_S
    alive: dict[Address, int] = {}
    while time.monotonic() < deadline and (found := pids.read(data)) != alive:
        alive = found
        await asyncio.sleep(AWAKE_S)


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
        (hit,) = await choose(data, (kind,), 1, draw)
        found.append(Kill(kind, hit.address, hit.pid, await hit.kill()))
        told(found[-1])
    return found


async def choose(
    data: Path, kinds: tuple[str, ...], count: int, draw: random.Random
) -> list[Victim]:
    """So many processes of these kinds, as soon as that many run.

    Raises:
        NotBack: they do not.
    """
    deadline = time.monotonic() + victim.BACK_WITHIN_S
    while True:
        alive = pids.read(data)
        addresses = sorted(a for a in alive if a.partition("/")[0] in kinds)
        if len(addresses) >= count:
            return [Victim(data, a, alive[a]) for a in draw.sample(addresses, count)]
        if time.monotonic() > deadline:
            what = " or ".join(kinds) if kinds != KINDS else "process"
            raise NotBack(f"no {what} runs in {data}: is the installation up? oms status")
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
