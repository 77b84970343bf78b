"""The phases of a symbol's trading: what a change of phase does to its book.

Pure. Invariant: whenever trading becomes continuous again, what was collected is uncrossed first,
so the book that is left is not crossed; orders for an auction are gone once it is over.
"""

from collections.abc import Callable, Iterable, Iterator

from gateways.paper import auction
from gateways.paper.conditions import CANCEL_ON_HALT
from gateways.paper.matching import Book
from gateways.paper.orders import Order, OrdStatus, OrdType, TimeInForce
from gateways.paper.outcomes import Canceled, Executed, Expired, Outcome, Phase, Repriced

BEFORE_OPENING = (Phase.PRE_OPEN, Phase.OPENING_AUCTION)
HALT = "6"
"""ExecRestatementReason(378): canceled on a trading halt."""


def turn(book: Book, phase: Phase) -> Iterator[Outcome]:
    """Begin another phase. Run it to the end."""
    before = book.phase
    if before is phase:
        return
    for order in book.house.values():
        book.withdraw(order)
    if phase is Phase.HALTED:
        book.resumes = before
        book.phase = phase
        yield from _halted(book)
        return
    if before is Phase.HALTED:
        before = book.resumes
    ends = phase is Phase.CONTINUOUS or (
        phase is Phase.CLOSED and book.phase is Phase.CLOSING_AUCTION
    )
    book.phase = phase
    if phase is not Phase.CONTINUOUS:
        yield from _park(book)
    if ends:
        yield from _uncross(book, before)
    yield from _over(book, before)
    if phase is Phase.CONTINUOUS:
        for order in sorted(book.house.values(), key=lambda order: order.priority):
            yield from book.requote(order)
    yield from book.settle()


def everything(book: Book) -> list[Order]:
    """All clients' orders of the book, wherever they wait, in the order of priority."""
    found = {order.number: order for side in (book.bids, book.offers) for order in side.in_order()}
    for others in (book.waiting.values(), book.whole.values(), book.triggers, book.pegs):
        found |= {order.number: order for order in others}
    clients = (order for order in found.values() if not order.is_house)
    return sorted(clients, key=lambda order: order.priority)


def _halted(book: Book) -> Iterator[Outcome]:
    yield from _park(book)
    for order in everything(book):
        if order.conditions is not None and order.conditions.has(CANCEL_ON_HALT):
            book.cancel(order)
            yield Canceled(order, "canceled as trading was halted", HALT)


def _park(book: Book) -> Iterator[Repriced]:
    """Pegged orders have no price while nothing is matched."""
    for order in book.pegs:
        if order.price is not None:
            book.own(order).remove(order)
            order.price = None
            yield Repriced(order)


def _takes_part(order: Order, before: Phase) -> bool:
    match order.time_in_force:
        case TimeInForce.AT_THE_OPENING:
            return before in BEFORE_OPENING
        case TimeInForce.AT_THE_CLOSE:
            return before is Phase.CLOSING_AUCTION
        case _:
            return True


def _uncross(book: Book, before: Phase) -> Iterator[Outcome]:
    waiting = [order for order in book.waiting.values() if _takes_part(order, before)]
    bids, offers = _ranked(book, waiting, buys=True), _ranked(book, waiting, buys=False)
    at = auction.crossing(bids, offers, book.last)
    if at is None:
        return
    for bid, offer, quantity in auction.pairs(bids, offers, at):
        for order in (bid, offer):
            order.fill(quantity, at.price)
            if not order.leaves_qty:
                book.take_out(order)
            elif not order.shown:
                order.show()
        book.last = at.price
        yield Executed(bid, offer, quantity, at.price)
    for order in (*bids, *offers):
        # An order for the auction alone is never of this type.
        left_over = order.ord_type == OrdType.MARKET_WITH_LEFT_OVER_AS_LIMIT
        if order.leaves_qty and left_over and order.price is None:
            del book.waiting[order.number]
            order.price = at.price
            book.restore(order)
            yield Repriced(order)


def _ranked(book: Book, waiting: Iterable[Order], *, buys: bool) -> list[Order]:
    resting = (book.bids if buys else book.offers).in_order()
    others = (order for order in waiting if order.buys is buys)
    return sorted((*resting, *others), key=auction.rank)


def _over(book: Book, before: Phase) -> Iterator[Outcome]:
    """End what was for the phase that is over, or for an auction that has been."""
    phase = book.phase
    if phase in (Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.CLOSED):
        yield from _expire(book, _for(TimeInForce.AT_THE_OPENING), "the opening is over")
    if phase in (Phase.CLOSING_AUCTION, Phase.CLOSED):
        yield from _expire(book, _for(TimeInForce.GOOD_TILL_CROSSING), "the crossing began")
    if phase is Phase.CLOSED or before is Phase.CLOSING_AUCTION:
        yield from _expire(book, _for(TimeInForce.AT_THE_CLOSE), "the close is over")
    if phase in (Phase.CONTINUOUS, Phase.CLOSED):
        for order in list(book.waiting.values()):
            if order.price is None and order.time_in_force != TimeInForce.AT_THE_CLOSE:
                book.cancel(order)
                yield Canceled(order, "what the auction did not fill does not rest")


def _for(time: TimeInForce) -> Callable[[Order], bool]:
    return lambda order: order.time_in_force == time


def _expire(book: Book, which: Callable[[Order], bool], reason: str) -> Iterator[Expired]:
    for order in everything(book):
        if which(order):
            book.take_out(order)
            order.end(OrdStatus.EXPIRED)
            yield Expired(order, reason)
