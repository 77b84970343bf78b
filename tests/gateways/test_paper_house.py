"""What the house quotes: liquidity that is no client's, never ends, kept on no side."""

import json
import sqlite3
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateways.paper.commands import perform
from gateways.paper.control import control
from gateways.paper.requests import read
from gateways.paper.schema import FIRST, SECOND
from gateways.paper.store import Store, read_executions, read_orders
from tests.gateways.paper_client import NOW, SOH, Sheet, brief
from tests.gateways.paper_market import Exchange
from tests.gateways.paper_session import ROOT, PaperProcess, client, free_port, paper
from tests.gateways.test_paper_market_data import after, ask, entries
from tests.gateways.test_paper_market_data import brief as told
from tests.gateways.test_paper_restart import Kept
from tests.gateways.test_paper_venue import do

QUOTE = {"Symbol": "AAPL", "BidPx": "9", "BidSize": "60", "OfferPx": "10", "OfferSize": "60"}


@pytest.fixture
def exchange() -> Exchange:
    made = Exchange()
    assert made.done("quote", **QUOTE) == []
    return made


def depth(exchange: Exchange) -> list[tuple[str, str]]:
    """Price and size of every level, bids first."""
    book = exchange.do("book", Symbol="AAPL")
    return [(one["Price"], one["Shown"]) for one in (*book["bids"], *book["offers"])]


FULL = [("9", "60"), ("10", "60")]


def test_an_order_trades_with_the_house_and_only_its_own_side_is_reported_and_kept(
    exchange: Exchange,
) -> None:
    effects = exchange.effects(exchange.order("b", t38="40", t44="12"))
    assert [one.split(SOH)[0] for one in effects.reports] == ["35=8", "35=8"]
    assert [(fill.exec_id, fill.price) for fill in effects.fills] == [("XPAR-1-B", Decimal(10))]
    assert set(effects.orders) == {1}
    assert exchange.say(exchange.order("s", t54="2", t38="5", t44="9")) == [
        *("0 0 s 0/5", "F 2 s 5/5"),
    ]
    assert depth(exchange) == FULL


def test_a_quote_that_was_used_has_its_size_and_its_place_again(exchange: Exchange) -> None:
    exchange.ask(exchange.order("behind", t54="2", t38="10", t44="10"))
    for name in "abc":
        assert exchange.say(exchange.order(name, t38="50"))[-1] == f"F 2 {name} 50/50"
    assert depth(exchange) == [("9", "60"), ("10", "70")]
    assert [
        one["OrderID"] for one in exchange.do("book", Symbol="AAPL")["offers"][0]["Orders"]
    ] == [
        *("house", "O-1"),
    ]


def test_a_quote_that_was_used_up_comes_back_behind_who_waited(exchange: Exchange) -> None:
    exchange.ask(exchange.order("behind", t54="2", t38="10", t44="10"))
    assert exchange.say(exchange.order("b", t38="65")) == [
        *("0 0 b 0/65", "F 1 b 60/65", "F 2 b 65/65", "F 1 behind 5/10"),
    ]
    assert exchange.say(exchange.order("c", t38="5")) == [
        *("0 0 c 0/5", "F 2 c 5/5", "F 2 behind 10/10"),
    ]
    assert depth(exchange) == FULL


@pytest.mark.parametrize("size", ["61", "999999999999999"])
def test_an_order_larger_than_the_quote_meets_it_again_once_it_rests(
    exchange: Exchange, size: str
) -> None:
    assert exchange.say(exchange.order("b", t38=size)) == [
        *(f"0 0 b 0/{size}", f"F 1 b 60/{size}", f"F 2 b {size}/{size}"),
    ]
    assert depth(exchange) == FULL


def test_an_order_for_at_once_gets_what_is_quoted_and_no_more(exchange: Exchange) -> None:
    assert exchange.say(exchange.order("ioc", t38="100", t59="3"))[1:] == [
        *("F 1 ioc 60/100", "4 4 ioc 60/100"),
    ]
    assert exchange.say(exchange.order("fok", t38="61", t59="4"))[1:] == ["4 4 fok 0/61"]
    assert exchange.say(exchange.order("fits", t38="60", t59="4"))[1:] == ["F 2 fits 60/60"]
    assert depth(exchange) == FULL


def test_a_stop_that_the_house_triggers_trades_with_the_house(exchange: Exchange) -> None:
    exchange.ask(exchange.order("stop", t40="3", t44="", t99="10", t38="70"))
    said = exchange.say(exchange.order("b", t38="1"))
    assert said[:3] == ["0 0 b 0/1", "F 2 b 1/1", "L 0 stop 0/70"]
    assert said[3:] == ["F 1 stop 60/70", "4 4 stop 60/70"]
    assert depth(exchange) == FULL


def test_a_new_quote_trades_with_who_waits_for_it(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t38="100", t44="9.5"))
    (report,) = exchange.done("quote", **{**QUOTE, "OfferPx": "9.5", "OfferSize": "1"})
    assert (brief(report), report["31"], report["17"]) == ("F 2 b 100/100", "9.5", "XPAR-1-B")
    assert depth(exchange) == [("9", "60"), ("9.5", "1")]


def test_a_side_that_is_left_out_is_quoted_no_more(exchange: Exchange) -> None:
    exchange.done("quote", Symbol="AAPL", BidPx="9", BidSize="5")
    assert depth(exchange) == [("9", "5")]
    exchange.done("quote", Symbol="AAPL")
    assert depth(exchange) == []


