"""``oms bench``, small, with every real part."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

QUICK = ("--accounts", "2", "--instruments", "1", "--orders", "60", "--window", "20")
RATE = ("--rate", "20", "--seconds", "1")
SENT = 16 + 60 + 20
"""Four rounds of 2 accounts and 2 sides to warm up, the burst, and a second at the rate."""
KEYS = {
    *("orders_per_s", "ack_ms", "new_ms", "fill_ms", "cpu_us_per_order", "echo_msgs_per_s"),
    *("lost", "duplicated", "config"),
}


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for the names of sockets."""
    with tempfile.TemporaryDirectory(prefix="b") as folder:
        yield Path(folder)


@pytest.mark.live
@pytest.mark.timeout(300)
def test_a_small_bench_measures_every_phase_and_ends_what_it_started(short: Path) -> None:
    file, details = short / "bench.json", short / "details.json"
    written = ("--json", file, "--details", details)
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", "bench", *QUICK, *RATE, *written],
        env={**os.environ, "TMPDIR": str(short), "COLUMNS": "120"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result, found = json.loads(file.read_text()), json.loads(details.read_text())
    assert set(result) == KEYS
    assert result["orders_per_s"] == found["orders_per_s"]
    assert result["config"]["makers"] == "house"
    assert "so once" in result["config"]["workload"]
    assert f"sent={SENT} accepted={SENT} rejected=0 filled={SENT} lost=0" in done.stdout
    assert (found["lost"], found["duplicated"]) == (0, 0)
    assert found["orders_per_s"] > 0
    assert found["echo_msgs_per_s"] > 0
    assert found["config"]["accounts"] == 2
    for kind in ("ack_ms", "new_ms", "fill_ms"):
        assert found["burst"][kind]["p50"] > 0
        assert found["rates"]["20"][kind]["p50"] > 0
    assert found["ack_ms"]["p50"] <= found["fill_ms"]["p50"]
    parts = ("account/a1", "account/a2", "book/I1", "venue/X1", "broker/0", "paper/X1", "ingress/0")
    assert set(parts) <= found["cpu_us_per_order"].keys()
    assert set(parts) <= found["memory"].keys()
    assert found["journal_bytes_per_order"] > 100
    assert "not measured" in done.stdout
    assert list(short.glob("oms-bench-*")) == []
