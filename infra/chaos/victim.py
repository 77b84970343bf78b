"""A process that serves an address, and how to see from outside that the address is served again.

A hosted process serves when it has said so in its log; a venue connection and a paper exchange also
need their FIX session logged on; a broker serves when it speaks AMQP, which the supervisor notes.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from infra import logs, pids
from infra.children import paper_folder
from infra.journals import journal_of
from infra.journals.reading import rows
from messages.envelope import Address

KINDS = (
    *("account", "book", "venue", "compliance", "surveillance", "killswitch", "rulebook"),
    *("ingress", "egress", "paper", "broker"),
)
"""What may be killed; the first part of an address."""

LOOK_EVERY_S = 0.01
BACK_WITHIN_S = 120.0
"""Much longer than anything takes, on a machine that is busy with other things as well."""


class NotBack(Exception):
    """What a fault hit did not come back."""


class Kill(NamedTuple):
    """One SIGKILL. ``back_s``: from the signal until the address served again."""

    kind: str
    address: Address
    pid: int
    back_s: float


class Victim:
    """Make it before the fault: what it has seen until then does not count."""

    def __init__(self, data: Path, address: Address, pid: int) -> None:
        self.address = address
        self.pid = pid
        self._data = data
        kind, _, name = address.partition("/")
        self._log, self._mark = logs.path(data, address), b""
        if kind == "paper":
            self._log, self._mark = paper_folder(data, name) / "log", b"listening on"
        elif kind != "broker":
            self._mark = b'"serving"'
        self._read = self._log.stat().st_size if self._mark else 0
        self._sessions = Sessions(data, name) if kind in ("venue", "paper") else None

    async def kill(self) -> float:
        """SIGKILL; returns the seconds until the address is served again.

        Raises:
            NotBack: it is not, after ``BACK_WITHIN_S``.
        """
        at = time.monotonic()
        with suppress(ProcessLookupError):  # it ended by itself, and is to come back as well
            os.kill(self.pid, signal.SIGKILL)
        return await self.back(at, "its SIGKILL")

    async def back(self, at: float, what: str) -> float:
        """The seconds from ``at`` (monotonic), when ``what`` happened, until it is served again.

        Raises:
            NotBack: it is not, after ``BACK_WITHIN_S``.
        """
        while not self._serves():
            await asyncio.sleep(LOOK_EVERY_S)
            if time.monotonic() - at > BACK_WITHIN_S:
                raise NotBack(
                    f"{self.address} (pid {self.pid}) is not back {BACK_WITHIN_S:.0f} s after "
                    f"{what}; the reason is in the log: oms logs --data {self._data}"
                )
        return time.monotonic() - at

    def _serves(self) -> bool:
        if pids.read(self._data).get(self.address) in (None, self.pid):
            return False
        if self._mark:
            with self._log.open("rb") as log:
                log.seek(self._read)
                if self._mark not in log.read():
                    return False
        return self._sessions is None or self._sessions.opened()


class Sessions:
    """The FIX sessions of a venue, as its journal tells; those until now do not count."""

    def __init__(self, data: Path, venue: str) -> None:
        self._address = f"fix/{venue}"
        self._journal = journal_of(data, f"venue/{venue}")
        self._number = int(next(rows(self._journal, "SELECT number FROM head"))[0])

    def opened(self) -> bool:
        """Whether one was opened."""
        query = "SELECT max(number) FROM entries WHERE number > ? AND instr(events, ?)"
        return self._any(query, b'"SessionOpened"')

    def heard(self) -> bool:
        """Whether the venue has said anything."""
        query = "SELECT max(number) FROM entries WHERE number > ? AND sender = ?"
        return self._any(query, self._address)

    def _any(self, query: str, value: bytes | str) -> bool:
        return next(rows(self._journal, query, (self._number, value)))[0] is not None
