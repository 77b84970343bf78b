"""What a venue says of a child that the book works: what the account hears, and what comes next.

Fills are told as they are; the child's own life is not, because the order's is another one.
"""

from actors.actor import Send
from actors.book.effects import Effects, cancel_the_rest, finish, refusal
from actors.book.evolve import ENDS, FILLS
from actors.book.requests import take
from actors.book.state import BookState, Child, Parent, Replace, Work
from actors.book.working import advance, expire_one, hold, measured
from messages import events as ev
from messages.base import Instant
from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    TimeInForce,
)
from messages.routing import CancelOrder, Execution, RequestRejected

SPLIT = ExecRestatementReason.GTCorporateAction
PENDING = frozenset((ExecType.PendingCancel, ExecType.PendingReplace))
GONE = frozenset((CxlRejReason.TooLateToCancel, CxlRejReason.UnknownOrder))


def executed(state: BookState, parent: Parent, said: Execution, now: Instant) -> Effects:
    """One execution of one child."""
    work = parent.work
    assert work is not None
    child = work.children[said.OrderID]
    if (
        said.ExecType is ExecType.Trade
        and said.LastQty
        and child.cum_qty + said.LastQty > child.qty
    ):
        what = f"{said.Venue} filled {said.LastQty} beyond what was left of the child"
        yield ev.BreakFound(OrderID=said.OrderID, What=what)
    if said.ExecType is ExecType.Trade and measured(parent, work) is not None:
        yield from hold(parent, work, now)  # the account does not know yet how many units it is
    acknowledged = work.acknowledged
    asked = _asked(parent, work, said)
    unanswered = [(name, parent.replaces[name]) for name in child.asked if name in parent.replaces]
    yield recorded(said)
    if _tells(work, said, asked=asked, acknowledged=acknowledged):
        yield _up(parent, work, child, said, asked=asked)
    yield from _settle(state, parent, work, child, said, unanswered if child.ended else [], now)


def after_the_end(parent: Parent, said: Execution) -> Effects:
    """A child of an order that has ended: its fills count, all else the account knows already.

    Where a fill is taken back the venue may work the child again, which nobody wants any more.
    """
    if said.ExecType in FILLS:
        yield Send(f"account/{parent.Account}", said.model_copy(update={"OrderID": parent.OrderID}))
    if said.ExecType is ExecType.TradeCancel:
        name = f"{said.OrderID} {said.VenueExecID}"
        yield Send(
            f"venue/{parent.Venue}",
            CancelOrder(OrderID=said.OrderID, RequestID=name, Symbol=said.Symbol),
        )


def recorded(said: Execution) -> ev.ChildExecuted:
    """What the book keeps of an execution."""
    fill = said.ExecType in FILLS
    return ev.ChildExecuted(
        ChildID=said.OrderID,
        ExecType=said.ExecType,
        VenueExecID=said.VenueExecID,
        RequestID=said.RequestID,
        VenueExecRefID=said.VenueExecRefID,
        LastQty=said.LastQty if fill else None,
        LastPx=said.LastPx if fill else None,
        OrderQty=said.OrderQty,
        Price=said.Price,
        CumQty=said.CumQty if said.ExecRestatementReason is SPLIT else None,
        Ends=said.Ends,
    )


def _asked(parent: Parent, work: Work, said: Execution) -> bool:
    """Whether it answers a request of the account, and not one of the book."""
    name = said.RequestID
    if name is None:
        return False
    return name in parent.replaces or (work.ending is not None and work.ending.RequestID == name)


def _tells(work: Work, said: Execution, *, asked: bool, acknowledged: bool) -> bool:
    """Whether the account hears this word of the venue on the child."""
    match said.ExecType:
        case ExecType.New:
            return not acknowledged
        case ExecType.Canceled | ExecType.Rejected | ExecType.Expired:
            return False  # the order's own end is told by the book
        case ExecType.PendingCancel | ExecType.PendingReplace:
            return asked
        case ExecType.Replaced:
            return asked or said.RequestID is None or said.OrderQty is not None
        case ExecType.Triggered:
            return not work.triggered
        case _:
            return True


def _up(parent: Parent, work: Work, child: Child, said: Execution, *, asked: bool) -> Send:
    """The word as one on the order: its quantities are the order's, not the child's."""
    fixed = work.leg(child.leg).moves
    order_qty = parent.order_qty if said.OrderQty is not None else None
    if said.ExecType is ExecType.New:
        order_qty = measured(parent, work)
    cum_qty = said.CumQty
    if cum_qty is not None:
        cum_qty = parent.cum_qty + (cum_qty - child.cum_qty)
    kind, reason = said.ExecType, said.ExecRestatementReason
    if kind is ExecType.Replaced and said.RequestID is not None and not asked:
        kind = ExecType.Restated  # the venue took less than the book asked for
        reason = ExecRestatementReason.PartialDeclineOfOrderQty
    elif kind is ExecType.Replaced and asked and order_qty is None:
        order_qty = measured(parent, work)
    update = {
        "OrderID": parent.OrderID,
        "ExecType": kind,
        "ExecRestatementReason": reason,
        "RequestID": said.RequestID if asked else None,
        "OrderQty": order_qty,
        "Price": None if fixed else said.Price,
        "CumQty": cum_qty,
        "Ends": None,
    }
    return Send(f"account/{parent.Account}", said.model_copy(update=update))


