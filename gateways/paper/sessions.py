"""The trading day: phases of each symbol, halts, the end of a day and the next one.

Invariant: a change of phase is decided like a request, so that everything that follows from it
(trades of the auction, orders that expire) is written with it in one transaction.
"""

from gateways.paper import reports
from gateways.paper.conditions import Conditions
from gateways.paper.effects import Trading
from gateways.paper.floor import Floor
from gateways.paper.orders import Order, OrdStatus, TimeInForce
from gateways.paper.outcomes import Phase
from gateways.paper.phases import everything, turn
from gateways.paper.reports import day_of

GT_RENEWAL = "1"
"""ExecRestatementReason(378)."""
CARRIED = (TimeInForce.GOOD_TILL_CANCEL, TimeInForce.GOOD_TILL_DATE)


def change_phase(floor: Floor, symbol: str, phase: Phase, now: int) -> bool:
    """Begin a phase of a symbol, and say so first; False: it was in it already."""
    book = floor.book(symbol)
    before = book.phase
    if before is phase:
        return False
    resumed = before is Phase.HALTED and phase is book.resumes
    floor.touch(symbol)
    text = reports.security_status(symbol, phase, now, resumed=resumed)
    floor.effects.reports.append(text)
    floor.tell(turn(book, phase), now)
    return True


def end_of_day(floor: Floor, now: int, day: str = "", *, done_for_day: bool = False) -> int:
    """Close every symbol and end what was for the day; how many orders were told.

    Day orders expire, or are DoneForDay with ``done_for_day``; GTD ones expire when their date
    is ``day`` (YYYYMMDD, by default today in UTC) or before; the others are DoneForDay until
    tomorrow. Closed until ``next_day``.
    """
    day = day or day_of(now)
    _everywhere(floor, Phase.CLOSED, now)
    told = 0
    for order in _orders(floor):
        if order.time_in_force in CARRIED and not _is_over(order, day):
            order.status = OrdStatus.DONE_FOR_DAY
            floor.say(order, reports.DONE_FOR_DAY, now)
        elif order.time_in_force in CARRIED or not done_for_day:
            floor.expire(order, f"the trading day {day} is over", now)
        else:
            floor.book(order.symbol).take_out(order)
            order.end(OrdStatus.DONE_FOR_DAY)
            floor.say(order, reports.DONE_FOR_DAY, now)
        told += 1
    return told


def next_day(floor: Floor, now: int, phase: Phase = Phase.CONTINUOUS) -> int:
    """Restate the orders that go on, each with its day's quantities, and open every symbol."""
    told = 0
    for order in _orders(floor):
        conditions = order.conditions
        if conditions is None:
            conditions = order.conditions = Conditions()
        conditions.earlier, conditions.day_begun = order.cum_qty, now
        order.settle()
        floor.say(order, reports.RESTATED, now, "", f"378={GT_RENEWAL}")
        told += 1
    _everywhere(floor, phase, now)
    return told


def _orders(floor: Floor) -> list[Order]:
    """All of them, by symbol: in the same order before and after a restart."""
    return [order for symbol in sorted(floor.books) for order in everything(floor.books[symbol])]


def _everywhere(floor: Floor, phase: Phase, now: int) -> None:
    floor.phase = phase
    floor.effects.symbols[""] = Trading(phase, phase, None)
    for symbol in sorted(floor.books):
        change_phase(floor, symbol, phase, now)


def _is_over(order: Order, day: str) -> bool:
    conditions = order.conditions
    if conditions is None or order.time_in_force != TimeInForce.GOOD_TILL_DATE:
        return False
    return bool(conditions.expire_date) and conditions.expire_date <= day
