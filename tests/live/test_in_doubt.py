"""A venue that falls silent: in doubt, exposure kept, over on its word or that of two people (I16).

The venue is a scripted counterparty in this process, so it says nothing but what it is told to.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
import quickfix

from actors.account.state import AccountState
from actors.venue.state import VenueState
from gateways.fix.scripted import ScriptedVenue, WireFields
from infra.reference import SAMPLE
from infra.replayed import events_of
from messages.events import BreakFound
from messages.fix import ExecType, OrdStatus
from messages.orders import OrderCancelRequest
from tests.live.stage import Talk, an_order, execution, oms, replayed, running_beside, until

pytestmark = [
    pytest.mark.live,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]


class SilentVenue:
    """XPAR, which hears everything and answers nothing by itself."""

    def __init__(self) -> None:
        self.heard: list[WireFields] = []
        self.line = ScriptedVenue("XPAR", "OMS", self.heard.append)
        self._execs = 0

    def says(self, clordid: str, exec_type: str, ord_status: str, **tags: str) -> None:
        """An ExecutionReport on an order for 100 AAPL."""
        self._execs += 1
        assert self.line.say(execution(clordid, self._execs, exec_type, ord_status, **tags))

    def cut(self) -> None:
        """The connection breaks, without a word."""
        quickfix.Session.lookupSession(quickfix.SessionID("FIX.4.4", "XPAR", "OMS")).disconnect()

    def count(self, kind: str) -> int:
        """How many messages of this MsgType came."""
        return sum(fields["35"] == kind for fields in self.heard)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue() -> AsyncIterator[SilentVenue]:
    silent = SilentVenue()
    silent.line.start()
    yield silent
    await asyncio.to_thread(silent.line.stop)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def data(venue: SilentVenue, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    folder = tmp_path_factory.mktemp("doubt")
    config = folder / "reference.toml"
    text = SAMPLE.read_text().replace("Port = 0", f"Port = {venue.line.port}", 1)
    config.write_text('operators = ["ann", "bob"]\n' + text)
    async with running_beside(folder / "data", config=config) as found:
        await asyncio.wait_for(venue.line.logged_on.wait(), 30)
        yield found


def reserved(data: Path) -> Decimal:
    state: AccountState = replayed(data, "account/growth").actor.state
    return state.reserved.get("USD", Decimal(0))


def held(data: Path) -> Decimal:
    state: AccountState = replayed(data, "account/growth").actor.state
    return state.positions["AAPL"].quantity if "AAPL" in state.positions else Decimal(0)


def in_doubt(data: Path) -> list[str]:
    state: VenueState = replayed(data, "venue/XPAR").actor.state
    return [name for name in state.unanswered if state.requests[name].in_doubt]


def child_of(data: Path) -> str:
    state: VenueState = replayed(data, "venue/XPAR").actor.state
    return list(state.children)[-1]


async def doubt(data: Path, *words: str) -> tuple[int, str]:
    """``oms doubt`` as an operator would type it: exit code and what is printed."""
    done = await asyncio.to_thread(oms, data, "doubt", *words, "--data", str(data))
    return done.returncode, done.stdout + done.stderr


async def resolve(data: Path, name: str, outcome: str) -> None:
    """ann proposes, bob confirms what the list shows."""
    code, said = await doubt(
        data, "propose", "XPAR", name, outcome, "--reason", "told by telephone", "--as", "ann"
    )
    assert code == 0, said
    listed = json.loads((await doubt(data, "list", "--json"))[1])
    proposed = next(one["Proposal"] for one in listed if one["ClOrdID"] == name)
    code, said = await doubt(data, "confirm", "XPAR", name, proposed["ResolutionID"], "--as", "ann")
    assert code == 1
    assert "it takes another person" in said
    code, said = await doubt(data, "confirm", "XPAR", name, proposed["ResolutionID"], "--as", "bob")
    assert code == 0, said
    assert "by ann and bob" in said


async def test_an_order_without_an_answer_is_over_when_two_people_say_so(
    data: Path, venue: SilentVenue
) -> None:
    async with Talk(data) as talk:
        await talk.send(an_order("silent-1"))
        await asyncio.to_thread(until, lambda: venue.count("H") > 0)  # it was asked about
        name = child_of(data)
        assert in_doubt(data) == [name]
        assert reserved(data) == Decimal("18050")

        code, said = await doubt(data, "list")
        assert code == 0
        assert "18,050 USD" in said

        await resolve(data, name, "Rejected")
        report = await talk.execution(ClOrdID="silent-1", ExecType=ExecType.Rejected)
        assert report.Text == "Rejected as resolved by ann and bob: told by telephone"
        assert reserved(data) == 0
        assert (await doubt(data, "list"))[1] == "nothing is in doubt\n"

        # and then the venue speaks: what it filled is booked, and alarmed
        venue.says(name, "F", "1", t14="40", t32="40", t31="180.5")
        await asyncio.to_thread(until, lambda: held(data) == 40)
    found = [e.What for _, e in events_of(data / "journals/venue/XPAR.sqlite", BreakFound)]
    assert any("ann and bob had resolved as Rejected" in what for what in found), found


async def test_a_cancel_without_an_answer_keeps_the_order_and_its_reservation(
    data: Path, venue: SilentVenue
) -> None:
    async with Talk(data) as talk:
        await talk.send(an_order("silent-2"))
        await asyncio.to_thread(until, lambda: venue.count("D") > 1)
        name = child_of(data)
        venue.says(name, "0", "0")
        await talk.execution(ClOrdID="silent-2", ExecType=ExecType.New)
        await talk.send(
            OrderCancelRequest(ClOrdID="cancel-2", OrigClOrdID="silent-2", Account="growth")
        )
        await asyncio.to_thread(until, lambda: venue.count("F") > 1)  # said again, PossResend
        assert in_doubt(data) == [f"{name}.1"]
        assert reserved(data) == Decimal("18050")
        assert any(fields.get("97") == "Y" for fields in venue.heard if fields["35"] == "F")

        await resolve(data, f"{name}.1", "Canceled")
        report = await talk.execution(ClOrdID="cancel-2", ExecType=ExecType.Canceled)
        assert report.OrdStatus is OrdStatus.Canceled
        assert reserved(data) == 0


async def test_after_a_cut_the_venue_is_asked_and_its_word_ends_the_doubt(
    data: Path, venue: SilentVenue
) -> None:
    async with Talk(data) as talk:
        orders, asked = venue.count("D"), venue.count("H")
        await talk.send(an_order("silent-3"))
        await asyncio.to_thread(until, lambda: venue.count("D") > orders)
        venue.cut()
        await asyncio.to_thread(until, lambda: venue.count("H") > asked)
        assert venue.count("D") == orders + 1  # asked, not sent again
        name = child_of(data)
        await doubt(data, "propose", "XPAR", name, "Rejected", "--reason", "r", "--as", "ann")
        venue.says(name, "I", "0")  # the answer to the status request: it works
        await talk.execution(ClOrdID="silent-3", ExecType=ExecType.New)
        assert in_doubt(data) == []
        code, said = await doubt(data, "confirm", "XPAR", name, "0" * 12, "--as", "bob")
        assert code == 1
        assert "it was answered" in said
        venue.says(name, "4", "4")
        await talk.execution(ClOrdID="silent-3", ExecType=ExecType.Canceled)
