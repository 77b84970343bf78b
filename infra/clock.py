"""How far this machine's clock may be from UTC, as the kernel says (adjtimex(2), only read).

Whatever steers the clock (chrony, ntpd, PTP) tells the kernel how far off it may be. Business
clocks have to be traceable to UTC: 1 ms for electronic trading (RTS 25), 50 ms (FINRA 4590).
"""

import ctypes
import struct
from typing import NamedTuple

UNSYNC, NANO = 0x0040, 0x2000
"""STA_UNSYNC and STA_NANO of struct timex."""
ERROR = 5
"""TIME_ERROR: what adjtimex returns while nothing disciplines the clock."""


class Reading(NamedTuple):
    """One look at the clock. Seconds; ``most_s``: the largest error that the source allows for.

    Divergence is what is known of the error: the offset that is still being corrected, and the
    estimated error of the source. A clock that nothing disciplines is bad, whatever it shows.
    """

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


def kernel_clock() -> Reading:
    """What the kernel says now.

    Raises:
        OSError: it does not tell.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "adjtimex"):
        raise OSError("this system has no adjtimex")
    timex = ctypes.create_string_buffer(256)  # modes 0: only read
    state = libc.adjtimex(timex)
    if state < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    _, offset, _, largest_us, estimated_us, status = struct.unpack_from("@Iqqqqi", timex)
    unit = 1e-9 if status & NANO else 1e-6
    synchronized = state != ERROR and not status & UNSYNC
    return Reading(synchronized, offset * unit, estimated_us * 1e-6, largest_us * 1e-6, "kernel")
