"""Tells an actor at work of trading days that have changed, by the message that a start brings.

Its file is looked at every now and then, and read where somebody has written it. What says the same
as before is told to nobody, so that a book that nothing happens to journals nothing.
"""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from infra import calendars
from infra.calendars import CalendarUnknown
from infra.hosts.background import Background
from messages.base import Message, Name
from messages.envelope import Address
from messages.sessions import SessionCalendar

LOOK_EVERY_S = 20.0

log = structlog.get_logger()


class CalendarWatch(Background):
    """Looks after the calendars that ``told`` has; ``tell`` hands the actor a message."""

    def __init__(
        self, data: Path, told: Iterable[Message], tell: Callable[[Address, Message], None]
    ) -> None:
        self._data = data
        self._tell = tell
        self._known = {m.Calendar: m for m in told if isinstance(m, SessionCalendar)}
        self._written: dict[Name, int] = {}
        """When each file was, in nanoseconds of its disk; what was read at the start may be older
        than the first look, which therefore reads every file."""

    def start(self) -> None:
        """Begin to look, where there is anything to look at."""
        if self._known:
            super().start()

    def look(self) -> None:
        """One look; a file that cannot be read leaves what is known, and is read when it is new."""
        for name, known in self._known.items():
            try:
                written = calendars.path(self._data, name).stat().st_mtime_ns
                if written == self._written.get(name):
                    continue
                self._written[name] = written
                found = calendars.read(self._data, name)
            except (CalendarUnknown, OSError) as error:
                log.warning("calendar not read, the last one stays", calendar=name, why=str(error))
                continue
            if found != known:
                self._known[name] = found
                log.info("calendar told", calendar=name)
                self._tell("reference/settings", found)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()
