"""What the desks do meanwhile: requests at a rate that no fault slows down, some of them wrong.

A request counts from when it was meant to be sent, so the seconds in which nothing is answered show
in the latency of everything that was due in them (no coordinated omission).
"""

import asyncio
import random
import time
from collections import Counter
from typing import NamedTuple

from infra import endpoints
from infra.chaos.wrong import WRONG, Wrongdoer
from infra.flow import Flow, kinds_for
from infra.session import Session
from infra.settings import Settings
from messages import fix
from messages.orders import DeskRequest, NewOrderSingle
from messages.reports import BusinessMessageReject, DeskReport, ExecutionReport

WRONG_SHARE = 0.03
"""Of all messages: those that are no requests."""
STRANGE_SHARE = 0.01
"""Orders for an account that is not the desk's, or is nobody's."""
REPEAT_SHARE = 0.02
"""What was said last, word for word once more."""

FIRST = asyncio.FIRST_COMPLETED

AT_ONCE = (fix.TimeInForce.ImmediateOrCancel, fix.TimeInForce.FillOrKill)


class Waiting(NamedTuple):
    """A new order: when it was due, for which account, whether it fills at once or never."""

    due: float
    account: str
    at_once: bool


class Load:
    """``acks`` and ``fills``: (when it was due, seconds), in seconds since 1970.

    An ack is the first word on a new order, a fill the first fill of one that trades at once or not
    at all. ``words``: answers to new orders, by the second in which they came.
    """

    def __init__(self, session: Session, seed: int, rate: int, prefix: str = "c") -> None:
        kinds = kinds_for(session.reference)
        self.rate = rate
        self.acks: list[tuple[float, float]] = []
        self.fills: list[tuple[float, float]] = []
        self.words: Counter[int] = Counter()
        self.made = 0
        self._session = session
        self._prefix = prefix
        self._draw = random.Random(f"load {seed}")  # noqa: S311  # a seeded play, no secret
        self._flows = {d: Flow(session.reference, d, seed, prefix, kinds) for d in session.desks}
        self._wrong: dict[str, Wrongdoer] = {}
        self._waiting: dict[str, Waiting] = {}
        self._unfilled: dict[str, Waiting] = {}
        self._answered: dict[str, float] = {}
        self._queues: dict[str, asyncio.Queue[tuple[DeskRequest, ...] | str]] = {}
        session.listen(self._heard)

    async def run(self, over: asyncio.Event) -> None:
        """Send until it is over; returns when the broker has everything.

        Raises:
            BrokerGone, Refused: a message will never be taken.
        """
        settings = Settings.of(self._session.data)
        for desk in self._session.desks:
            self._wrong[desk] = await Wrongdoer.open(endpoints.desk(settings, desk), desk)
            self._queues[desk] = asyncio.Queue()
        sending = [asyncio.ensure_future(self._desk(desk)) for desk in self._session.desks]
        try:
            began = time.time()
            while not over.is_set():
                wanted = int((time.time() - began) * self.rate) + 1
                for number in range(self.made, wanted):
                    self._make(number, began + number / self.rate)
                self.made = max(self.made, wanted)
                pause_s = max(0.0, began + self.made / self.rate - time.time())
                ended, _ = await asyncio.wait(sending, timeout=pause_s, return_when=FIRST)
                for task in ended:
                    await task
            for queue in self._queues.values():
                await queue.join()
        finally:
            for task in sending:
                task.cancel()

    async def close(self) -> None:
        """Leave the broker; call it when nothing more is expected."""
        for wrongdoer in self._wrong.values():
            await wrongdoer.close()

    def answered(self, since: float) -> bool:
        """Whether a new order that was due after ``since`` has been answered."""
        return any(due > since for due in self._answered.values())

    def answered_everywhere(self, since: float) -> bool:
        """The same, of every account that has ever answered."""
        return bool(self._answered) and all(due > since for due in self._answered.values())

    def wrong(self) -> dict[str, tuple[int, int]]:
        """Wrong messages sent, and answered, by what is wrong with them."""
        tallies = [wrongdoer.tally() for wrongdoer in self._wrong.values()]
        return {
            kind: (sum(t[kind][0] for t in tallies), sum(t[kind][1] for t in tallies))
            for kind in WRONG
        }

    def _make(self, number: int, due: float) -> None:
        """One message, into the queue of its desk."""
        draw = self._draw
        desk = draw.choice(list(self._flows))
        chance = draw.random()
        if chance < WRONG_SHARE:
            self._queues[desk].put_nowait(draw.choice(list(WRONG)))
            return
        request = self._flows[desk].next()
        if chance < WRONG_SHARE + STRANGE_SHARE and isinstance(request, NewOrderSingle):
            request = self._strange(desk, request, number)
        self._expect(request, due)
        again = chance > 1 - REPEAT_SHARE
        self._queues[desk].put_nowait((request, request) if again else (request,))

    async def _desk(self, desk: str) -> None:
        """Send what one desk has to say: all of what has gathered while the last was under way."""
        account = next(a for a in self._session.reference.accounts if desk in a.Desks).Account
        symbol = self._session.reference.instruments[0].Symbol
        queue = self._queues[desk]
        while True:
            gathered = [await queue.get(), *(queue.get_nowait() for _ in range(queue.qsize()))]
            requests = [one for said in gathered if not isinstance(said, str) for one in said]
            await self._session.send(desk, requests)
            for kind in gathered:
                if isinstance(kind, str):
                    await self._wrong[desk].send(kind, account, symbol)
            for _ in gathered:
                queue.task_done()

    def _strange(self, desk: str, order: NewOrderSingle, number: int) -> NewOrderSingle:
        others = [a.Account for a in self._session.reference.accounts if desk not in a.Desks]
        account = self._draw.choice([*others, "nobody"])
        name = f"{desk}-{self._prefix}-strange-{number}"
        return order.model_copy(update={"ClOrdID": name, "Account": account})

    def _expect(self, request: DeskRequest, due: float) -> None:
        if not isinstance(request, NewOrderSingle) or request.ClOrdID in self._waiting:
            return
        at_once = request.TimeInForce in AT_ONCE or request.OrdType is fix.OrdType.Market
        self._waiting[request.ClOrdID] = Waiting(due, request.Account, at_once)

    def _heard(self, desk: str, report: DeskReport) -> None:
        self._flows[desk].heard(report)
        if wrongdoer := self._wrong.get(desk):
            wrongdoer.heard(report)
        now = time.time()
        if isinstance(report, BusinessMessageReject):
            name: str | None = report.BusinessRejectRefID
        else:
            name = report.ClOrdID if isinstance(report, ExecutionReport) else None
        if name is None:
            return
        if waiting := self._waiting.pop(name, None):
            self.acks.append((waiting.due, now - waiting.due))
            self.words[int(now)] += 1
            if isinstance(report, ExecutionReport) and report.ReportSeq is not None:
                self._answered[waiting.account] = max(
                    waiting.due, self._answered.get(waiting.account, 0.0)
                )
            if waiting.at_once:
                self._unfilled[name] = waiting
        if not isinstance(report, ExecutionReport) or name not in self._unfilled:
            return
        if report.ExecType is fix.ExecType.Trade:
            due = self._unfilled.pop(name).due
            self.fills.append((due, now - due))
        elif report.LeavesQty == 0:
            del self._unfilled[name]
