"""`oms doctor` finds what is wrong with journals and machine, says what helps, breaks nothing."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra import pids
from infra.broker_process import BrokerUnavailable
from infra.checks import Check, Verdict, disk, installation, machine
from infra.commands.doctor import doctor
from infra.journals import journals
from tests.infra.journaled_day import COMPLIANCE, Day, file_of, new, traded_day

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The journals of a day that is over."""
    with traded_day(tmp_path):
        pass
    return tmp_path


def checked(data: Path) -> dict[str, Check]:
    """What the doctor says of the installation, by the name of the line."""
    return {check.name: check for check in installation.checks(data)}


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(doctor, ["--data", str(data), *words])


def change(data: Path, address: str, statement: str) -> None:
    """What a hand or a bad disk may do to a journal."""
    with closing(sqlite3.connect(file_of(data, address))) as db, db:
        db.execute(statement)


# ---- journals


def test_a_sound_installation_is_told_with_the_number_of_its_entries(data: Path) -> None:
    found = checked(data)
    assert {check.verdict for check in found.values()} == {OK}
    assert "6 hold together: 124 entries" in found["journals"].found
    assert found["owed"].found.startswith("nothing")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entries SET events = x'5b5d' WHERE number = 7", "entry 7 after 6 breaks"),
        ("UPDATE entries SET at = at + 1 WHERE number = 9", "entry 9 after 8 breaks"),
        ("DELETE FROM entries WHERE number = 5", "entry 6 after 4"),
        ("UPDATE entries SET sends = x'' WHERE number = 4", "after 3"),
        ("UPDATE entries SET number = number + 1000 WHERE number > 11", "entry 1012 after 11"),
        ("DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)", "the head says"),
        ("UPDATE head SET epoch = 0", "the head says epoch 0, an entry says 1"),
        ("DROP TABLE entries", "no such table: entries"),
    ],
)
def test_a_changed_lost_or_moved_row_is_found(data: Path, statement: str, what: str) -> None:
    """I6, by the command: the journal is named, and what puts it right."""
    change(data, "account/growth", statement)
    result = run(data)
    assert result.exit_code == 1
    line = next(line for line in result.stdout.splitlines() if line.startswith("FAIL account/gr"))
    assert f"{file_of(data, 'account/growth')}: " in line
    assert what in line
    assert "from a backup" in result.stdout
    assert "hold together" not in result.stdout


def test_a_damaged_journal_does_not_hide_another(data: Path) -> None:
    change(data, "account/growth", "DELETE FROM entries WHERE number = 5")
    file_of(data, "book/BRK.B").write_bytes(b"no database at all, just some bytes of text" * 99)
    found = checked(data)
    assert [name for name, check in found.items() if check.verdict is FAIL] == [
        "owed", "account/growth", "book/BRK.B"
    ]  # fmt: skip


def test_a_journal_that_was_put_back_from_an_old_copy_is_found_by_the_others(
    tmp_path: Path,
) -> None:
    """I6: it is whole in itself, but others have heard more of it than it knows."""
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        old = tmp_path / "old.sqlite"
        with closing(sqlite3.connect(day.journal("account/growth"))) as db:
            db.execute("VACUUM INTO ?", [str(old)])
        day.desk("alpha", new("a-2"))
    for path in day.journal("account/growth").parent.glob("growth.sqlite*"):
        path.unlink()
    old.rename(day.journal("account/growth"))
    told = [c for c in installation.checks(tmp_path) if c.name == "account/growth"]
    assert {check.verdict for check in told} == {FAIL}
    assert [c.found.partition("has lost entries: ")[2] for c in told] == [
        "book/AAPL has heard 2 messages of it, and it tells of 1",
        "compliance/0 has heard 5 messages of it, and it tells of 4",
    ]


