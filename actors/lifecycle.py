"""The order's life as one table: (OrdStatus, ExecType) -> OrdStatus. An absent row is illegal.

Pending states are not in the table: they are the precedence of FIX over whatever the table says
(``shown``). Sources: FIX 4.4 volume 4, order state change matrices; ExecutionReport, precedence.
"""

from collections.abc import Collection
from decimal import Decimal

from messages.fix import ExecType, OrdStatus

TRADED = "traded"
"""Marks a row whose result is Filled or PartiallyFilled, by what is left."""

TRANSITIONS: dict[tuple[OrdStatus, ExecType], OrdStatus | str] = {
    (OrdStatus.PendingNew, ExecType.New): OrdStatus.New,
    (OrdStatus.PendingNew, ExecType.Rejected): OrdStatus.Rejected,
    (OrdStatus.PendingNew, ExecType.Trade): TRADED,  # the fill may overtake the acknowledgement
    (OrdStatus.PendingNew, ExecType.Canceled): OrdStatus.Canceled,
    (OrdStatus.PendingNew, ExecType.Expired): OrdStatus.Expired,
    (OrdStatus.PendingNew, ExecType.Replaced): OrdStatus.New,
    (OrdStatus.New, ExecType.Trade): TRADED,
    (OrdStatus.New, ExecType.Canceled): OrdStatus.Canceled,
    (OrdStatus.New, ExecType.Replaced): OrdStatus.New,
    (OrdStatus.New, ExecType.Rejected): OrdStatus.Rejected,  # legal: rejected after New
    (OrdStatus.New, ExecType.Expired): OrdStatus.Expired,
    (OrdStatus.New, ExecType.DoneForDay): OrdStatus.DoneForDay,
    (OrdStatus.PartiallyFilled, ExecType.Trade): TRADED,
    (
        OrdStatus.PartiallyFilled,
        ExecType.New,
    ): OrdStatus.PartiallyFilled,  # the late acknowledgement
    (OrdStatus.PartiallyFilled, ExecType.Canceled): OrdStatus.Canceled,
    (OrdStatus.PartiallyFilled, ExecType.Replaced): TRADED,
    (OrdStatus.PartiallyFilled, ExecType.Expired): OrdStatus.Expired,
    (OrdStatus.PartiallyFilled, ExecType.DoneForDay): OrdStatus.DoneForDay,
    (OrdStatus.Filled, ExecType.New): OrdStatus.Filled,  # the late acknowledgement
    (OrdStatus.Filled, ExecType.Replaced): TRADED,  # a larger total re-opens the order (C.1.c)
    (OrdStatus.Canceled, ExecType.Trade): OrdStatus.Canceled,  # a late fill is booked (J.1)
    (OrdStatus.Expired, ExecType.Trade): OrdStatus.Expired,
    (OrdStatus.DoneForDay, ExecType.Trade): OrdStatus.DoneForDay,
    (OrdStatus.DoneForDay, ExecType.Canceled): OrdStatus.Canceled,
}

TERMINAL = frozenset((OrdStatus.Filled, OrdStatus.Canceled, OrdStatus.Rejected, OrdStatus.Expired))

PRECEDENCE: dict[OrdStatus, int] = {
    OrdStatus.PendingCancel: 11,
    OrdStatus.PendingReplace: 10,
    OrdStatus.DoneForDay: 9,
    OrdStatus.Filled: 7,
    OrdStatus.Canceled: 4,
    OrdStatus.Expired: 4,
    OrdStatus.PartiallyFilled: 3,
    OrdStatus.New: 2,
    OrdStatus.Rejected: 2,
    OrdStatus.PendingNew: 2,
}


def after(status: OrdStatus, happened: ExecType, leaves: Decimal) -> OrdStatus | None:
    """The status after ``happened``, with ``leaves`` left by then; None where that is illegal."""
    result = TRANSITIONS.get((status, happened))
    if result == TRADED:
        return OrdStatus.Filled if leaves <= 0 else OrdStatus.PartiallyFilled
    return None if result is None else OrdStatus(result)


def shown(status: OrdStatus, pending: Collection[OrdStatus]) -> OrdStatus:
    """What OrdStatus(39) says when ``pending`` requests are under way: the highest precedence."""
    return max((status, *pending), key=PRECEDENCE.__getitem__) if pending else status
