"""The FIX session over a real socket and engine: what is heard, what is sent, what is refused.

Invariant I17: nothing is sent to a venue while its session is down.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from messages.fix import OrdType, TimeInForce
from messages.reference import Capabilities
from messages.venue import (
    SessionDown,
    SessionUp,
    VenueExecution,
    VenueMarketDataRequest,
    VenueQuotes,
    VenueReject,
    VenueSecurityStatus,
)
from tests.gateways.fix_venue import (
    BUY,
    Caller,
    ScriptedVenue,
    an_order,
    logged_on,
    report,
    scripted_venue,
    stopped_at_the_end,
    wire,
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


async def test_nothing_is_sent_before_session_up_was_handed_on(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await venue.accept()
    venue.logon(1)
    wait_for_engine(caller)
    assert caller.heard == []
    assert not caller.session.logged_on
    assert not caller.session.send(an_order())


def wait_for_engine(caller: Caller) -> None:
    """Until the engine's thread has the Logon, while the event loop stands still."""
    for _ in range(500):
        if caller.session._session.isLoggedOn():
            return
        time.sleep(0.01)
    raise AssertionError("the engine did not log on")


async def test_a_venue_with_a_wrong_clock_is_heard(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=0)
    await venue.accept()
    venue.logon(1, t52="20200101-00:00:00")
    venue.say("8", 2, report(2, t52="20200101-00:00:01"))
    await caller.until(lambda: caller.reports() == [2])


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


async def test_an_order_that_would_inject_a_field_is_refused_and_not_sent(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    assert caller.session.send(an_order("c-1\x0138=1000000"))
    assert caller.session.send(an_order("c-2"))
    assert (await venue.expect("D"))["11"] == "c-2"
    text = "not sent: a value holds FIX's field separator (SOH, 0x01)"
    refused = VenueReject(ClOrdID="c-1\x0138=1000000", RefMsgType="D", Text=text)
    assert caller.heard[1:] == [(0, refused)]


async def test_what_a_venue_cannot_work_is_refused_with_the_reason_and_not_sent(
    venue: ScriptedVenue, tmp_path: Path
) -> None:
    able = Capabilities(OrdTypes=(OrdType.Limit,), TimesInForce=(TimeInForce.Day,))
    caller = Caller(venue.port, tmp_path / "store", native=able)
    async with stopped_at_the_end(caller, venue):
        caller.session.start(heard=0)
        market = BUY.model_copy(update={"OrdType": OrdType.Market, "Price": None})
        order = an_order("c-1").model_copy(update={"Terms": market})
        assert not caller.session.send(order)  # as any message while the session is down
        await logged_on(venue, caller)
        assert caller.session.send(order)
        assert caller.session.send(an_order("c-2"))
        assert (await venue.expect("D"))["11"] == "c-2"
        text = "not sent: XPAR has no OrdType Market; send one of Limit"
        refused = VenueReject(ClOrdID="c-1", RefMsgType="D", Text=text)
        assert caller.heard[1:] == [(0, refused)]


async def test_market_data_is_asked_for_and_heard_in_order_with_reports(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    listen = VenueMarketDataRequest(MDReqID="m-1", Symbols=("AAPL", "MSFT"), Subscribe=True)
    assert caller.session.send(listen)
    assert (await venue.expect("V"))["262"] == "m-1"
    both = "268=2|279=0|269=0|55=AAPL|270=231.2|271=5|279=0|269=0|55=MSFT|270=480|271=7"
    venue.say("X", 2, both)
    venue.say("8", 3, report(3))
    venue.say("f", 4, {"55": "AAPL", "326": "2"})
    await caller.until(lambda: caller.reports() == [2, 3, 4])
    quotes, status = caller.heard[1][1], caller.heard[3][1]
    assert isinstance(quotes, VenueQuotes)
    assert [(q.Symbol, q.BidPx) for q in quotes.Quotes] == [("AAPL", Decimal("231.2")),
                                                            ("MSFT", Decimal(480))]  # fmt: skip
    assert isinstance(status, VenueSecurityStatus)
    assert caller.garbage == []


async def test_market_data_that_is_sent_again_is_dropped_and_what_follows_is_heard(
    venue: ScriptedVenue, caller: Caller
) -> None:
    caller.session.start(heard=10)
    await logged_on(venue, caller, number=14)
    await venue.expect("2")
    old = "55=AAPL|268=1|269=0|270=231.2|271=5"
    venue.say("W", 11, old, poss_dup=True)
    venue.say("8", 12, report(12), poss_dup=True)
    venue.say("f", 13, {"55": "AAPL", "326": "2"}, poss_dup=True)  # still halted, perhaps
    venue.say("W", 15, old)
    await caller.until(lambda: caller.reports() == [12, 13, 15])
    assert caller.garbage == []


async def test_a_report_is_heard_however_the_venue_words_it(
    venue: ScriptedVenue, caller: Caller
) -> None:
    """What the engine refuses is counted as heard, and gone."""
    caller.session.start(heard=0)
    await logged_on(venue, caller)
    texts = [
        "453=2|448=A|447=D|452=1|802=2|523=x|803=1|523=y|803=2|448=B|447=D|452=3",  # two parties
        "382=2|375=X|337=t|375=Y|136=2|137=1|139=4|137=2|139=7|1362=2|1363=a|1363=b",
        "58=|103=|6=",  # empty fields
        "50=late",  # a field of the header at the end
        "9999=custom|5000=x",
        "54=1",  # no group, and twice
    ]
    plain = "|".join(f"{tag}={value}" for tag, value in report(0).items())
    for number, text in enumerate(texts, 2):
        venue.say("8", number, f"{plain}|{text}")
    venue.say("U7", 8, {"58": "a kind of message that FIX does not have"})
    venue.say("8", 9, report(9))
    await caller.until(lambda: 9 in caller.reports())
    assert caller.reports() == [2, 3, 4, 5, 6, 9]
    twice, unknown = caller.garbage
    assert "the engine refused a message of XPAR" in twice
    assert "|45=7|58=Tag appears more than once|371=54|" in twice
    assert "nobody asked for" in unknown


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


async def test_a_running_session_is_not_started_again(venue: ScriptedVenue, caller: Caller) -> None:
    caller.session.start(heard=0)
    with pytest.raises(ValueError, match="started already"):
        caller.session.start(heard=0)


def test_an_unknown_dialect_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are FIX44, Paper"):
        Caller(1, tmp_path, dialect="Esperanto")


async def test_a_venue_that_falls_silent_is_down(venue: ScriptedVenue, tmp_path: Path) -> None:
    silent = Caller(venue.port, tmp_path / "store", heartbeat_s=1)
    async with stopped_at_the_end(silent, venue) as caller:
        caller.session.start(heard=0)
        await logged_on(venue, caller)
        await caller.until(lambda: len(caller.session_words()) == 2)
        assert caller.session_words() == ["up", "the connection to XPAR was lost"]