def _settle(
    state: BookState,
    parent: Parent,
    work: Work,
    child: Child,
    said: Execution,
    unanswered: list[tuple[str, Replace]],
    now: Instant,
) -> Effects:
    """What follows for the order: its end, its next child, or nothing.

    ``unanswered``: replaces that ended with the child, and not with the order.
    """
    if said.ExecType in PENDING:
        return
    expires = work.plan.ExpiresAt
    if said.ExecType is ExecType.TradeCancel and expires is not None and expires <= now:
        yield from expire_one(parent, now)  # it was filled when its date came, and is not any more
        return
    if work.busy and work.ending:
        for name, _ in unanswered:
            yield ev.ChildRequestRejected(ChildID=child.ChildID, RequestID=name)
            late, text = CxlRejReason.TooLateToCancel, "the order is being cancelled"
            yield refusal(parent, work.terms.Symbol, name, late, text)
        yield from cancel_the_rest(parent, work, work.ending)
        return
    if work.busy:
        yield from take(state, parent, unanswered, now)
        return
    over = child.ended and (said.ExecType in ENDS or said.Ends is not None)
    if not parent.open:
        if work.ending:
            yield ev.EndingWithdrawn(OrderID=parent.OrderID)
    elif said.ExecType is ExecType.Rejected and not parent.cum_qty:
        reason = said.OrdRejReason or OrdRejReason.Other
        yield from finish(parent, ExecType.Rejected, now, reason=reason, text=said.Text)
    elif work.ending and not (over and said.ExecType is ExecType.Expired):
        yield from ended(state, parent, work, now)
    elif over and (work.ending or not _goes_on(work, child)):
        yield from _with_child(parent, said, now)
    else:
        yield from take(state, parent, unanswered, now)


def _goes_on(work: Work, child: Child) -> bool:
    """Whether a child that the venue ended is followed by one of another kind."""
    return child.leg < len(work.type.legs) - 1 and work.last_px is not None


def _with_child(parent: Parent, said: Execution, now: Instant) -> Effects:
    """The venue ended the child, and the order with it."""
    expired = ExecType.Expired in (said.ExecType,) or said.Ends is OrdStatus.Expired
    text = said.Text
    if said.ExecType is ExecType.Rejected:  # an order that has traded cannot be rejected any more
        text = f"{parent.Venue} rejected the rest: {said.Text or said.OrdRejReason or 'no reason'}"
    yield from finish(
        parent,
        ExecType.Expired if expired else ExecType.Canceled,
        now,
        restatement=said.ExecRestatementReason,
        text=text,
    )


def ended(state: BookState, parent: Parent, work: Work, now: Instant) -> Effects:
    """Nothing works at the venue any more: the order ends as was decided."""
    ending = work.ending
    assert ending is not None
    if ending.ExecType is ExecType.Replaced:
        assert ending.RequestID is not None
        new = parent.replaces[ending.RequestID]
        yield from take(state, parent, [(ending.RequestID, new)], now)
        return
    yield from finish(
        parent,
        ending.ExecType,
        now,
        request_id=ending.RequestID,
        restatement=ending.ExecRestatementReason,
        text=ending.Text,
    )


def refused(state: BookState, parent: Parent, said: RequestRejected, now: Instant) -> Effects:
    """The venue refused a cancel or replace of a child."""
    work = parent.work
    assert work is not None
    child = work.children[said.OrderID]
    ending = work.ending
    replaced = parent.replaces.get(said.RequestID)
    known = said.RequestID in child.asked
    gone = _gone(work, child, said.CxlRejReason)
    yield ev.ChildRequestRejected(
        ChildID=said.OrderID, RequestID=said.RequestID, Ended=gone and not child.ended
    )
    if not known:
        return
    symbol = work.terms.Symbol
    up = refusal(parent, symbol, said.RequestID, said.CxlRejReason, said.Text)
    if ending is None:
        if replaced and not work.busy and parent.open:  # the child was filled, the order was not
            yield from take(state, parent, [(said.RequestID, replaced)], now)
            return
        if replaced:
            yield up
        if not work.busy:
            yield from advance(state, parent, now)
        return
    if replaced and ending.RequestID != said.RequestID:
        yield up
    if work.busy is None and parent.open:
        yield from ended(state, parent, work, now)
    elif not any(None in c.asked.values() for c in work.children.values()):
        yield from _withdrawn(parent, said, up, now)


def _gone(work: Work, child: Child, reason: CxlRejReason) -> bool:
    """Whether the refusal tells that what is left of the child will never trade.

    Too late for one that is done for the day: it comes back tomorrow, unless it was for today.
    """
    if not child.leaves or reason not in GONE:
        return False
    if child.done:
        lasting = work.leg(child.leg).TimeInForce or work.plan.TimeInForce
        return lasting is TimeInForce.Day or reason is CxlRejReason.UnknownOrder
    return child.revived


def _withdrawn(parent: Parent, said: RequestRejected, up: Send, now: Instant) -> Effects:
    """Every cancel was refused: the order goes on as it was."""
    work = parent.work
    assert work is not None
    ending = work.ending
    assert ending is not None
    yield ev.EndingWithdrawn(OrderID=parent.OrderID)
    if ending.RequestID is not None:
        yield up
        expires = work.plan.ExpiresAt
        if expires is not None and expires <= now:
            yield from expire_one(parent, now)
    elif parent.open:
        what = f"{parent.Venue} refused to cancel what is {ending.ExecType}: {said.Text or 'why?'}"
        yield ev.BreakFound(OrderID=parent.OrderID, What=what)
