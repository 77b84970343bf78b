"""Sequence numbers that do not fit, over a real engine: nothing is skipped in silence."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateways.fix.numbers import LATCH
from messages.venue import VenueReject
from tests.gateways.fix_venue import (
    Caller,
    ScriptedVenue,
    an_order,
    logged_on,
    report,
    scripted_venue,
    stopped_at_the_end,
)

pytestmark = pytest.mark.live


@pytest.fixture
async def venue() -> AsyncIterator[ScriptedVenue]:
    async with scripted_venue() as venue:
        yield venue


@pytest.fixture
async def caller(venue: ScriptedVenue, tmp_path: Path) -> AsyncIterator[Caller]:
    async with stopped_at_the_end(Caller(venue.port, tmp_path / "store"), venue) as caller:
        yield caller


async def test_a_logout_beyond_a_gap_skips_no_report(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=10)
    await logged_on(venue, caller, number=50)
    await venue.expect("2")
    venue.say("5", 51, {"58": "end of day"})
    await caller.until(lambda: "XPAR logged out: end of day" in caller.session_words())
    venue.hang_up()
    await logged_on(venue, caller, number=52)
    assert (await venue.expect("2"))["7"] == "11"


async def test_a_logout_in_order_is_not_asked_for_again(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    venue.say("5", 2, {"58": "end of day"})
    await caller.until(lambda: len(caller.session_words()) == 2)
    venue.hang_up()
    await logged_on(venue, caller, number=3)
    venue.say("8", 4, report(4))
    await caller.until(lambda: caller.reports() == [4])


async def test_a_reject_beyond_a_gap_skips_no_report(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=10)
    await logged_on(venue, caller, number=13)
    caller.session.send(an_order("refused"))
    order = await venue.expect("D")
    venue.say("3", 14, {"45": order["34"], "372": "D", "373": "5", "58": "no such account"})
    venue.say("8", 11, report(11), poss_dup=True)
    venue.say("8", 12, report(12), poss_dup=True)
    venue.say("8", 15, report(15))
    assert (await venue.expect("2"))["7"] == "14"  # the Reject's number; 13 was the Logon
    venue.say("4", 14, {"123": "Y", "36": "15"}, poss_dup=True)
    venue.say("8", 15, report(15), poss_dup=True)
    await caller.until(lambda: len(caller.reports()) == 4)
    assert caller.reports() == [0, 11, 12, 15]
    assert caller.heard[1][1] == VenueReject(
        ClOrdID="refused", RefMsgType="D", Text="no such account (SessionRejectReason(373)=5)"
    )


async def test_our_lost_store_is_made_good_by_what_the_venue_expects(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    assert (await venue.accept())["34"] == "1"
    venue.say("5", 1, {"58": "MsgSeqNum too low, expecting 51 but received 1"})
    # The engine may use up a number for a Logon that never left when a connection just ended.
    logon = int((await venue.accept())["34"])
    assert logon in (51, 52)
    venue.logon(2)
    await caller.until(lambda: "up" in caller.session_words())
    assert caller.session_words()[0].endswith("our store was behind, going on from 51")
    assert caller.session.send(an_order())
    assert int((await venue.expect("D"))["34"]) > logon


async def test_our_number_survives_a_restart(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    for name in ("1", "2", "3"):
        caller.session.send(an_order(name))
    venue.hang_up()
    caller.session.stop()
    caller.session.start(heard=1)
    number = int((await venue.accept())["34"])
    while number == 1:  # a connection that stop() had begun
        number = int((await venue.accept())["34"])
    assert number >= 5


async def test_a_venue_that_lost_its_numbers_gets_no_logon_until_a_human_settled_it(
    venue: ScriptedVenue, caller: Caller, tmp_path: Path
) -> None:
    caller.session.start(heard=50)
    await venue.accept()
    venue.logon(1)
    assert (await venue.expect("5"))["58"].startswith("MsgSeqNum too low, expecting 51")
    await caller.until(lambda: caller.session_words())
    (text,) = caller.session_words()
    assert "set its next outgoing MsgSeqNum to 51" in text
    assert str(tmp_path / "store" / LATCH) in text
    venue.hang_up()
    # Its failed attempts have counted up to what we expect: that settles nothing.
    await venue.accept()
    venue.logon(60)
    assert "sequence numbers disagree" in (await venue.expect("5"))["58"]
    venue.hang_up()
    await venue.accept()
    assert caller.session_words() == [text]
    (tmp_path / "store" / LATCH).unlink()
    venue.logon(70)
    await caller.until(lambda: caller.session_words() == [text, "up"])
    assert (await venue.expect("2"))["7"] == "51"


async def test_a_disagreement_outlives_a_restart_and_ends_with_an_earlier_start(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=50)
    await venue.accept()
    venue.logon(1)
    await caller.until(lambda: caller.session_words())
    venue.hang_up()
    caller.session.stop()
    caller.heard.clear()
    caller.session.start(heard=50)
    await venue.accept()
    venue.logon(60)
    await caller.until(lambda: caller.session_words())
    assert "No logon is accepted" in caller.session_words()[0]
    venue.hang_up()
    caller.session.stop()
    caller.heard.clear()
    caller.session.start(heard=0)
    await logged_on(venue, caller, number=70)
    assert (await venue.expect("2"))["7"] == "1"


async def test_a_venue_that_forgot_its_last_messages_is_heard_again_from_before_them(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=50)
    await venue.accept()
    venue.logon(49)
    await caller.until(lambda: caller.session_words())
    assert "went back from MsgSeqNum 51 to 49" in caller.session_words()[0]
    venue.hang_up()
    await logged_on(venue, caller, number=53)
    assert (await venue.expect("2"))["7"] == "33"
    venue.say("4", 33, {"123": "Y", "36": "50"}, poss_dup=True)
    venue.say("8", 50, report(50), poss_dup=True)
    venue.say("4", 51, {"123": "Y", "36": "54"}, poss_dup=True)
    venue.say("8", 54, report(54))
    await caller.until(lambda: len(caller.reports()) == 2)
    assert caller.reports() == [0, 54]


async def test_a_reset_by_the_venue_is_refused(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=50)
    ours = int((await venue.accept())["34"])
    venue.logon(1, t141="Y")
    await caller.until(lambda: caller.session_words())
    assert "XPAR reset its numbers (ResetSeqNumFlag), but 50" in caller.session_words()[0]
    venue.hang_up()
    assert int((await venue.accept())["34"]) > ours


async def test_messages_the_venue_skips_let_the_caller_ask_about_its_orders(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    venue.say("4", 2, {"36": "9"})
    venue.say("8", 9, report(9))
    await caller.until(lambda: caller.reports() == [9])
    assert caller.session_words() == [
        "up",
        "XPAR skipped its messages 2 to 8 (SequenceReset)",
        "up",
    ]
    assert caller.session.send(an_order())


async def test_the_end_of_the_engine_schedule_changes_no_number(
    venue: ScriptedVenue, caller: Caller, tmp_path: Path
) -> None:
    """Builds without NonStopSession start the numbers again after a week."""
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    caller.session.send(an_order())
    number = int((await venue.expect("D"))["34"])
    (created,) = (tmp_path / "store").glob("*.session")
    created.write_text("20200101-00:00:00")
    caller.session._session.refresh()
    try:
        await asyncio.wait_for(venue.expect("5"), 3)
    except TimeoutError:
        pass  # this build has no schedule
    else:
        venue.hang_up()
        number = int((await venue.accept())["34"])
        assert number > 3  # Logon, order, Logout
        venue.logon(2)
        await caller.until(lambda: caller.session_words().count("up") == 2)
        venue.say("8", 3, report(3))
        await caller.until(lambda: caller.reports() == [3])
    caller.session.send(an_order())
    assert int((await venue.expect("D"))["34"]) == number + 1
