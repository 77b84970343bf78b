"""Trading days and times in force: what opens, closes, expires and comes back."""

from itertools import pairwise

import pytest

from messages.base import SECOND, Instant
from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdType,
    SecurityTradingStatus,
    TimeInForce,
)
from messages.sessions import SessionCalendar
from messages.terms import Terms
from tests.actors.book_scenes import (
    PLAIN,
    MarketScene,
    at,
    calendar,
    iceberg,
    pegged,
    stop,
    venue,
    working,
)
from tests.actors.scenes import START, dec, instrument, terms

GTC, GTD, OPG = TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate, TimeInForce.AtTheOpening
MON, TUE, WED = "20261123", "20261124", "20261125"
NEW = "account/acme Execution acme-1 New"
FIRED = "account/acme Execution acme-1 Triggered"
EXPIRED = "account/acme Execution acme-1 Expired"
DONE = "account/acme Execution acme-1 DoneForDay"
RENEWED = "account/acme Execution acme-1 Restated"
SENT = "venue/XNAS NewOrder acme-1.1"
FOLLOWED = "venue/XNAS Follow"
MINUTE = 60 * SECOND


def book(clock: str = "15:00", date: str = MON, **native: object) -> MarketScene:
    """XNYS on Monday, in the middle of the trading day but for what is given."""
    given = instrument(Venues=("XNAS",), Calendar="XNYS")
    scene = MarketScene(given, venue(**native), calendar(MON, TUE, WED))
    return scene.start(at(date, clock))


def close(date: str = MON) -> Instant:
    return at(date, "21:00")


def good_till(date: str | None = None, when: Instant | None = None, **fields: object) -> Terms:
    return terms(TimeInForce=GTD, ExpireDate=date, ExpireTime=when, **fields)


# ---- held orders over the days


def test_a_held_day_order_expires_at_the_close() -> None:
    scene = book().order(stop()).then(NEW, FOLLOWED).until(close() - 1).then()
    scene.until(close()).then(EXPIRED, FOLLOWED).replays()


def test_a_held_day_order_expires_where_a_new_calendar_says_that_the_day_is_over() -> None:
    scene = book().order(stop())
    monday, *rest = calendar(MON, TUE, WED).Days
    half = monday.model_copy(update={"Closes": at(MON, "14:59")})
    scene.when(SessionCalendar(Calendar="XNYS", Days=(half, *rest)))
    scene.happened("CalendarDefined", "SessionTurned")
    scene.until(at(MON, "15:00")).then(EXPIRED, FOLLOWED).replays()


def test_a_held_order_that_lasts_is_done_for_the_day_and_comes_back_with_the_next() -> None:
    scene = book().order(stop(TimeInForce=GTC)).until(close()).then(DONE).replays()
    assert scene.sends[0].message.TradeDate == MON  # type: ignore[attr-defined]
    scene.quote("10.50").then()
    scene.until(at(TUE, "14:30")).then(RENEWED).replays()
    told = scene.sends[0].message
    assert told.TradeDate == TUE  # type: ignore[attr-defined]
    assert told.ExecRestatementReason is ExecRestatementReason.GTRenewal  # type: ignore[attr-defined]
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED).replays()


def test_a_quote_from_before_the_open_does_not_trigger_after_it() -> None:
    scene = book("12:00").order(stop()).quote("10.50").then()
    scene.until(at(MON, "14:30")).then()
    scene.quote("10.50", when=at(MON, "14:30") - 1).then()
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED)


def test_the_close_counts_for_whatever_comes_first_after_it() -> None:
    """The timer may be late; a quote or an order that overtakes it finds the day closed."""
    scene = book().order(stop()).start(close()).quote("10.50")
    scene.happened("OrderEnded", "SessionTurned", "QuoteHeard", "VenueFollowed")
    scene.then(EXPIRED, FOLLOWED)
    scene.order(stop(), "acme-2").then("account/acme Execution acme-2 New", FOLLOWED)
    scene.until(close() + 1).then().quote("10.50").then().replays()


def test_an_order_that_a_done_order_is_replaced_by_waits_for_the_open_too() -> None:
    scene = book().order(stop(TimeInForce=GTC)).until(close())
    scene.replace(stop("10.40", TimeInForce=GTC)).then("account/acme Execution acme-1 Replaced b")
    scene.until(at(TUE, "15:00")).then(RENEWED).quote("10.40").then(FIRED, SENT, FOLLOWED)
    book().order(stop(TimeInForce=GTC)).until(close()).cancel().then(
        "account/acme Execution acme-1 Canceled b", FOLLOWED
    )


