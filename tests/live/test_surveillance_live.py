"""A wash trade that desks send over AMQP is an alert within five seconds, and a case for people."""

import asyncio
import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from infra import chaos, pids
from infra.journals import journal_of
from infra.operators import say
from infra.reference import SAMPLE
from infra.replayed import entries
from infra.surveillance.alerts import alerts
from messages.base import SECOND
from messages.cases import CaseReport, CaseRequest, CaseStep
from messages.fix import ExecType, Side
from tests.live.stage import Talk, an_order, oms, replayed, running, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

WITHIN_S = 5.0
ADDED = """
[[surveillance.Parties]]
Account = "growth"
Owner = "ada"

[[surveillance.Parties]]
Account = "macro"
Owner = "ada"
"""


async def wash(data: Path, name: str, px: str) -> float:
    """Two desks, two accounts, one owner: both sides of one trade; when both had heard of it."""
    words = {"Price": Decimal(px), "Symbol": "SAP"}
    async with Talk(data) as talk:
        await talk.send(an_order(f"{name}-s", Side=Side.Sell, **words))
        await talk.execution(ClOrdID=f"{name}-s", ExecType=ExecType.New)
        order = an_order(f"{name}-b", Account="macro", Side=Side.Buy, **words)
        await talk.send(order, desk="beta")
        await talk.execution("beta", ClOrdID=f"{name}-b", ExecType=ExecType.Trade)
        await talk.execution(ClOrdID=f"{name}-s", ExecType=ExecType.Trade)
    return time.monotonic()


def test_a_wash_trade_is_an_alert_in_time_and_a_case(tmp_path: Path) -> None:
    config = tmp_path / "reference.toml"
    config.write_text('operators = ["ann", "bob"]\n' + SAMPLE.read_text() + ADDED)
    with running(tmp_path / "data", config=config) as data:
        traded = asyncio.run(wash(data, "w1", "130"))
        until(lambda: len(alerts(data)) == 1, within_s=WITHIN_S)
        assert time.monotonic() - traded < WITHIN_S
        line = alerts(data)["0-1"]
        assert (line.alert.Pattern, line.alert.Owner) == ("wash_trade", "ada")
        assert set(line.alert.Accounts) == {"growth", "macro"}
        assert (line.raised_at - line.alert.At) / SECOND < WITHIN_S
        _evidence(data, line.alert.Entries)
        _case(data)
        killed = chaos.Victim(data, "surveillance/0", pids.read(data)["surveillance/0"])
        asyncio.run(killed.kill())
        listed = oms(data, "surveillance", "alerts", "--json", "--data", str(data))
        (alert,) = json.loads(listed.stdout)
        assert (alert["CaseStatus"], alert["Assignee"]) == ("Closed", "bob")
        state = replayed(data, "surveillance/0").actor.state
        assert (state.cases["0-1"].status, state.cases["0-1"].assignee) == ("Closed", "bob")


def _evidence(data: Path, named: tuple[str, ...]) -> None:
    """Each entry that the alert names is a fill in that journal."""
    for one in named:
        address, number = one.split(" ")
        (entry,) = entries(journal_of(data, address), "number = ?", [int(number)])
        assert b'"OrderFilled"' in entry.events


def _case(data: Path) -> None:
    """Over AMQP, as the command does it."""

    def said(operator: str, step: CaseStep, **words: str) -> CaseReport:
        wish = CaseRequest(AlertID="0-1", Step=step, **words)  # type: ignore[arg-type]
        return asyncio.run(say(data, operator, wish, CaseReport, 10))

    assert said("ann", CaseStep.Assign, Assignee="bob").CaseStatus == "Open"
    assert said("bob", CaseStep.Close, Text="one fund, two managers").CaseStatus == "Closed"
    again = said("ann", CaseStep.Close, Text="once more")
    assert again.Refused
    assert "open it first" in (again.Text or "")
