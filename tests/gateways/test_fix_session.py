"""The FIX session against a venue that breaks the rules, over a real socket and engine.

Nothing a venue says under a number is skipped in silence, and nothing the caller sent comes to
life in a later logon.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateways.fix.numbers import LATCH
from messages.venue import SessionDown, SessionUp, VenueExecution, VenueReject
from tests.gateways.fix_venue import Caller, ScriptedVenue, an_order, report, scripted_venue, wire

pytestmark = pytest.mark.live


@pytest.fixture
async def venue() -> AsyncIterator[ScriptedVenue]:
    async with scripted_venue() as venue:
        yield venue


@pytest.fixture
async def caller(venue: ScriptedVenue, tmp_path: Path) -> AsyncIterator[Caller]:
    caller = Caller(venue.port, tmp_path / "store")
    yield caller
    stopping = asyncio.create_task(asyncio.to_thread(caller.session.stop))
    await asyncio.sleep(0.02)
    venue.hang_up()  # the engine's thread looks up at once, and not only at its next tick
    await stopping


async def logged_on(venue: ScriptedVenue, caller: Caller, number: int = 1) -> None:
    """Exchange Logons; the venue's has this number."""
    ups = caller.session_words().count("up")
    await venue.accept()
    venue.logon(number)
    await caller.until(lambda: caller.session_words().count("up") > ups)


async def test_reports_come_between_session_up_and_session_down(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    for number in (2, 3, 4):
        venue.say("8", number, report(number))
    await caller.until(lambda: len(caller.heard) == 4)
    venue.hang_up()
    await caller.until(lambda: len(caller.heard) == 5)
    assert [seq for seq, _ in caller.heard] == [0, 2, 3, 4, 0]
    assert caller.heard[0] == (0, SessionUp())
    assert caller.heard[-1] == (0, SessionDown(Text="the connection to XPAR was lost"))
    first = caller.heard[1][1]
    assert isinstance(first, VenueExecution)
    assert first.ExecID == "E-2"
    assert caller.garbage == []


async def test_a_start_asks_for_everything_after_what_was_heard(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=10)
    await logged_on(venue, caller, number=14)
    request = await venue.expect("2")
    assert (request["7"], request["16"]) == ("11", "0")
    for number in (11, 12, 13):
        venue.say("8", number, report(number), poss_dup=True)
    await caller.until(lambda: caller.reports() == [11, 12, 13])


async def test_nothing_is_sent_while_logged_out_and_nothing_arrives_later(
    venue: ScriptedVenue, caller: Caller
) -> None:
    assert not caller.session.send(an_order("before start"))
    caller.session.start(heard=0)
    assert not caller.session.send(an_order("before logon"))
    assert not caller.session.logged_on
    await logged_on(venue, caller)
    assert caller.session.logged_on
    assert caller.session.send(an_order("one"))
    assert (await venue.expect("D"))["11"] == "one"
    venue.hang_up()
    await caller.until(lambda: len(caller.session_words()) == 2)
    assert not caller.session.logged_on
    assert not caller.session.send(an_order("between logons"))
    await logged_on(venue, caller, number=2)
    venue.say("2", 3, {"7": "1", "16": "0"})
    assert caller.session.send(an_order("two"))
    while (message := await venue.read())["35"] != "D":
        assert message["35"] in "4A"
    assert message["11"] == "two"


async def test_orders_of_an_earlier_logon_are_gap_filled_and_those_of_this_logon_resent(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    for name in ("stale 1", "stale 2"):
        assert caller.session.send(an_order(name))
    await venue.expect("D")
    venue.hang_up()
    await logged_on(venue, caller, number=2)
    assert caller.session.send(an_order("fresh"))
    sent = await venue.expect("D")
    venue.say("2", 3, {"7": "2", "16": "0"})
    gap = await venue.expect("4")
    assert (gap["34"], gap["123"], gap["36"]) == ("2", "Y", sent["34"])
    again = await venue.read()
    assert (again["35"], again["34"], again["43"], again["11"]) == ("D", sent["34"], "Y", "fresh")


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


async def test_a_report_that_cannot_be_read_is_told_with_its_text_and_stops_nothing(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    venue.say("8", 2, report(2, t14="many"))
    venue.say("8", 3, report(3, t58="caf\N{LATIN SMALL LETTER E WITH ACUTE}"))
    venue.say("B", 4, {"148": "news"})
    venue.say_raw(wire_latin1(5))
    await caller.until(lambda: caller.reports() == [3, 5])
    malformed, news = caller.garbage
    assert "CumQty(14)=many" in malformed
    assert "|17=E-2|" in malformed
    assert "|148=news|" in news
    last = caller.heard[-1][1]
    assert isinstance(last, VenueExecution)
    assert last.Text == "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert last.model_dump_json()


def wire_latin1(number: int) -> bytes:
    """A report whose Text is not UTF-8."""
    data = wire("8", number, report(number, t58="cafe"))
    data = data[: data.rindex(b"10=")].replace(b"58=cafe", b"58=caf\xe9")
    return data + b"10=%03d\x01" % (sum(data) % 256)


async def test_an_order_that_would_inject_a_field_is_not_sent(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    assert not caller.session.send(an_order("c-1\x0138=1000000"))
    assert "separator" in caller.garbage[0]
    assert caller.session.send(an_order("c-2"))
    assert (await venue.expect("D"))["11"] == "c-2"


async def test_an_error_of_the_caller_stops_the_session_before_the_next_message(
    venue: ScriptedVenue, tmp_path: Path
) -> None:
    caller = Caller(venue.port, tmp_path / "store")
    problems: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: problems.append(repr(context["exception"])))

    def take(seq: int, message: object) -> None:
        if seq == 3:
            raise RuntimeError("disk full")
        caller.heard.append((seq, message))  # type: ignore[arg-type]

    caller.session._on_message = take
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    for number in (2, 3, 4):
        venue.say("8", number, report(number))
    await caller.until(lambda: problems)
    await asyncio.sleep(0.1)
    assert problems == ["RuntimeError('disk full')"]
    assert caller.reports() == [2]
    assert not caller.session.send(an_order())


async def test_a_caller_is_told_when_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.fix.session.PATIENCE_S", 0.2)
    async with scripted_venue() as venue:
        port = venue.port
    caller = Caller(port, tmp_path / "store")
    caller.session.start(heard=0)
    try:
        await caller.until(lambda: caller.session_words())
        assert f"127.0.0.1:{port}" in caller.session_words()[0]
    finally:
        caller.session.stop()


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


async def test_a_running_session_is_not_started_again(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=0)
    with pytest.raises(ValueError, match="started already"):
        caller.session.start(heard=0)


def test_an_unknown_dialect_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are FIX44, Paper"):
        Caller(1, tmp_path, dialect="Esperanto")
