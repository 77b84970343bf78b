"""`oms journal`: what it proves, what it shows, and the past that it brings back."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra import snapshots
from infra.as_of import instant, state_at
from infra.cli import main
from infra.journals import journals
from infra.journals.sqlite import SqliteJournal
from infra.replayed import entries, replay
from infra.shell import Shell
from messages.base import Instant, format_time
from tests.infra.journaled_day import ACCOUNTS, MS, START, Day, file_of, new, traded_day

GROWTH = "account/growth"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The journals of a day that is over."""
    with traded_day(tmp_path):
        pass
    return tmp_path


def run(data: Path, *words: str) -> Result:
    command, *rest = words
    return CliRunner().invoke(main, ["journal", command, "--data", str(data), *rest])


def change(data: Path, address: str, statement: str) -> None:
    with closing(sqlite3.connect(file_of(data, address))) as db, db:
        db.execute(statement)


# ---- verify


def test_sound_journals_are_told_with_their_state(data: Path) -> None:
    result = run(data, "verify", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["Broken"] == 0
    assert [j["Actor"] for j in told["Journals"]] == list(journals(data))
    for journal in told["Journals"]:
        shell = replay(journal["Actor"], file_of(data, journal["Actor"]))
        assert (journal["Entries"], journal["Digest"]) == (shell.number, shell.state_digest())
        assert journal["Bytes"] > 10_000
        assert format_time(START) <= journal["From"] <= journal["To"]
    assert run(data, "verify").stdout.count("sound") == len(told["Journals"])


@pytest.mark.parametrize(
    ("statement", "broken", "fault"),
    [
        ("UPDATE entries SET events = x'5b5d' WHERE number = 7", 7, "its hash is not that of"),
        ("UPDATE entries SET chain = zeroblob(32) WHERE number = 3", 3, "its hash is not that of"),
        ("DELETE FROM entries WHERE number = 5", 5, "entry 5 is missing: the next is 6"),
        ("UPDATE entries SET number = 900 WHERE number = 9", 9, "entry 9 is missing"),
        ("DELETE FROM entries WHERE number > 15", None, "the head says 17 entries, there are 15"),
        ("UPDATE head SET epoch = 5", None, "the head is not what was written"),
        (
            "UPDATE acknowledged SET seq = seq + 1 WHERE recipient = 'desk/alpha'",
            None,
            "desk/alpha",
        ),
        ("UPDATE entries SET events = 'text' WHERE number = 6", 6, "entry 6 cannot be replayed"),
        ("DROP TABLE acknowledged", None, "no such table: acknowledged"),
    ],
)
def test_the_first_broken_entry_is_named(
    data: Path, statement: str, broken: int | None, fault: str
) -> None:
    """I6."""
    change(data, GROWTH, statement)
    result = run(data, "verify", GROWTH, "--json")
    assert result.exit_code == 1
    (told,) = json.loads(result.stdout)["Journals"]
    assert told["Broken"] == broken
    assert fault in told["Fault"]
    shown = run(data, "verify")
    assert shown.exit_code == 1
    assert f"{GROWTH}: " in shown.stdout
    assert "from a backup" in shown.stdout
    assert shown.stdout.count("sound") == 5


def test_an_entry_that_hangs_together_and_cannot_be_replayed_is_named(data: Path) -> None:
    shell = replay(GROWTH, file_of(data, GROWTH))
    with closing(SqliteJournal(file_of(data, GROWTH))) as journal:
        epoch = journal.open()
        last = list(journal.read())[-1]
        odd = last._replace(
            number=last.number + 1, epoch=epoch, events=b'[{"Event":"NeverHeardOf"}]', seq=0
        )
        journal.append([odd.sealed(shell.chain)])
    result = run(data, "verify", GROWTH, "--json")
    (told,) = json.loads(result.stdout)["Journals"]
    assert told["Broken"] == odd.number
    assert "cannot be replayed" in told["Fault"]


def test_a_page_that_no_entry_is_in_is_looked_at_too(data: Path) -> None:
    change(data, GROWTH, "CREATE INDEX extra ON entries (at)")
    path = file_of(data, GROWTH)
    with closing(sqlite3.connect(path)) as db:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'extra'"
        (root,) = db.execute(query).fetchone()
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 + 8 : (root - 1) * 4096 + 40] = bytes(32)
    path.write_bytes(content)
    result = run(data, "verify", GROWTH, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["Journals"][0]["Fault"]


@pytest.mark.parametrize("sound", [True, False])
def test_a_snapshot_is_compared_with_what_replay_gives(data: Path, sound: bool) -> None:
    """I5."""
    path = file_of(data, GROWTH)
    with closing(SqliteJournal(path)) as journal:
        journal.open()
        shell = state_at(GROWTH, path, START + 60_000 * MS)
        kept = snapshots.dump(shell)
        if not sound:
            shell.actor.state.cash["USD"] += 1
            kept = snapshots.dump(shell)
        journal.save_snapshot(shell.number, snapshots.stamp(), kept)
    (told,) = json.loads(run(data, "verify", GROWTH, "--json").stdout)["Journals"]
    assert told["Snapshot"] == shell.number
    fault = None if sound else f"the snapshot after entry {shell.number} is another state"
    assert (told["Fault"] or "").startswith(fault or "")
    assert bool(told["Fault"]) is not sound


def test_verify_works_while_the_actor_writes_and_writes_nothing_itself(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        before = file_of(tmp_path, GROWTH).read_bytes()
        assert run(tmp_path, "verify").exit_code == 0
        assert file_of(tmp_path, GROWTH).read_bytes() == before
        day.desk("alpha", new("a-2"))
        assert run(tmp_path, "verify").exit_code == 0


def test_an_actor_without_a_journal_is_told_with_those_that_have_one(data: Path) -> None:
    result = run(data, "verify", "account/none")
    assert result.exit_code == 1
    assert "those that do: account/growth" in result.stderr
    empty = run(data / "nothing", "verify")
    assert empty.exit_code == 1
    assert "oms up" in empty.stderr


# ---- show


def test_entries_are_shown_with_what_happened_what_was_sent_and_what_will_wake_it(
    data: Path,
) -> None:
    result = run(data, "show", GROWTH, "--from", "4", "--to", "5")
    assert result.exit_code == 0
    assert re.search(r"^ +4  2026-\S+Z  NewOrderSingle from ingress/0", result.stdout, re.M)
    assert "OrderAccepted OrderID growth-1, ClOrdID a-1, Desk alpha" in result.stdout
    assert "to book/AAPL number 1: NewOrder OrderID growth-1" in result.stdout
    assert "to desk/alpha number 1: ExecutionReport" in result.stdout
    assert result.stdout.endswith("2 of 17 entries of account/growth\n")
    timers = run(data, "show", "venue/XPAR").stdout
    assert re.search(r"timer \S+: \w+ at 2026-", timers)


def test_the_last_entries_are_shown_where_none_is_named(data: Path) -> None:
    assert "20 of 62 entries" in run(data, "show", "compliance/0").stdout
    assert re.search(r"^ +62  ", run(data, "show", "compliance/0").stdout, re.M)


def test_the_entries_of_one_order_are_those_that_name_it(data: Path) -> None:
    for name in ("growth-1", "a-1"):
        lines = run(data, "show", GROWTH, "--order", name, "--json").stdout.splitlines()[:]
        assert lines
        for line in lines:
            assert f'"{name}"' in line
    numbers = {
        json.loads(line)["Number"]
        for line in run(data, "show", GROWTH, "--order", "growth-1", "--json").stdout.splitlines()
    }
    told = {e.number for e in entries(file_of(data, GROWTH)) if b'"growth-1"' in e.events + e.sends}
    assert numbers == told
    assert "0 of 17" in run(data, "show", GROWTH, "--order", "growt").stdout


def test_json_has_everything_that_the_entry_holds(data: Path) -> None:
    line = run(data, "show", GROWTH, "--from", "4", "--to", "4", "--json").stdout
    told, entry = json.loads(line), list(entries(file_of(data, GROWTH)))[3]
    assert told["Events"] == json.loads(entry.events)
    assert [s["Seq"] for s in told["Sends"]] == [e.seq for e in entry.envelopes()]
    assert (told["Chain"], told["At"]) == (entry.chain.hex(), format_time(entry.at))


# ---- as-of


def test_the_state_at_every_instant_is_the_one_that_the_actor_had_then(tmp_path: Path) -> None:
    """I5: compared after each request of a day with what was in memory then."""
    then: list[tuple[Instant, dict[str, str]]] = []
    with Day(tmp_path) as day:
        addresses = [f"account/{name}" for name in ACCOUNTS]
        for number in range(6):
            day.desk("alpha", new(f"a-{number}", 10 * number + 1))
            if number % 2:
                from messages.venue import SessionUp

                day.says(SessionUp())
            then.append((day.now, {a: day.shell(a).state_digest() for a in addresses}))
            day.now += 1000 * MS
    for at, digests in then:
        told = json.loads(run(tmp_path, "as-of", format_time(at), "--json").stdout)
        assert {a: told["Actors"][a]["Digest"] for a in digests} == digests
    first = json.loads(run(tmp_path, "as-of", format_time(START - 1), "--json").stdout)
    assert {actor["Entries"] for actor in first["Actors"].values()} == {0}


def test_orders_positions_and_cash_of_the_past_are_shown(data: Path) -> None:
    after_first_fill = next(
        e.at for e in entries(file_of(data, GROWTH)) if b'"PartiallyFilled"' in e.events
    )
    told = json.loads(run(data, "as-of", format_time(after_first_fill), GROWTH, "--json").stdout)
    assert [(o["ClOrdID"], o["CumQty"]) for o in told["Orders"]] == [("a-1", "40")]
    assert [(p["Symbol"], p["Quantity"]) for p in told["Positions"]] == [("AAPL", "40")]
    assert {c["Currency"]: c["Cash"] for c in told["Cash"]}["USD"] == "992420"
    shown = run(data, "as-of", format_time(after_first_fill)).stdout
    assert re.search(r"^a-1 +growth .*PartiallyFilled +40", shown, re.M)
    assert "long 40" in shown


def test_the_state_of_one_actor_that_is_no_account_is_shown_whole(data: Path) -> None:
    shown = run(data, "as-of", "2030-01-01T00:00:00Z", "book/AAPL").stdout
    assert '"parents"' in shown
    told = json.loads(run(data, "as-of", "2030-01-01T00:00:00Z", "book/AAPL", "--json").stdout)
    assert "growth-1" in told["Actors"]["book/AAPL"]["State"]["parents"]


def test_a_damaged_journal_has_a_past_up_to_its_damage(data: Path) -> None:
    change(data, GROWTH, "UPDATE entries SET at = at + 1 WHERE number = 9")
    path = file_of(data, GROWTH)
    early = next(e.at for e in entries(path) if e.number == 8)
    assert run(data, "as-of", format_time(early), GROWTH).exit_code == 0
    late = run(data, "as-of", "2030-01-01T00:00:00Z", GROWTH)
    assert late.exit_code == 1
    assert "oms journal verify account/growth" in late.stderr


@pytest.mark.parametrize("text", ["14:30", "14:30:05", "14:30:05.25Z"])
def test_a_time_of_day_is_today(text: str) -> None:
    assert format_time(instant(text))[10:19] in ("T14:30:00", "T14:30:05")
    assert abs(instant(text) - instant("12:00")) < 86_400 * 1_000 * MS


@pytest.mark.parametrize("text", ["yesterday", "25:00", "2026-11-23", "2026-11-23T14:30:00"])
def test_what_is_no_time_is_refused_with_an_example(data: Path, text: str) -> None:
    result = run(data, "as-of", text)
    assert result.exit_code == 1
    assert text in result.stderr


def test_replaying_to_an_instant_reads_no_further(data: Path) -> None:
    shell = state_at(GROWTH, file_of(data, GROWTH), START)
    assert isinstance(shell, Shell)
    assert shell.number == 0
