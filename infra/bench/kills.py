"""How fast a kill stops trade, in a process of its own: ``python -m infra.bench.kills DATA JOB``.

A desk sends at a fixed rate, whatever comes back; a person kills one scope after the other, a
process dies in the midst of every other kill, and another person releases it. What is measured is
seen from outside: from the trigger, before it is published, until the last message with new risk in
its scope has come to the venue. It prints JSON lines:
:mod:`infra.bench.apart`.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Refused
from infra import endpoints, pids
from infra.bench import apart
from infra.bench.config import DESK, PEOPLE
from infra.bench.market import Came, Market
from infra.bench.pace import Sends, Stuck
from infra.bench.takers import Takers
from infra.bench.timings import percentiles
from infra.chaos.torment import warm
from infra.kills import Certificate, certificates
from infra.person import Person
from infra.reference import load
from infra.settings import Settings
from messages.kills import KILLSWITCH, Kill, KillScope, KillStatus, ReleaseKill

STEP_S = 0.005
BETWEEN_S = 2.0
"""So long orders flow freely between a release and the next kill."""
AMIDST_S = 0.005
ANSWER_S = 120.0
QUIET_S = 30.0
"""So long the next kill waits for quiet, which in an overload comes when what waits is done."""
CAUGHT_UP_S = 20.0


class Job(BaseModel):
    """``kills`` of each scope at each of the ``rates``, in orders a second."""

    rates: list[int]
    kills: int


class Done(NamedTuple):
    """One kill, and who died in its midst. ``end``: when its release was said."""

    wish: Kill
    rate: int
    victim: str
    end: int


class Flow:
    """Orders at a rate, open loop: what is late is sent at once. ``sent``: how many so far."""

    def __init__(self, desk: Desk, takers: Takers, rate: int) -> None:
        self.sent = 0
        self._desk, self._takers, self._rate = desk, takers, rate
        self._sends = Sends(self._send)
        self._task = asyncio.ensure_future(self._run())

    async def _send(self, first: int, end: int) -> None:
        await self._desk.send_prepared(self._takers.orders(end - first))

    async def _run(self) -> None:
        start = time.monotonic()
        while True:
            due = int((time.monotonic() - start) * self._rate) + 1
            if due > self.sent:
                self._sends.begin(self.sent, due)
                self.sent = due
            await asyncio.sleep(STEP_S)

    async def stop(self) -> None:
        """Nothing more; what was begun is confirmed. Raises what a send has raised."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._sends.all()


