"""Anchors, why and exports of a whole installation, and a tampered journal of it is found."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from infra import installation, pids
from infra.audit import store
from infra.audit.host import GIVES_WAY
from infra.audit.status import read_status
from infra.cli import main
from infra.journals import journal_of
from infra.reference import load
from infra.settings import Settings
from messages.base import format_time
from messages.fix import ExecType
from tests.infra.journaled_day import Day, new
from tests.live.stage import Talk, an_order, left_running, running, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(tmp_path_factory.mktemp("audit"), anchor_every_s=1.0) as folder:
        yield folder


def told(data: Path, *words: str) -> Any:
    done = CliRunner().invoke(main, [*words, "--data", str(data), "--json"])
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


async def test_what_was_traded_is_anchored_explained_exported_and_proved(data: Path) -> None:
    async with Talk(data) as talk:
        await talk.send(an_order("t-1"))
        await talk.execution(ClOrdID="t-1", ExecType=ExecType.New)
        await talk.send(an_order("t-2", Price=Decimal("500")))
        refused = await talk.execution(ClOrdID="t-2", ExecType=ExecType.Rejected)
    pid = pids.read(data)["audit/0"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: pids.read(data).get("audit/0") not in (None, pid))
    number = read_status(data)["Line"]
    until(lambda: read_status(data)["Line"] > number)
    (why,) = told(data, "why", "t-2")
    assert (why["OrdStatus"], why["Refusal"]["Rule"]) == ("Rejected", "price_collar")
    (why,) = told(data, "why", "t-1")
    assert why["WaitsFor"] == ["somebody to trade with: 100 work at XPAR"]
    assert load(Settings.of(data).config).reporting.firm.Lei
    day = format_time(refused.TransactTime)[:10]
    out = data / "rts24.jsonl"
    told_ = told(data, "export", "rts24", "--date", day, "--out", str(out))
    assert (told_["Rejected"], told_["ByType"]["REMO"]) == (0, 1)
    audited = told(data, "audit", "verify")
    assert (audited["Broken"], audited["Fault"]) == (0, None)
    assert {j["Actor"]: j["Anchored"] for j in audited["Journals"]}["account/growth"] > 5


def test_the_last_anchor_is_made_at_the_end_and_tampering_is_found(data: Path) -> None:
    installation.down(data)
    assert left_running(data) == []
    file = store.open_to_read(Settings.of(data), store.ANCHORS)
    assert file
    anchored = max(line.number for line in file.read())
    assert anchored >= 3
    path = journal_of(data, "account/growth")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE entries SET at = at + 1 WHERE number = 4")
    audited = told(data, "audit", "verify")
    broken = {j["Actor"]: j["Entry"] for j in audited["Journals"] if j["Differs"]}
    assert broken == {"account/growth": 4}


def test_the_process_anchors_at_its_start_and_when_it_is_ended(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        Settings(data=tmp_path).save()
        words = [sys.executable, "-m", "infra.audit.host", str(tmp_path)]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 30
            while "Line" not in read_status(tmp_path) and time.monotonic() < deadline:
                time.sleep(0.05)
            niceness = os.getpriority(os.PRIO_PROCESS, process.pid)
            day.desk("alpha", new("a-1"))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    assert niceness == max(GIVES_WAY, os.getpriority(os.PRIO_PROCESS, 0))
    file = store.open_to_read(Settings.of(tmp_path), store.ANCHORS)
    assert file
    first, last = file.read()
    assert "account/growth" in first.said["Journals"]
    assert "account/growth" in last.said["Journals"]
