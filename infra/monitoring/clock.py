"""Whether the machine's clock follows a time source, as the kernel says (adjtimex(2), only read).

Whatever steers the clock (chrony, ntpd, PTP) tells the kernel how far off it may be. Business
clocks have to be traceable to UTC: 1 ms for electronic trading (RTS 25), 50 ms (FINRA 4590).
"""

import ctypes
from typing import NamedTuple

TIME_ERROR = 5
"""What adjtimex returns where the clock is not synchronized."""
STA_UNSYNC = 0x0040
MICROSECOND = 1e-6


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux; the tail is not looked at, but written to."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("tail", ctypes.c_char * 256),
    )


class ClockState(NamedTuple):
    """``error_s``: by how much the clock may be off, as whatever steers it estimates."""

    synchronized: bool
    error_s: float


def clock_state() -> ClockState:
    """What the kernel says now. OSError: it does not say."""
    library = ctypes.CDLL(None, use_errno=True)
    timex = _Timex()
    verdict = library.adjtimex(ctypes.byref(timex))
    if verdict < 0:
        number = ctypes.get_errno()
        raise OSError(number, "the kernel does not tell the state of the clock (adjtimex)")
    unsynchronized = verdict == TIME_ERROR or bool(timex.status & STA_UNSYNC)
    return ClockState(not unsynchronized, timex.esterror * MICROSECOND)
