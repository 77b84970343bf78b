"""`oms orders` and `oms positions` say what the accounts know, from their journals alone."""

import io
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from infra import replayed
from infra.commands.orders import blotter, orders
from infra.commands.positions import positions
from infra.commands.shown import grouped, lasted, plain
from messages import fix
from messages import venue as wire
from messages.base import SECOND
from messages.terms import Terms
from tests.infra.journaled_day import MS, START, Day, cancel, file_of, new, replace, traded_day

D = Decimal


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A day with orders in every state, still being written to."""
    with traded_day(tmp_path_factory.mktemp("day")) as day:
        yield day


def run(command: Any, data: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--data", str(data), *words])


def as_json(command: Any, data: Path, *words: str) -> Any:
    result = run(command, data, "--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_state_read_from_a_journal_is_that_of_the_live_account(day: Day) -> None:
    """I5, from the file and while the actor goes on."""
    states = replayed.account_states(day.data)
    assert states.keys() == {"growth", "macro"}
    for name, state in states.items():
        assert state == day.shell(f"account/{name}").actor.state


def test_the_blotter_has_every_order_by_the_time_it_came(day: Day) -> None:
    told = [(o["ClOrdID"], o["OrdStatus"], o["Open"]) for o in as_json(orders, day.data)]
    assert told == [
        ("a-1", "Filled", False),
        ("a-3", "New", True),
        ("a-4", "Rejected", False),
        ("a-6", "Canceled", False),
        ("b-1", "PartiallyFilled", True),
        ("a-1", "Rejected", False),
        ("a-7", "PendingNew", True),
    ]


def test_an_order_is_told_under_fix_names_with_decimals_as_strings(day: Day) -> None:
    first, replaced, refused, *_ = as_json(orders, day.data)
    absent = set(Terms.model_fields) - {"Symbol", "Side", "OrderQty", "OrdType", "Price"}
    absent |= {"DayOrderQty", "DayCumQty", "TradeDate", "Overfilled", "Text", "OrigClOrdID"}
    assert {name for name, value in first.items() if value is None} == absent - {"TimeInForce"}
    assert {name: value for name, value in first.items() if value is not None} == {
        "ReceivedAt": "2026-11-23T02:16:24.022000000Z",
        "Account": "growth",
        "Desk": "alpha",
        "ClOrdID": "a-1",
        "OrderID": "growth-1",
        "Symbol": "AAPL",
        "Side": "Buy",
        "OrderQty": "100",
        "OrdType": "Limit",
        "Price": "190",
        "TimeInForce": "Day",
        "OrdStatus": "Filled",
        "Open": False,
        "CumQty": "100",
        "LeavesQty": "0",
        "AvgPx": "189.8",
        "InDoubt": [],
    }
    assert (replaced["OrigClOrdID"], replaced["OrderQty"], replaced["Price"]) == (
        "a-2", "70", "181.25"
    )  # fmt: skip
    assert refused["Text"].startswith("OrderExceedsLimit: OrderQty 9000: at most 5000")


def test_an_order_that_the_venue_may_have_is_in_doubt_in_words_and_with_its_age(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order,) = (o for o in as_json(orders, day.data) if o["InDoubt"])
    (doubt,) = order["InDoubt"]
    assert (order["ClOrdID"], doubt["Venue"], doubt["ClOrdID"]) == ("a-7", "XPAR", "growth-5.1")
    assert doubt["Request"] == "New"
    (line,) = (line for line in blotter(day.data) if line.doubts)
    monkeypatch.setattr(time, "time_ns", lambda: line.doubts[0].since + 75 * SECOND)
    shown = run(orders, day.data).stdout
    assert "PendingNew, in doubt 1 min 15 s" in shown
    assert shown.count("in doubt") == 2  # and in the last line
    assert "7 orders: 3 open, 1 in doubt" in shown


def test_a_cancel_in_doubt_is_told_from_an_order_in_doubt(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        day.executes("growth-5.1", fix.ExecType.New)
        assert "in doubt" not in run(orders, day.data).stdout
        day.desk("alpha", cancel("a-8", "a-7"))
        day.pass_time(6)
        assert "PendingCancel, Cancel in doubt" in run(orders, day.data).stdout
        day.executes("growth-5.1.1", fix.ExecType.Canceled)
        assert "in doubt" not in run(orders, day.data).stdout


def test_a_replace_in_doubt_of_a_filled_order_shows_too(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        day.executes("growth-5.1", fix.ExecType.Rejected)
        day.desk("alpha", replace("a-8", "a-3", 90, "181.25"))
        day.fills("growth-2.1", 70, "181")
        day.pass_time(6)
        shown = run(orders, day.data, "--account", "growth").stdout
    assert "PendingReplace, Replace in doubt" in shown


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders that live on: o-1 on its second day, o-2 for money, o-3 a stop, o-4 overfilled.

    o-5 is suspended, o-6 done for the day, and one was made at the venue.
    """
    data = tmp_path_factory.mktemp("late")
    with Day(data) as day:
        day.the_venue_does_everything()
        day.says(wire.SessionUp())
        day.desk("alpha", new("o-1", TimeInForce=fix.TimeInForce.GoodTillCancel))
        day.executes("growth-1.1", fix.ExecType.New, TradeDate="20261123")
        day.fills("growth-1.1", 40, "189.5", TradeDate="20261123")
        day.executes("growth-1.1", fix.ExecType.DoneForDay, TradeDate="20261123")
        why = fix.ExecRestatementReason.GTRenewal
        day.executes(
            "growth-1.1", fix.ExecType.Restated, TradeDate="20261124", ExecRestatementReason=why
        )
        day.fills("growth-1.1", 15, "189.5", TradeDate="20261124")
        money = {"OrderQty": None, "CashOrderQty": D(5000), "Currency": "USD"}
        day.desk("alpha", new("o-2", **money))
        day.desk("alpha", new("o-3", OrdType=fix.OrdType.StopLimit, StopPx=D("188.5")))
        day.executes("growth-3.1", fix.ExecType.New)
        day.desk("alpha", new("o-4", 10))
        day.fills("growth-4.1", 12, "190")
        day.desk("alpha", new("o-5", 10))
        day.executes("growth-5.1", fix.ExecType.Suspended)
        day.desk("alpha", new("o-6", 10))
        day.executes("growth-6.1", fix.ExecType.DoneForDay)
        day.made_at_the_venue("V-9", fix.ExecType.New)
    return data


