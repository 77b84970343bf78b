"""What every part of the book yields, and how it says what became of an order it works."""

from collections.abc import Iterator
from decimal import Decimal

from actors.actor import Send, Timer
from actors.book.state import Child, Ending, Parent, Work
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejReason, ExecRestatementReason, ExecType, OrdRejReason
from messages.refusals import Refusal
from messages.routing import CancelOrder, Execution, NewOrder, RequestRejected

Effects = Iterator[ev.BookEvent | Send | Timer]


def told(
    parent: Parent,
    work: Work,
    exec_type: ExecType,
    word: str,
    now: Instant,
    *,
    request_id: str | None = None,
    order_qty: Decimal | None = None,
    reason: OrdRejReason | None = None,
    restatement: ExecRestatementReason | None = None,
    trade_date: str | None = None,
    text: str | None = None,
) -> Send:
    """The book's own word on an order, in the name of the venue that it is meant for.

    ``word`` makes VenueExecID unique: an order hears each word once.
    """
    return Send(
        f"account/{parent.Account}",
        Execution(
            OrderID=parent.OrderID,
            Symbol=work.terms.Symbol,
            Account=parent.Account,
            ExecType=exec_type,
            Venue=parent.Venue,
            VenueExecID=f"{parent.OrderID}.{word}",
            RequestID=request_id,
            OrderQty=order_qty,
            OrdRejReason=reason,
            ExecRestatementReason=restatement,
            TradeDate=trade_date,
            Text=text,
            TransactTime=now,
        ),
    )


def rejected(
    order: NewOrder, reason: OrdRejReason, text: str, now: Instant, why: Refusal | None = None
) -> Send:
    """The account's order goes nowhere. ``why``: the rule that objected."""
    return Send(
        f"account/{order.Account}",
        Execution(
            OrderID=order.OrderID,
            Symbol=order.Terms.Symbol,
            Account=order.Account,
            ExecType=ExecType.Rejected,
            Venue=order.Terms.ExDestination or "NONE",
            VenueExecID=f"{order.OrderID}.unroutable",
            OrdRejReason=reason,
            Text=text,
            Refusal=why,
            TransactTime=now,
        ),
    )


def refusal(
    parent: Parent,
    symbol: str,
    request_id: str,
    reason: CxlRejReason,
    text: str | None,
    why: Refusal | None = None,
) -> Send:
    """The answer to a cancel or replace that the book refuses. ``why``: the rule that objected."""
    return Send(
        f"account/{parent.Account}",
        RequestRejected(
            OrderID=parent.OrderID,
            Symbol=symbol,
            Account=parent.Account,
            RequestID=request_id,
            CxlRejReason=reason,
            Text=text,
            Refusal=why,
        ),
    )


def finish(
    parent: Parent,
    exec_type: ExecType,
    now: Instant,
    *,
    request_id: str | None = None,
    reason: OrdRejReason | None = None,
    restatement: ExecRestatementReason | None = None,
    text: str | None = None,
) -> Effects:
    """The order is over: nothing of it is left at the venue, and the account hears so."""
    work = parent.work
    assert work is not None
    yield ev.OrderEnded(
        OrderID=parent.OrderID,
        ExecType=exec_type,
        RequestID=request_id,
        ExecRestatementReason=restatement,
        Text=text,
    )
    yield told(
        parent,
        work,
        exec_type,
        "end",
        now,
        request_id=request_id,
        reason=reason,
        restatement=restatement,
        text=text,
    )


def end(
    parent: Parent,
    exec_type: ExecType,
    now: Instant,
    *,
    request_id: str | None = None,
    restatement: ExecRestatementReason | None = None,
    text: str | None = None,
) -> Effects:
    """End the order: at once, or once the venue has cancelled what works there.

    ``request_id``: the account's request; None: the book's own decision.
    """
    work = parent.work
    assert work is not None
    busy = [child for child in work.children.values() if child.busy]
    if not busy:
        yield from finish(
            parent, exec_type, now, request_id=request_id, restatement=restatement, text=text
        )
        return
    yield ev.OrderEnding(
        OrderID=parent.OrderID,
        ExecType=exec_type,
        RequestID=request_id,
        ExecRestatementReason=restatement,
        Text=text,
    )
    yield from _cancel(parent, work, busy, request_id)


def cancel_the_rest(parent: Parent, work: Work, ending: Ending) -> Effects:
    """Cancel what may still trade and was not asked to stop: a fill of it was taken back since."""
    rest = [c for c in work.children.values() if c.busy and None not in c.asked.values()]
    yield from _cancel(parent, work, rest, ending.RequestID)


def _cancel(parent: Parent, work: Work, children: list[Child], request_id: str | None) -> Effects:
    for child in children:
        name = request_id or own_request(work, child.ChildID)
        yield from cancel_child(parent, work, child, name)


def cancel_child(parent: Parent, work: Work, child: Child, request_id: str) -> Effects:
    """Ask the venue to cancel one child."""
    yield ev.ChildRequested(ChildID=child.ChildID, RequestID=request_id)
    yield Send(
        f"venue/{parent.Venue}",
        CancelOrder(OrderID=child.ChildID, RequestID=request_id, Symbol=work.terms.Symbol),
    )


def own_request(work: Work, child_id: str) -> str:
    """A fresh RequestID that no desk can have given: a ClOrdID has no space."""
    return f"{child_id} {work.requests + 1}"
