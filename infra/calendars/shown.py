"""A calendar as its days are looked at: open, half, holiday. No library, the file alone.

A day is a holiday if the exchange is open on that day of the week at all, and half if trading is
shorter than on most days.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from messages.base import Instant
from messages.sessions import SessionCalendar, TradingDay

OPEN, HALF, HOLIDAY = "open", "half day", "holiday"


class Day(NamedTuple):
    """One day; ``trading`` None: closed."""

    date: date
    kind: str
    trading: TradingDay | None


def days(calendar: SessionCalendar, first: date, count: int) -> Iterator[Day]:
    """The days from ``first`` on but weekends, as far as the calendar knows them."""
    known = {datetime.strptime(day.TradeDate, "%Y%m%d").date(): day for day in calendar.Days}  # noqa: DTZ007
    if not known:
        return
    weekdays = {day.weekday() for day in known}
    usual = _usual(calendar)
    for ahead in range(count):
        day = first + timedelta(days=ahead)
        if not min(known) <= day <= max(known):
            continue
        trading = known.get(day)
        if trading is not None:
            kind = HALF if trading.Closes - trading.Opens < usual else OPEN
            yield Day(day, kind, trading)
        elif day.weekday() in weekdays:
            yield Day(day, HOLIDAY, None)


def _usual(calendar: SessionCalendar) -> Instant:
    lengths = Counter(day.Closes - day.Opens for day in calendar.Days)
    return lengths.most_common(1)[0][0]
