"""``oms journal recovery`` makes the journal that it measures, and measures what a host does."""

import json
from pathlib import Path

from click.testing import CliRunner

from infra.bench import recovery
from infra.bench.day import ACCOUNT, Life
from infra.cli import main
from infra.journals.memory import MemoryJournal
from infra.replayed import replay
from infra.settings import Settings
from messages.fix import OrdStatus


def test_the_life_of_the_account_has_something_of_everything() -> None:
    journal = MemoryJournal()
    life = Life(journal)
    life.grow(2_000)
    state = life.shell.actor.state
    assert life.shell.number == len(list(journal.read())) >= 2_000
    assert state.open == {}
    assert {order.status for order in state.orders.values()} == {
        OrdStatus.Filled, OrdStatus.Canceled,
    }  # fmt: skip
    share = len(state.refused) / (len(state.orders) + len(state.refused))
    assert 0.05 < share < 0.15
    assert journal.acknowledged()["compliance/0"] == life.shell.number


def test_every_measurement_ends_at_the_last_entry(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    entries = recovery.grow(tmp_path, 5_100)
    found = [recovery.one(tmp_path, how) for how in recovery.HOW]
    assert [took.entries for took in found] == [entries] * len(found)
    assert all(took.cpu_s > 0 and took.at_most_mb > 0 for took in found)
    assert replay(ACCOUNT, tmp_path / "journals" / f"{ACCOUNT}.sqlite").number == entries


def test_the_command_measures_each_in_a_process_of_its_own() -> None:
    done = CliRunner().invoke(main, ["journal", "recovery", "--entries", "1000", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["Entries"] >= 1_000
    assert told["Bytes"] > 100_000
    assert [one["what"] for one in told["Measured"]] == list(recovery.HOW)
