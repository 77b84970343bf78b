"""What a venue connection says to the book of the symbol about one of its children."""

from collections.abc import Iterator
from typing import Any

from actors.actor import Send
from actors.venue.state import Child
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejReason, ExecType
from messages.routing import Execution, RequestRejected


def executed(
    venue: str, child: Child, exec_type: ExecType, exec_id: str, at: Instant, **more: Any
) -> Send:
    """Something became of the child."""
    symbol = child.terms.Symbol
    return Send(
        f"book/{symbol}",
        Execution(
            OrderID=child.ChildID,
            Symbol=symbol,
            Account=child.Account,
            ExecType=exec_type,
            Venue=venue,
            VenueExecID=exec_id,
            TransactTime=at,
            **more,
        ),
    )


def by_own_word(
    venue: str,
    child: Child,
    exec_type: ExecType,
    exec_id: str,
    at: Instant,
    *,
    clordid: str | None = None,
    request_id: str | None = None,
    **more: Any,
) -> Iterator[ev.VenueExecuted | Send]:
    """Something became of the child by our word, or that of two people, and not the venue's.

    ``clordid``: the request that this answers; its order, where none is given.
    """
    yield ev.VenueExecuted(
        ChildID=child.ChildID,
        ClOrdID=clordid or child.ChildID,
        VenueOrderID=child.venue_order_id,
        ExecID=exec_id,
        ExecType=exec_type,
        RequestID=request_id,
        TransactTime=at,
    )
    yield executed(venue, child, exec_type, exec_id, at, RequestID=request_id, **more)


def refused(child: Child, request_id: str, reason: CxlRejReason, text: str | None) -> Send:
    """A cancel or replace of the child was not done."""
    symbol = child.terms.Symbol
    return Send(
        f"book/{symbol}",
        RequestRejected(
            OrderID=child.ChildID,
            Symbol=symbol,
            Account=child.Account,
            RequestID=request_id,
            CxlRejReason=reason,
            Text=text,
        ),
    )
