"""The scripted counterparty on a real FIX session: it hears all and says what it is told."""

import asyncio
from pathlib import Path

import pytest

from gateways.fix.dialects import DIALECTS
from gateways.fix.scripted import ScriptedVenue, composed, understood, worded
from gateways.fix.session import FixSession
from messages import fix
from messages.base import Message
from messages.reference import VenueDefinition
from messages.venue import SessionUp, VenueExecution, VenueStatusRequest

REPORT = {
    "35": "8", "37": "O-1", "11": "c-1", "17": "E-1", "150": "F", "39": "1", "55": "AAPL",
    "54": "1", "38": "100", "14": "40", "151": "60", "32": "40", "31": "7.5",
    "60": "20261123-14:30:00.000",
}  # fmt: skip
QUESTION = VenueStatusRequest(ClOrdID="c-1", Symbol="AAPL", Side=fix.Side.Buy)


def definition(port: int) -> VenueDefinition:
    return VenueDefinition(
        Venue="XPAR", Dialect="FIX44", SenderCompID="OMS", TargetCompID="XPAR",
        Host="127.0.0.1", Port=port,
    )  # fmt: skip


async def test_it_hears_and_speaks_over_a_real_session(tmp_path: Path) -> None:
    asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    heard: asyncio.Queue[Message] = asyncio.Queue()
    venue = ScriptedVenue("XPAR", "OMS", asked.put_nowait)
    venue.start()
    session = FixSession(definition(venue.port), tmp_path, lambda _, said: heard.put_nowait(said))
    try:
        assert not venue.say(REPORT)  # nobody is logged on: it is not said later either
        session.start(0)
        await asyncio.wait_for(venue.logged_on.wait(), 20)
        assert isinstance(await asyncio.wait_for(heard.get(), 20), SessionUp)
        assert session.send(QUESTION)
        question = await asyncio.wait_for(asked.get(), 20)
        assert (question["35"], question["11"], question["54"]) == ("H", "c-1", "1")
        assert venue.say(REPORT)
        report = await asyncio.wait_for(heard.get(), 20)
    finally:
        await asyncio.to_thread(venue.stop)
        await asyncio.to_thread(session.stop)
    assert report == understood(DIALECTS["FIX44"], REPORT)
    assert isinstance(report, VenueExecution)
    assert (report.ExecType, str(report.LastPx)) == (fix.ExecType.Trade, "7.5")


async def test_it_can_be_stopped_before_anybody_came() -> None:
    venue = ScriptedVenue("NOBODY", "OMS", lambda fields: None)
    venue.stop()
    venue.start()
    venue.stop()


def test_without_a_session_the_words_are_those_of_the_dialect() -> None:
    fields = worded(DIALECTS["FIX44"], QUESTION)
    assert {tag: fields[tag] for tag in ("35", "11", "55", "54")} == {
        "35": "H", "11": "c-1", "55": "AAPL", "54": "1"
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["8", "9"])
def test_fields_are_said_in_the_order_given(kind: str) -> None:
    text = composed("FIX.4.4", {"35": kind, "37": "O", "11": "c"}).toString()
    assert f"\x0135={kind}\x01" in text
    assert "37=O\x01" in text
    assert "11=c\x01" in text
