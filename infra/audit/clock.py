"""How far this machine's clock may be from UTC, as kernel and chrony say (RTS 25, FINRA 4590).

Divergence is what is known of the error: the offset that is still being corrected, and the
estimated error of the source. A clock that nothing disciplines is bad, whatever it shows.
"""

import ctypes
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import NamedTuple

from infra.audit.sealed import Line
from messages.base import Instant

UNSYNC, NANO = 0x0040, 0x2000
"""STA_UNSYNC and STA_NANO of struct timex."""
ERROR = 5
"""TIME_ERROR: what adjtimex returns while nothing disciplines the clock."""

CHRONY_TIMEOUT_S = 2.0


class _Timeval(ctypes.Structure):
    _fields_ = (("sec", ctypes.c_long), ("usec", ctypes.c_long))


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
        ("constant", ctypes.c_long), ("precision", ctypes.c_long), ("tolerance", ctypes.c_long),
        ("time", _Timeval), ("tick", ctypes.c_long), ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long), ("shift", ctypes.c_int), ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long), ("calcnt", ctypes.c_long), ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long), ("tai", ctypes.c_int), ("padding", ctypes.c_int * 11),
    )  # fmt: skip


class Reading(NamedTuple):
    """One look at the clock. Seconds; ``most_s``: the largest error that the source allows for."""

    synchronized: bool
    offset_s: float
    estimated_s: float
    most_s: float
    source: str

    @property
    def divergence_s(self) -> float:
        """How far from UTC it may well be."""
        return abs(self.offset_s) + self.estimated_s

    def fault(self, limit_s: float) -> str:
        """Why the clock is bad; empty: it is good."""
        if not self.synchronized:
            return "nothing disciplines the clock: see that chronyd, ntpd or phc2sys runs"
        if self.divergence_s > limit_s:
            return f"{self.divergence_s * 1e3:.3f} ms from UTC, at most {limit_s * 1e3:.3f} ms"
        return ""


def read_clock() -> Reading:
    """What chrony says where it runs, else what the kernel says. Changes nothing.

    Raises:
        OSError: the kernel does not tell.
    """
    return _chrony() or _kernel()


def _kernel() -> Reading:
    timex = _Timex(modes=0)
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.byref(timex))
    if state < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    unit = 1e-9 if timex.status & NANO else 1e-6
    synchronized = state != ERROR and not timex.status & UNSYNC
    return Reading(
        synchronized, timex.offset * unit, timex.esterror * 1e-6, timex.maxerror * 1e-6, "kernel"
    )


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
