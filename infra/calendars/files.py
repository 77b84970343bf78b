"""Writing the calendar files of an installation, each by a process that then ends.

What a file says changes once a month at most, so that actors that are told of it have nothing new
to write down. One that cannot be written again stays as it is: it reaches more than a year ahead.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog
from pydantic import ValidationError

from infra.calendars import CalendarUnknown, path
from messages.base import Name
from messages.sessions import SessionCalendar

BACK = timedelta(days=10)
AHEAD_DAYS = 10 + 31 + 400
MAKING_S = 60

log = structlog.get_logger()


class CalendarFiles:
    """The files of these calendars, looked at once a day (UTC)."""

    def __init__(self, data: Path, names: Sequence[Name]) -> None:
        self._data = data
        self._names = names
        self._making: dict[Name, subprocess.Popen[bytes]] = {}
        self._looked: date | None = None

    def write(self) -> None:
        """Write every file that was not written today.

        Raises:
            CalendarUnknown: one is not there and cannot be written.
        """
        self._begin(_today())
        for process in self._making.values():
            try:
                process.wait(MAKING_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for name, fault in self._taken():
            if not path(self._data, name).exists():
                raise CalendarUnknown(f"calendar {name}: {fault}")
            _warn(name, fault)

    def refresh(self) -> None:
        """Once a day, in the background; call it every now and then.

        Whoever calls has more to look after than calendars: a full disk is a warning here.
        """
        try:
            if self._looked != _today():
                self._begin(_today())
            for name, fault in self._taken():
                _warn(name, fault)
        except OSError as error:
            _warn(", ".join(self._names), str(error))

    def stop(self) -> None:
        """End what is under way."""
        for process in self._making.values():
            process.kill()
            process.communicate()
        self._making.clear()

    def _begin(self, today: date) -> None:
        self._looked = today
        for name in self._names:
            file = path(self._data, name)
            if name not in self._making and not _is_of(file, today):
                file.parent.mkdir(parents=True, exist_ok=True)
                self._making[name] = making(name, today, _fresh(file))

    def _taken(self) -> Iterator[tuple[Name, str]]:
        """Puts what is ready in its place; yields what failed, and why."""
        for name, process in list(self._making.items()):
            if process.poll() is None:
                continue
            del self._making[name]
            lines = process.communicate()[1].decode(errors="replace").strip().splitlines()
            file = path(self._data, name)
            if process.returncode:
                yield name, lines[-1] if lines else f"ended with {process.returncode}"
            elif fault := _fault(_fresh(file)):
                yield name, fault
            else:
                _fresh(file).replace(file)
                log.info("calendar written", calendar=name)


def making(name: Name, today: date, into: Path) -> "subprocess.Popen[bytes]":
    """The process that writes the calendar's days around ``today`` into that file."""
    first = today.replace(day=1) - BACK
    words = [sys.executable, "-m", "infra.calendars", name, first.isoformat(), str(AHEAD_DAYS)]
    with into.open("wb") as out:
        return subprocess.Popen(  # noqa: S603  # our own program, and no shell
            words,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
        )


def _today() -> date:
    return datetime.now(UTC).date()


def _fresh(file: Path) -> Path:
    return file.with_suffix(".new")


def _fault(file: Path) -> str:
    try:
        found = SessionCalendar.model_validate_json(file.read_bytes())
    except ValidationError as error:
        return f"what was written cannot be read: {error}"
    return "" if found.Days else "it has no trading days"


def _warn(name: Name, fault: str) -> None:
    log.warning("calendar not written, the last one stays", calendar=name, why=fault)


def _is_of(file: Path, day: date) -> bool:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).date() == day
    except FileNotFoundError:
        return False