def test_outside_of_the_day_a_day_order_goes_to_the_venue_and_a_held_one_waits() -> None:
    for given in (stop(), pegged()):
        scene = book("13:00").order(given).then(NEW, FOLLOWED)
        scene.quote("10.50", "10.50", "10.51").then()
    book("13:00").order().then(SENT)
    book("13:00").order(iceberg()).then(SENT)


def test_a_slice_that_fills_at_the_close_is_followed_the_next_day() -> None:
    scene = book().order(iceberg(TimeInForce=GTC)).until(close())
    scene.then().fill(40).then("account/acme Execution acme-1 Trade 40@10.00")
    scene.until(at(TUE, "14:30")).then("venue/XNAS NewOrder acme-1.2").replays()


def test_what_works_at_the_venue_is_the_venues_to_end() -> None:
    scene = book().order(iceberg()).order(pegged(TimeInForce=GTC), "acme-2")
    scene.quote("10", "9.99", "10.01").until(close()).then()
    scene.venue(ExecType.Expired).then(EXPIRED)
    scene.venue(ExecType.DoneForDay, "acme-2.1")
    scene.then("account/acme Execution acme-2 DoneForDay").replays()


# ---- day orders that the venue forgets


def test_a_day_order_of_which_the_venue_says_nothing_is_one_break_and_stays_open() -> None:
    scene = book().order().order(terms(TimeInForce=GTC), "acme-2").order(terms(), "acme-3")
    scene.venue(ExecType.DoneForDay, "acme-3.1")
    scene.until(close() + 15 * MINUTE - 1).happened("SessionTurned")
    scene.until(close() + 15 * MINUTE).happened("DayOrderOverdue", "BreakFound", "SessionTurned")
    assert scene.events[1].OrderID == "acme-1"  # type: ignore[attr-defined]
    scene.until(close(TUE) + 15 * MINUTE).happened(
        "SessionTurned", "SessionTurned", "SessionTurned"
    )
    scene.replays().venue(ExecType.Expired).then(EXPIRED)


def test_a_day_order_that_comes_after_the_close_is_not_due_on_that_day() -> None:
    scene = book().order().until(close() + MINUTE).venue(ExecType.Expired)
    scene.order(order_id="acme-2").until(at(TUE, "14:00")).happened("SessionTurned")
    scene.until(close(TUE) + 15 * MINUTE)
    assert [e.OrderID for e in scene.events if e.Event == "BreakFound"] == ["acme-2"]  # type: ignore[attr-defined]


def test_with_no_order_open_nothing_is_waited_for() -> None:
    scene = book()
    assert scene.alarms == {}
    scene.order().fill(100).until(close()).happened("SessionTurned").replays()
    assert (scene.alarms, scene.state.turn) == ({}, None)
    scene.start(at(TUE, "15:00")).order(stop(), "acme-2").quote("10.50")
    scene.until(close(TUE))
    assert scene.state.today is None


def test_there_is_one_timer_for_the_day_whatever_happens_in_a_year() -> None:
    dates = tuple(f"2027{month:02}{day:02}" for month in range(1, 13) for day in range(1, 29))
    given = instrument(Venues=("XNAS",), Calendar="XNYS")
    scene = MarketScene(given, venue(), calendar(*dates)).start(at(dates[0], "15:00"))
    scene.order(stop(TimeInForce=GTC)).until(at(dates[-1], "20:00"))
    assert len(scene.sends) == 2 * (len(dates) - 1)
    assert list(scene.alarms) == ["session"]
    scene.until(at("20280601", "00:00")).then(DONE).replays()
    assert scene.alarms == {}


def test_a_host_that_was_down_for_days_catches_up_in_order() -> None:
    scene = book().order(stop(TimeInForce=GTC)).start(at(WED, "16:00")).quote("10.50")
    scene.then(DONE, RENEWED, DONE, RENEWED, FIRED, SENT, FOLLOWED).replays()