def test_an_actor_that_goes_on_meanwhile_is_no_contradiction(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        known = journals(tmp_path)
        growth, _ = installation.read_all({"account/growth": known["account/growth"]})
        day.desk("alpha", new("a-2"))
        others, _ = installation.read_all({a: p for a, p in known.items() if a not in growth})
        assert others[COMPLIANCE].heard["account/growth"] > growth["account/growth"].number
        assert list(installation.contradictions({**growth, **others})) == []


def test_what_was_sent_and_not_acknowledged_is_owed(data: Path) -> None:
    change(data, "book/AAPL", "UPDATE acknowledged SET seq = 1 WHERE recipient = 'venue/XPAR'")
    owed = checked(data)["owed"]
    assert (owed.verdict, owed.found) == (WARN, "something by book/AAPL")
    assert f"oms up --data {data}" in owed.remedy
    pids.write(data, "supervisor/0")
    assert checked(data)["owed"] == Check("owed", OK, "on its way from book/AAPL")


def test_parked_messages_and_breaks_are_told(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        day.fills("growth-1.1", 1, "190")  # the order was full
        from messages.venue import SessionUp

        day.parks("account/macro", SessionUp(), "KeyError: 'x'")
    found = checked(tmp_path)
    assert found["parked"].verdict is found["breaks"].verdict is WARN
    assert "account/macro 1" in found["parked"].found
    assert "account/growth 1" in found["breaks"].found
    assert "oms trail" in found["parked"].remedy


def test_a_violation_that_compliance_found_fails(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        day.shell(COMPLIANCE).actor.state.audited["book/AAPL"] -= 1
        day.desk("alpha", new("v-1"))
    found = checked(tmp_path)["violations"]
    assert (found.verdict, found.found) == (FAIL, "compliance has found 1")


def test_without_an_installation_the_doctor_looks_at_the_machine_alone(tmp_path: Path) -> None:
    data = tmp_path / "not" / "there"
    assert [check.verdict for check in installation.checks(data)] == [OK]
    assert f"oms up --data {data}" in run(data).stdout
    assert not (tmp_path / "not").exists()


def test_the_doctor_changes_nothing_and_leaves_nothing(data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.sqlite")}
    run(data)
    assert {path: path.read_bytes() for path in data.rglob("*.sqlite")} == before
    others = {path.name.partition(".sqlite")[2] for path in data.rglob("*") if path.is_file()}
    assert others <= {"", "-wal", "-shm"}


# ---- the command


def test_json_has_the_same_lines_and_the_exit_code_says_whether_any_fails(data: Path) -> None:
    result = run(data, "--json")
    found = json.loads(result.stdout)
    names = [check["Name"] for check in found["Checks"]]
    assert names[:3] == ["python", "cores", "memory"]
    assert names[-3:] == ["processes", "owed", "journals"]
    assert {check["Verdict"] for check in found["Checks"]} <= set(Verdict)
    failed = sum(check["Verdict"] == "FAIL" for check in found["Checks"])
    assert (found["Failed"], result.exit_code) == (failed, 1 if failed else 0)
    change(data, "book/AAPL", "DELETE FROM entries")
    again = run(data, "--json")
    assert (again.exit_code, json.loads(again.stdout)["Failed"]) == (1, failed + 1)


def test_every_line_begins_with_its_verdict_in_words(data: Path) -> None:
    lines = [line for line in run(data).stdout.splitlines() if line and line[0] != " "]
    assert len(lines) > 14
    assert {line.split()[0] for line in lines} <= {"OK", "WARN", "FAIL"}


def test_what_is_not_ok_has_a_remedy(data: Path) -> None:
    checks = [*machine.checks(data), *disk.checks(data), *installation.checks(data)]
    assert [check for check in checks if check.verdict is not OK and not check.remedy] == []


def test_quick_leaves_the_replay_out(data: Path) -> None:
    change(data, "account/growth", "DELETE FROM entries WHERE number = 5")
    assert "account/growth" not in run(data, "--quick").stdout


def test_a_broker_is_unpacked_into_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the download itself is not run here."""
    monkeypatch.setattr(machine, "SERVER", tmp_path / "nothing")

    def unpack(folder: Path) -> Path:
        server = folder / machine.UNPACKED_SERVER
        server.parent.mkdir(parents=True)
        server.write_text("#!/bin/sh\n")
        (server.parents[1] / "lib" / "rabbitmq_server-3.10.8").mkdir(parents=True)
        return server

    assert machine.rabbitmq_server(tmp_path) is None
    monkeypatch.setattr(machine, "unpack", unpack)
    result = run(tmp_path, "--unpack-broker", "--quick")
    server = tmp_path / "rabbitmq-server" / machine.UNPACKED_SERVER
    assert f"unpacked: {server}" in result.stdout
    assert f"RabbitMQ 3.10.8 at {server}" in result.stdout
    assert machine.rabbitmq_server(tmp_path) == server


def test_a_broker_that_cannot_be_unpacked_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(folder: Path) -> Path:
        raise BrokerUnavailable("apt does not know rabbitmq-server: run `apt-get update` first")

    monkeypatch.setattr(machine, "unpack", unpack)
    result = run(tmp_path, "--unpack-broker")
    assert result.exit_code == 1
    assert "run `apt-get update` first" in result.stderr


# ---- processes


@pytest.fixture
def ended() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_processes_are_told_alive_or_dead(data: Path, ended: int) -> None:
    assert checked(data)["processes"].found.startswith("nothing runs")
    pids.write(data, "supervisor/0")
    pids.write(data, "venue/XPAR")
    pids.write(data, "account/growth", ended)  # idle accounts give their process back
    running = checked(data)["processes"]
    assert (running.verdict, running.found) == (OK, "2 alive: supervisor/0, venue/XPAR")
    pids.write(data, "ingress/0", ended)
    dead = checked(data)["processes"]
    assert (dead.verdict, dead.found) == (WARN, "2 alive, dead: ingress/0")
    assert f"oms logs --data {data} --host ingress/0" in dead.remedy


def test_processes_without_a_supervisor_are_told_with_their_ids(data: Path, ended: int) -> None:
    pids.write(data, "supervisor/0", ended)
    pids.write(data, "venue/XPAR")
    orphan = checked(data)["processes"]
    assert (orphan.verdict, orphan.found) == (WARN, "no supervisor, but venue/XPAR")
    assert f"ps -fp {os.getpid()};" in orphan.remedy
