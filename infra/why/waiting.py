"""What an order waits for: people, an order, a price, a day, a session, a venue's word, the market.

Each question looks at one replayed state and says what is missing there, if anything is.
"""

from collections.abc import Iterator
from pathlib import Path

from actors.account.state import AccountState, Order, Staging
from actors.book.state import BookState, Parent, Work
from actors.venue.state import Request, VenueState
from infra.followed import Followed
from infra.replayed import journals, replay
from messages import fix
from messages.base import decimal_text, format_time
from messages.fix import ContingencyType, OrdStatus
from messages.people import Role

CLOSED = (
    fix.SecurityTradingStatus.Halt,
    fix.SecurityTradingStatus.Closed,
    fix.SecurityTradingStatus.OpeningDelay,
)


def waits_for(data: Path, followed: Followed, state: AccountState, order: Order) -> Iterator[str]:
    """All of it, in words, what is nearest to the desk first.

    Raises:
        CannotRead: a journal is damaged.
    """
    if staging := state.staged.get(order.OrderID):
        yield _people(order, staging)
        return
    if order.held:
        yield _trigger(state, order)
        return
    found = list(_answers(data, followed))
    book = _book(data, order.terms.Symbol)
    parent = book.parents.get(order.OrderID) if book else None
    if parent is None and not found and order.status is OrdStatus.PendingNew:
        yield f"book/{order.terms.Symbol} to take it up"
    if book and parent and parent.work:
        found += _work(book, parent, parent.work, order)
    yield from found
    if not any(request.terms is None for request in order.pending) and not found:
        yield from _market(order, parent)


def _people(order: Order, staging: Staging) -> str:
    if staging.returned:
        return f"desk {order.Desk} to replace or cancel it: it was returned"
    step = staging.steps[staging.done]
    who = (
        staging.trader
        if staging.trader and step is Role.Trader
        else f"a person with the role {step}"
    )
    return f"{who} to approve it, until {format_time(staging.expires_at)}: oms approvals"


def _trigger(state: AccountState, order: Order) -> str:
    known = state.list_of(order)
    for link in known.links if known else ():
        first, *others = link.OrderIDs
        if link.kind is ContingencyType.OneTriggersTheOther and order.OrderID in others:
            trigger = state.orders[first]
            name = trigger.ClOrdID or trigger.OrderID
            return (
                f"order {name} ({trigger.shown_status}) of list {order.ListID}, "
                f"which triggers it when it trades"
            )
    return f"the order of list {order.ListID} that triggers it"


def _answers(data: Path, followed: Followed) -> Iterator[str]:
    """What its venues have not answered."""
    for address, path in journals(data, "venue").items():
        venue = address.partition("/")[2]
        if venue not in followed.venues:
            continue
        state: VenueState = replay(address, path).actor.state
        for clordid in state.unanswered:
            request = state.requests[clordid]
            if request.ChildID in followed.children:
                yield _answer(venue, state, request)


def _answer(venue: str, state: VenueState, request: Request) -> str:
    what = f"{request.kind} request {request.ClOrdID}"
    if not request.sent_at:
        if not state.up:
            return f"the session with {venue}, which is down; then its {what} is sent"
        return f"{venue}'s session to send its {what}"
    sent = format_time(request.sent_at)
    if request.in_doubt:
        since = f" since {format_time(request.doubt_since)}" if request.doubt_since else ""
        session = "" if state.up else f"; the session with {venue} is down"
        return (
            f"{venue}'s word on its {what}, sent {sent} and in doubt{since}: {venue} may have it "
            f"or not{session}; if it cannot tell: oms doubt list"
        )
    return f"{venue}'s answer to its {what}, sent {sent}"


def _book(data: Path, symbol: str) -> BookState | None:
    address = f"book/{symbol}"
    path = journals(data, "book").get(address)
    return replay(address, path).actor.state if path else None


def _work(book: BookState, parent: Parent, work: Work, order: Order) -> Iterator[str]:
    """What the book holds it for."""
    venue = parent.Venue
    if work.ending is not None:
        return  # what works at the venue is being cancelled: one of its answers
    if work.paused:
        yield "the next trading day: the book works it again then"
    elif parent.order_qty is None:
        yield f"a price at {venue} that says how many units its CashOrderQty buys"
    elif work.busy or not parent.left:
        return
    elif work.plan.AtOpen and not work.opened:
        yield f"the trading day of {order.terms.Symbol} to open: the book holds it until then"
    elif work.type.watch and not work.triggered:
        level = work.stop_px or order.terms.StopPx
        at = f" {decimal_text(level)}" if level is not None else ", which trails the market"
        quote = "" if venue in book.quotes else f"; no fresh quote of {venue} is known"
        yield f"the price at {venue} to reach its stop price{at}: the book holds it{quote}"
    elif (status := book.statuses.get(venue)) in CLOSED:
        yield f"{venue} to trade {order.terms.Symbol} again: it says {status}"
    else:
        yield f"a fresh quote of {venue}, from which the book makes its price"


def _market(order: Order, parent: Parent | None) -> Iterator[str]:
    """Nothing is missing: it is the market's turn."""
    venue = parent.Venue if parent else "the venue"
    match order.status:
        case OrdStatus.Suspended:
            yield f"{venue} to release it"
        case OrdStatus.Stopped:
            yield f"the fill that {venue} has guaranteed"
        case OrdStatus.DoneForDay | OrdStatus.Calculated:
            yield "the next trading day" if not order.over else "nothing more"
        case OrdStatus.New | OrdStatus.PartiallyFilled:
            left = decimal_text(order.leaves_qty)
            yield f"somebody to trade with: {left} work at {venue}"
        case _:
            yield f"{venue}'s answer"
