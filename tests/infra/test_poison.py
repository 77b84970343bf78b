"""A message that ends its process is parked after its limit, and nothing else ever is."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from actors.account.account import Account
from actors.actor import Actor
from infra.journals import JournalFailed
from infra.journals.memory import MemoryJournal, Tape
from infra.poison import FOLDER, LIMIT, NOTHING, Suspicion, watched
from infra.shell import ActorFailed, Shell
from messages.envelope import Envelope
from messages.fix import OrdStatus
from messages.reports import DESK_REPORT, ExecutionReport
from tests.actors.scenes import from_desk, order
from tests.actors.toy import ACTOR, START, Runner, Toy, note

POISON, FINE = note(1, "poison"), note(1, "fine")


class Full(MemoryJournal):
    """A disk without room."""

    def append(self, *given: Any) -> None:
        raise JournalFailed("no room")


def ended_in(data: Path, body: bytes, address: str = ACTOR) -> None:
    """A process begins to handle ``body`` and is no more."""
    words = (
        "import os, sys; from pathlib import Path; from infra.poison import Suspicion;"
        f"Suspicion(Path(sys.argv[1]), {address!r}).begin(sys.stdin.buffer.read()); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", words, str(data)], input=body, check=False)
    assert done.returncode == 9


def shell(data: Path, journal: MemoryJournal | None = None) -> tuple[Shell, Any]:
    """The toy as its host would have it."""
    make, kept = watched(data, ACTOR, Toy, journal or MemoryJournal(Tape()))
    return Shell(make(), kept.open()), kept


def test_a_message_that_ended_the_process_so_often_raises_and_is_parked(tmp_path: Path) -> None:
    for _ in range(LIMIT - 1):
        ended_in(tmp_path, POISON.body)
    assert shell(tmp_path)[0].take(FINE, START)
    ended_in(tmp_path, POISON.body)
    one, journal = shell(tmp_path)
    with pytest.raises(ActorFailed, match=rf"{ACTOR} ended {LIMIT} times while busy with this"):
        one.take(POISON, START)
    one, journal = shell(tmp_path)
    entry = one.park(POISON, "poison", START)
    journal.append([entry])
    assert one.heard[POISON.sender] == 1


def test_the_answer_to_a_request_that_ended_its_process_reads_it_by_no_model(
    tmp_path: Path,
) -> None:
    """I9: who asked is told, and the code that dies of the message never sees it again."""
    address = "account/acme"
    body = from_desk(order("a")).model_dump_json(exclude_none=True).encode()
    for _ in range(LIMIT):
        ended_in(tmp_path, body, address)
    make, _ = watched(tmp_path, address, lambda: Account(address), MemoryJournal(Tape()))
    poison = Envelope("ingress/0", address, 1, "NewOrderSingle", START, "", body)
    with pytest.raises(ActorFailed) as failed:
        Shell(make(), 1).take(poison, START)
    again = Shell(make(), 1)
    again.actor.__dict__["INBOX"] = again.actor.__dict__["receive"] = None
    (told,) = again.park(poison, str(failed.value), START).envelopes()
    report = DESK_REPORT.validate_json(told.body)
    assert (told.recipient, told.seq) == ("desk/blue", 1)
    assert isinstance(report, ExecutionReport)
    assert (report.ClOrdID, report.OrdStatus) == ("a", OrdStatus.Rejected)


def test_a_message_that_goes_well_at_last_is_forgiven(tmp_path: Path) -> None:
    for _ in range(2 * LIMIT):
        for _ in range(LIMIT - 1):
            ended_in(tmp_path, FINE.body)
        one, journal = shell(tmp_path)
        entry = one.take(FINE, START)
        journal.append([entry])


def test_a_disk_without_room_is_no_message_s_fault(tmp_path: Path) -> None:
    for _ in range(2 * LIMIT):
        one, journal = shell(tmp_path, Full(Tape()))
        entry = one.take(FINE, START)
        with pytest.raises(JournalFailed):
            journal.append([entry])


def test_a_process_that_is_killed_while_it_waits_suspects_nothing(tmp_path: Path) -> None:
    for _ in range(2 * LIMIT):
        one, journal = shell(tmp_path)
        entry = one.take(FINE, START)
        journal.append([entry])  # and here somebody kills it
    assert (tmp_path / FOLDER / "toy.1").read_bytes() == NOTHING


def test_the_note_outlives_the_process_and_says_which_message_it_was(tmp_path: Path) -> None:
    ended_in(tmp_path, POISON.body)
    left = (tmp_path / FOLDER / "toy.1").read_bytes()
    Suspicion(tmp_path, ACTOR).begin(POISON.body)
    assert (tmp_path / FOLDER / "toy.1").read_bytes() == left != NOTHING
    assert os.path.getsize(tmp_path / FOLDER / "toy.1") == len(NOTHING)


def test_the_actor_behaves_as_without_the_watch(tmp_path: Path) -> None:
    plain, (noted, journal) = Shell(Toy(), 1), shell(tmp_path)
    entries = [one.take(FINE, START) for one in (plain, noted)]
    assert entries[0] == entries[1]
    journal.append(entries[1:])
    again: Actor[Any, Any, Any] = Toy()
    fresh = Shell(again, 1)
    for entry in journal.read():
        fresh.replay(entry)
    assert fresh.state_digest() == noted.state_digest()
    assert journal.acknowledged() == {}
    journal.save_snapshot(1, "stamp", b"data")
    assert journal.snapshot("stamp") == (1, b"data")


def test_an_actor_that_takes_runs_is_left_alone(tmp_path: Path) -> None:
    journal = MemoryJournal(Tape())
    assert watched(tmp_path, ACTOR, Runner, journal) == (Runner, journal)
    assert not (tmp_path / FOLDER).exists()
