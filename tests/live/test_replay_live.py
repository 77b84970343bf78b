"""``oms replay`` with a handful of LOBSTER messages, with every real part."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateways.amqp.desk_record import read_record
from infra import pids
from infra.ledger import close

# Time, Type, OrderId, Size, Price x 10000, Direction
MESSAGES = """\
34200.01,1,11,100,2238100,1
34200.02,1,12,50,2238200,-1
34200.03,1,13,30,2238000,1
34200.04,2,11,40,2238100,1
34200.05,4,11,25,2238100,1
34200.06,5,0,10,2238150,1
34200.07,3,99,10,2238100,1
34200.08,1,14,80,2238300,-1
34200.09,4,12,50,2238200,-1
34200.10,3,13,30,2238000,1
34200.11,7,0,0,-1,-1
34200.12,1,15,20,2238400,-1
"""


def oms_replay(tmp_path: Path, *words: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "infra.cli", "replay", tmp_path / "AMZN_day.csv", *words],
        env={**os.environ, "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.live
@pytest.mark.timeout(300)
def test_a_replay_sends_every_message_that_is_a_request_and_its_ledger_balances(
    tmp_path: Path,
) -> None:
    (tmp_path / "AMZN_day.csv").write_text(MESSAGES)
    data = tmp_path / "data"
    # One at a time, so that whoever takes liquidity comes after whoever gives it.
    text, _ = (process := oms_replay(tmp_path, "--data", data, "--window", "1")).communicate()
    assert process.returncode == 0, text
    assert "12 events read" in text
    # 5 new orders and 2 takers; 1 replace; 1 cancel; 3 skipped
    for count, kind in ((7, "NewOrderSingle"), (1, "OrderCancelRequest"), (1, "halt")):
        assert re.search(rf"│\s*{count}\s*│[^│]*{kind}", text), f"{count} {kind} not in {text}"
    # 9 requests and a mass cancel for each of 4 accounts
    assert "sent=13 accepted=13 rejected=0" in text
    assert "lost=0 duplicated=0" in text
    assert ", 0 open" in text
    assert pids.read(data) == {}
    # The records alone, without the venue's executions, do not balance: 2 trades, 4 fills.
    desks = {desk: read_record(data / "records" / f"{desk}.jsonl") for desk in ("alpha", "beta")}
    assert close(desks, []).duplicated == 4


@pytest.mark.live
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_replay_that_is_ended_early_ends_everything(tmp_path: Path, number: int) -> None:
    (tmp_path / "AMZN_day.csv").write_text(MESSAGES)
    data = tmp_path / "data"
    # The last message comes 0.11 s after the first: at this speed, in minutes.
    process = oms_replay(tmp_path, "--data", data, "--speed", "0.001")
    try:
        deadline = time.monotonic() + 120
        while not (data / "records").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        assert "ingress/0" in pids.read(data)
        process.send_signal(number)
        process.communicate(timeout=90)
        while pids.read(data) and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        process.kill()
    assert process.returncode != 0
    assert pids.read(data) == {}


def test_a_speed_that_is_no_number_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "AMZN_day.csv").write_text(MESSAGES)
    text, _ = (process := oms_replay(tmp_path, "--speed", "quick")).communicate()
    assert process.returncode == 2
    assert "neither 'fast' nor a number above 0" in text


def test_a_file_of_no_known_format_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "AMZN_day.csv").write_text("what is this\n")
    text, _ = (process := oms_replay(tmp_path)).communicate()
    assert process.returncode == 1
    assert "is none of lobster, bitstamp" in text
