"""`oms trail --events`: each event with rule, person, message, cause, actor and entry number."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from infra.audit.host import AuditHost
from infra.audit.steps import _found
from infra.cli import main
from infra.settings import Settings
from tests.infra.journaled_day import Day, traded_day
from tests.infra.test_audit_host import GOOD, LATE


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    data = tmp_path_factory.mktemp("day")
    Settings(data=data).save()
    with traded_day(data) as day:
        yield day


def run(day: Day, *words: str) -> str:
    result = CliRunner().invoke(main, ["trail", "--data", str(day.data), *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def events(day: Day, *words: str) -> list[dict[str, Any]]:
    (found,) = json.loads(run(day, *words, "--json"))
    told: list[dict[str, Any]] = found["Events"]
    return told


def test_every_event_of_every_entry_is_one_step_that_names_its_entry(day: Day) -> None:
    (found,) = json.loads(run(day, "a-3", "--json"))
    told = [(e["actor"], e["entry"], e["event"]) for e in found["Events"]]
    held = [
        (entry["Actor"], entry["Number"], event["Event"])
        for entry in found["Entries"]
        for event in entry["Events"]
    ]
    assert told == held
    assert len(held) > 12


def test_a_step_names_the_message_and_the_entry_that_caused_it(day: Day) -> None:
    first, second, *_ = events(day, "a-1", "--desk", "alpha")
    assert first["message"] == "NewOrderSingle from ingress/0"
    assert first["persons"] == ["alpha"]
    assert second["message"] == "NewOrder from account/growth 1"
    assert second["cause"] == f"account/growth {first['entry']}"


def test_a_refusal_names_its_rule(day: Day) -> None:
    (refused,) = events(day, "a-4")
    assert refused["rule"] == "order_size"
    shown = run(day, "a-4", "--events")
    assert "order_size" in shown
    assert "NewOrderSingle from ingress/0" in shown


def test_rule_version_and_persons_are_found_wherever_an_event_says_them() -> None:
    said = {"Refusal": {"Rule": "x", "Version": 7}, "Votes": [{"By": "ann"}, {"By": "bob"}]}
    assert _found(said, ("Rule",)) == ["x"]
    assert _found(said, ("Version",)) == ["7"]
    assert _found(said, ("By",)) == ["ann", "bob"]


def test_a_step_made_while_the_clock_was_bad_says_so(day: Day) -> None:
    assert all("clock_bad" not in event for event in events(day, "a-4"))
    (refused,) = events(day, "a-4")
    at = json.loads(run(day, "a-4", "--json"))[0]["Entries"][0]["At"]
    settings = Settings.of(day.data)
    for reading, when in ((LATE, at - 10), (GOOD, at + 10)):
        AuditHost(settings, lambda reading=reading: reading, lambda when=when: when).turn()  # type: ignore[misc]
    (flagged,) = events(day, "a-4")
    assert flagged["clock_bad"] is True
    assert "clock bad" in run(day, "a-4", "--events")
    assert refused["entry"] == flagged["entry"]
