"""All that a venue does beyond limit orders, over a real FIX session with the real process."""

from pathlib import Path
from typing import Any

import pytest

from gateways.paper.control import control
from gateways.paper.store import read_executions, read_orders
from tests.gateways.paper_client import SOH, Fields, Sheet, brief
from tests.gateways.paper_session import Client, PaperProcess, client, paper

pytestmark = pytest.mark.live


def do(exchange: PaperProcess, command: str, /, **fields: Any) -> dict[str, Any]:
    """A command that is not refused."""
    answer = control(exchange.folder, {"do": command, **fields})
    assert answer["ok"], answer
    return answer


def reports(oms: Client) -> list[Fields]:
    """Every ExecutionReport once, although after a kill it may be said again."""
    said = [one for one in list(oms.heard) if one["35"] == "8"]
    return list({one["17"]: one for one in said}.values())


def until_said(oms: Client, begun: int, *expected: str) -> list[Fields]:
    """Wait until exactly this was reported after the first ``begun`` reports."""
    oms.until(lambda: len(reports(oms)) >= begun + len(expected))
    said = reports(oms)[begun:]
    assert [brief(one) for one in said] == list(expected)
    return said


def kill(exchange: PaperProcess, oms: Client) -> None:
    """SIGKILL it, and wait until it is there again."""
    exchange.kill()
    oms.until(lambda: not oms.session.isLoggedOn())
    exchange.start()
    oms.until_up()


