"""How far this machine's clock is from UTC: what chrony says, and when the clock was bad."""

import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Callable, Iterable

from infra.audit.sealed import Line
from infra.clock import Reading, kernel_clock
from messages.base import Instant

CHRONY_TIMEOUT_S = 2.0


def read_clock() -> Reading:
    """What chrony says where it runs, else what the kernel says. Changes nothing.

    Raises:
        OSError: the kernel does not tell.
    """
    return _chrony() or kernel_clock()


def _chrony() -> Reading | None:
    program = shutil.which("chronyc")
    if program is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603
            [program, "-c", "tracking"], capture_output=True, text=True, timeout=CHRONY_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_chrony(said.stdout) if said.returncode == 0 else None


def parse_chrony(line: str) -> Reading | None:
    """``chronyc -c tracking``: id, name, stratum, time, offset, last, RMS, freq, residual, skew,
    root delay, root dispersion, interval, leap. None: it is something else.
    """
    words = line.strip().split(",")
    try:
        offset, rms, delay, dispersion = (float(words[i]) for i in (4, 6, 10, 11))
    except (IndexError, ValueError):
        return None
    synchronized = words[-1] != "Not synchronised"
    return Reading(synchronized, offset, rms, dispersion + delay / 2, "chrony")


class Spells:
    """When the clock was bad, from the records of it."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Each line says ``Good``, and holds until the next."""
        known = [(line.at, bool(line.said["Good"])) for line in lines]
        self._at = [at for at, _ in known]
        self._good = [good for _, good in known]

    def bad(self, at: Instant) -> bool | None:
        """Whether the clock was bad then; None: nobody was watching yet."""
        index = bisect_right(self._at, at) - 1
        return None if index < 0 else not self._good[index]


Look = Callable[[], Reading]
