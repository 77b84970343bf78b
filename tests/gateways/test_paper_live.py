"""A real FIX initiator against the real exchange process, which is killed in mid-traffic."""

import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from gateways.paper.store import read_executions, read_orders
from tests.gateways.paper_client import Fields, Sheet, brief
from tests.gateways.paper_session import (
    ROOT,
    Client,
    PaperProcess,
    client,
    free_port,
    in_background,
    paper,
)

pytestmark = pytest.mark.live

SESSION_TAGS = {"8", "9", "10", "34", "43", "52", "97", "122"}


def content(report: Fields) -> Fields:
    """A report without what the session adds."""
    return {tag: value for tag, value in report.items() if tag not in SESSION_TAGS}


def test_orders_trade_and_the_process_stops_at_once_when_told(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        oms.send(sheet.order("b"))
        oms.send(sheet.order("s", t54="2", t38="40"))
        oms.until(lambda: len(oms.heard) == 4)
        assert [brief(r) for r in oms.heard] == [
            *("0 0 b 0/100", "0 0 s 0/40", "F 2 s 40/40", "F 1 b 40/100")
        ]
        begun = time.monotonic()
        assert exchange.stop() == 0
        assert time.monotonic() - begun < 2
        assert len(list(read_executions(exchange.folder))) == 2


def test_it_says_when_it_is_ready_and_only_this_machine_can_reach_it(tmp_path: Path) -> None:
    exchange = PaperProcess(tmp_path, free_port())
    line = exchange.start()
    assert line == f"paper exchange XPAR listening on 127.0.0.1:{exchange.port}"
    listening = [
        words
        for words in (row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:])
        if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == exchange.port
    ]
    assert len(listening) == 1
    shown = subprocess.run(["ss", "-Hltn", f"sport = :{exchange.port}"], capture_output=True)
    if shown.returncode == 0:  # where there is such a tool
        local = shown.stdout.decode().split()[3]
        assert local in (f"127.0.0.1:{exchange.port}", f"0.0.0.0%lo:{exchange.port}")
    assert exchange.stop() == 0


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        exchange = PaperProcess(tmp_path, other.getsockname()[1])
        ended = subprocess.run(exchange.command(), cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"cannot listen on 127.0.0.1:{exchange.port}" in line
    assert "--port" in line


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    exchange = PaperProcess(file / "inside", free_port())
    ended = subprocess.run(exchange.command(), cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "cannot write" in line
    assert "--data" in line


def test_a_folder_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with paper(tmp_path) as exchange:
        second = PaperProcess(tmp_path, free_port())
        ended = subprocess.run(second.command(), cwd=ROOT, capture_output=True, text=True)
        assert exchange.process is not None
        assert exchange.process.poll() is None
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert "in use by another paper exchange" in line


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    exchange = PaperProcess(tmp_path, free_port())
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:],"
            " stdout=subprocess.PIPE); p.stdout.readline(); print(p.pid, flush=True);"
            " time.sleep(60)",
            *exchange.command("--die-with-parent"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_restart_keeps_book_priority_and_counters(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path) as oms:
        for name in ("s1", "s2"):
            oms.send(sheet.order(name, t54="2"))
        oms.until(lambda: len(oms.heard) == 2)
        exchange.kill()
        oms.until(lambda: not oms.session.isLoggedOn())
        exchange.start()
        oms.until_up()
        oms.send(sheet.order("b", t38="150"))
        oms.until(lambda: [brief(r) for r in oms.answers("b")][-1:] == ["F 2 b 150/150"])
        trades = [r for r in oms.heard if r["150"] == "F"]
        assert [brief(r) for r in trades if r["54"] == "2"] == ["F 2 s1 100/100", "F 1 s2 50/100"]
        assert len({r["17"] for r in oms.heard}) == len({str(content(r)) for r in oms.heard})


def test_an_engine_that_begins_its_week_again_loses_no_number(tmp_path: Path) -> None:
    """Without NonStopSession the engine's numbers fall back to 1; here its files are lost."""
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path / "c") as oms:
        for number in range(20):
            oms.send(sheet.order(f"a{number}"))
        oms.until(lambda: len(oms.heard) == 20)
        exchange.kill()
        session = exchange.folder / "session"
        (file,) = session.glob("*.session")
        file.write_text("20200105-00:00:00")  # made in another week
        exchange.start()
        oms.until_up()
        oms.send(sheet.order("after"))
        oms.until(lambda: oms.answers("after"))
        settle(oms)
        assert {r["150"] for r in oms.heard} == {"0"}, "old orders were sent again"
        assert [brief(r) for r in oms.answers("after")] == ["0 0 after 0/100"]
        assert oms.refused == []


def test_a_client_that_resets_its_numbers_is_served(tmp_path: Path) -> None:
    sheet = Sheet()
    with paper(tmp_path / "paper") as exchange:
        with client(exchange.port, tmp_path / "c1") as oms:
            oms.send(sheet.order("a"))
            oms.until(lambda: oms.answers("a"))
        with client(exchange.port, tmp_path / "c2") as oms:  # its files are lost: from 1
            oms.send(sheet.order("b"))
            oms.until(lambda: oms.answers("b"))


def traffic(oms: Client, sheet: Sheet, number: int) -> None:
    """One of a mix of requests, on two symbols, of which most orders trade in the end."""
    name, symbol = f"n{number}", ("AAPL", "MSFT")[number % 2]
    side, price = ("1", "2")[number // 2 % 2], str(10 + number % 3)
    match number % 10:
        case 8:
            orig = f"n{number - 6}"
            oms.send(sheet.replace(name, orig, t55=symbol, t54=side, t44=price, t38="150"))
        case 9:
            oms.send(sheet.cancel(name, f"n{number - 4}", t55=symbol, t54=side))
        case _:
            oms.send(sheet.order(name, t55=symbol, t54=side, t44=price))


def check_killed(oms: Client, folder: Path, sent: int) -> None:
    """Nothing lost, nothing contradicted, nothing filled twice."""
    answered = {report["11"] for report in oms.heard}
    assert answered >= {f"n{number}" for number in range(sent)}
    contents: dict[str, Fields] = {}
    for report in oms.heard:
        if "17" in report:
            assert contents.setdefault(report["17"], content(report)) == content(report)
    fills = {
        (r["17"], r["11"], Decimal(r["32"]), Decimal(r["31"]))
        for r in contents.values()
        if r["150"] == "F"
    }
    executed = [(e.ExecID, e.ClOrdID, e.LastQty, e.LastPx) for e in read_executions(folder)]
    assert len(executed) == len(set(executed))
    assert fills == set(executed)
    assert len(fills) > sent / 10
    filled: Counter[str] = Counter()
    for execution in read_executions(folder):
        filled[execution.OrderID] += execution.LastQty  # type: ignore[assignment]
    for order in read_orders(folder):
        assert order.cum_qty == filled[f"O-{order.number}"]


def test_three_kills_in_mid_traffic_lose_nothing(tmp_path: Path) -> None:
    sheet, total = Sheet(), 9000

    def send_all() -> None:
        for number in range(total):
            traffic(oms, sheet, number)

    with paper(tmp_path / "paper") as exchange, client(exchange.port, tmp_path / "c") as oms:
        sending = in_background(send_all)
        for _ in range(3):
            heard = len(oms.heard)
            oms.until(lambda heard=heard: len(oms.heard) > heard + 500)
            exchange.kill()
            acknowledged = {r["11"] for r in list(oms.heard) if r.get("150") in ("0", "4", "5")}
            assert acknowledged <= names(exchange.folder)
            oms.until(lambda: not oms.session.isLoggedOn())
            exchange.start()
            oms.until_up()
        sending.join(30)
        oms.until(lambda: oms.answers(f"n{total - 1}"), 60)
        settle(oms)
        check_killed(oms, exchange.folder, total)


def names(folder: Path) -> set[str]:
    """Every ClOrdID that the exchange knows."""
    db = sqlite3.connect(folder / "exchange.sqlite")
    try:
        return {name for (name,) in db.execute("SELECT cl_ord_id FROM names")}
    finally:
        db.close()


def settle(oms: Client) -> None:
    """Wait until nothing more is said."""
    before = -1
    while before != len(oms.heard):
        before = len(oms.heard)
        time.sleep(0.5)