class KillBench:
    """The people, the desk and the venue."""

    def __init__(self, data: Path, job: Job, say: Callable[[str, str], None]) -> None:
        self._data, self._job, self._say = data, job, say
        self._settings = Settings.of(data)
        reference = load(self._settings.config)
        self._takers = Takers(reference)
        self._venue = reference.venues[0]
        self._market = Market(self._venue.TargetCompID)
        self._scopes: tuple[tuple[KillScope, str | None], ...] = (
            (KillScope.Venue, self._venue.Venue),
            (KillScope.Firm, None),
            (KillScope.Desk, DESK),
            (KillScope.Account, reference.accounts[0].Account),
            (KillScope.Instrument, reference.instruments[0].Symbol),
        )
        venue, account = f"venue/{self._venue.Venue}", f"account/{reference.accounts[0].Account}"
        book = f"book/{reference.instruments[0].Symbol}"
        self._victims = ("", venue, "", account, "", KILLSWITCH, "", book)
        self._ann, self._bob = (Person(self._settings, name) for name in PEOPLE)
        self._done: list[Done] = []
        self._load: dict[int, float] = {}

    async def run(self) -> dict[str, Any]:
        """Every rate, one after the other; the whole result."""
        async with contextlib.AsyncExitStack() as stack:
            self._market.line.start(self._venue.Port)
            stack.push_async_callback(asyncio.to_thread, self._market.line.stop)
            await asyncio.wait_for(self._market.line.logged_on.wait(), 60)
            for person in (self._ann, self._bob):
                await stack.enter_async_context(person)
            url = endpoints.desk(self._settings, DESK)
            desk = await Desk.connect(url, DESK, on_raw=lambda *_: None)
            await stack.enter_async_context(desk)
            for rate in self._job.rates:
                await self._at(rate, desk)
                self._say("rate", f"{rate} orders/s: until the desk hears nothing more")
                await desk.quiet(BETWEEN_S)
        return self._result()

    async def _at(self, rate: int, desk: Desk) -> None:
        began = len(self._market.heard)
        flow = Flow(desk, self._takers, rate)
        try:
            await self._flows(began)
            await warm(self._data)  # a kill while everybody starts tells nothing of the others
            await self._caught_up(began, flow, rate)
            self._say("rate", f"{rate} orders/s, {self._job.kills} kills of each scope")
            for number in range(self._job.kills * len(self._scopes)):
                scope, name = self._scopes[number % len(self._scopes)]
                victim = self._victims[number % len(self._victims)]
                await self._stop_once(scope, name, rate, victim)
                await self._flows(len(self._market.heard))
        finally:
            self._load[rate] = round(os.getloadavg()[0], 1)
            await flow.stop()

    async def _flows(self, seen: int) -> None:
        """Until orders have come for a while; Stuck where none does."""
        deadline = time.monotonic() + ANSWER_S
        while len(self._market.heard) <= seen:
            if time.monotonic() > deadline:
                raise Stuck("no order comes to the venue")
            await asyncio.sleep(STEP_S)
        await asyncio.sleep(BETWEEN_S)

    async def _caught_up(self, began: int, flow: Flow, rate: int) -> None:
        """Until what was sent while everything woke has come, where the rate can be sustained."""
        deadline = time.monotonic() + CAUGHT_UP_S
        while flow.sent - (len(self._market.heard) - began) > rate:
            if time.monotonic() > deadline:
                self._say("rate", f"{rate} orders/s are more than come through: an overload")
                return
            await asyncio.sleep(STEP_S)

    async def _stop_once(self, scope: KillScope, name: str | None, rate: int, victim: str) -> None:
        began = time.time_ns()
        wish = Kill(Scope=scope, Name=name, Reason="a measurement", TransactTime=began)
        kill_id = wish.kill_id(self._ann.name)
        pid = pids.read(self._data).get(victim) if victim else None
        saying = asyncio.ensure_future(self._ann.say(wish))
        if pid:
            await asyncio.sleep(AMIDST_S)
            os.kill(pid, signal.SIGKILL)
        await saying
        quiet = await self._ann.hears(kill_id, KillStatus.Quiet, QUIET_S)
        came = [one for one in self._market.risk_since(began) if _within(wish, one)]
        last = _ms(max((one.at for one in came), default=began) - began)
        took = (time.time_ns() - began) / 1e9
        died = f", {victim} died" if pid else ""
        how = f"quiet after {took:.1f} s" if quiet else f"not quiet after {took:.0f} s"
        self._say(scope.lower(), f"last new risk after {last} ms, {how}{died}")
        self._done.append(Done(wish, rate, victim if pid else "", time.time_ns()))
        await self._bob.say(ReleaseKill(KillID=kill_id, Reason="the next one"))
        if not await self._bob.hears(kill_id, KillStatus.Released, ANSWER_S):
            raise Stuck(f"{kill_id} was not released")

    # ---- what came of it

    def _result(self) -> dict[str, Any]:
        told = {c.record.kill.KillID: c for c in certificates(self._data)}
        rows = [self._row(done, told[done.wish.kill_id(self._ann.name)]) for done in self._done]
        rates = {}
        for rate in self._job.rates:
            of_rate = [row for row in rows if row["rate"] == rate]
            rates[str(rate)] = {
                "last_risk_ms": {
                    "all": _quantiles(of_rate, "last_risk_ms"),
                    **{
                        scope.value: _quantiles(
                            [row for row in of_rate if row["scope"] == scope.value], "last_risk_ms"
                        )
                        for scope, _ in self._scopes
                    },
                },
                "border_ms": _quantiles(of_rate, "border_ms"),
                "venue_ms": _quantiles(of_rate, "venue_ms"),
                "quiet_ms": _quantiles(of_rate, "quiet_ms"),
                "kills": len(of_rate),
                "load_average": self._load[rate],
                "deaths": sum(bool(row["victim"]) for row in of_rate),
            }
        return {"rates": rates, "kills": rows, "late": sum(row["late"] for row in rows)}

    def _row(self, done: Done, told: Certificate) -> dict[str, Any]:
        began, record = done.wish.TransactTime, told.record
        by = f"venue/{self._venue.Venue}"
        heard = record.heard.get(by)
        came = [one for one in self._market.risk_since(began) if one.at < done.end]
        came = [one for one in came if _within(done.wish, one)]
        counted = record.sequences.get(by)
        late = [one for one in came if counted and one.number > counted]
        last = max((one.at for one in came), default=began)
        return {
            "scope": done.wish.Scope.value,
            "rate": done.rate,
            "victim": done.victim,
            "last_risk_ms": _ms(last - began),
            "border_ms": _ms(record.kill.At - began),
            "venue_ms": _ms(heard.At - began) if heard else None,
            "quiet_ms": _ms(record.quiet_at - began) if record.quiet_at else None,
            "orders": len(record.orders),
            "late": len(late),
        }


def _within(wish: Kill, came: Came) -> bool:
    """Whether the message is in the scope; the desk and the venue are the only ones there are."""
    match wish.Scope:
        case KillScope.Account:
            return came.account == wish.Name
        case KillScope.Instrument:
            return came.symbol == wish.Name
        case _:
            return True


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 1)


def _quantiles(rows: list[dict[str, Any]], name: str) -> dict[str, float]:
    return percentiles([round(row[name] * 1e6) for row in rows if row[name] is not None])


if __name__ == "__main__":
    faults = (Stuck, BrokerGone, Refused)
    sys.exit(apart.main(Job, lambda *given: KillBench(*given).run(), *faults))
