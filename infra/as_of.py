"""The past: an actor as it was at an instant, out of its journal.

Nothing but replay, stopped in time. What an actor knew then is what its entries up to then say, so
the state is the very one that it had, to the byte.
"""

import time
from pathlib import Path
from typing import Any

from infra.journals import JournalFailed, journals
from infra.replayed import TELL_EVERY, CannotRead, Watch, entries
from infra.shell import JournalCorrupt, Shell
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
    from infra.compose import make_actor

    shell: Shell = Shell(make_actor(address))
    for entry in entries(path):
        if entry.at > at:
            break
        try:
            shell.replay(entry)
        except JournalCorrupt as error:
            what = f"{path}: {str(error).partition(';')[0]}"
            raise CannotRead(what, f"see: oms journal verify {address}") from error
        if watch and shell.number % TELL_EVERY == 0:
            watch(address, shell.number)
    return shell


def as_data(shell: Shell) -> Any:
    """The state as JSON data, decimals as strings."""
    return shell.actor.STATE.dump_python(shell.actor.state, mode="json")
