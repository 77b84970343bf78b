"""Trading days out of the library ``exchange_calendars``: holidays, half days, breaks, clocks.

Imported by ``python -m infra.calendars`` alone. The library knows when continuous trading begins
and ends; when the auctions are held stands here, for the exchanges of which it is known.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import exchange_calendars  # type: ignore[import-untyped]

from infra.calendars import CalendarUnknown
from messages.base import SECOND, Instant
from messages.fix import TradingPhase
from messages.sessions import Phase, SessionCalendar, TradingDay

MINUTE = 60 * SECOND

PRE_OPEN = 30
"""Orders may be entered this many minutes before the open."""

LOOK_BACK = timedelta(days=14)
"""The library needs a trading day to begin with; no exchange is closed for longer."""

Span = tuple[int, int]
"""From and to, in minutes after the open or the close (before it: below 0)."""


class Auctions(NamedTuple):
    """``opening`` is counted from the open, the others from the close; ``half``: on half days."""

    opening: Span
    closing: Span
    half: Span


AUCTIONS = {
    # Held at the bell: orders for it are entered in the phase before, up to the exchange's cut-off.
    "XNYS": Auctions((-2, 0), (0, 2), (0, 2)),
    "XNAS": Auctions((-2, 0), (0, 2), (0, 2)),
    # Calls of their own. The library counts the closing call of a half day in Paris as trading.
    "XLON": Auctions((-10, 0), (0, 5), (0, 5)),
    "XPAR": Auctions((-105, 0), (0, 5), (-5, 0)),
}


def calendar(name: str, first: date, days: int) -> SessionCalendar:
    """The trading days of an exchange from ``first`` on, as far ahead as its holidays are known.

    Raises:
        CalendarUnknown: there is no exchange of that name.
    """
    last = first + timedelta(days=days - 1)
    table = _table(name, first - LOOK_BACK, last)
    halves = {day.date() for day in table.early_closes}
    found: list[TradingDay] = []
    over: Instant = 0
    for row in table.schedule.itertuples():
        at = row.Index
        phases = tuple(_phases(AUCTIONS.get(name), row, over, half=at.date() in halves))
        over = phases[-1].At
        if first <= at.date() <= last:
            found.append(
                TradingDay(
                    TradeDate=f"{at:%Y%m%d}",
                    Opens=row.open.value,
                    Closes=row.close.value,
                    Phases=phases,
                )
            )
    return SessionCalendar(Calendar=name, Days=tuple(found))


def _table(name: str, first: date, last: date) -> Any:
    try:
        near = exchange_calendars.get_calendar(name, start=first, end=first + LOOK_BACK)
    except exchange_calendars.errors.InvalidCalendarName as error:
        names = ", ".join(exchange_calendars.get_calendar_names(include_aliases=False))
        raise CalendarUnknown(
            f"{name} is no exchange calendar; give the instrument one of these: {names}"
        ) from error
    known_until = type(near).bound_max()
    if known_until is not None:
        last = min(last, known_until.date())
    return exchange_calendars.get_calendar(name, start=first, end=max(last, first + LOOK_BACK))


def _phases(auctions: Auctions | None, row: Any, over: Instant, *, half: bool) -> Iterator[Phase]:
    """What begins when, in order; nothing of a day begins before the day before is ``over``."""
    opens: Instant = row.open.value
    closes: Instant = row.close.value
    opening = auctions.opening if auctions else (0, 0)
    closing = (auctions.half if half else auctions.closing) if auctions else (0, 0)
    call = opens + opening[0] * MINUTE
    entry = max(opens - PRE_OPEN * MINUTE, over)
    if entry < call:
        yield Phase(At=entry, Phase=TradingPhase.PreOpen)
    if call < opens:
        yield Phase(At=call, Phase=TradingPhase.OpeningAuction)
    yield Phase(At=opens, Phase=TradingPhase.Continuous)
    if row.break_start == row.break_start:  # pandas' NaT is not itself
        yield Phase(At=row.break_start.value, Phase=TradingPhase.Closed)
        yield Phase(At=row.break_end.value, Phase=TradingPhase.Continuous)
    if closing[0] < closing[1]:
        yield Phase(At=closes + closing[0] * MINUTE, Phase=TradingPhase.ClosingAuction)
    yield Phase(At=closes + closing[1] * MINUTE, Phase=TradingPhase.Closed)
