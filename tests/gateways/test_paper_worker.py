"""No report leaves before it is stored, and none is lost, whenever the process is killed."""

import shutil
import sqlite3
import time
from decimal import Decimal
from pathlib import Path

import pytest

from gateways.paper.effects import Counters, Effects
from gateways.paper.market import Market
from gateways.paper.schema import FIRST
from gateways.paper.store import FILE, Store, read_executions, read_orders
from gateways.paper.worker import (
    NANOS_PER_MS,
    Failed,
    Item,
    LoggedOn,
    NumbersReset,
    Stop,
    Worker,
)
from tests.gateways.paper_client import Sheet, briefs


class Wire:
    """A session that keeps what it is given; ``takes`` is how many reports it takes before it
    breaks, -1 for all."""

    def __init__(self, store: Store) -> None:
        self.logged_on = True
        self.takes = -1
        self.said: list[str] = []
        self.quoted: list[str] = []
        self.marked: list[bool] = []
        self._store = store

    def send(self, report: str, again: bool) -> bool:
        assert not self._store._db.in_transaction
        assert report in {text for _, text in self._store.unsent()}, "said before it was stored"
        if self.takes == 0:
            self.logged_on = False
            return False
        self.takes -= 1
        self.said.append(report)
        self.marked.append(again)
        return True

    def quote(self, text: str) -> None:
        self.quoted.append(text)


