"""The past: which instant and which journals are meant, and a state as data.

An actor as it was is nothing but a replay that stops in time (``infra.replayed.replay``): what it
knew then is what its entries up to then say, so the state is the very one that it had.
"""

import time
from pathlib import Path
from typing import Any

from infra.journals import JournalFailed, journals
from infra.replayed import CannotRead, Watch, replay
from infra.shell import Shell
from messages.base import Instant, format_time, parse_time
from messages.envelope import Address


def instant(text: str) -> Instant:
    """``2026-11-23T14:30:00Z``, or only ``14:30`` or ``14:30:05.25``: today, UTC.

    Raises:
        ValueError: it is neither.
    """
    if "T" in text or " " in text or "-" in text:
        return parse_time(text)
    parts = text.removesuffix("Z").split(":")
    whole = ":".join([*parts, "00"][:3]) if len(parts) in (2, 3) else text
    return parse_time(f"{format_time(time.time_ns())[:10]}T{whole}Z")


def journals_of(data: Path, actor: Address | None) -> dict[Address, Path]:
    """Every journal of the installation, or that of one actor.

    Raises:
        CannotRead: there is none, or not that one.
    """
    try:
        known = journals(data)
    except JournalFailed as error:
        raise CannotRead(str(error), f"then: oms doctor --data {data}") from error
    if not known:
        raise CannotRead(f"no journal in {data}", f"start one with: oms up --data {data}")
    if actor is None:
        return known
    if actor not in known:
        raise CannotRead(f"{actor} has no journal in {data}", f"these do: {', '.join(known)}")
    return {actor: known[actor]}


def state_at(address: Address, path: Path, at: Instant, watch: Watch | None = None) -> Shell:
    """The actor after its last entry that is not later than ``at``; newborn where there is none.

    Raises:
        CannotRead: the journal is damaged before that.
    """
    try:
        return replay(address, path, watch, until=at)
    except CannotRead as error:
        raise CannotRead(error.what, f"see: oms journal verify {address}") from error


def as_data(shell: Shell) -> Any:
    """The state as JSON data, decimals as strings."""
    return shell.actor.STATE.dump_python(shell.actor.state, mode="json")
