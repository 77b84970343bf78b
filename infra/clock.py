"""Whether the machine's clock follows a time source, as the kernel says (adjtimex(2), only read).

Whatever steers the clock (chrony, ntpd, PTP) tells the kernel how far off it may be. Business
clocks have to be traceable to UTC: 1 ms for electronic trading (RTS 25), 50 ms (FINRA 4590).
"""

import ctypes
import struct
from typing import NamedTuple

UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""


class KernelClock(NamedTuple):
    """``synchronised``: None where the kernel does not tell. Errors in microseconds."""

    synchronised: bool | None
    largest_us: int = 0
    estimated_us: int = 0


def kernel_clock() -> KernelClock:
    """What the kernel says now."""
    libc = ctypes.CDLL(None, use_errno=True)
    timex = ctypes.create_string_buffer(256)  # modes 0: only read
    if not hasattr(libc, "adjtimex") or libc.adjtimex(timex) < 0:
        return KernelClock(None)
    _, _, largest_us, estimated_us, status = struct.unpack_from("@qqqqi", timex, 8)
    return KernelClock(not status & UNSYNCHRONISED, largest_us, estimated_us)