class Run:
    """One run of the exchange on a folder, turned by hand, as its clock is. ``crashed`` is the
    folder that a ``kill -9`` at this moment would leave."""

    def __init__(self, folder: Path, now: int | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.now = now or time.time_ns()
        self.store = Store(folder)
        market = Market("XPAR", self.store.counters, self.store)
        market.restore(
            self.store.open_orders(), self.store.trading(), self.store.later(), self.store.scripts()
        )
        self.wire = Wire(self.store)
        self.ended = False
        self.worker = Worker(market, self.store, self.wire, self._end, lambda: self.now)

    def _end(self) -> None:
        self.ended = True

    def later(self, ms: int) -> None:
        self.now += ms * NANOS_PER_MS

    def turn(self, *items: Item) -> list[str]:
        for item in items:
            self.worker.items.put(item)
        before = len(self.wire.said)
        self.worker.turn()
        return briefs(self.wire.said[before:])

    def crashed(self) -> Path:
        copy = self.folder.with_name(self.folder.name + "x")
        copy.mkdir()
        for file in self.folder.glob(f"{FILE}*"):
            shutil.copy(file, copy)
        return copy


@pytest.fixture
def sheet() -> Sheet:
    return Sheet()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


def test_a_batch_is_one_transaction(run: Run, sheet: Sheet) -> None:
    seen: list[str] = []
    run.store._db.set_trace_callback(seen.append)
    run.turn(*(sheet.order(f"c{i}") for i in range(20)))
    assert seen.count("COMMIT") == 1
    assert len(run.wire.said) == 20


def test_what_was_committed_and_not_sent_is_sent_after_the_restart(run: Run, sheet: Sheet) -> None:
    run.wire.logged_on = False
    run.turn(sheet.order("b"), sheet.order("s", t54="2"))
    assert run.wire.said == []
    again = Run(run.crashed())
    assert again.turn(LoggedOn()) == [
        "0 0 b 0/100",
        "0 0 s 0/100",
        "F 2 s 100/100",
        "F 2 b 100/100",
    ]
    assert again.wire.marked == [True] * 4


def test_what_was_sent_and_not_marked_is_sent_again_unchanged(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("b"), sheet.order("s", t54="2"))
    again = Run(run.crashed())
    again.turn(LoggedOn())
    assert again.wire.said == run.wire.said
    assert set(again.wire.marked) == {True}


def test_what_was_sent_is_dropped_when_there_is_time(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("b"))
    assert len(run.store.unsent()) == 1
    run.turn()
    assert run.store.unsent() == []
    run.turn(sheet.order("c"))
    assert len(run.wire.said) == 2


def test_the_next_batch_drops_what_was_sent_before(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("b"))
    run.turn(sheet.order("c"))
    assert [text for _, text in run.store.unsent()] == run.wire.said[1:]


def test_reports_wait_for_the_logon_in_order(run: Run, sheet: Sheet) -> None:
    run.wire.logged_on = False
    run.turn(sheet.order("a"))
    run.turn(sheet.order("b"))
    run.wire.logged_on = True
    assert run.turn(LoggedOn()) == ["0 0 a 0/100", "0 0 b 0/100"]
    assert run.wire.marked == [False, False]


def test_a_report_that_the_session_failed_to_take_is_sent_again_marked(
    run: Run, sheet: Sheet
) -> None:
    run.wire.takes = 1
    run.turn(sheet.order("a"), sheet.order("b"), sheet.order("c"))
    run.wire.takes, run.wire.logged_on = -1, True
    assert run.turn(LoggedOn()) == ["0 0 b 0/100", "0 0 c 0/100"]
    assert run.wire.marked == [False, True, False]


def test_the_last_committed_number_is_kept_with_what_it_did(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("a"), sheet.order("b"))
    assert Run(run.crashed()).store.inbound == 2


def test_a_client_that_begins_again_at_1_is_heard_from_1(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("a"), NumbersReset())
    assert run.store.inbound == 0


def test_a_failure_of_the_session_commits_nothing_and_ends_the_worker(
    run: Run, sheet: Sheet
) -> None:
    run.worker.items.put(sheet.order("a"))
    run.worker.items.put(Failed("fromApp failed"))
    run.worker.start()
    run.worker._thread.join(5)
    assert run.ended
    assert "fromApp failed" in run.worker.failure
    assert list(read_orders(run.folder)) == []


def test_a_stopped_worker_has_decided_all_that_came(run: Run, sheet: Sheet) -> None:
    for number in range(1200):
        run.worker.items.put(sheet.order(f"c{number}"))
    run.worker.start()
    assert run.worker.stop(10)
    assert (len(run.wire.said), run.store.inbound) == (1200, 1200)
    assert run.store.unsent() == []
    assert run.worker.items.empty()
    assert not run.worker.failure


def test_executions_are_read_while_the_exchange_runs_and_after(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("b"), sheet.order("s", t54="5", t38="40.50"))
    sell, buy = read_executions(run.folder / FILE)
    assert (sell.Side, sell.ExecID, sell.ClOrdID, sell.OrderID) == (
        *("SellShort", "XPAR-1-S", "s", "O-2"),
    )
    assert (buy.Side, buy.LastQty, buy.LastPx) == ("Buy", Decimal("40.50"), Decimal(10))
    run.store.close()
    assert list(read_executions(run.folder)) == [sell, buy]


def test_executions_of_no_exchange_are_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no paper exchange"):
        list(read_executions(tmp_path))


def test_a_transaction_that_fails_changes_nothing(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("a"))
    broken = Effects(names=[("b", 7), ("a", 7)], reports=["x"])
    with pytest.raises(sqlite3.IntegrityError):
        run.store.commit(broken, Counters(9, 9, 9, 9), 9, 1)
    again = Run(run.crashed())
    assert again.store.counters == Counters(1, 1, 0, 1)
    assert (again.store.inbound, again.store.find("b")) == (1, None)
    assert len(again.store.unsent()) == 1


def test_a_file_of_another_format_is_refused_with_the_remedy(run: Run) -> None:
    run.store._db.execute("PRAGMA user_version=99")
    with pytest.raises(ValueError, match=r"version 99 .* empty folder"):
        Store(run.folder)


def test_a_file_of_the_first_version_is_used_as_it_is(tmp_path: Path, sheet: Sheet) -> None:
    db = sqlite3.connect(tmp_path / FILE)
    db.executescript(f"{FIRST} PRAGMA user_version=1;")
    order = (1, "old", "acme", "AAPL", "1", "2", "0", "100", "10", "100", "0", "0", "0", 1)
    db.execute(f"INSERT INTO orders VALUES ({', '.join('?' * len(order))})", order)
    db.execute("INSERT INTO names VALUES ('old', 1)")
    db.executemany("INSERT INTO counters VALUES (?, ?)", [("order", 1), ("priority", 1)])
    db.commit()
    db.close()
    run = Run(tmp_path)
    assert run.turn(sheet.order("s", t54="2", t38="40"))[-1] == "F 1 old 40/100"
    again = Run(run.crashed())
    assert again.turn(sheet.status("old"))[-1] == "I 1 old 40/100"


def test_a_stop_is_not_taken_for_the_end_of_a_batch(run: Run, sheet: Sheet) -> None:
    run.worker.items.put(Stop())
    run.worker.items.put(sheet.order("late"))
    assert not run.worker.turn()
    assert len(run.wire.said) == 1
