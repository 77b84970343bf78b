"""The actor: bounded, deterministic, indifferent to batches and to the order of strangers."""

from collections import Counter
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.actor import step
from actors.surveillance import evolve, state
from actors.surveillance.surveillance import Surveillance
from infra.shell import Shell
from infra.snapshots import dump, restore
from infra.surveillance.cases import cases
from infra.surveillance.evaluate import definition
from infra.surveillance.stage import Case, Row
from messages import events as ev
from messages.base import Instant
from messages.cases import CaseStep
from messages.operators import FromOperator
from messages.sessions import SessionCalendar, TradingDay
from messages.surveillance import Sightings
from messages.thresholds import Thresholds, Watched
from tests.surveillance.watching import BUY, NOON, SELL, Watching, told

BANDS = (Thresholds(Band="large"), Thresholds(Band="mid"), Thresholds(Band="small"))
BUSY = ("wash_trade", "layering", "spoofing", "quote_stuffing", "ramping", "front_running")


def heard(case: Case, batches: list[list[Row]]) -> Surveillance:
    actor = Surveillance("surveillance/0")
    step(actor, definition(case, BANDS), NOON)
    for rows in batches:
        words = [row for row in rows if not isinstance(row, FromOperator)]
        step(actor, Sightings(Rows=tuple(words)), NOON)
    return actor


def digest(actor: Surveillance) -> bytes:
    return actor.STATE.dump_json(actor.state)