def test_stops_icebergs_and_whole_orders_outlive_a_kill(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.send(sheet.order("stop", t40="3", t44="", t99="12", t38="10"))
        oms.send(sheet.order("ice", t54="2", t44="12", t38="30", t111="10"))
        oms.send(sheet.order("all", t54="2", t44="11", t38="90", t18="G"))
        oms.send(sheet.order("plain", t54="2", t44="12", t38="10"))
        oms.until(lambda: len(oms.heard) == 4)
        before = do(exchange, "book", Symbol="AAPL")
        kill(exchange, oms)
        after = do(exchange, "book", Symbol="AAPL")
        assert [after[side] for side in ("bids", "offers", "waiting", "Phase")] == [
            before[side] for side in ("bids", "offers", "waiting", "Phase")
        ]
        assert before["offers"][0]["Shown"] == "20"
        oms.send(sheet.order("b", t44="12", t38="15"))
        until_said(
            *(oms, 4),
            *("0 0 b 0/15", "F 1 b 10/15", "F 1 ice 10/30", "F 2 b 15/15", "F 1 plain 5/10"),
            *("L 0 stop 0/10", "F 1 stop 5/10", "F 2 plain 10/10"),
            *("F 2 stop 10/10", "F 1 ice 15/30"),
        )


def test_a_halt_cancels_who_asked_and_the_rest_trades_after_it(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.send(sheet.order("k", t18="K"))
        oms.send(sheet.order("b"))
        oms.until(lambda: len(oms.heard) == 2)
        do(exchange, "halt", Symbol="AAPL")
        oms.until(lambda: [r for r in oms.heard if r.get("378") == "6"])
        assert [r["326"] for r in oms.heard if r["35"] == "f"] == ["2"]
        oms.send(sheet.order("s", t54="2", t38="60"))
        oms.until(lambda: oms.answers("s"))
        kill(exchange, oms)
        assert len(do(exchange, "book", Symbol="AAPL")["offers"]) == 1
        do(exchange, "resume", Symbol="AAPL")
        until_said(oms, 4, "F 1 b 60/100", "F 2 s 60/60")
        assert [r["326"] for r in oms.heard if r["35"] == "f"][-1] == "3"


def test_a_bust_after_a_kill_names_the_fill_before_it(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.send(sheet.order("s", t54="2"))
        oms.send(sheet.order("b"))
        oms.until(lambda: len(oms.heard) == 4)
        kill(exchange, oms)
        do(exchange, "correct", ExecID="XPAR-1-B", LastQty="100", LastPx="9.5")
        do(exchange, "bust", ExecID="XPAR-1-B")
        said = ("G 2 b 100/100", "G 2 s 100/100", "H 0 b 0/100", "H 0 s 0/100", "4 4 s 0/100")
        corrected, _, busted, *_ = until_said(oms, 4, *said)
        assert (corrected["19"], corrected["31"]) == ("XPAR-1-B", "9.5")
        assert (busted["19"], busted["32"], busted["31"]) == (corrected["17"], "0", "0")
        assert list(read_executions(exchange.folder)) == []
        kill(exchange, oms)
        oms.send(sheet.order("s2", t54="2", t38="40"))
        oms.until(lambda: [r for r in oms.answers("b") if brief(r) == "F 1 b 40/100"])


def test_a_mass_cancel_leaves_an_empty_book(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        for number in range(5):
            oms.send(sheet.order(f"b{number}", t44=str(number + 1)))
        oms.send(sheet.order("m", t55="MSFT"))
        oms.send(sheet.text("q", {"11": "q1", "530": "1", "55": "AAPL", "60": "20261123-14:30:00"}))
        oms.until(lambda: len(oms.heard) == 12)
        (answer,) = [r for r in oms.heard if r["35"] == "r"]
        assert (answer["531"], answer["533"], answer["11"]) == ("1", "5", "q1")
        assert do(exchange, "book", Symbol="AAPL")["bids"] == []
        assert len(do(exchange, "orders")["orders"]) == 1


def test_market_data_follows_the_book_and_ends_with_the_connection(tmp_path: Path) -> None:
    sheet = Sheet()

    def told(kind: str) -> list[Fields]:
        return [one for one in list(oms.heard) if one["35"] == kind]

    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.watch("md", "1", "AAPL", "MSFT")
        oms.until(lambda: len(told("W")) == 2)
        assert {one["55"] for one in told("W")} == {"AAPL", "MSFT"}
        oms.send(sheet.order("b"))
        oms.until(lambda: len(told("X")) == 1)
        quote = told("X")[0]
        names = ("262", "268", "279", "269", "55", "270", "271")
        assert [quote[tag] for tag in names] == ["md", "1", "0", "0", "AAPL", "10", "100"]
        oms.send(sheet.order("s", t54="2", t38="40"))
        oms.until(lambda: len(told("X")) == 2)
        (text,) = [one for one in oms.texts if f"{SOH}35=X{SOH}" in one][1:]
        entries = [part for part in text.split(SOH) if part[:4] in ("279=", "269=", "270=", "271=")]
        assert entries == [
            *("279=1", "269=0", "270=10", "271=60", "279=0", "269=2", "270=10", "271=40")
        ]
        oms.watch("other", "2", "AAPL")
        oms.until(lambda: told("Y"))
        assert told("Y")[0]["262"] == "other"
        kill(exchange, oms)
        oms.send(sheet.order("b2", t44="11"))
        oms.until(lambda: oms.answers("b2"))
        assert len(told("X")) == 2
        oms.watch("md", "1", "AAPL")
        oms.until(lambda: len(told("W")) == 3)
        snapshot = [one for one in oms.texts if f"{SOH}35=W{SOH}" in one][-1]
        assert f"{SOH}269=0{SOH}270=11{SOH}271=100{SOH}" in snapshot
        assert f"{SOH}269=2{SOH}270=10{SOH}" in snapshot


def test_market_data_is_never_sent_a_second_time(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.watch("md", "1", "AAPL")
        oms.send(sheet.order("b"))
        oms.until(lambda: [one for one in oms.heard if one["35"] == "X"])
        exchange.kill()
        oms.until(lambda: not oms.session.isLoggedOn())
        begun = len(oms.heard)
        oms.session.setNextTargetMsgSeqNum(1)  # it asks for everything again
        exchange.start()
        oms.until_up()
        oms.send(sheet.order("b2"))
        oms.until(lambda: oms.answers("b2"))
        again = oms.heard[begun:]
        assert {one["35"] for one in again} == {"8"}
        assert [one["11"] for one in again if one.get("43") == "Y"] == ["b"]


def test_a_day_ends_and_the_next_one_begins_over_a_kill(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.send(sheet.order("day"))
        oms.send(sheet.order("gtc", t59="1", t44="9"))
        oms.until(lambda: len(oms.heard) == 2)
        do(exchange, "end_of_day")
        kill(exchange, oms)
        do(exchange, "next_day")
        until_said(oms, 2, "C C day 0/100", "3 3 gtc 0/100", "D 0 gtc 0/100")
        (kept,) = [order for order in read_orders(exchange.folder) if order.is_open]
        assert kept.cl_ord_id == "gtc"


def test_a_script_works_on_the_wire(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        do(exchange, "script", name="duplicate", args={"times": 1})
        do(exchange, "script", name="delay", args={"ms": 300})
        oms.send(sheet.order("b"))
        oms.until(lambda: len(oms.answers("b")) == 2)
        first, second = oms.answers("b")
        assert first["17"] == second["17"]
        do(exchange, "script", name="delay", args=None)
        refused = control(exchange.folder, {"do": "halt"})
        assert (refused["ok"], refused["field"]) == (False, "Symbol")
