"""People stop a venue under load while a process dies, and let orders go that waited for them.

The venue is a counterparty in this process, so the evidence is what it heard, by MsgSeqNum.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from infra import pids
from infra.bench import market
from infra.journals import journal_of
from infra.kills import Certificate, certificates
from infra.person import Person
from infra.reference import SAMPLE
from infra.replayed import saying
from infra.settings import Settings
from messages.fix import ExecType, HandlInst, OrdStatus
from messages.kills import Kill, KilledState, KillScope, ReleaseKill
from tests.live.stage import Talk, an_order, oms, running, until

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]

RATE = int(os.environ.get("OMS_KILL_RATE", "100"))
ROUNDS = int(os.environ.get("OMS_KILL_ROUNDS", "3"))
BURST_S = 0.02
MOST_MS = float(os.environ.get("OMS_KILL_MOST_MS", "5000"))
"""From the trigger to the last new risk: what holds on a machine that is busy with other things,
too. What was seen is printed; the goal, on a machine of its own, is 100 ms."""

PEOPLE = """
operators = ["ann", "bob"]
people = [
    {Name = "cora", Roles = ["Compliance"]},
    {Name = "tom", Roles = ["Trader"]},
    {Name = "pam", Roles = ["PortfolioManager", "Compliance"], Desk = "alpha"},
]
"""

COMP_ID = "PEOPLE"
"""Of XPAR here: the engine knows sessions of one name only once in a process."""

VICTIMS = (None, "venue/XPAR", "account/growth", "killswitch/0", "book/AAPL")
"""Who dies in the midst of each kill."""


class Market(market.Market):
    """XPAR: takes every order and cancel at once, and notes when each came, by MsgSeqNum."""

    def caught_up(self, sent: int) -> bool:
        """Whether what was sent arrives as it is sent, and no backlog of the start is left."""
        return sent > RATE and sent - len(self.heard) < RATE

    def busy(self, seen: int) -> bool:
        """Whether a second's worth of orders came since."""
        return len(self.heard) > seen + RATE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue() -> AsyncIterator[Market]:
    found = Market(COMP_ID)
    found.line.start()
    yield found
    await asyncio.to_thread(found.line.stop)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def data(venue: Market, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    folder = tmp_path_factory.mktemp("kill")
    config = folder / "reference.toml"
    text = SAMPLE.read_text().replace("Port = 0", f"Port = {venue.line.port}", 1)
    text = text.replace('TargetCompID = "XPAR"', f'TargetCompID = "{COMP_ID}"')
    text = text.replace('"100000000"', '"100000000000"').replace('"1000000"', '"100000000"')
    config.write_text(PEOPLE + text)
    context = running(folder / "data", config=config)
    found = await asyncio.to_thread(context.__enter__)
    try:
        await asyncio.wait_for(venue.line.logged_on.wait(), 30)
        yield found
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


class Load:
    """A desk that sends orders at a steady rate, whatever becomes of them."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._task = asyncio.ensure_future(self._run())
        self.sent = 0

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            many = max(1, round(RATE * BURST_S))
            names = range(self.sent, self.sent + many)
            await self._talk.send(*(an_order(f"load-{n}", OrderQty=Decimal(100)) for n in names))
            self.sent += many
            self._talk.heard["alpha"].clear()
            due += BURST_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def certificate(data: Path, kill_id: str) -> Certificate:
    return next(c for c in certificates(data) if c.record.kill.KillID == kill_id)


def sent_under(data: Path, kill_id: str) -> list[str]:
    """New orders that the venue connection sent after the entry that journals the kill."""
    stands, found = False, list[str]()
    words = ["KillBegan", "KillEnded", "VenueMessageSent"]
    for entry in saying(journal_of(data, "venue/XPAR"), words):
        for event in json.loads(entry.events):
            match event["Event"]:
                case "KillBegan":
                    stands = stands or event["Kill"]["KillID"] == kill_id
                case "KillEnded":
                    stands = stands and event["KillID"] != kill_id
                case "VenueMessageSent" if stands and event["ClOrdID"].count(".") == 1:
                    found.append(event["ClOrdID"])
    return found


async def stop_once(
    data: Path, venue: Market, ann: Person, bob: Person, victim: str | None
) -> float:
    """Kill, SIGKILL, wait for quiet, look, release; milliseconds to the last new risk."""
    began = time.time_ns()
    wish = Kill(Scope=KillScope.Venue, Name="XPAR", Reason="under load", TransactTime=began)
    kill_id = wish.kill_id("ann")
    pid = pids.read(data).get(victim) if victim else None
    sent = asyncio.ensure_future(ann.say(wish))
    if pid:
        await asyncio.sleep(0.005)  # in the midst of it
        os.kill(pid, signal.SIGKILL)
    await sent
    assert await ann.hears(kill_id, "Quiet", 60)
    await asyncio.sleep(0.5)  # the load goes on against the kill
    found = certificate(data, kill_id)
    assert found.record.quiet
    late = venue.risk_since(began)
    counted = found.record.sequences.get("venue/XPAR")
    if counted:  # of a session that was down, or a process that died between, nobody can say it
        assert [came for came in late if came.number > counted] == []
    assert found.orders.get(KilledState.Open, []) == []
    acknowledged = found.record.heard["venue/XPAR"].At
    assert sent_under(data, kill_id) == []
    await bob.say(ReleaseKill(KillID=kill_id, Reason="the test goes on"))
    assert await bob.hears(kill_id, "Released", 60)
    last = max((came.at for came in late), default=began)
    border = found.record.kill.At
    print(
        f"\n{victim or 'nobody'} died: border after {(border - began) / 1e6:.1f} ms, venue "
        f"{(acknowledged - border) / 1e6:.1f} ms later, last new risk after "
        f"{(last - began) / 1e6:.1f} ms, quiet after {(found.record.quiet_at - began) / 1e6:.0f} "
        f"ms with {len(found.record.orders)} orders"
    )
    return (last - began) / 1e6


async def test_under_load_and_with_a_process_killed_nothing_leaves_after_the_acknowledgement(
    data: Path, venue: Market
) -> None:
    """I23, I24, I25."""
    took: list[float] = []
    settings = Settings.of(data)
    people = Person(settings, "ann"), Person(settings, "bob")
    async with Talk(data) as talk, people[0] as ann, people[1] as bob:
        load = Load(talk)
        try:
            await asyncio.to_thread(until, lambda: venue.caught_up(load.sent), 60)
            for number in range(ROUNDS):
                seen = len(venue.heard)
                victim = VICTIMS[number % len(VICTIMS)]
                took.append(await stop_once(data, venue, ann, bob, victim))
                await asyncio.to_thread(until, lambda seen=seen: venue.busy(seen), 60)
        finally:
            await load.stop()
        await talk.send(an_order("last"))  # what waits before it is for nobody else to wait for
        await asyncio.to_thread(
            until,
            lambda: any(getattr(r, "ClOrdID", "") == "last" for r in talk.heard["alpha"]),
            120,
        )
    p99 = sorted(took)[min(len(took) - 1, int(len(took) * 0.99))]
    shown = ", ".join(f"{ms:.1f}" for ms in took)
    print(f"\n{load.sent} orders at {RATE}/s, {ROUNDS} kills: to the last new risk, ms: {shown}")
    print(f"p99 {p99:.1f} ms")
    assert p99 < MOST_MS


async def test_an_operator_stops_sees_and_does_not_release_alone(data: Path, venue: Market) -> None:
    """I25."""
    async with Talk(data) as talk:
        await talk.send(an_order("before"))
        await talk.execution(ClOrdID="before", ExecType=ExecType.New)
        code, said = await typed(data, "kill", "firm", "--reason", "the news", "--as", "ann")
        assert code == 0, said
        report = await talk.execution(ClOrdID="before", ExecType=ExecType.Canceled)
        assert report.Text is not None
        assert "by ann" in report.Text
        assert "the news" in report.Text
        await talk.send(an_order("after"))
        refused = await talk.execution(ClOrdID="after", ExecType=ExecType.Rejected)
        assert refused.Refusal is not None
        assert refused.Refusal.Rule == "kill_switch"
        code, said = await typed(data, "kill", "status", "--json")
        (stands,) = json.loads(said)
        stopped = stands["KillID"]
        await asyncio.to_thread(until, lambda: certificate(data, stopped).record.quiet, 30)
        assert "quiet" in (await typed(data, "kill", "status"))[1]
        again = ("kill", "release", stands["KillID"], "--reason", "over", "--as")
        code, said = await typed(data, *again, "ann")
        assert (code, "another person" in said) == (1, True)
        code, said = await typed(data, *again, "bob")
        assert code == 0, said
        assert (await typed(data, "kill", "status"))[1] == "no kill stands\n"
        await talk.send(an_order("again"))
        await talk.execution(ClOrdID="again", ExecType=ExecType.New)


async def test_an_order_waits_for_compliance_and_a_trader(data: Path) -> None:
    """I26."""
    async with Talk(data) as talk:
        await talk.send(an_order("staged", HandlInst=HandlInst.ManualOrder))
        waits = await talk.execution(ClOrdID="staged", ExecType=ExecType.PendingNew)
        assert (waits.OrdStatus, waits.WorkingIndicator) == (OrdStatus.PendingNew, False)
        (found,) = json.loads((await typed(data, "approvals", "--json"))[1])
        name = found["OrderID"]
        assert (name, found["Awaits"]) == (waits.OrderID, "Compliance")
        for who, why in (("pam", "whose order it is"), ("tom", "waits for Compliance")):
            code, said = await typed(data, "approve", name, "--as", who)
            assert (code, why in said) == (1, True), said
        code, said = await typed(data, "approve", name, "--as", "ann")
        assert (code, "is for Compliance or PortfolioManager or Trader" in said) == (1, True), said
        code, said = await typed(data, "approve", name, "--comment", "suitable", "--as", "cora")
        assert (code, "waits for Trader" in said) == (0, True), said
        code, said = await typed(data, "approve", name, "--as", "tom")
        assert code == 0, said
        await talk.execution(ClOrdID="staged", ExecType=ExecType.New)
        assert (await typed(data, "approvals"))[1] == "nothing waits for approval\n"


async def typed(data: Path, *words: str) -> tuple[int, str]:
    """``oms`` as a person would type it."""
    done = await asyncio.to_thread(oms, data, *words, "--data", str(data))
    return done.returncode, done.stdout + done.stderr