def test_a_quote_may_move_over_its_own_other_side(exchange: Exchange) -> None:
    exchange.done("quote", Symbol="AAPL", BidPx="11", BidSize="5", OfferPx="12", OfferSize="5")
    assert depth(exchange) == [("11", "5"), ("12", "5")]
    assert exchange.market.counters.trade == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"OfferPx": "9"}, "OfferPx"),
        ({"BidSize": "0"}, "BidSize"),
        ({"BidPx": "-1"}, "BidPx"),
        ({"OfferSize": None}, "OfferSize"),
        ({"BidPx": "ten"}, "BidPx"),
        ({"Symbol": ""}, "Symbol"),
    ],
)
def test_a_quote_that_makes_no_sense_is_refused_and_changes_nothing(
    exchange: Exchange, change: dict[str, Any], field: str
) -> None:
    answer = exchange.do("quote", **{**QUOTE, **change})
    assert (answer["ok"], answer["field"]) == (False, field)
    assert depth(exchange) == FULL


def test_no_client_can_see_cancel_or_expire_what_the_house_quotes(exchange: Exchange) -> None:
    (none,) = exchange.ask(exchange.mass_status("ms"))
    assert none["911"] == "0"
    (report,) = exchange.ask(exchange.text("q", {"11": "mc", "530": "7"}))
    assert report["533"] == "0"
    assert exchange.do("orders")["orders"] == []
    assert not [one for one in exchange.done("end_of_day") if one["35"] == "8"]
    assert depth(exchange) == []
    exchange.done("next_day")
    assert depth(exchange) == FULL


def test_the_house_quotes_while_trading_is_continuous(exchange: Exchange) -> None:
    exchange.done("phase", Symbol="AAPL", Phase="ClosingAuction")
    exchange.ask(exchange.order("b", t38="100", t44="10"))
    assert depth(exchange) == [("10", "100")]
    said = [brief(one) for one in exchange.done("phase", Symbol="AAPL", Phase="Continuous")]
    assert [one for one in said if one.startswith("F")] == ["F 2 b 100/100"]
    assert depth(exchange) == FULL


def test_a_trade_with_the_house_can_be_busted_for_the_client(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t38="40"))
    bust, canceled = exchange.done("bust", ExecID="XPAR-1-B", Reopen="none")
    assert (brief(bust), bust["19"]) == ("H 0 b 0/40", "XPAR-1-B")
    assert brief(canceled) == "4 4 b 0/40"


def test_market_data_shows_the_quotes_of_the_house_like_any_order(exchange: Exchange) -> None:
    (snapshot,) = ask(exchange)
    assert told(snapshot) == ["0 9 60", "1 10 60"]
    exchange.ask(exchange.order("s", t54="2", t38="10", t44="10"))
    (trade,) = after(exchange, exchange.order("b", t38="5"))
    assert "02 10 5" in told(trade)
    assert {one["269"] for one in entries(trade)} <= {"1", "2"}


def test_a_changed_quote_is_told_to_who_watches(exchange: Exchange) -> None:
    ask(exchange)
    assert perform(exchange.market, {"do": "quote", **QUOTE, "BidPx": "9.5"}, NOW)["ok"]
    exchange.market.data.changed(exchange.taken(), NOW)
    (text,) = exchange.market.data.take()
    assert told(text) == ["10 9.5 60"]


def test_the_quotes_of_the_house_outlive_a_restart_and_leave_no_order_behind(
    tmp_path: Path,
) -> None:
    kept, sheet = Kept(tmp_path), Sheet()
    assert perform(kept.market, {"do": "quote", **QUOTE}, NOW)["ok"]
    kept.market.handle(read(sheet.order("b", t38="70"))[1], NOW)
    kept.commit(1)
    kept.store.close()
    kept.start()
    kept.market.handle(read(sheet.order("c", t38="60"))[1], NOW)
    assert len(kept.commit(2)) == 2
    kept.store.close()
    bought = [(one.ClOrdID, one.Side, one.LastQty) for one in read_executions(tmp_path)]
    assert bought == [("b", "Buy", 60), ("b", "Buy", 10), ("c", "Buy", 60)]
    assert [order.cl_ord_id for order in read_orders(tmp_path)] == ["b", "c"]


def test_a_store_of_an_earlier_version_gets_its_table_of_quotes(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "exchange.sqlite") as db:
        db.executescript(f"{FIRST}{SECOND} PRAGMA user_version=2;")
    store = Store(tmp_path)
    assert store.house() == []
    store.close()


@pytest.mark.live
def test_the_house_quotes_again_after_a_kill(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        do(exchange, "quote", **QUOTE)
        oms.send(sheet.order("b", t38="80"))
        oms.until(lambda: len(oms.heard) == 3)
        exchange.kill()
        oms.until(lambda: not oms.session.isLoggedOn())
        exchange.start()
        oms.until_up()
        oms.send(sheet.order("s", t54="2", t38="60", t44="9"))
        oms.until(lambda: any(one.get("39") == "2" for one in oms.answers("s")))
        quantities = [one.LastQty for one in read_executions(exchange.folder)]
        assert quantities == [60, 20, 60]


@pytest.mark.live
def test_the_house_quotes_what_the_command_line_says(tmp_path: Path) -> None:
    made = PaperProcess(tmp_path / "paper", free_port())
    bad = made.command("--quote", json.dumps({**QUOTE, "OfferPx": "1"}))
    ended = subprocess.run(bad, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, "OfferPx='1' cannot be used" in ended.stderr) == (1, True)
    good = made.command("--die-with-parent", "--quote", json.dumps(QUOTE))
    with subprocess.Popen(good, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "listening" in process.stdout.readline()
        book = control(made.folder, {"do": "book", "Symbol": "AAPL"})
        process.terminate()
    assert [one["Shown"] for one in (*book["bids"], *book["offers"])] == ["60", "60"]
