"""A rule book that two people change while everything runs, and that outlives its process (I31)."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from infra import pids
from infra.reference import SAMPLE
from messages.fix import ExecType
from messages.rulebook import RULEBOOK
from tests.live.stage import Talk, an_order, oms, replayed, running_beside, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

RULES = """
[Firm]
SharedGross = "1000000"
[Desks.alpha]
MaxOrderQty = "150"
"""


async def judged(talk: Talk, name: str, qty: int) -> object:
    """The rule that refuses such an order, with version and limit; None: it works."""
    order = an_order(name).model_copy(update={"OrderQty": qty})
    await talk.send(type(order).model_validate_json(order.model_dump_json(exclude_none=True)))
    while True:
        report = await talk.execution(ClOrdID=name)
        if report.ExecType is ExecType.Rejected:
            assert report.Refusal is not None
            return report.Refusal.Rule, report.Refusal.Version, report.Refusal.Limit
        if report.ExecType is ExecType.New:
            return None


async def test_two_people_change_the_rules_while_orders_come(tmp_path: Path) -> None:
    """I31, I32."""
    config, rules, data = (tmp_path / n for n in ("reference.toml", "rules.toml", "data"))
    config.write_text('operators = ["ann", "bob"]\n' + SAMPLE.read_text())
    rules.write_text(RULES)
    async with running_beside(data, config=config):
        async with Talk(data) as talk:
            assert await judged(talk, "before", 200) is None
            name = await asyncio.to_thread(_proposed, data, rules)
            assert await judged(talk, "meanwhile", 200) is None
            await asyncio.to_thread(_approved, data, name)
            assert await judged(talk, "over", 151) == ("order_size", 1, "150")
            assert await judged(talk, "fits", 150) is None
            os.kill(pids.read(data)[RULEBOOK], signal.SIGKILL)
            assert await judged(talk, "orphan", 150) is None  # by what the account holds
            until(lambda: replayed(data, RULEBOOK).actor.state.lent("firm") > 0)
            await talk.session.cancel_everything()
        history = json.loads(oms(data, "rules", "history", "--json", "--data", str(data)).stdout)
        assert [(row["Author"], row["Decided by"]) for row in history] == [("ann", "bob")]
        tested = oms(data, "rules", "test", str(rules), "--data", str(data)).stdout
        assert "2 blocked now by order_size" in tested


def _proposed(data: Path, rules: Path) -> str:
    words = ["--reason", "smaller orders", "--as", "ann", "--data", str(data)]
    done = oms(data, "rules", "propose", str(rules), *words)
    assert done.returncode == 0, done.stderr
    name = done.stdout.split("oms rules approve ")[1].split()[0]
    own = oms(data, "rules", "approve", name, "--as", "ann", "--data", str(data))
    assert "another person must approve it" in own.stderr
    return name


def _approved(data: Path, name: str) -> None:
    done = oms(data, "rules", "approve", name, "--as", "bob", "--data", str(data))
    assert done.returncode == 0, done.stderr
    assert "InForce" in done.stdout
