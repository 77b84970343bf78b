"""What a storm needs beside an installation, and why a kind cannot be done without it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.chaos.faults import FAULTS
from infra.chaos.scenery import Scenery, market
from infra.commands.chaos import chaos
from infra.reference import SAMPLE, load
from infra.settings import Settings
from messages.rulebook import RULEBOOK


def settings(data: Path, **chosen: object) -> Settings:
    data.mkdir(exist_ok=True)
    return Settings.model_validate({"data": data, **chosen})


def test_the_market_of_a_storm_has_two_operators_and_a_shared_limit(tmp_path: Path) -> None:
    found, sample = load(market(tmp_path)), load(SAMPLE)
    assert len(found.operators) == 2
    assert found.rules is not None
    assert found.rules.Firm.SharedGross is not None
    assert found.knows(RULEBOOK)
    same = found.model_copy(update={"operators": sample.operators, "rules": sample.rules})
    assert same == sample


@pytest.mark.parametrize(
    ("kind", "chosen", "why"),
    [
        ("rulebook", {}, "nobody keeps rules: name two operators"),
        ("broker", {"amqp_url": "amqp://elsewhere"}, "the broker is not ours (OMS_AMQP_URL)"),
        ("memory", {"amqp_url": "amqp://elsewhere"}, "the broker is not ours (OMS_AMQP_URL)"),
        ("postgres", {"journal": "postgres", "journal_url": "x"}, "the server is not ours"),
        ("disk", {"journal": "postgres", "journal_url": "x"}, "the journals are on a server"),
    ],
)
def test_a_kind_that_cannot_be_done_here_says_why(
    tmp_path: Path, kind: str, chosen: dict[str, object], why: str
) -> None:
    scenery = Scenery(settings(tmp_path, **chosen))
    left_out = scenery.put_up(["account", kind])
    scenery.take_away()
    assert list(left_out) == [kind]
    assert why in left_out[kind]


def test_no_venue_is_delayed_that_is_not_ours(tmp_path: Path) -> None:
    config = tmp_path / "market.toml"
    config.write_text(SAMPLE.read_text().replace("Port = 0", "Port = 9"))
    left_out = Scenery(settings(tmp_path, config=config)).put_up(["delay"])
    assert left_out == {"delay": "no venue is ours: give one the Port 0 in the file of OMS_CONFIG"}


@pytest.mark.parametrize("kind", [kind for kind, fault in FAULTS.items() if fault.needs])
def test_the_error_names_the_option_without_which_a_kind_has_nothing_to_hit(
    tmp_path: Path, kind: str
) -> None:
    words = ["--data", str(tmp_path / "chaos"), "--kind", "account", "--kind", kind]
    done = CliRunner().invoke(chaos, words, env={"COLUMNS": "200"})
    assert done.exit_code == 1
    assert f"--kind {kind} has nothing to hit without {FAULTS[kind].needs}" in done.output
