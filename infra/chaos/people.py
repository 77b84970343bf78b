"""What two operators do meanwhile, so that the kill switch and the rule book die at work.

In turn an account is stopped, and released by the other one once the kill is quiet, and a new
version of the rule book is proposed, and approved by the other one. Each step waits for the answer
to the last, whatever dies meanwhile: a decision without an answer is a violation.
"""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from typing import Any

from gateways.amqp.desk import Desk
from infra import endpoints
from infra.chaos.victim import BACK_WITHIN_S
from infra.operators import prepared
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
        self._desks: dict[str, Desk] = {}
        self._heard: set[Said] = set()
        self._news = asyncio.Event()

    async def run(self, over: asyncio.Event) -> None:
        """Decide until it is over; nothing where there are not two operators.

        Raises:
            BrokerGone, Refused: a decision will never be taken.
        """
        if len(self._names) == NEEDED:
            settings = Settings.of(self._session.data)
            for name in self._names:
                url = endpoints.desk(settings, name)
                self._desks[name] = await Desk.connect(url, name, on_raw=self._hear)
            number = 0
            while not over.is_set():
                number += 1
                await (self._stop() if number % 2 else self._change(number))
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), self._every_s)
        await over.wait()

    async def close(self) -> None:
        """Leave the broker."""
        for desk in self._desks.values():
            await desk.close()

    def tally(self) -> dict[str, tuple[int, int]]:
        """How many of each kind were sent, and how many of them were answered."""
        return {kind: (sent, self.answered[kind]) for kind, sent in self.sent.items()}

    async def _stop(self) -> None:
        """An account is stopped until everybody has said that it is quiet."""
        one, other = self._names
        account = self._draw.choice(self._session.reference.accounts).Account
        reason, now = "chaos", time.time_ns()
        wish = Kill(Scope=KillScope.Account, Name=account, Reason=reason, TransactTime=now)
        name = wish.kill_id(one)
        await self._decide(one, wish, (name, KillStatus.Quiet))
        await self._decide(
            other, ReleaseKill(KillID=name, Reason=reason), (name, KillStatus.Released)
        )

    async def _change(self, number: int) -> None:
        """Another limit of the firm, which no order comes near to."""
        one, other = self._names
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
        self, who: str, wish: Kill | ReleaseKill | ProposeRules | ApproveRules, answer: Said
    ) -> None:
        self.sent[wish.MsgType] += 1
        await self._desks[who].send_prepared([prepared(wish)])
        with suppress(TimeoutError):
            async with asyncio.timeout(BACK_WITHIN_S):
                while answer not in self._heard:
                    self._news.clear()
                    await self._news.wait()
            self.answered[wish.MsgType] += 1

    def _hear(self, fields: dict[str, Any], *_: object) -> None:
        name = fields.get("KillID") or fields.get("ProposalID") or ""
        self._heard.add((name, fields.get("KillStatus") or fields.get("RulesStatus") or ""))
        self._news.set()