def a_case(draw: Random) -> Case:
    pattern = draw.choice(BUSY)
    return draw.choice(list(cases(pattern, draw.randint(0, 10_000), 3)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_the_same_sightings_in_other_batches_are_the_same_state_and_alerts(seed: int) -> None:
    """I5."""
    draw = Random(seed)
    case = a_case(draw)
    rows = [row for _, row in case.rows]
    batches: list[list[Row]] = []
    while rows:
        size = draw.randint(1, 60)
        batches.append(rows[:size])
        rows = rows[size:]
    one_by_one = heard(case, [[row] for _, row in case.rows])
    assert digest(heard(case, batches)) == digest(one_by_one)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_accounts_that_have_nothing_to_do_with_each_other_may_be_heard_in_any_order(
    seed: int,
) -> None:
    """Two cases in two securities: whatever is mixed how, the alerts are those of each alone."""
    draw = Random(seed)
    one, other = a_case(draw), a_case(draw)
    symbols = {getattr(row, "Symbol", None) for _, row in one.rows} - {None}
    other = _in_another_world(other)
    alone = Counter(_alerts(one, [row for _, row in one.rows]))
    alone += Counter(_alerts(other, [row for _, row in other.rows]))
    left, right = [r for _, r in one.rows], [r for _, r in other.rows]
    mixed: list[Row] = []
    while left or right:
        source = left if left and (not right or draw.random() < 0.5) else right
        mixed.append(source.pop(0))
    both = Case(
        one.pattern, True, "", "", 0, [], (*one.parties, *other.parties),
        (*one.restrictions, *other.restrictions),
    )  # fmt: skip
    assert symbols
    assert Counter(_alerts(both, mixed)) == alone


def _alerts(case: Case, rows: list[Row]) -> list[tuple[str, str, Instant]]:
    actor = Surveillance("surveillance/0")
    step(actor, definition(case, BANDS), NOON)
    done = step(actor, Sightings(Rows=tuple(rows)), NOON)  # type: ignore[arg-type]
    return [(a.Pattern, a.Owner, a.At) for a in done.events if isinstance(a, ev.AlertRaised)]


def _in_another_world(case: Case) -> Case:
    """The same in a security and with accounts of its own."""

    def other(row: Row) -> Row:
        if isinstance(row, FromOperator):
            return row
        changed: dict[str, object] = {}
        for name in ("Account", "OrderID"):
            if hasattr(row, name):
                changed[name] = f"x{getattr(row, name)}"
        if hasattr(row, "Symbol"):
            changed["Symbol"] = f"X{row.Symbol}"
        return row.model_copy(update=changed)

    parties = tuple(
        p.model_copy(update={"Account": f"x{p.Account}", "Owner": f"x{p.Owner or p.Account}"})
        for p in case.parties
    )
    return Case(
        case.pattern, case.guilty, case.what, f"x{case.owner}", case.over,
        [(at, other(row)) for at, row in case.rows], parties, (),
    )  # fmt: skip


def test_what_is_remembered_never_grows_beyond_its_rings(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    small = {"LIVE": 50, "TRACKS": 12, "TAPES": 5, "ALERTS": 10, "CUSTOMERS": 8}
    small |= {"PAST": 6, "TRADES": 6, "ACTS": 9, "MINUTES": 3, "TAPE": 9, "HOUSE": 4}
    for name, most in small.items():
        monkeypatch.setattr(evolve, name, most)
    limits = {"Quiet": 0, "RatioOrders": 2, "RatioFilled": Decimal(1), "StuffingActs": 4}
    symbols = tuple(Watched(Symbol=f"S{n}", Band="mid") for n in range(1, 10))
    scene, draw = Watching(), Random(1)
    scene.when(told(**limits).model_copy(update={"Instruments": symbols}))
    largest = 0
    for n in range(3_000):
        symbol = f"S{draw.randint(1, 9)}"
        account = f"acc{draw.randint(1, 40)}"
        order = scene.enter(n / 10, account, draw.choice((BUY, SELL)), 100, symbol=symbol)
        fate = draw.random()
        if fate < 0.3:
            scene.fill(n / 10, order, 60)
        elif fate < 0.9:
            scene.cancel(n / 10, order)
        if n % 500 == 499:
            largest = _bounded(scene.state, small)
    assert len(scene.alerts) > 10
    assert largest <= 50
    scene.replays()


def _bounded(now: state.SurveillanceState, most: dict[str, int]) -> int:
    assert len(now.live) <= most["LIVE"]
    assert len(now.tracks) <= most["TRACKS"]
    assert len(now.habits) <= state.TRACKS
    assert len(now.tapes) <= most["TAPES"]
    assert len(now.cases) <= most["ALERTS"]
    assert len(now.last) <= most["ALERTS"]
    for track in now.tracks.values():
        assert len(track.past) <= most["PAST"]
        assert len(track.trades) <= most["TRADES"]
        assert len(track.acts) <= most["ACTS"]
        assert len(track.minutes) <= most["MINUTES"]
        assert track.live.keys() <= now.live.keys()
    for tape in now.tapes.values():
        assert len(tape.trades) <= most["TAPE"]
        assert len(tape.house) <= most["HOUSE"]
        assert len(tape.customers) <= most["CUSTOMERS"]
        assert tape.customers.keys() <= now.live.keys()
    return len(now.live)


def test_a_snapshot_in_the_midst_of_it_changes_nothing() -> None:
    """I5: rings that come from a snapshot are as short as before."""
    case = next(iter(cases("quote_stuffing", 7, 1)))
    rows = [row for _, row in case.rows]
    whole = heard(case, [rows])
    half = heard(case, [rows[: len(rows) // 2]])
    shell, fresh = Shell(half), Shell(Surveillance("surveillance/0"))
    assert restore(fresh, dump(shell))
    actor = fresh.actor
    assert isinstance(actor, Surveillance)
    step(actor, Sightings(Rows=tuple(rows[len(rows) // 2 :])), NOON)  # type: ignore[arg-type]
    assert digest(actor) == digest(whole)


def test_an_order_that_was_let_go_is_passed_over() -> None:
    Watching().fill(5, "one-1", 100).cancel(6, "one-1").happened("OrderGone").found()


def test_the_definition_is_journaled_where_it_is_new() -> None:
    scene = Watching()
    scene.happened("SurveillanceDefined").when(told()).happened()
    scene.when(told(LayerLevels=5)).happened("SurveillanceDefined").replays()


def test_trading_days_say_when_a_security_with_a_calendar_closes() -> None:
    days = (TradingDay(TradeDate="20261123", Opens=NOON, Closes=NOON + 600 * 10**9),)
    calendar = SessionCalendar(Calendar="XNYS", Days=days)
    scene = Watching()
    scene.when(calendar).happened("CalendarDefined").when(calendar).happened()
    watched = told().Instruments[0].model_copy(update={"Calendar": "XNYS"})
    assert state.next_close(scene.state, watched, NOON) == NOON + 600 * 10**9
    assert state.next_close(scene.state, watched, NOON + 601 * 10**9) is None
    scene.replays()


# ---- cases


def alerted() -> Watching:
    return Watching().trade(1, "one", SELL, 100).trade(1, "one", BUY, 100).found("wash_trade")


def test_a_case_is_opened_assigned_commented_and_closed_with_a_reason() -> None:
    scene = alerted()
    scene.person("0-1", CaseStep.Open).happened("CaseMoved")
    scene.person("0-1", CaseStep.Assign, Assignee="bob").happened("CaseMoved")
    assert scene.state.cases["0-1"].assignee == "bob"
    scene.person("0-1", CaseStep.Comment, Text="asked the desk").happened("CaseMoved")
    scene.person("0-1", CaseStep.Close, "bob", Text="a misclick").happened("CaseMoved")
    assert scene.state.cases["0-1"].status == "Closed"
    (send,) = scene.sends
    assert send.recipient == "desk/bob"
    assert (send.message.CaseStatus, send.message.Refused) == ("Closed", False)  # type: ignore[attr-defined]
    scene.person("0-1", CaseStep.Open).happened("CaseMoved").replays()


def test_a_step_that_may_not_be_is_refused_with_the_reason_and_changes_nothing() -> None:
    scene = alerted()
    for step_, words, said in (
        (CaseStep.Close, {"Text": "no"}, "open it first"),
        (CaseStep.Assign, {}, "name the operator"),
        (CaseStep.Comment, {}, "Comment needs a Text"),
    ):
        scene.person("0-1", step_, **words).happened("CaseRefused")
        assert said in scene.sends[0].message.Text  # type: ignore[attr-defined]
    scene.person("0-9", CaseStep.Open).happened("CaseRefused")
    scene.person("0-1", CaseStep.Open).person("0-1", CaseStep.Open, "bob")
    scene.happened("CaseRefused")
    scene.person("0-1", CaseStep.Close).happened("CaseRefused")
    scene.person("0-1", CaseStep.Close, Text="done").happened("CaseMoved")
    scene.person("0-1", CaseStep.Assign, Assignee="bob").happened("CaseRefused").replays()


def test_a_step_or_news_that_a_border_brings_twice_happens_once_and_is_answered_again() -> None:
    """I2."""
    scene = alerted()
    scene.person("0-1", CaseStep.Open).person("0-1", CaseStep.Open).happened()
    assert scene.sends[0].message.Refused is False  # type: ignore[attr-defined]
    scene.person("0-1", CaseStep.Comment, Text="a").person("0-1", CaseStep.Comment, Text="a")
    scene.happened().person("0-1", CaseStep.Comment, Text="b").happened("CaseMoved")
    scene.news(5, "0.04").happened("NewsHeard").news(5, "0.04").happened().replays()


def test_news_is_answered_with_how_many_alerts_it_made() -> None:
    scene = Watching().trade(1, "new", BUY, 90_000).news(100, "0.04").found("insider_dealing")
    assert scene.sends[0].message.Text == "1 alerts"  # type: ignore[attr-defined]
