"""Each move of each order once more against the table of its life, from the audit copies alone.

The account decides by the same table, so a difference is a bug there, or a journal that was
tampered with. A move that the account itself recorded as a break is no violation.
"""

from collections.abc import Iterator
from typing import NamedTuple

from actors import lifecycle
from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy
from messages.fix import ExecType, OrdStatus

REMEMBERED = 20_000
"""Of so many orders, those that moved last, the status is known."""

HAPPENED: dict[type[Event], ExecType] = {
    ev.OrderAcknowledged: ExecType.New,
    ev.OrderFilled: ExecType.Trade,
    ev.TradeCanceled: ExecType.TradeCancel,
    ev.TradeCorrected: ExecType.TradeCorrect,
    ev.OrderRestated: ExecType.Restated,
    ev.OrderCanceled: ExecType.Canceled,
    ev.OrderExpired: ExecType.Expired,
    ev.OrderRejected: ExecType.Rejected,
    ev.OrderReplaced: ExecType.Replaced,
}
"""What an event that moves an order is called by FIX."""

WORKING = (OrdStatus.New, OrdStatus.PartiallyFilled)


class Move(NamedTuple):
    """``happened`` is None for an order that begins. ``excused``: a break was recorded with it.

    ``now`` is None where an event of an older version does not say it.
    """

    order_id: str
    happened: ExecType | None
    now: OrdStatus | None
    excused: bool


def moves(copy: EntryCopy) -> Iterator[Move]:
    """Every move of every order that one entry tells of, in order."""
    if not copy.Actor.startswith("account/"):
        return
    broken = {event.OrderID for event in copy.Events if isinstance(event, ev.BreakFound)}
    for event in copy.Events:
        if isinstance(event, ev.OrderAccepted | ev.OrderAdopted):
            yield Move(event.OrderID, None, OrdStatus.PendingNew, excused=False)
            continue
        happened = event.ExecType if isinstance(event, ev.OrderMoved) else HAPPENED.get(type(event))
        now = getattr(event, "OrdStatus", None)
        if happened is None:
            continue
        bundled = isinstance(event, ev.OrderFilled) and event.Ends is not None
        order_id: str = event.OrderID  # type: ignore[union-attr]  # whatever has ExecType has it
        yield Move(order_id, happened, now, bundled or order_id in broken)


def illegal(move: Move, before: OrdStatus | None) -> str | None:
    """Why the move may not be; None: it may, or nothing is known of the order any more."""
    if move.happened is None or before is None or move.now is None or move.excused:
        return None
    if lifecycle.legal(before, move.happened, move.now):
        return None
    next_day = before in lifecycle.DONE  # what was done for the day works again on the next
    if next_day and any(lifecycle.legal(s, move.happened, move.now) for s in WORKING):
        return None
    return f"order {move.order_id} went from {before} to {move.now} by {move.happened}"