def test_orders_that_live_on_are_told_with_what_is_of_today(late: Path) -> None:
    told = {o["OrderID"]: o for o in as_json(orders, late)}
    first = told["growth-1"]
    assert (first["OrdStatus"], first["CumQty"], first["LeavesQty"]) == (
        "PartiallyFilled",
        "55",
        "45",
    )
    assert (first["DayOrderQty"], first["DayCumQty"]) == ("60", "15")
    assert first["TradeDate"] == "20261124"
    assert (told["growth-2"]["OrderQty"], told["growth-2"]["CashOrderQty"]) == (None, "5000")
    assert (told["growth-4"]["OrdStatus"], told["growth-4"]["Overfilled"]) == ("Filled", "2")
    assert [told[f"growth-{n}"]["Open"] for n in (5, 6)] == [True, False]
    made = told["XPAR.V-9"]
    assert (made["ClOrdID"], made["OrigClOrdID"], made["Desk"]) == (None, None, "alpha")
    assert (made["OrdStatus"], made["Open"]) == ("New", True)


def test_a_table_names_what_the_venue_made_and_shows_rare_columns_where_they_are_needed(
    late: Path, day: Day
) -> None:
    shown = run(orders, late).stdout
    head, *lines = shown.splitlines()
    assert {"StopPx", "DayCumQty"} <= set(head.split())
    assert not {"StopPx", "DayCumQty"} & set(run(orders, day.data).stdout.split())
    by_name = {line.split()[0]: line for line in lines}
    assert "(XPAR.V-9)" in by_name
    assert "for 5,000 USD" in by_name["o-2"]
    assert "Filled, overfilled 2" in by_name["o-4"]
    assert "Suspended" in by_name["o-5"]
    assert "DoneForDay" in by_name["o-6"]


