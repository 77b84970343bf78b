"""Trading days as files: ``<data>/calendars/<Calendar>.json``, one SessionCalendar each.

Who decides about orders reads these files and nothing else. They are made by a process of its own
(``python -m infra.calendars``), because the library that knows the exchanges brings megabytes of
tables that no order needs.
"""

from pathlib import Path

from pydantic import ValidationError

from messages.base import Name
from messages.sessions import SessionCalendar

FOLDER = "calendars"


class CalendarUnknown(Exception):
    """There are no trading days of that name; the message says what to do."""


def path(data: Path, name: Name) -> Path:
    """Where the trading days of that calendar are."""
    return data / FOLDER / f"{name}.json"


def read(data: Path, name: Name) -> SessionCalendar:
    """The trading days of that calendar as they were last written.

    Raises:
        CalendarUnknown: there are none, or the file is damaged.
    """
    file = path(data, name)
    try:
        return SessionCalendar.model_validate_json(file.read_bytes())
    except FileNotFoundError as error:
        raise CalendarUnknown(
            f"no trading days of {name} in {file.parent}: they are written by oms up"
        ) from error
    except (ValidationError, OSError) as error:
        raise CalendarUnknown(
            f"{file} cannot be read: delete it and start again with oms up ({error})"
        ) from error
