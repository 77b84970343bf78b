"""`oms as-of` is the blotter at an instant: equal to what the actors were then, to the hash."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from infra.audit import store
from infra.audit.anchors import Anchors
from infra.cli import main
from infra.settings import Settings
from messages import venue as wire
from messages.base import Instant, format_time
from tests.infra.journaled_day import Day, new


def past(data: Path, at: Instant, *words: str) -> Any:
    result = CliRunner().invoke(main, ["as-of", "--data", str(data), format_time(at), *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in words else result.stdout


def hashes(day: Day) -> dict[str, tuple[int, str, str]]:
    """What every live actor is now."""
    return {
        address: (shell.number, shell.chain.hex(), shell.state_digest())
        for address, shell in day._shells.items()
    }


def test_at_each_instant_the_past_has_the_hashes_of_that_present(tmp_path: Path) -> None:
    """I5, for every instant of a day."""
    then: list[tuple[Instant, dict[str, tuple[int, str, str]]]] = []
    with Day(tmp_path) as day:
        steps = [
            lambda: day.says(wire.SessionUp()),
            lambda: day.desk("alpha", new("a-1")),
            lambda: day.fills("growth-1.1", 40, "189.50"),
            lambda: day.desk("alpha", new("a-2", 9_000)),
            lambda: day.desk("alpha", new("a-3", 5)),
            lambda: day.pass_time(6),
        ]
        for step in steps:
            step()
            then.append((day.now, hashes(day)))
            day.now += 1_000_000
    for at, known in then:
        told = past(tmp_path, at, "--json")["Actors"]
        found = {a: (s["Entries"], s["Hash"] or "", s["Digest"]) for a, s in told.items()}
        assert found == known


def test_what_was_in_doubt_then_is_shown_with_its_age_then(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.says(wire.SessionUp())
        day.desk("alpha", new("a-1"))
        before = day.now
        day.pass_time(6)
        doubted = day.now
        day.now += 30_000_000_000
        day.fills("growth-1.1", 100, "190")
        after = day.now
    (order,) = past(tmp_path, doubted, "--json")["Orders"]
    (doubt,) = order["InDoubt"]
    assert (doubt["ClOrdID"], doubt["Venue"], doubt["Request"]) == ("growth-1.1", "XPAR", "New")
    assert "PendingNew, in doubt 4 s" in past(tmp_path, doubted + 4_000_000_000)
    for at, status in ((before, "PendingNew"), (after, "Filled")):
        (order,) = past(tmp_path, at, "--json")["Orders"]
        assert (order["OrdStatus"], order["InDoubt"]) == (status, [])
    (held,) = past(tmp_path, after, "--json")["Positions"]
    assert held["Quantity"] == "100"


def test_the_past_says_when_it_was_anchored(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
        anchored = day.now
        file = store.open_to_write(Settings.of(tmp_path), store.ANCHORS)
        Anchors(file, tmp_path).anchor(anchored + 5)
        day.desk("alpha", new("a-2"))
        later = day.now
    account = past(tmp_path, anchored, "--json")["Actors"]["account/growth"]
    assert account["Anchored"] == format_time(anchored + 5)
    assert past(tmp_path, later, "--json")["Actors"]["account/growth"]["Anchored"] is None
    assert "not yet" in past(tmp_path, later)


def test_what_was_refused_by_then_is_in_the_blotter(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1", 9_000))
        then = day.now
        day.now += 1_000_000
        day.desk("alpha", new("a-2", 9_000))
        later = day.now
    told = [
        [(o["ClOrdID"], o["OrdStatus"]) for o in past(tmp_path, at, "--json")["Orders"]]
        for at in (then - 500_000_000, then, later)
    ]
    first, second = ("a-1", "Rejected"), ("a-2", "Rejected")
    assert told == [[], [first], [first, second]]
    assert "Rejected" in past(tmp_path, then)
