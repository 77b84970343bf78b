"""The control door of the paper exchange, and what the worker does on its own time."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateways.paper.control import FILE, CannotControl, Door, control
from gateways.paper.worker import NANOS, Command, LoggedOn
from tests.gateways.paper_client import SOH, Sheet
from tests.gateways.paper_session import ROOT
from tests.gateways.test_paper_worker import Run


@pytest.fixture
def sheet() -> Sheet:
    return Sheet()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


def echo(fields: Any, answer: Any) -> None:
    answer({"ok": True, "heard": fields})


@pytest.mark.parametrize("name", ["short", "l" * 120])
def test_a_command_is_answered_however_long_the_path(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    door = Door(folder, echo)
    door.open()
    try:
        assert control(folder, {"do": "status"}) == {"ok": True, "heard": {"do": "status"}}
        assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    finally:
        door.close()
    assert not (folder / FILE).exists()


def test_many_commands_go_over_one_connection_and_what_is_no_json_is_refused(
    tmp_path: Path,
) -> None:
    door = Door(tmp_path, echo)
    door.open()
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / FILE))
            client.sendall(b'{"do":1}\nhalt\n{"do":2}\n')
            lines = client.makefile()
            answers = [lines.readline() for _ in range(3)]
        assert '"do": 1' in answers[0]
        assert '"ok": false' in answers[1]
        assert "one JSON object a line" in answers[1]
        assert '"do": 2' in answers[2]
    finally:
        door.close()


def test_a_door_that_a_killed_exchange_left_is_opened_again(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / FILE))
    with pytest.raises(CannotControl, match=r"no paper exchange answers at .*control\.sock"):
        control(tmp_path, {"do": "status"})
    door = Door(tmp_path, echo)
    door.open()
    try:
        assert control(tmp_path, {"do": "status"})["ok"]
    finally:
        door.close()


def test_where_there_is_no_exchange_the_remedy_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotControl, match="start one with this folder"):
        control(tmp_path, {"do": "status"})


def test_a_command_from_the_command_line_is_answered(tmp_path: Path) -> None:
    def told(text: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gateways.paper.control", str(tmp_path), text]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    ended = told("{}")
    assert (ended.returncode, "start one with this folder" in ended.stderr) == (1, True)
    door = Door(tmp_path, echo)
    door.open()
    try:
        ended = told('{"do":"help"}')
        assert (ended.returncode, json.loads(ended.stdout)["heard"]) == (0, {"do": "help"})
        assert told("halt").returncode == 1
    finally:
        door.close()


def test_a_command_is_answered_after_it_is_written(run: Run, sheet: Sheet) -> None:
    written: list[int] = []

    def answer(_: dict[str, Any]) -> None:
        written.append(len(run.store.unsent()))

    said = run.turn(sheet.order("b"), Command({"do": "cancel", "ClOrdID": "b"}, answer))
    assert said == ["0 0 b 0/100", "4 4 b 0/100"]
    assert written == [2]


def test_a_refused_command_writes_nothing(run: Run) -> None:
    answers: list[dict[str, Any]] = []
    assert run.turn(Command({"do": "bust", "ExecID": "none"}, answers.append)) == []
    assert answers[0]["ok"] is False
    assert "there is no execution none" in answers[0]["error"]


def command(run: Run, **fields: Any) -> list[str]:
    answers: list[dict[str, Any]] = []
    said = run.turn(Command(fields, answers.append))
    assert answers[0]["ok"], answers
    return said


def test_a_delayed_report_leaves_in_time_and_in_order(run: Run, sheet: Sheet) -> None:
    command(run, do="script", name="delay", args={"ms": 60})
    assert run.turn(sheet.order("a")) == []
    run.later(59)
    assert command(run, do="script", name="delay", args=None) == []
    assert run.turn(sheet.order("b")) == []
    run.later(1)
    assert run.turn() == ["0 0 a 0/100", "0 0 b 0/100"]


def test_a_delayed_report_is_no_reason_to_be_busy_while_nobody_is_connected(
    run: Run, sheet: Sheet
) -> None:
    command(run, do="script", name="delay", args={"ms": 1})
    run.wire.logged_on = False
    run.turn(sheet.order("a"))
    run.later(10)
    assert run.worker._patience() is None
    run.wire.logged_on = True
    assert run.turn(LoggedOn()) == ["0 0 a 0/100"]


def test_a_slow_cancel_is_decided_although_the_exchange_was_killed(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("a"))
    command(run, do="script", name="slow_cancel", args={"ms": 30})
    assert run.turn(sheet.cancel("a2", "a")) == []
    again = Run(run.crashed(), run.now)
    assert again.store.inbound == 2
    assert again.turn() == []
    again.later(30)
    assert again.turn() == ["4 4 a2 0/100"]
    assert again.store.later() == []


def test_an_order_expires_while_nothing_else_happens(run: Run, sheet: Sheet) -> None:
    second = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime(run.now // NANOS + 2))  # 1 to 2 s away
    assert run.turn(sheet.order("g", t59="6", t126=second)) == ["0 0 g 0/100"]
    assert run.turn() == []  # it tells the store what was sent
    patience = run.worker._patience()
    assert patience is not None
    assert 1 <= patience <= 2
    run.later(2_000)
    assert run.turn() == ["C C g 0/100"]


def test_an_order_may_expire_in_thousands_of_years(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("g", t59="6", t126="99991231-00:00:00"))
    patience = run.worker._patience()
    assert patience is not None
    assert patience <= 3600


def test_market_data_is_told_and_not_kept(run: Run, sheet: Sheet) -> None:
    fields = {"262": "m", "263": "1", "264": "1", "269": "0", "55": "AAPL"}
    run.turn(sheet.text("V", fields))
    assert run.wire.quoted == [f"35=W{SOH}262=m{SOH}55=AAPL{SOH}268=0{SOH}"]
    run.turn(sheet.order("b"))
    assert run.wire.quoted[1].startswith(f"35=X{SOH}262=m{SOH}268=1{SOH}279=0{SOH}269=0{SOH}")
    assert len(run.store.unsent()) == 1
    run.turn(LoggedOn())
    run.turn(sheet.order("c"))
    assert len(run.wire.quoted) == 2


def test_scripts_and_phases_outlive_a_kill(run: Run, sheet: Sheet) -> None:
    command(run, do="script", name="drop", args={"times": 2})
    command(run, do="halt", Symbol="AAPL")
    run.turn(sheet.order("lost"))
    again = Run(run.crashed())
    said = again.turn(sheet.order("lost too"), sheet.order("s", t54="2"), sheet.order("b"))
    assert said[-2:] == ["0 0 s 0/100", "0 0 b 0/100"]
    resumed = command(again, do="resume", Symbol="AAPL")
    assert resumed == ["f ", "F 2 b 100/100", "F 2 s 100/100"]


def trade_at(sheet: Sheet, price: str) -> list[str]:
    """Two requests that trade one unit."""
    number = sheet.number
    sell = sheet.order(f"ts{number}", t54="2", t38="1", t44=price)
    return [sell, sheet.order(f"tb{number}", t38="1", t44=price)]


def test_a_trailing_stop_remembers_over_a_kill_how_far_it_came(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("t", t54="2", t40="P", t44="", t18="a", t211="1"))
    run.turn(*trade_at(sheet, "10"))
    run.turn(*trade_at(sheet, "12"))
    run.turn(*trade_at(sheet, "11.5"))
    again = Run(run.crashed())
    assert "L 0 t 0/100" in again.turn(*trade_at(sheet, "11"))


def test_an_iceberg_keeps_its_place_and_what_it_shows_over_a_kill(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("ice", t54="2", t38="30", t111="10"), sheet.order("j", t54="2", t38="10"))
    run.turn(sheet.order("b1", t38="14"))
    again = Run(run.crashed())
    said = again.turn(sheet.order("b2", t38="20"))
    sells = [one for one in said if " b" not in one]
    assert sells[-3:] == ["F 2 j 10/10", "F 1 ice 20/30", "F 1 ice 24/30"]


def test_a_mass_status_is_the_same_after_a_restart(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("a"), sheet.order("b"), sheet.replace("a2", "a", t44="9"))
    before = run.turn(sheet.mass_status("m"))
    assert before == ["I 0 a2 0/100", "I 0 b 0/100"]
    again = Run(run.crashed())
    assert again.turn(sheet.mass_status("m"))[-2:] == before


def test_an_empty_book_is_closed_with_the_others_after_a_restart(run: Run, sheet: Sheet) -> None:
    run.turn(sheet.order("m", t40="1", t44=""))
    again = Run(run.crashed())
    assert command(again, do="end_of_day")[-1] == "f "
    assert "326=18" in again.wire.said[-1]


def test_the_worker_answers_the_door(run: Run) -> None:
    door = Door(run.folder, lambda fields, answer: run.worker.items.put(Command(fields, answer)))
    door.open()
    run.worker.start()
    try:
        answer = control(run.folder, {"do": "phase", "Symbol": "AAPL", "Phase": "PreOpen"})
        assert answer["ok"]
        assert answer["changed"] is True
        assert answer["reports"][0].startswith("35=f|55=AAPL|")
    finally:
        door.close()
        assert run.worker.stop(5)
