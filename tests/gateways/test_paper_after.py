"""What the paper exchange does without being asked: busts, corrections, telephone orders."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.paper.commands import COMMANDS, perform
from tests.gateways.paper_client import Fields, brief
from tests.gateways.paper_market import Exchange


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def quantities(report: Fields) -> dict[str, str]:
    """What the state matrices of FIX state of a report."""
    names = {"150": "ExecType", "39": "OrdStatus", "38": "OrderQty", "14": "CumQty"}
    names |= {"151": "LeavesQty", "32": "LastQty", "31": "LastPx", "6": "AvgPx"}
    return {name: report[tag] for tag, name in names.items() if tag in report}


def row(kind: str, status: str, *numbers: str) -> dict[str, str]:
    """OrderQty CumQty LeavesQty LastQty LastPx AvgPx."""
    names = ("OrderQty", "CumQty", "LeavesQty", "LastQty", "LastPx", "AvgPx")
    return {"ExecType": kind, "OrdStatus": status, **dict(zip(names, numbers, strict=True))}


def about(reports: list[Fields], name: str) -> list[Fields]:
    return [report for report in reports if report.get("11") == name]


def test_a_filled_order_is_busted_corrected_and_filled_again(exchange: Exchange) -> None:
    """Scenario J.1.a of FIX 4.4, volume 4, with the sellers on the other side."""
    exchange.ask(exchange.order("x", t38="10000", t44="200"))
    exchange.done("halt", Symbol="AAPL")
    exchange.done("fill", ClOrdID="x", LastQty="1000", LastPx="100")
    exchange.done("fill", ClOrdID="x", LastQty="9000", LastPx="110")
    (bust,) = exchange.done("bust", ExecID="XPAR-1-B")
    assert quantities(bust) == row("H", "1", "10000", "9000", "1000", "0", "0", "110")
    assert (bust["19"], bust["11"]) == ("XPAR-1-B", "x")
    (fixed,) = exchange.done("correct", ExecID="XPAR-2-B", LastQty="9000", LastPx="100")
    assert quantities(fixed) == row("G", "1", "10000", "9000", "1000", "9000", "100", "100")
    assert fixed["19"] == "XPAR-2-B"
    (fill,) = exchange.done("fill", ClOrdID="x", LastQty="1000", LastPx="120")
    assert quantities(fill) == row("F", "2", "10000", "10000", "0", "1000", "120", "102")
    (again,) = exchange.done("correct", ExecID="XPAR-2-B", LastQty="9000", LastPx="120")
    assert quantities(again) == row("G", "2", "10000", "10000", "0", "9000", "120", "120")
    assert again["19"] == fixed["17"], "the last correction is what is corrected"


def test_a_correction_of_an_earlier_day_leaves_the_day_alone(exchange: Exchange) -> None:
    """Scenario J.1.c of FIX 4.4, volume 4."""
    exchange.ask(exchange.order("x", t38="10000", t59="1"))
    exchange.done("fill", ClOrdID="x", LastQty="2000", LastPx="10")
    exchange.done("end_of_day")
    exchange.now += 1_000_000
    exchange.done("next_day")
    exchange.done("fill", ClOrdID="x", LastQty="1000", LastPx="10")
    (one,) = exchange.done("correct", ExecID="XPAR-1-B", LastQty="1500", LastPx="10")
    assert (one["14"], one["151"], one["424"], one["425"]) == ("2500", "7500", "8500", "1000")
    (two,) = exchange.done("correct", ExecID="XPAR-2-B", LastQty="500", LastPx="10")
    assert (two["14"], two["151"], two["424"], two["425"]) == ("2000", "8000", "8500", "500")


def test_a_bust_is_told_to_both_and_the_named_side_works_again(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2"), exchange.order("b"))
    said = exchange.done("bust", ExecID="XPAR-1-B")
    assert [brief(r) for r in said] == ["H 0 b 0/100", "H 0 s 0/100", "4 4 s 0/100"]
    assert said[-1]["378"] == "8"
    assert exchange.say(exchange.order("s2", t54="2", t38="40"))[-1] == "F 1 b 40/100"


def test_both_sides_of_a_bust_that_work_again_may_trade_again(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2"), exchange.order("b"))
    said = exchange.done("bust", ExecID="XPAR-1-S", Reopen="both")
    assert [brief(r) for r in said] == [
        *("H 0 s 0/100", "H 0 b 0/100", "F 2 b 100/100", "F 2 s 100/100")
    ]


def test_no_side_of_a_bust_works_again_where_it_is_told_so(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2"), exchange.order("b"))
    said = exchange.done("bust", ExecID="XPAR-1-S", Reopen="none")
    assert [brief(r) for r in said][2:] == ["4 4 s 0/100", "4 4 b 0/100"]


def test_a_bust_of_a_canceled_order_opens_nothing(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("s", t54="2", t38="40"))
    exchange.ask(exchange.cancel("b2", "b"))
    (busted, *_) = exchange.done("bust", ExecID="XPAR-1-B", Reopen="none")
    assert (busted["150"], busted["39"], busted["14"], busted["151"]) == ("H", "4", "0", "0")
    assert busted["11"] == "b2"


def test_a_fill_before_a_replace_is_corrected_under_the_new_name(exchange: Exchange) -> None:
    """The last row of scenario J.1.a."""
    exchange.ask(exchange.order("x", t38="12000"))
    exchange.done("fill", ClOrdID="x", LastQty="9000", LastPx="10")
    exchange.ask(exchange.replace("y", "x", t38="12000", t44="11"))
    (fixed,) = exchange.done("correct", ExecID="XPAR-1-B", LastQty="9500", LastPx="10")
    assert (fixed["11"], fixed["14"], fixed["151"]) == ("y", "9500", "2500")


def test_a_bust_of_a_resting_order_gives_it_more_to_do_in_its_place(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("s", t54="2", t38="40"))
    exchange.ask(exchange.order("later"))
    exchange.done("bust", ExecID="XPAR-1-B")
    said = exchange.say(exchange.order("t", t54="2", t38="100"))
    assert said[-1] == "F 2 b 100/100"


def test_a_correction_that_fills_the_order_takes_it_out_of_the_book(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t38="50"))
    exchange.done("fill", ClOrdID="b", LastQty="40", LastPx="10")
    (fixed,) = exchange.done("correct", ExecID="XPAR-1-B", LastQty="50", LastPx="10")
    assert quantities(fixed) == row("G", "2", "50", "50", "0", "50", "10", "10")
    assert exchange.do("book", Symbol="AAPL")["bids"] == []


def test_what_was_busted_is_not_busted_again(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2"), exchange.order("b"))
    exchange.done("bust", ExecID="XPAR-1-B")
    for name in ("XPAR-1-S", "XPAR-1-B"):
        answer = exchange.do("bust", ExecID=name)
        assert answer["ok"] is False
        assert "busted before" in answer["error"]


def test_a_correction_beyond_the_order_is_refused_and_changes_nothing(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2"), exchange.order("b", t38="120"))
    answer = exchange.do("correct", ExecID="XPAR-1-B", LastQty="101", LastPx="10")
    assert "beyond its OrderQty(38)=100" in answer["error"]
    assert "100 at most" in answer["remedy"]
    assert exchange.say(exchange.status("b")) == ["I 1 b 100/120"]


def test_an_unsolicited_cancel_says_why(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"))
    (said,) = exchange.done("cancel", ClOrdID="b", Reason="4", Text="fat finger")
    assert (said["150"], said["39"], said["378"], said["58"]) == ("4", "4", "4", "fat finger")
    assert (said["11"], "41" in said) == ("b", False)


def test_a_part_of_an_order_is_declined_in_its_place(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("b2"))
    (said,) = exchange.done("restate", OrderID="O-1", OrderQty="60")
    assert (said["150"], said["39"], said["378"]) == ("D", "0", "5")
    assert (said["38"], said["151"]) == ("60", "60")
    assert exchange.say(exchange.order("s", t54="2", t38="60"))[-1] == "F 2 b 60/60"
    answer = exchange.do("restate", ClOrdID="b2", OrderQty="100")
    assert "between CumQty 0 and OrderQty 100" in answer["remedy"]


def test_an_unsolicited_replace_may_trade_at_once(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t44="9"), exchange.order("s", t54="2"))
    said = exchange.done("replace", ClOrdID="b", Price="10", OrderQty="50")
    assert [brief(r) for r in said] == ["5 0 b 0/50", "F 2 b 50/50", "F 1 s 50/100"]
    assert "41" not in said[0]


def test_a_telephone_order_is_reported_without_a_name_and_canceled_by_its_order_id(
    exchange: Exchange,
) -> None:
    asked = {"Account": "acme", "Symbol": "AAPL", "Side": "Buy", "OrderQty": "100"}
    (new,) = exchange.done("order", **asked, Price="10")
    assert (new["37"], new["1"], "11" in new) == ("O-1", "acme", False)
    *_, fill = exchange.ask(exchange.order("s", t54="2", t38="40"))
    assert (fill["37"], fill["151"], "11" in fill) == ("O-1", "60", False)
    (canceled,) = exchange.ask(exchange.cancel("c", "NONE", t37="O-1"))
    assert (canceled["150"], canceled["11"], canceled["37"]) == ("4", "c", "O-1")


def test_a_telephone_order_that_cannot_be_is_refused(exchange: Exchange) -> None:
    asked = {"Account": "acme", "Symbol": "AAPL", "OrderQty": "1e3"}
    assert "OrderQty(38)=1e3" in exchange.do("order", **asked, Side="Buy")["error"]
    assert exchange.do("order", **asked, Side="Up")["allowed"] == "one of Buy, Sell, SellShort"


def test_a_stopped_order_has_a_promise_and_no_fill_until_it_comes(exchange: Exchange) -> None:
    """Scenario L.1.a of FIX 4.4, volume 4."""
    exchange.ask(exchange.order("x", t38="10000", t44="60"))
    (stopped,) = exchange.done("stop", ClOrdID="x", LastQty="1000", LastPx="50.1")
    assert quantities(stopped) == row("7", "7", "10000", "0", "10000", "1000", "50.1", "0")
    (fill,) = exchange.done("fill", ClOrdID="x", LastQty="1000", LastPx="50")
    assert quantities(fill) == row("F", "7", "10000", "1000", "9000", "1000", "50", "50")
    (last,) = exchange.done("fill", ClOrdID="x", LastQty="9000", LastPx="50")
    assert last["39"] == "2"


def test_an_order_that_has_ended_is_refused_by_every_command(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.cancel("b2", "b"))
    some = {"LastQty": "1", "LastPx": "1"}
    for name, more in (("cancel", {}), ("restate", {"OrderQty": "1"}), ("stop", some)):
        answer = exchange.do(name, ClOrdID="b", **more)
        assert (answer["field"], answer["given"]) == ("ClOrdID", "b")
        assert "CANCELED" in answer["allowed"]


@pytest.mark.parametrize(
    ("command", "field", "allowed"),
    [
        ({"do": "dance"}, "do", "halt"),
        ({"do": "halt"}, "Symbol", "a text"),
        ({"do": "halt", "Symbol": "A", "Sym": 1}, "Sym", "one of Symbol"),
        ({"do": "phase", "Symbol": "A", "Phase": "Night"}, "Phase", "PreOpen"),
        ({"do": "resume", "Symbol": "A"}, "Symbol", "halted"),
        ({"do": "end_of_day", "Date": "tomorrow"}, "Date", "a date"),
        ({"do": "end_of_day", "DayOrders": "Kept"}, "DayOrders", "Expired, DoneForDay"),
        ({"do": "correct", "ExecID": "x", "LastQty": "x", "LastPx": "1"}, "LastQty", "a decimal"),
        ({"do": "script", "name": "nap"}, "name", "late_fill"),
        ({"do": "script", "name": "delay", "args": {"times": 1}}, "args.times", "one of ms"),
        ({"do": "script", "name": "delay", "args": {"ms": "soon"}}, "args.ms", "a whole number"),
        ({"do": "script", "name": "delay", "args": {"ms": "9" * 30}}, "args.ms", "up to 8 digits"),
        ({"do": "script", "name": "delay", "args": {"ms": "\u00b2"}}, "args.ms", "a whole number"),
        ({"do": "cancel", "OrderID": "O-" + "9" * 30}, "OrderID", "no order has it"),
        ({"do": "cancel", "OrderID": "O-\u00b2"}, "OrderID", "no order has it"),
        ({"do": "halt", "Symbol": "A\x0158=x"}, "Symbol", "printable"),
        ({"do": "script", "name": "reject_all", "args": {"text": "a\x01b"}}, "text", "printable"),
        ({"do": "script", "name": "drop", "args": []}, "args", "an object"),
    ],
)
def test_a_command_that_cannot_be_names_the_field_and_what_is_allowed(
    exchange: Exchange, command: dict[str, object], field: str, allowed: str
) -> None:
    name = str(command.pop("do"))
    answer = exchange.do(name, **command)
    assert (answer["ok"], answer["field"]) == (False, field)
    assert allowed in answer["allowed"]
    assert answer["remedy"]


ODD = st.sampled_from(
    ["AAPL", "b", "O-1", "XPAR-1-B", "1", "-1", "0", "1e5", "", "delay", "drop", "Halted", "Buy"]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
FIELDS = st.sampled_from(sorted({"do", "x"}.union(*(one.fields for one in COMMANDS.values()))))


@settings(deadline=None)
@given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(FIELDS, ODD, max_size=5))
def test_whatever_a_command_holds_it_is_answered_and_can_be_written(
    name: str, values: dict[str, object]
) -> None:
    exchange = Exchange()
    exchange.ask(exchange.order("s", t54="2"), exchange.order("b", t38="150"))
    answer = perform(exchange.market, {"do": name, **values}, exchange.now)
    assert answer["ok"] in (True, False)
    assert answer["ok"] or answer["remedy"]
    assert json.dumps(answer)
    for report in exchange.taken().reports:
        assert report.encode()


@given(ODD)
def test_whatever_is_no_command_is_answered(given_: object) -> None:
    answer = perform(Exchange().market, given_, 0)
    assert answer["ok"] is False


def test_what_can_be_told_is_told(exchange: Exchange) -> None:
    told = exchange.do("help")
    assert told["commands"]["bust"] == ["ExecID", "Reopen"]
    assert told["scripts"]["delay"]["args"] == {"ms": "100"}


def test_a_closed_symbol_cannot_be_halted(exchange: Exchange) -> None:
    exchange.done("phase", Symbol="AAPL", Phase="Closed")
    answer = exchange.do("halt", Symbol="AAPL")
    assert (answer["field"], "not closed" in answer["allowed"]) == ("Symbol", True)


def test_the_book_and_the_trades_can_be_looked_at(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t111="30"), exchange.order("w", t18="G", t38="70"))
    exchange.ask(exchange.order("s", t54="2", t38="40", t44="9"))
    book = exchange.do("book", Symbol="AAPL")
    assert [(one["Price"], one["Shown"]) for one in book["bids"]] == [("10", "20")]
    assert (book["last"], book["offers"]) == ("10", [])
    assert [one["ClOrdID"] for one in book["waiting"]] == ["w"]
    exchange.do("bust", ExecID="XPAR-1-B", Reopen="none")
    trades = exchange.do("trades")["trades"]
    assert [(t["ExecID"], t["LastQty"]) for t in trades][:2] == [
        ("XPAR-1-S", "0"),
        ("XPAR-1-B", "0"),
    ]
    assert {one["ClOrdID"] for one in exchange.do("orders")["orders"]} == {"b", "w"}
    assert exchange.do("status")["phases"] == {"AAPL": "Continuous"}
