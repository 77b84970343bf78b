"""What operators say to surveillance on its way, what is shown of it, and its reference data."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from prometheus_client import CollectorRegistry, generate_latest

from actors.surveillance.surveillance import Surveillance
from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_operators import Operators
from infra.cli import main
from infra.commands.surveillance import line_of
from infra.journals import JOURNALS, journal_path
from infra.metrics import Metrics
from infra.reference import ReferenceRefused, load
from infra.settings import Settings
from infra.shell import Shell
from messages.base import Message
from messages.cases import CaseReport, CaseRequest, CaseStep, NewsReported
from messages.envelope import Envelope
from messages.operators import FromOperator
from messages.thresholds import SurveillanceDefinition
from tests.infra.test_metrics_entries import entry
from tests.surveillance.watching import BUY, NOON, SELL, Watching

OPERATORS = Operators(frozenset({"ann", "bob"}), frozenset({"XPAR"}))
WISH = CaseRequest(AlertID="0-1", Step=CaseStep.Open)
NEWS = NewsReported(Symbol="AAPL", Move=Decimal("0.05"), At=NOON, Headline="results are out")


def translated(body: bytes, key: str) -> Routed | Answered:
    (found,) = OPERATORS.translate("ann", body, "ann", key, "orders.ann", NOON)
    return found


@pytest.mark.parametrize(("wish", "key"), [(WISH, "0-1"), (NEWS, "AAPL")])
def test_an_operators_word_goes_to_surveillance_under_the_name_the_broker_knows(
    wish: Message, key: str
) -> None:
    """I19."""
    found = translated(wish.model_dump_json(exclude_none=True).encode(), key)
    assert isinstance(found, Routed)
    assert found.recipient == "surveillance/0"
    words = FromOperator.model_validate_json(found.body)
    assert (words.Operator, words.Request) == ("ann", wish)


@pytest.mark.parametrize(
    ("body", "key", "said"),
    [
        (b'{"MsgType":"CaseRequest","AlertID":"0-1","Step":"Burn"}', "0-1", "Step"),
        (b'{"MsgType":"CaseRequest","Step":"Open"}', "0-1", "AlertID"),
        (b'{"MsgType":"NewsReported","Symbol":"AAPL"}', "AAPL", "Move"),
        (WISH.model_dump_json(exclude_none=True).encode(), "0-2", "differs from the routing key"),
    ],
)
def test_bad_words_are_answered_with_the_field(body: bytes, key: str, said: str) -> None:
    """I20."""
    found = translated(body, key)
    assert isinstance(found, Answered)
    assert said in (found.reject.Text or "")


def test_nobody_speaks_for_another_person() -> None:
    body = WISH.model_dump_json(exclude_none=True).encode()
    (found,) = OPERATORS.translate("ann", body, None, "0-1", "orders.ann", NOON)
    assert isinstance(found, Answered)


# ---- what is shown


def installation(data: Path) -> None:
    """A data folder in which surveillance has seen a wash trade, and ann has opened the case."""
    Settings(data=data).save()
    heard: list[Message] = []
    scene = Watching()
    actor = Surveillance("surveillance/0")
    path = journal_path(data / "journals", actor.address)
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = JOURNALS["sqlite"](path)
    shell = Shell(actor, journal.open())
    scene.when = lambda *messages: (heard.extend(messages), Watching.when(scene, *messages))[1]  # type: ignore[method-assign]
    scene.trade(1, "one", SELL, 100).trade(1, "one", BUY, 100)
    scene.person("0-1", CaseStep.Open, Text="looks odd")
    for number, message in enumerate(heard, 1):
        body = message.model_dump_json(exclude_none=True).encode()
        kind = type(message).__name__
        envelope = Envelope("compliance/0", actor.address, number, kind, NOON, "", body)
        made = shell.take(envelope, NOON + number)
        assert made is not None
        journal.append([made])
    journal.close()


def oms(*words: str) -> Result:
    return CliRunner().invoke(main, ["surveillance", *words])


def test_alerts_are_listed_and_shown_with_their_evidence_and_case(tmp_path: Path) -> None:
    installation(tmp_path)
    data = ("--data", str(tmp_path))
    listed = oms("alerts", *data)
    assert listed.exit_code == 0, listed.output
    assert "wash_trade" in listed.output
    assert "Open" in listed.output
    shown = oms("show", "0-1", *data)
    assert "account/one 2, account/one 4" in shown.output
    assert "ann: Open looks odd" in shown.output
    (alert,) = json.loads(oms("alerts", "--json", *data).output)
    assert (alert["CaseStatus"], alert["OrderIDs"]) == ("Open", ["one-1", "one-3"])
    assert alert["Measures"][0] == {"Name": "SelfMatchWithin", "Value": "0", "Threshold": "1"}
    assert json.loads(oms("alerts", "--status", "Closed", "--json", *data).output) == []


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    installation(tmp_path)
    said = oms("show", "0-7", "--data", str(tmp_path))
    assert said.exit_code == 1
    assert "there is no alert 0-7" in said.output
    (tmp_path / "empty").mkdir()
    assert "no alerts" in oms("alerts", "--data", str(tmp_path / "empty")).output
    said = oms("assign", "0-1", "bob", "--as", "zoe", "--data", str(tmp_path))
    assert said.exit_code == 1
    assert "zoe is no operator here" in said.output


def test_an_answer_is_a_line() -> None:
    report = CaseReport(
        AlertID="0-1", Step="Assign", CaseStatus="Open", Assignee="bob", TransactTime=NOON
    )
    assert line_of(report) == "[bold]Open[/]  0-1  Assign  assigned to bob"


def test_alerts_are_counted_by_pattern_with_their_delay() -> None:
    alert = Watching().trade(1, "one", SELL, 100).trade(1, "one", BUY, 100).alerts[0]
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    assert 'oms_surveillance_alerts_total{pattern="layering"} 0.0' in _page(registry)
    metrics.observe(entry("surveillance/0", 1, alert, at=alert.At + 200_000_000))
    assert 'oms_surveillance_alerts_total{pattern="wash_trade"} 1.0' in _page(registry)
    assert 'oms_surveillance_alert_seconds_bucket{le="0.25"} 1.0' in _page(registry)


def _page(registry: CollectorRegistry) -> str:
    return generate_latest(registry).decode()


# ---- reference data


def changed(tmp_path: Path, added: str) -> Any:
    file = tmp_path / "reference.toml"
    file.write_text(Settings().config.read_text() + added)
    return load(file)


def test_every_instrument_is_told_with_its_band_calendar_and_multiplier() -> None:
    (told,) = load().about("surveillance/0")
    assert isinstance(told, SurveillanceDefinition)
    assert [band.Band for band in told.Bands] == ["large", "mid", "small"]
    future = next(one for one in told.Instruments if one.Symbol == "ESZ6")
    assert (future.ContractMultiplier, future.ADV) == (50, 1_500_000)
    assert {one.Symbol for one in told.Instruments} == {i.Symbol for i in load().instruments}


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ('[[surveillance.Parties]]\nAccount = "nobody"\n', "account nobody"),
        ('[[surveillance.Instruments]]\nSymbol = "XXX"\n', "instrument XXX"),
        ('[[surveillance.Instruments]]\nSymbol = "SAP"\nBand = "huge"\n', "bands: large, mid"),
        (
            '[[surveillance.Restrictions]]\nSymbol = "XXX"\nReason = "r"\n'
            'From = "2026-11-23T00:00:00Z"\n',
            "restricts XXX",
        ),
    ],
)
def test_a_name_that_means_nothing_is_refused(tmp_path: Path, added: str, said: str) -> None:
    with pytest.raises(ReferenceRefused, match=said):
        changed(tmp_path, "\n" + added)
