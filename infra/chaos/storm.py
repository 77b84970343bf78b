"""A storm: load over the whole time, and faults in between, one after the other, by the seed."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import NamedTuple

from infra.chaos.faults import FAULTS, Ground
from infra.chaos.load import Load
from infra.chaos.people import People
from infra.chaos.torment import BETWEEN_S, close, warm
from infra.ledger import Ledger
from infra.session import Session

JITTER = 0.5
"""A fault comes up to so much of its slot later than evenly, by the seed."""
CALM_S = 2.0
"""After the last fault at least."""


class Plan(NamedTuple):
    """``kinds``: which faults there are; ``kills`` of them are spread evenly over the kinds."""

    minutes: float
    kills: int
    seed: int
    rate: int
    kinds: Sequence[str]

    def faults(self) -> list[str]:
        """The kind of each fault, in order. Each comes as often as any other, or once more."""
        chosen = list(islice(cycle(self.kinds), self.kills))
        random.Random(self.seed).shuffle(chosen)  # noqa: S311  # a seeded play, no secret
        return chosen


class Fault(NamedTuple):
    """One that happened. ``at``: seconds since 1970; the others as in ``faults.Hit``."""

    kind: str
    what: str
    at: float
    back_s: float
    note: str = ""


Told = Callable[[Fault], None]


@dataclass
class Storm:
    """What happened. ``decided``: decisions of operators, sent and answered, by MsgType."""

    plan: Plan
    load: Load
    ledger: Ledger
    began: float
    ended: float
    reports: int = 0
    repeats: int = 0
    resent: int = 0
    faults: list[Fault] = field(default_factory=list)
    decided: Mapping[str, tuple[int, int]] = field(default_factory=dict)


async def play(session: Session, ground: Ground, plan: Plan, told: Told) -> Storm:
    """Load, faults, and the closing ledger.

    Raises:
        NotBack: what a fault hit did not come back.
        BrokerGone, Refused: a desk cannot send, and never will.
    """
    over = asyncio.Event()
    began = time.time()
    people = People(session, plan.seed, plan.minutes)
    sending = asyncio.ensure_future(ground.load.run(over))
    deciding = asyncio.ensure_future(people.run(over))
    hurting = asyncio.ensure_future(_faults(ground, plan, told))
    tasks = (sending, deciding, hurting)
    try:
        for task in (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0]:
            await task
        faults = await hurting
        over.set()
        await asyncio.gather(sending, deciding)
        ended = time.time()
        ledger = await close(session)
    finally:
        for task in tasks:
            task.cancel()
        await ground.load.close()
        await people.close()
    desks = session.desks.values()
    return Storm(
        plan, ground.load, ledger, began, ended,
        reports=session.heard,
        repeats=sum(desk.sequence.repeats for desk in desks),
        resent=sum(desk.outbox.resent for desk in desks if desk.outbox),
        faults=faults, decided=people.tally(),
    )  # fmt: skip


async def _faults(ground: Ground, plan: Plan, told: Told) -> list[Fault]:
    """Every fault in its slot, or at once where the one before took longer than its own."""
    ends = time.monotonic() + plan.minutes * 60
    await warm(ground.session.data)
    begins = time.monotonic()
    kinds = plan.faults()
    slot = max(0.0, ends - CALM_S - begins) / max(1, len(kinds))
    found = []
    for number, kind in enumerate(kinds):
        due = begins + (number + ground.draw.random() * JITTER) * slot
        await asyncio.sleep(max(ground.draw.uniform(*BETWEEN_S), due - time.monotonic()))
        at = time.time()
        hit = await FAULTS[kind].do(ground)
        found.append(Fault(kind, hit.what, at, hit.back_s, hit.note))
        told(found[-1])
        if FAULTS[kind].wide:
            await warm(ground.session.data)
    await asyncio.sleep(max(CALM_S, ends - time.monotonic()))
    return found
