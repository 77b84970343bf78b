"""``oms kill`` and ``oms approvals``: what they show of journals, and what is told at a start."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from actors.account.account import Account
from actors.killswitch import KillSwitch
from infra import kills
from infra.cli import main
from infra.journals import JOURNALS, journal_path
from infra.reference import Reference, ReferenceRefused, load
from infra.replayed import CannotRead
from infra.settings import Settings
from infra.shell import Shell
from messages.approvals import DecideOrder, Decision
from messages.base import SECOND, Message
from messages.envelope import Envelope
from messages.fix import HandlInst
from messages.kills import (
    KILLSWITCH,
    Kill,
    KillDirectory,
    KilledOrder,
    KilledState,
    KillHeard,
    KillOrders,
    KillScope,
    KillSequence,
    ReleaseKill,
)
from messages.operators import FromOperator
from messages.people import Role
from tests.actors.scenes import definition, from_desk, instrument, order

NOW = 1_795_400_184_000_000_000
WISH = Kill(Scope=KillScope.Account, Name="growth", Reason="loop", TransactTime=NOW)
KILL_ID = WISH.kill_id("ann")
DIRECTORY = KillDirectory(Accounts={"growth": ("alpha",)}, Symbols=("AAPL",), Venues=("XPAR",))
DOUBTFUL = KilledOrder(
    OrderID="growth-7.1", Account="growth", Symbol="AAPL", State=KilledState.InDoubt
)


def said(request: Kill | ReleaseKill | DecideOrder, who: str = "ann") -> FromOperator:
    roles = (Role.Compliance,)
    return FromOperator(Operator=who, ReceivedAt=NOW, Request=request, Roles=roles)


def installation(data: Path, make: Any, *heard: Message) -> None:
    """A data folder in which that actor has heard these, a second apart."""
    Settings(data=data).save()
    path = journal_path(data / "journals", make.address)
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = JOURNALS["sqlite"](path)
    shell = Shell(make, journal.open())
    for number, message in enumerate(heard):
        body, at = message.model_dump_json().encode(), NOW + number * SECOND
        envelope = Envelope("reference/test", make.address, 0, type(message).__name__, at, "", body)
        entry = shell.take(envelope, at)
        assert entry is not None
        journal.append([entry])
    journal.close()


def switch(data: Path, *heard: Message) -> None:
    installation(data, KillSwitch(KILLSWITCH), DIRECTORY, *heard)


def oms(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(data)])


HEARD = KillHeard(KillID=KILL_ID, By="venue/XPAR", At=NOW, LastClOrdID="growth-9.1", LastSentAt=NOW)
CERTIFIED = (
    said(WISH),
    HEARD,
    KillSequence(KillID=KILL_ID, By="venue/XPAR", MsgSeqNum=42),
    KillOrders(KillID=KILL_ID, By="venue/XPAR", At=NOW, Orders=(DOUBTFUL,), Listed=True),
    KillHeard(KillID=KILL_ID, By="account/growth", At=NOW),
)


def test_where_nobody_stopped_anything_nothing_stands(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    assert oms(tmp_path, "kill", "status").output == "no kill stands\n"
    assert kills.standing(tmp_path, "venue/XPAR") == ()


def test_a_kill_switch_that_never_wrote_anything_stops_nothing(tmp_path: Path) -> None:
    """It died between the making of its file and of the tables in it."""
    Settings(data=tmp_path).save()
    path = tmp_path / "journals" / "killswitch" / "0.sqlite"
    path.parent.mkdir(parents=True)
    path.touch()
    assert kills.standing(tmp_path, "venue/XPAR") == ()


def test_a_kill_switch_that_cannot_be_read_lets_nobody_start(tmp_path: Path) -> None:
    """I25: nobody could say what is stopped."""
    switch(tmp_path, *CERTIFIED)
    path = tmp_path / "journals" / "killswitch" / "0.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE entries SET events = replace(events, 'ann', 'eve')")
        db.commit()
    with pytest.raises(CannotRead, match="oms doctor"):
        kills.standing(tmp_path, "venue/XPAR")


def test_a_certificate_says_the_last_message_and_what_is_in_doubt(tmp_path: Path) -> None:
    """I24."""
    switch(tmp_path, *CERTIFIED)
    told = oms(tmp_path, "kill", "status").output
    assert "not quiet yet" in told
    assert f"kill {KILL_ID} of Account growth by ann" in told
    assert "last with new risk growth-9.1 at 2026-11-23T" in told
    assert "MsgSeqNum 42" in told
    assert "1 InDoubt: venue/XPAR growth-7.1" in told
    assert "not heard yet: book/AAPL" in told
    (found,) = json.loads(oms(tmp_path, "kill", "status", "--json").output)
    assert (found["Quiet"], found["NotHeard"]) == (False, ["book/AAPL"])
    assert found["Venues"][0]["MsgSeqNum"] == 42
    assert found["Orders"] == {"InDoubt": ["venue/XPAR growth-7.1"]}


def test_what_stands_is_told_to_whom_it_concerns_at_their_start(tmp_path: Path) -> None:
    """I25."""
    switch(tmp_path, *CERTIFIED)
    (kill,) = kills.standing(tmp_path, "venue/XPAR")
    assert kill == WISH.standing("ann", NOW)
    assert kills.standing(tmp_path, "account/growth") == (kill,)
    assert kills.standing(tmp_path, "account/other") == ()


def test_a_released_kill_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    release = said(ReleaseKill(KillID=KILL_ID, Reason="switched off"), "bob")
    switch(tmp_path, *CERTIFIED, release)
    assert oms(tmp_path, "kill", "status").output == "no kill stands\n"
    assert "released by bob" in oms(tmp_path, "kill", "status", "--all").output
    assert kills.standing(tmp_path, "venue/XPAR") == ()


def test_who_is_no_operator_stops_nothing(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    told = oms(tmp_path, "kill", "firm", "--reason", "r", "--as", "nobody")
    assert told.exit_code == 1
    assert "nobody is no operator here" in told.output


# ---- approvals

STAGED = from_desk(order("a", "acme", HandlInst=HandlInst.ManualOrder))


def account(data: Path, *heard: Message) -> None:
    made = Account("account/acme")
    installation(data, made, definition(), instrument(), STAGED, *heard)


def test_what_waits_is_shown_with_why_and_what_was_said(tmp_path: Path) -> None:
    """I26."""
    approve = DecideOrder(
        Account="acme", OrderID="acme-1", Decision=Decision.Approve, Comment="fine"
    )
    account(tmp_path, said(approve, "cora"))
    table = oms(tmp_path, "approvals").output
    assert "the desk has staged it" in table
    assert "Approve by cora: fine" in table
    (found,) = json.loads(oms(tmp_path, "approvals", "--json").output)
    assert (found["OrderID"], found["Awaits"]) == ("acme-1", "Trader")
    assert found["Said"] == [{"By": "cora", "Decision": "Approve", "Comment": "fine"}]


def test_what_was_refused_waits_no_more(tmp_path: Path) -> None:
    no = DecideOrder(Account="acme", OrderID="acme-1", Decision=Decision.Refuse, Comment="no")
    account(tmp_path, said(no, "cora"))
    assert oms(tmp_path, "approvals").output == "nothing waits for approval\n"


@pytest.mark.parametrize("words", [["approve"], ["refuse"], ["return"], ["note"], ["hand-over"]])
def test_every_decision_is_a_command(words: list[str]) -> None:
    assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0


# ---- reference data


def changed(tmp_path: Path, people: str) -> Reference:
    file = tmp_path / "reference.toml"
    file.write_text(f'operators = ["ann"]\npeople = {people}\n' + Settings().config.read_text())
    return load(file)


def test_people_are_users_with_roles(tmp_path: Path) -> None:
    people = '[{Name = "cora", Roles = ["Compliance"]}, {Name = "ann", Roles = ["Trader"]}]'
    reference = changed(tmp_path, people)
    assert reference.roles == {
        "ann": (Role.Operator, Role.Trader), "cora": (Role.Compliance,),
    }  # fmt: skip
    assert reference.users == (*reference.desks, "ann", "cora")


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ('[{Name = "alpha", Roles = []}]', "is taken"),
        ('[{Name = "a", Roles = []}, {Name = "a", Roles = []}]', "is taken"),
        ('[{Name = "a", Roles = [], Desk = "nobody"}]', "names desk nobody"),
    ],
)
def test_people_who_cannot_be_are_refused(tmp_path: Path, people: str, why: str) -> None:
    with pytest.raises(ReferenceRefused, match=why):
        changed(tmp_path, people)
