"""The same input gives the same bytes: in another process, with another hash seed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

DAY = """
import hashlib
from tests.actors.town import MAKE, Town
town = Town(11)
town.run(400)
town.heal()
digest = hashlib.sha256()
for address in MAKE:
    for entry in town.entries[address]:
        digest.update(repr(entry).encode())
    digest.update(town.shells[address].state_digest().encode())
print(sum(map(len, town.entries.values())), digest.hexdigest())
"""


def test_a_day_of_all_actors_is_the_same_to_the_last_byte_whatever_the_hash_seed() -> None:
    """I5."""
    days = [
        subprocess.Popen(
            [sys.executable, "-c", DAY],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4711")
    ]
    found = [day.communicate(timeout=60)[0] for day in days]
    assert [day.returncode for day in days] == [0, 0]
    assert found[0] == found[1]
    assert int(found[0].split()[0]) > 300
