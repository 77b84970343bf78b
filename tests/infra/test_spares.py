"""What a spare process imports ahead, before it knows which actor it will be: nothing heavy."""

import subprocess
import sys

from infra.rayenv import AHEAD

LIST = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
HEAVY = {"quickfix", "prometheus_client", "opentelemetry", "psycopg"}


def test_a_spare_process_knows_every_kind_of_actor_and_nothing_heavy() -> None:
    command = [sys.executable, "-c", LIST, *AHEAD]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    known = set(done.stdout.split())
    assert {"ray", "infra", "actors", "sqlite3"} <= known
    assert not known & HEAVY
