"""Ends an installation when whoever measured with it is gone, in whatever way it went.

    python -m infra.bench.guard DATA keep|delete       # waits for its standard input to end

A measurement holds the other end of that pipe, which the kernel closes even after ``kill -9``.
"""

import shutil
import sys
import time
from pathlib import Path

from infra import installation

STARTING_S = 3.0
"""A supervisor that was just being started shows within this time."""


def main() -> int:
    """Wait, end everything, and delete the folder where it was a temporary one."""
    data, fate = Path(sys.argv[1]), sys.argv[2]
    sys.stdin.read()
    deadline = time.monotonic() + STARTING_S
    while not installation.down(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    if fate == "delete":
        shutil.rmtree(data, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
