"""The trading day: what happens to the book's orders when it opens and when it has closed.

One timer at a time, and only while an order is open. Whoever comes first after a boundary, the
timer or any message, finds the day turned before anything else is decided.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator

from actors.actor import Timer
from actors.book.effects import Effects, finish, told
from actors.book.state import BookState, Parent
from messages import events as ev
from messages.base import SECOND, Instant, format_time, parse_time
from messages.fix import ExecRestatementReason, ExecType, TimeInForce
from messages.plans import SessionTurn
from messages.sessions import TradingDay
from messages.terms import Terms

Advance = Callable[[Parent], Effects]

GRACE: Instant = 15 * 60 * SECOND
"""How long after the close a venue may take to say what became of its day orders."""

KINDS = ("Close", "Check", "Open")
"""In the order of what happens at the same instant: one day closes, then the next one opens."""

LASTS = frozenset((TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate))


def day_at(days: tuple[TradingDay, ...], now: Instant) -> TradingDay | None:
    """The day that is open, or else the next one; None: the calendar knows no more."""
    index = bisect_left(days, now + 1, key=lambda day: day.Closes)
    return days[index] if index < len(days) else None


def _turns(days: tuple[TradingDay, ...], after: Instant) -> Iterator[SessionTurn]:
    """Boundaries of the two days around ``after``, which have the next one."""
    first = bisect_left(days, after, key=lambda day: day.Closes + GRACE)
    for day in days[first : first + 3]:
        for kind, at in zip(KINDS, (day.Closes, day.Closes + GRACE, day.Opens), strict=True):
            yield SessionTurn(At=at, Kind=kind, TradeDate=day.TradeDate)  # type: ignore[arg-type]


def _order(turn: SessionTurn) -> tuple[Instant, int, str]:
    return turn.At, KINDS.index(turn.Kind), turn.TradeDate


def next_turn(
    days: tuple[TradingDay, ...], now: Instant, last: SessionTurn | None
) -> SessionTurn | None:
    """The first boundary after ``last``; without one, the first after ``now``."""
    after = last.At if last else now
    floor = _order(last) if last else (now, len(KINDS), "")
    later = [turn for turn in _turns(days, after) if _order(turn) > floor]
    return min(later, key=_order, default=None)


def _missed(state: BookState, now: Instant) -> SessionTurn | None:
    """The close of the open day, where a new calendar says that it was already."""
    awaited = state.turn
    if awaited is None or awaited.Kind != "Close" or awaited.TradeDate != state.today:
        return None
    closed = (d.Closes for d in state.days if d.TradeDate == state.today and d.Closes <= now)
    return next((awaited.model_copy(update={"At": at}) for at in closed), None)


def arm(state: BookState, now: Instant) -> Effects:
    """Look at the calendar anew and set the timer."""
    if missed := _missed(state, now):
        yield ev.SessionTurned(TradeDate=state.today, OpenedAt=state.opened_at, Next=missed)
        yield Timer("session", missed.At, missed)
        return
    day = day_at(state.days, now)
    today = day if day and day.Opens <= now else None
    upcoming = next_turn(state.days, now, None)
    yield ev.SessionTurned(
        TradeDate=today.TradeDate if today else None,
        OpenedAt=today.Opens if today else None,
        Next=upcoming,
    )
    if upcoming:
        yield Timer("session", upcoming.At, upcoming)
    if today:  # another calendar says that the day is not over
        for parent in state.working():
            yield from _opened(parent, today.TradeDate, now, now)


def turn(state: BookState, now: Instant, advance: Advance) -> Effects:
    """All boundaries that have come."""
    while (current := state.turn) is not None and now >= current.At:
        if current.Kind == "Close":
            for parent in state.working():
                yield from _closed(parent, current, now)
        if current.Kind == "Check":
            yield from _check(state, current)
        upcoming = next_turn(state.days, now, current) if state.open else None
        yield ev.SessionTurned(
            Kind=current.Kind,
            TradeDate=current.TradeDate,
            OpenedAt=current.At if current.Kind == "Open" else None,
            Next=upcoming,
        )
        if upcoming:
            yield Timer("session", upcoming.At, upcoming)
        if current.Kind == "Open":
            for parent in state.working():
                yield from _opened(parent, current.TradeDate, current.At, now)
                yield from advance(parent)


def _closed(parent: Parent, at: SessionTurn, now: Instant) -> Effects:
    """What works at the venue is the venue's to end; what the book holds is the book's."""
    work = parent.work
    if work is None or not parent.open or work.busy or work.paused:
        return
    if parent.order_qty is None:
        return  # it waits for a price, and not for long
    expires = work.plan.ExpiresAt
    if work.terms.TimeInForce in LASTS and (expires is None or expires > at.At):
        yield ev.OrderPaused(OrderID=parent.OrderID, TradeDate=at.TradeDate)
        word = f"done.{at.At}"
        yield told(parent, work, ExecType.DoneForDay, word, now, trade_date=at.TradeDate)
    elif not work.plan.AtOpen or work.opened:
        yield from finish(parent, ExecType.Expired, now, text=f"{at.TradeDate} has closed")


def _opened(parent: Parent, trade_date: str, at: Instant, now: Instant) -> Effects:
    work = parent.work
    if work is None or not work.paused:
        return
    yield ev.OrderRenewed(OrderID=parent.OrderID, TradeDate=trade_date)
    yield told(
        parent,
        work,
        ExecType.Restated,
        f"renewed.{at}",
        now,
        restatement=ExecRestatementReason.GTRenewal,
        trade_date=trade_date,
    )


def _check(state: BookState, at: SessionTurn) -> Effects:
    """Day orders of which the venue has not said what became of them."""
    for order_id in list(state.due):
        parent = state.parents[order_id]
        if order_id not in state.open:
            continue
        yield ev.DayOrderOverdue(OrderID=order_id, TradeDate=at.TradeDate)
        what = (
            f"{parent.Venue} has not said what became of this day order of {at.TradeDate}, "
            f"15 minutes after the close; it stays open until the venue says so"
        )
        yield ev.BreakFound(OrderID=order_id, What=what)


def expires_at(state: BookState, terms: Terms) -> Instant | None:
    """When a GoodTillDate order is over: with its last day; None for any other order."""
    if terms.TimeInForce is not TimeInForce.GoodTillDate:
        return None
    if terms.ExpireTime is not None:
        return terms.ExpireTime
    date = terms.ExpireDate
    assert date is not None
    for day in state.days:
        if day.TradeDate.replace("-", "") == date:
            return day.Closes
    return parse_time(f"{date[:4]}-{date[4:6]}-{date[6:]}T23:59:59.999999999Z")


def ends_today(state: BookState, at: Instant, now: Instant) -> bool:
    """Whether ``at`` is within the trading day that is open or comes next."""
    if state.days:
        day = day_at(state.days, now)
        return day is not None and at <= day.Closes
    return format_time(at)[:10] == format_time(now)[:10]
