"""What a spare process imports before it knows which actor it will be: nothing heavy."""

import subprocess
import sys

LIST = """
import gc, sys
import infra.spare
print(gc.isenabled(), *sorted({name.partition(".")[0] for name in sys.modules}))
"""
HEAVY = {"quickfix", "prometheus_client", "opentelemetry", "psycopg"}


def test_a_spare_process_knows_every_kind_of_actor_and_nothing_heavy() -> None:
    command = [sys.executable, "-c", LIST]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    collects, *known = done.stdout.split()
    assert {"ray", "infra", "actors", "sqlite3"} <= set(known)
    assert not set(known) & HEAVY
    assert collects == "True"
