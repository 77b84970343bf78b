"""When the process of each address began, so that one that cannot live does not spin.

A process notes its own start before it does anything else. Several short lives in a row are a crash
loop: each further start waits longer, and everybody who looks (the supervisor's log, ``oms
status``, the metrics) says so until the address has lived a while.
"""

import time
from pathlib import Path
from typing import NamedTuple

from messages.envelope import Address

FOLDER = "starts"

SHORT_S = 5.0
"""A life shorter than this, from the end of its wait to the next start, counts."""
FREE = 3
"""So many short lives in a row are nobody's fault: the broker was away, somebody killed it."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 10.0
LOOP_S = 60.0
"""With more than ``FREE`` short lives in a row, the last of them not longer ago: a crash loop."""
KEPT = 20


class Start(NamedTuple):
    """``at``: seconds since 1970. ``pause_s``: how long it was told to wait first."""

    at: float
    pause_s: float


def begin(data: Path, address: Address, now: float | None = None) -> float:
    """Note that a process for ``address`` begins; the seconds that it should wait first."""
    path = _path(data, address)
    path.parent.mkdir(parents=True, exist_ok=True)
    at = time.time() if now is None else now
    known = _read(path)[-KEPT + 1 :]
    pause = _pause_s(_short_lives([*known, Start(at, 0.0)]))
    lines = [f"{start.at} {start.pause_s}\n" for start in (*known, Start(at, pause))]
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text("".join(lines))
    fresh.replace(path)
    return pause


def forget(data: Path, address: Address) -> None:
    """It ended because it was meant to."""
    _path(data, address).unlink(missing_ok=True)


def read(data: Path) -> dict[Address, list[Start]]:
    """The last starts of each address since ``oms up``, the oldest first."""
    files = (path for path in (data / FOLDER).glob("*") if path.suffix != ".new")
    return {path.name.replace(".", "/", 1): _read(path) for path in files}


def looping(starts: list[Start], now: float | None = None) -> bool:
    """Whether the address is in a crash loop."""
    at = time.time() if now is None else now
    return bool(starts) and at - starts[-1].at < LOOP_S and _short_lives(starts) > FREE


def _short_lives(starts: list[Start]) -> int:
    """How many lives in a row before the last start were short."""
    count = 0
    for before, after in zip(reversed(starts[:-1]), reversed(starts), strict=False):
        if after.at - before.at - before.pause_s >= SHORT_S:
            break
        count += 1
    return count


def _pause_s(short: int) -> float:
    if short < FREE:
        return 0.0
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (short - FREE)))


def _path(data: Path, address: Address) -> Path:
    return data / FOLDER / address.replace("/", ".", 1)


def _read(path: Path) -> list[Start]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return []
    return [Start(float(at), float(pause)) for at, pause in (line.split() for line in lines)]