def test_a_market_that_never_sleeps_closes_and_opens_in_the_same_instant() -> None:
    days = calendar(MON, TUE, WED).Days
    round_the_clock = tuple(
        day.model_copy(update={"Closes": after.Opens}) for day, after in pairwise(days)
    )
    always = SessionCalendar(Calendar="XNYS", Days=(*round_the_clock, days[-1]))
    scene = book().when(always).order(stop(TimeInForce=GTC)).until(at(TUE, "14:30"))
    scene.then(DONE, RENEWED).replays()
    assert scene.state.today == TUE
    assert scene.alarms["session"][0] == at(TUE, "14:45")


def test_another_calendar_counts_from_now_on() -> None:
    scene = (
        book().order(stop()).when(calendar(TUE, WED)).happened("CalendarDefined", "SessionTurned")
    )
    scene.when(calendar(TUE, WED)).happened()
    scene.quote("10.50").then().until(at(TUE, "14:30")).quote("10.50").then(FIRED, SENT, FOLLOWED)


def test_a_calendar_that_lengthens_the_day_brings_back_what_was_done_with_it() -> None:
    scene = book().order(stop(TimeInForce=GTC)).until(close()).then(DONE)
    longer = calendar(MON, TUE).Days
    days = (longer[0].model_copy(update={"Closes": close() + 60 * MINUTE}), *longer[1:])
    scene.until(close() + MINUTE).when(SessionCalendar(Calendar="XNYS", Days=days)).then(RENEWED)
    first = scene.sends[0].message.VenueExecID  # type: ignore[attr-defined]
    scene.until(close() + 60 * MINUTE).then(DONE).until(at(TUE, "14:30")).then(RENEWED)
    assert scene.sends[0].message.VenueExecID != first  # type: ignore[attr-defined]
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED).replays()


def test_the_calendar_of_another_exchange_is_not_ours() -> None:
    other = SessionCalendar(Calendar="XPAR", Days=calendar(MON).Days)
    scene = book("23:00").when(other).order(stop()).quote("10.50").then(FIRED, SENT, FOLLOWED)
    scene.replays()


def test_without_a_calendar_nothing_of_this_happens() -> None:
    scene = MarketScene().order(stop()).order(terms(), "acme-2").passes(7 * 24 * 3600).then()
    assert scene.alarms == {}
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED)


def test_an_order_that_was_there_before_its_calendar_is_seen_by_it() -> None:
    scene = MarketScene(instrument(Venues=("XNAS",), Calendar="XNYS"), venue())
    scene.start(at(MON, "15:00")).order(stop()).when(calendar(MON, TUE)).until(close())
    scene.then(EXPIRED, FOLLOWED).replays()


# ---- good till a date


@pytest.mark.parametrize(
    ("given", "sent", "ends"),
    [
        (good_till(TUE), GTC, close(TUE)),
        (good_till(MON), TimeInForce.Day, close()),
        (good_till("20261128"), GTC, at("20261129", "00:00") - 1),
        (good_till(when=at(MON, "16:00")), TimeInForce.Day, at(MON, "16:00")),
        (good_till(when=at(WED, "16:00")), GTC, at(WED, "16:00")),
    ],
)
def test_an_order_good_till_a_date_is_cancelled_then_and_has_expired(
    given: Terms, sent: TimeInForce, ends: Instant
) -> None:
    scene = book().order(given).then(SENT)
    assert (scene.child().TimeInForce, scene.child().ExpireDate) == (sent, None)
    scene.venue(ExecType.New).fill(30).until(ends - 1).then()
    scene.until(ends).then("venue/XNAS CancelOrder acme-1.1 acme-1.1 1")
    scene.venue(ExecType.Canceled, RequestID="acme-1.1 1").then(EXPIRED).replays()


def test_without_a_calendar_a_date_ends_with_its_day_in_utc() -> None:
    scene = MarketScene().order(good_till("20261123")).order(good_till("20261124"), "acme-2")
    assert scene.now == START
    ends = at("20261124", "00:00") - 1
    assert scene.alarms["expiry"][0] == ends
    scene.until(ends).then("venue/XNAS CancelOrder acme-1.1 acme-1.1 1")
    assert scene.alarms["expiry"][0] == at("20261125", "00:00") - 1
    same_day = MarketScene().start(at(MON, "10:00")).order(good_till(MON))
    assert same_day.child().TimeInForce is TimeInForce.Day


