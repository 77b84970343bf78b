"""``python -m infra.calendars NAME FROM DAYS``: a SessionCalendar as JSON on standard output."""

import sys
from datetime import date

from infra.calendars import CalendarUnknown
from infra.calendars.exchanges import calendar


def main(words: list[str]) -> int:
    """The exit code: 0, or 1 with one line on standard error."""
    try:
        name, first, days = words
        found = calendar(name, date.fromisoformat(first), int(days))
    except (ValueError, CalendarUnknown) as error:
        told = error if isinstance(error, CalendarUnknown) else f"{error}; {__doc__}"
        print(told, file=sys.stderr)
        return 1
    print(found.model_dump_json(exclude_none=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
