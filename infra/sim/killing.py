"""Two people and the kill switch: one stops something, another lets it go on.

Now and then the first one tries to release it alone. Everybody says it again until there is an
answer, as the runbook has it. What they said and heard, and when, is the evidence of the oracle.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from infra.sim.setting import ACCOUNTS, DESKS, SYMBOLS, VENUES
from messages.base import Instant, Message
from messages.kills import KILL_KEY, Kill, KillScope, KillStatus, ReleaseKill

SCOPES: tuple[tuple[KillScope, tuple[str | None, ...]], ...] = (
    (KillScope.Firm, (None,)),
    (KillScope.Desk, DESKS),
    (KillScope.Account, tuple(ACCOUNTS)),
    (KillScope.Instrument, tuple(SYMBOLS)),
    (KillScope.Venue, VENUES),
)
AGAIN_S = 1.0
LOOK_S = 0.01
LONGEST_S = 4.0
"""So long somebody waits for quiet at most before it is released."""

Publish = Callable[[str, str, Message], Awaitable[None]]
Open = Callable[[], set[tuple[str, str]]]
"""(venue, OrderID there) of everything that may still trade at this instant."""


@dataclass
class Pulled:
    """One kill as people saw it, at virtual seconds; what has not happened is None.

    ``freed_at``: when the second person first said so. ``open``: what could trade when it was first
    said to stand, when it was said to be quiet, and when it was released. ``heard``: who was told
    which status when, with who released it.
    """

    wish: Kill
    by: str
    other: str
    kill_id: str
    freed_at: float | None = None
    alone_at: float | None = None
    open: dict[KillStatus, set[tuple[str, str]]] = field(default_factory=dict)
    heard: list[tuple[float, str, KillStatus, str | None]] = field(default_factory=list)

    def told(self, who: str, status: KillStatus) -> float | None:
        """When that person first heard that status."""
        return next((at for at, name, what, _ in self.heard if (name, what) == (who, status)), None)


class Killing:
    """``pulled``: every kill of the run, in order. ``under_way``: those not yet released."""

    def __init__(
        self,
        names: tuple[str, str],
        publish: Publish,
        random: Random,
        clock: Callable[[], float],
        still_open: Open,
    ) -> None:
        self.pulled: list[Pulled] = []
        self.under_way = 0
        self._names = names
        self._publish = publish
        self._random = random
        self._clock = clock
        self._open = still_open

    def pull(self, now: Instant) -> None:
        """Somebody stops something; somebody else releases it a while later."""
        scope, allowed = self._random.choice(SCOPES)
        name = self._random.choice(allowed)
        wish = Kill(Scope=scope, Name=name, Reason=f"stop {len(self.pulled)}", TransactTime=now)
        by, other = self._random.sample(self._names, 2)
        kill = Pulled(wish, by, other, wish.kill_id(by))
        self.pulled.append(kill)
        self.under_way += 1
        task = asyncio.ensure_future(self._story(kill))
        task.add_done_callback(lambda _: self._over())

    def hear(self, who: str, body: bytes) -> None:
        """A report for one of them; what is about no kill changes nothing."""
        fields: dict[str, Any] = json.loads(body)
        if fields.get("MsgType") != "KillReport":
            return
        status, releaser = KillStatus(fields["KillStatus"]), fields.get("ReleasedBy")
        for kill in self.pulled:
            if kill.kill_id == fields["KillID"]:
                kill.open.setdefault(status, self._open())
                kill.heard.append((self._clock(), who, status, releaser))

    def _over(self) -> None:
        self.under_way -= 1

    async def _story(self, kill: Pulled) -> None:
        await self._say(kill.by, kill.wish, kill, KillStatus.Standing)
        deadline = self._clock() + self._random.random() * LONGEST_S
        while self._clock() < deadline and not kill.told(kill.by, KillStatus.Quiet):
            await asyncio.sleep(LOOK_S)
        await asyncio.sleep(self._random.random())
        wish = ReleaseKill(KillID=kill.kill_id, Reason="a mistake")
        if self._random.random() < 0.5:
            kill.alone_at = self._clock()
            await self._say(kill.by, wish, kill, KillStatus.Refused)
        kill.freed_at = self._clock()
        kill.open.setdefault(KillStatus.Released, self._open())
        await self._say(kill.other, wish, kill, KillStatus.Released)

    async def _say(self, who: str, words: Message, kill: Pulled, answer: KillStatus) -> None:
        """Until it was answered. What is answered otherwise is for the oracle to judge."""
        answers = (answer, KillStatus.Refused, KillStatus.Released)
        while not any(kill.told(who, one) is not None for one in answers):
            await self._publish(who, KILL_KEY, words)
            deadline = self._clock() + AGAIN_S
            while self._clock() < deadline and kill.told(who, answer) is None:
                await asyncio.sleep(LOOK_S)
