"""The measurement of kills: what counts as being in scope, and what is shown of it."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from infra.as_toml import toml
from infra.bench import config, kills_report
from infra.bench.config import PEOPLE
from infra.bench.kills import _within
from infra.bench.market import Came, Market
from infra.reference import load
from messages.kills import Kill, KillScope


def came(at: int, kind: str = "D", account: str = "a1", symbol: str = "I1") -> Came:
    return Came(at, at, kind, f"n{at}", account, symbol)


@pytest.mark.parametrize(
    ("scope", "name", "counts"),
    [
        (KillScope.Firm, None, True),
        (KillScope.Desk, "alpha", True),
        (KillScope.Venue, "X1", True),
        (KillScope.Account, "a1", True),
        (KillScope.Account, "a2", False),
        (KillScope.Instrument, "I1", True),
        (KillScope.Instrument, "I2", False),
    ],
)
def test_only_what_is_in_the_scope_of_a_kill_counts(
    scope: KillScope, name: str | None, counts: bool
) -> None:
    wish = Kill(Scope=scope, Name=name, Reason="r", TransactTime=1)
    assert _within(wish, came(2)) is counts


def test_what_adds_risk_after_an_instant_is_found_and_cancels_are_not() -> None:
    market = Market("X1")
    market.heard += [came(1), came(2), came(3, "F"), came(4, "G")]
    assert [one.at for one in market.risk_since(1)] == [2, 4]


def test_the_installation_of_the_measurement_has_two_people_and_a_venue_elsewhere(
    tmp_path: Path,
) -> None:
    path = tmp_path / "reference.toml"
    path.write_text(toml(config.people(2, 3, 4711)))
    found = load(path)
    assert found.operators == PEOPLE
    assert [venue.Port for venue in found.venues] == [4711]
    assert (len(found.accounts), len(found.instruments)) == (2, 3)


def test_the_table_has_each_scope_and_each_step_in_milliseconds() -> None:
    ms = {"p50": 8.0, "p99": 21.5, "p999": 21.5, "max": 21.5}
    measured = {
        "last_risk_ms": {"all": ms, "Firm": ms, "Venue": {}},
        **dict.fromkeys(("border_ms", "venue_ms", "quiet_ms"), ms),
        "deaths": 1,
        "load_average": 1.5,
    }
    found = {"rates": {"200": measured}, "kills": [{"rate": 200, "scope": "Firm"}]}
    out = io.StringIO()
    Console(file=out, width=120).print(kills_report.table(found))
    text = out.getvalue()
    for word in ("last new risk: Firm", "1 processes died", "quiet", "21.5"):
        assert word in text