def test_open_account_and_desk_choose_orders(day: Day) -> None:
    def names(*words: str) -> list[str]:
        return [o["ClOrdID"] for o in as_json(orders, day.data, *words)]

    assert names("--open") == ["a-3", "b-1", "a-7"]
    assert names("--account", "macro") == ["b-1", "a-1"]
    assert names("--desk", "beta") == ["b-1", "a-1"]
    assert names("--desk", "alpha", "--open") == ["a-3", "a-7"]
    assert names("--desk", "gamma") == []


def test_a_limit_keeps_the_latest_and_says_so(day: Day) -> None:
    assert [o["ClOrdID"] for o in as_json(orders, day.data, "--limit", "2")] == ["a-1", "a-7"]
    shown = run(orders, day.data, "--limit", "2").stdout
    assert "the latest 2 are shown, all with --limit 0" in shown
    assert len(shown.splitlines()) == 4
    assert "are shown" not in run(orders, day.data, "--limit", "0").stdout


def test_a_table_in_a_pipe_has_one_line_for_each_order(day: Day) -> None:
    head, *lines, foot = run(orders, day.data).stdout.splitlines()
    assert head.split() == [
        *("ClOrdID", "OrderID", "Account", "Desk", "Symbol", "Side", "OrderQty", "OrdType"),
        *("Price", "TIF", "OrdStatus", "CumQty", "LeavesQty", "AvgPx"),
    ]
    assert len(lines) == 7
    assert foot == "7 orders: 3 open, 1 in doubt; what became of one: oms trail CLORDID"


