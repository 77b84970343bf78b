"""Draining: the ingress of this node takes nothing more in, so orders wait at the broker.

Two files say it: whoever drains asks by the first, the ingress answers by the second once all that
it took in is durable at its account. Killing it without a word loses nothing either; drained, it
leaves nothing to be sent again.
"""

import time
from pathlib import Path

from infra import pids

ASKED, DONE = "drain", "drained"
INGRESS = "ingress/0"
LOOK_EVERY_S = 0.2


def asked(data: Path) -> bool:
    """Whether the ingress is to take nothing more."""
    return (data / ASKED).exists()


def done(data: Path) -> None:
    """The ingress says that nothing is under way with it."""
    (data / DONE).touch()


def over(data: Path) -> None:
    """Take orders in again: an ingress that is started now does."""
    for name in (ASKED, DONE):
        (data / name).unlink(missing_ok=True)


def drain(data: Path, within_s: float) -> bool:
    """Ask, and wait; False where it was not done in that time. True where no ingress is here."""
    (data / DONE).unlink(missing_ok=True)
    (data / ASKED).touch()
    deadline = time.monotonic() + within_s
    while INGRESS in pids.read(data) and not (data / DONE).exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
