"""What two operators do meanwhile, so that the kill switch and the rule book die at work.

In turn an account is stopped, and released by the other one once the kill is quiet, and a new
version of the rule book is proposed, and approved by the other one. Each step waits for the answer
to the last, whatever dies meanwhile: a decision without an answer is a violation.
"""

import asyncio
import random
import time
from collections import Counter
from contextlib import AsyncExitStack, suppress
from decimal import Decimal

from infra.chaos.victim import BACK_WITHIN_S
from infra.person import Person
from infra.session import Session
from infra.settings import Settings
from messages.kills import Kill, KillScope, KillStatus, ReleaseKill
from messages.rulebook import ApproveRules, ProposeRules, RuleBook, RulesStatus

ROUNDS = 100
"""At most so many in a storm: each start of an actor reads every kill there ever was."""
EVERY_S = 2.0

NEEDED = 2
LARGEST = Decimal(100_000)
"""Shares in one order of the firm; the changes stay so near to it that they refuse nobody."""

Said = tuple[str, str]
"""Of what (KillID, ProposalID), and its status."""


class People:
    """``sent`` and ``answered``: decisions by MsgType."""

    def __init__(self, session: Session, seed: int, minutes: float) -> None:
        self.sent: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self._session = session
        self._names = session.reference.operators[:NEEDED]
        self._draw = random.Random(f"people {seed}")  # noqa: S311  # a seeded play, no secret
        self._every_s = max(EVERY_S, minutes * 60 / ROUNDS)
        self._people: tuple[Person, ...] = ()
        self._open = AsyncExitStack()

    async def run(self, over: asyncio.Event) -> None:
        """Decide until it is over; nothing where there are not two operators.

        Raises:
            BrokerGone, Refused: a decision will never be taken.
        """
        if len(self._names) == NEEDED:
            settings = Settings.of(self._session.data)
            self._people = tuple(Person(settings, name) for name in self._names)
            for person in self._people:
                await self._open.enter_async_context(person)
            number = 0
            while not over.is_set():
                number += 1
                await (self._stop() if number % 2 else self._change(number))
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), self._every_s)
        await over.wait()

    async def close(self) -> None:
        """Leave the broker."""
        await self._open.aclose()

    def tally(self) -> dict[str, tuple[int, int]]:
        """How many of each kind were sent, and how many of them were answered."""
        return {kind: (sent, self.answered[kind]) for kind, sent in self.sent.items()}

    async def _stop(self) -> None:
        """An account is stopped until everybody has said that it is quiet."""
        one, other = self._people
        account = self._draw.choice(self._session.reference.accounts).Account
        reason, now = "chaos", time.time_ns()
        wish = Kill(Scope=KillScope.Account, Name=account, Reason=reason, TransactTime=now)
        name = wish.kill_id(one.name)
        await self._decide(one, wish, (name, KillStatus.Quiet))
        await self._decide(
            other, ReleaseKill(KillID=name, Reason=reason), (name, KillStatus.Released)
        )

    async def _change(self, number: int) -> None:
        """Another limit of the firm, which no order comes near to."""
        one, other = self._people
        rules = self._session.reference.rules or RuleBook()
        firm = rules.Firm.model_copy(update={"MaxOrderQty": LARGEST - number})
        wish = ProposeRules(
            Rules=rules.model_copy(update={"Firm": firm}),
            Reason=f"chaos, change {number} at {time.time_ns()}",
        )
        name = wish.proposal_id
        await self._decide(one, wish, (name, RulesStatus.Proposed))
        await self._decide(other, ApproveRules(ProposalID=name), (name, RulesStatus.InForce))

    async def _decide(
        self, who: Person, wish: Kill | ReleaseKill | ProposeRules | ApproveRules, answer: Said
    ) -> None:
        self.sent[wish.MsgType] += 1
        await who.say(wish)
        if await who.hears(*answer, BACK_WITHIN_S):
            self.answered[wish.MsgType] += 1
