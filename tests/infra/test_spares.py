"""What a spare process imports ahead: all of it is there, and nothing of it is heavy."""

import subprocess
import sys

LIST = """
import sys
from infra.rayhost import _pause
_pause()
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
HEAVY = {"quickfix", "prometheus_client", "opentelemetry", "psycopg"}


def test_a_spare_process_knows_every_kind_of_actor_and_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIST], capture_output=True, text=True, check=True)
    known = set(done.stdout.split())
    assert {"actors", "infra", "sqlite3"} <= known
    assert not known & HEAVY