def test_a_narrow_terminal_shows_fewer_columns_and_colour_is_never_alone(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: dict[int, str] = {}
    for width in (115, 200):
        paper = io.StringIO()
        screen = Console(file=paper, force_terminal=True, width=width, color_system="standard")
        monkeypatch.setattr("infra.commands.shown.console", screen)
        run(orders, day.data, "--account", "growth", "--open")
        shown[width] = paper.getvalue()
    assert "\x1b[" in shown[115]
    for text in shown.values():
        assert "in doubt" in text
        assert "PendingNew" in text
    assert ("OrderID" in shown[115], "OrderID" in shown[200]) == (False, True)
    assert len(shown[115].splitlines()) == len(shown[200].splitlines()) == 3


def test_positions_have_average_cost_and_realized_profit(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        day.desk("alpha", new("a-9", 30, "200", Side=fix.Side.Sell))
        day.executes("growth-6.1", fix.ExecType.New)
        day.fills("growth-6.1", 30, "201.3")
        found = as_json(positions, day.data)
    assert found["Positions"] == [
        {
            "Account": "growth",
            "Symbol": "AAPL",
            "Quantity": "70",
            "AverageCost": "189.8",
            "RealizedPnL": "345",
            "Currency": "USD",
        },
        {
            "Account": "macro",
            "Symbol": "AAPL",
            "Quantity": "-30",
            "AverageCost": "195.1",
            "RealizedPnL": "0",
            "Currency": "USD",
        },
    ]


def test_a_fill_that_is_taken_back_leaves_no_position_and_the_cash_is_back(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        before = as_json(positions, day.data)
        day.desk("alpha", new("a-9", 30, "200", Side=fix.Side.Sell))
        day.executes("growth-6.1", fix.ExecType.New)
        name = day.fills("growth-6.1", 30, "201.3")
        assert as_json(positions, day.data)["Positions"][0]["RealizedPnL"] == "345"
        day.executes("growth-6.1", fix.ExecType.TradeCancel, ExecRefID=name)
        assert as_json(positions, day.data) == before


def test_a_fill_that_is_corrected_had_its_new_price_from_the_beginning(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        last = {"LastQty": D(30), "LastPx": D(196)}
        day.executes("macro-1.1", fix.ExecType.TradeCorrect, ExecRefID="X-10", **last)
        (held,) = as_json(positions, day.data, "--account", "macro")["Positions"]
    assert (held["Quantity"], held["AverageCost"], held["RealizedPnL"]) == ("-30", "196", "0")


def test_cash_is_told_by_currency_with_what_is_reserved(day: Day) -> None:
    found = as_json(positions, day.data, "--account", "growth")["Cash"]
    assert [(c["Currency"], c["Cash"], c["Reserved"], c["BuyingPower"]) for c in found] == [
        ("EUR", "50000", "0", "50000"),
        ("USD", "981020", "13437.5", "967582.5"),
    ]
    shown = run(positions, day.data).stdout
    assert "short -30" in shown
    assert "long 100" in shown
    assert "967,582.50" in shown


def test_before_the_first_fill_there_are_no_positions(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        assert "no positions: nothing has traded" in run(positions, day.data).stdout
        assert "0 orders" not in run(orders, day.data).stdout
        assert "send one with: oms send" in run(orders, day.data).stdout
        assert as_json(orders, day.data) == []


@pytest.mark.parametrize("command", [orders, positions])
def test_a_folder_without_journals_is_told_with_what_helps(command: Any, tmp_path: Path) -> None:
    result = run(command, tmp_path / "none")
    assert result.exit_code == 1
    assert "no account has a journal in" in result.stderr
    assert "oms up --data" in result.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", [orders, positions])
def test_an_account_that_is_not_there_is_told_with_those_that_are(command: Any, day: Day) -> None:
    result = run(command, day.data, "--account", "grwoth")
    assert result.exit_code == 1
    assert "account grwoth has no journal" in result.stderr
    assert "growth, macro" in result.stderr


def test_a_damaged_journal_is_an_error_that_names_it_and_the_doctor(tmp_path: Path) -> None:
    with traded_day(tmp_path):
        pass
    file_of(tmp_path, "account/growth").write_bytes(b"not a database, but long enough" * 99)
    result = run(orders, tmp_path)
    assert result.exit_code == 1
    assert "growth.sqlite" in result.stderr
    assert "oms doctor" in result.stderr


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    with traded_day(tmp_path / "50% of a #day?"):
        pass
    assert len(as_json(orders, tmp_path / "50% of a #day?")) == 7


def test_reading_changes_no_journal(tmp_path: Path) -> None:
    with traded_day(tmp_path):
        pass
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.sqlite")}
    assert len(before) == 6
    run(orders, tmp_path)
    run(positions, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.sqlite")} == before


@pytest.mark.parametrize(
    ("nanos", "words"),
    [
        (-5, "0 s"),
        (SECOND - 1, "0 s"),
        (12 * SECOND, "12 s"),
        (75 * SECOND, "1 min 15 s"),
        (3600 * SECOND, "1 h"),
        ((2 * 3600 + 5 * 60 + 9) * SECOND, "2 h 5 min"),
        (49 * 3600 * SECOND, "2 d 1 h"),
    ],
)
def test_a_time_span_in_words(nanos: int, words: str) -> None:
    assert lasted(nanos) == words


def test_a_decimal_for_people_is_grouped_and_one_for_programs_is_plain() -> None:
    assert [grouped(D(text)) for text in ("1234567.500", "1E+3", "-0.10", "0")] == [
        "1,234,567.5", "1,000", "-0.1", "0"
    ]  # fmt: skip
    assert [plain(D(text)) for text in ("1234567.500", "1E+3", "-0.10", "100")] == [
        "1234567.5", "1000", "-0.1", "100"
    ]  # fmt: skip
    assert (grouped(None), plain(None)) == ("", None)


def test_the_day_is_as_foretold(day: Day) -> None:
    assert START < day.now < START + 60 * SECOND
    assert day.now % MS == 0