def test_a_fill_that_overtakes_the_expiry_is_a_fill() -> None:
    scene = book().order(good_till(TUE)).until(close(TUE)).fill(100)
    scene.then("account/acme Execution acme-1 Trade 100@10.00")
    scene.refuse("acme-1.1 1", reason=CxlRejReason.TooLateToCancel).then().replays()
    assert scene.state.open == {}


def test_an_expiry_that_the_venue_refuses_is_a_break() -> None:
    scene = book().order(good_till(TUE)).until(close(TUE)).refuse("acme-1.1 1")
    scene.happened("ChildRequestRejected", "EndingWithdrawn", "BreakFound").replays()


def test_a_cancel_beside_the_expiry_is_answered_as_a_cancel() -> None:
    scene = book().order(good_till(TUE)).until(close(TUE)).cancel()
    scene.then("venue/XNAS CancelOrder acme-1.1 b")
    scene.venue(ExecType.Canceled, RequestID="acme-1.1 1")
    scene.then("account/acme Execution acme-1 Canceled b").replays()


def test_an_expiry_waits_for_a_cancel_under_way_and_follows_its_refusal() -> None:
    scene = book().order(good_till(TUE)).cancel().until(close(TUE)).then().refuse("b")
    scene.then(
        "account/acme RequestRejected acme-1 b Other",
        "venue/XNAS CancelOrder acme-1.1 acme-1.1 2",
    ).replays()


def test_a_later_date_moves_the_end() -> None:
    scene = book().order(good_till(TUE)).replace(good_till(WED, Price="9.90"))
    scene.venue(ExecType.Replaced, RequestID="b").until(close(TUE)).then()
    scene.until(close(WED)).then("venue/XNAS CancelOrder acme-1.1 acme-1.1 2").replays()


def test_a_held_order_expires_with_its_date_whether_or_not_the_venue_knows_dates() -> None:
    for native in (PLAIN, (*PLAIN, GTD)):
        given = stop(TimeInForce=GTD, ExpireDate=TUE)
        scene = book(TimesInForce=native).order(given).until(close()).then(DONE)
        scene.until(close(TUE)).then(RENEWED, EXPIRED, FOLLOWED).replays()


def test_a_venue_that_knows_dates_ends_the_child_itself() -> None:
    scene = (
        book(TimesInForce=(*PLAIN, GTD))
        .order(good_till(TUE))
        .happened("SessionTurned", "OrderRouted")
    )
    given = stop(TimeInForce=GTD, ExpireDate=TUE)
    scene = book(TimesInForce=(*PLAIN, GTD)).order(given).quote("10.50")
    assert (scene.child().TimeInForce, scene.child().ExpireDate) == (GTD, TUE)
    scene.until(close(TUE) + MINUTE).then().venue(ExecType.Expired).then(EXPIRED).replays()


# ---- at the opening


def opening(kind: OrdType = OrdType.Market, **fields: object) -> Terms:
    return working(kind, TimeInForce=OPG, **fields)


@pytest.mark.parametrize(
    "given", [opening(), opening(OrdType.Limit, Price=dec("10.00")), opening(ExecInst=None)]
)
def test_an_order_for_the_opening_is_sent_when_the_day_opens(given: Terms) -> None:
    scene = book("12:00").order(given).then(NEW).until(at(MON, "14:30")).then(SENT)
    sent = scene.child()
    assert (sent.OrdType, sent.TimeInForce) == (given.OrdType, TimeInForce.ImmediateOrCancel)
    scene.venue(ExecType.New).then().venue(ExecType.Canceled)
    scene.then("account/acme Execution acme-1 Canceled").replays()


def test_an_order_for_the_opening_that_comes_too_late_waits_for_the_next() -> None:
    scene = book().order(opening()).then(NEW).until(close()).then()
    scene.until(at(TUE, "14:30")).then(SENT).replays()


def test_an_opening_that_is_halted_all_day_is_missed() -> None:
    scene = book("12:00").order(opening()).status(SecurityTradingStatus.Halt)
    scene.until(close()).then(EXPIRED).replays()


def test_for_the_opening_after_the_last_known_day_the_order_is_rejected() -> None:
    book("15:00", WED).order(opening()).then("account/acme Execution acme-1 Rejected")


def test_an_order_for_the_opening_is_native_where_the_venue_says_so() -> None:
    book(TimesInForce=(*PLAIN, OPG)).order(opening()).happened("SessionTurned", "OrderRouted")
