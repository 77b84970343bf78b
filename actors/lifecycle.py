"""The order's life as one table: (OrdStatus, ExecType) -> OrdStatus. An absent row is illegal.

Pending states are not in the table: they are the precedence of FIX over whatever the table says
(``shown``). Sources: FIX 4.4 volume 4, order state change matrices; ExecutionReport, precedence.
``docs/LIFECYCLE.md`` draws it.
"""

from collections.abc import Collection
from decimal import Decimal
from enum import Enum

from messages.fix import ExecType as E
from messages.fix import OrdStatus as S
from messages.fix import TimeInForce


class By(Enum):
    """Where the quantities decide."""

    QUANTITY = "Filled, PartiallyFilled or New, by CumQty"
    KEPT = "Filled once nothing is left, else unchanged"


TABLE: dict[S, dict[E, S | By]] = {
    S.PendingNew: {
        E.New: By.QUANTITY,
        E.Rejected: S.Rejected,
        E.Trade: By.QUANTITY,  # the fill may overtake the acknowledgement
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.DoneForDay: S.DoneForDay,
        E.Replaced: By.QUANTITY,
        E.Restated: By.QUANTITY,
        E.Triggered: By.QUANTITY,
        E.Stopped: S.Stopped,
        E.Suspended: S.Suspended,
    },
    S.New: {
        E.Rejected: S.Rejected,  # legal: rejected after New
        E.Trade: By.QUANTITY,
        E.TradeCancel: By.QUANTITY,
        E.TradeCorrect: By.QUANTITY,
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.DoneForDay: S.DoneForDay,
        E.Replaced: By.QUANTITY,
        E.Restated: By.QUANTITY,
        E.Triggered: By.QUANTITY,
        E.Stopped: S.Stopped,
        E.Suspended: S.Suspended,
        E.Calculated: S.Calculated,
    },
    S.PartiallyFilled: {
        E.New: By.QUANTITY,  # the late acknowledgement
        E.Trade: By.QUANTITY,
        E.TradeCancel: By.QUANTITY,
        E.TradeCorrect: By.QUANTITY,
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.DoneForDay: S.DoneForDay,
        E.Replaced: By.QUANTITY,
        E.Restated: By.QUANTITY,
        E.Triggered: By.QUANTITY,
        E.Stopped: S.Stopped,
        E.Suspended: S.Suspended,
        E.Calculated: S.Calculated,
    },
    S.Filled: {
        E.New: By.QUANTITY,  # the late acknowledgement
        E.TradeCancel: By.QUANTITY,  # what was taken back is left to do again (J.1.a)
        E.TradeCorrect: By.QUANTITY,
        E.Replaced: By.QUANTITY,  # a larger total re-opens the order (C.1.c)
        E.Restated: By.QUANTITY,
        E.Calculated: S.Calculated,
    },
    S.DoneForDay: {
        E.New: By.QUANTITY,
        E.Trade: S.DoneForDay,
        E.TradeCancel: S.DoneForDay,
        E.TradeCorrect: S.DoneForDay,
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.Replaced: By.QUANTITY,
        E.Restated: By.QUANTITY,  # the next day (H.1.a)
        E.Calculated: S.Calculated,
    },
    S.Calculated: {
        E.New: By.QUANTITY,
        E.Trade: S.Calculated,
        E.TradeCancel: S.Calculated,
        E.TradeCorrect: S.Calculated,
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.DoneForDay: S.DoneForDay,
        E.Restated: By.QUANTITY,
    },
    S.Stopped: {  # a price is guaranteed; the fill is still to come (L.1.a)
        E.New: By.KEPT,
        E.Rejected: S.Rejected,
        E.Trade: By.KEPT,
        E.TradeCancel: By.KEPT,
        E.TradeCorrect: By.KEPT,
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.DoneForDay: S.DoneForDay,
        E.Replaced: By.KEPT,
        E.Restated: By.QUANTITY,
        E.Stopped: S.Stopped,
        E.Suspended: S.Suspended,
        E.Calculated: S.Calculated,
    },
    S.Suspended: {
        E.New: By.QUANTITY,  # released
        E.Rejected: S.Rejected,
        E.Trade: By.KEPT,
        E.TradeCancel: By.KEPT,
        E.TradeCorrect: By.KEPT,
        E.Canceled: S.Canceled,
        E.Expired: S.Expired,
        E.DoneForDay: S.DoneForDay,
        E.Replaced: By.KEPT,
        E.Restated: By.QUANTITY,
        E.Triggered: By.QUANTITY,
        E.Stopped: S.Stopped,
        E.Suspended: S.Suspended,
        E.Calculated: S.Calculated,
    },
    # Nothing works any more, and yet fills come late, are taken back and corrected (J.1.b).
    S.Canceled: {
        E.Trade: S.Canceled,
        E.TradeCancel: S.Canceled,
        E.TradeCorrect: S.Canceled,
    },
    S.Expired: {
        E.Trade: S.Expired,
        E.TradeCancel: S.Expired,
        E.TradeCorrect: S.Expired,
    },
    S.Rejected: {},
}

TERMINAL = frozenset((S.Filled, S.Canceled, S.Rejected, S.Expired))

DONE = frozenset((S.DoneForDay, S.Calculated))
"""Over for today: the end of a day order; an order that is good for longer comes back."""

LASTS = frozenset((TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate))
"""What may outlive the trading day."""

PRECEDENCE: dict[S, int] = {
    S.PendingCancel: 11,
    S.PendingReplace: 10,
    S.DoneForDay: 9,
    S.Calculated: 8,
    S.Filled: 7,
    S.Stopped: 6,
    S.Suspended: 5,
    S.Canceled: 4,
    S.Expired: 4,
    S.PartiallyFilled: 3,
    S.New: 2,
    S.Rejected: 2,
    S.PendingNew: 2,
}


def after(status: S, happened: E, order_qty: Decimal, cum_qty: Decimal) -> S | None:
    """The status after ``happened``, with the quantities as they are then; None: illegal."""
    result = TABLE.get(status, {}).get(happened)
    if result is None or isinstance(result, S):
        return result
    if cum_qty >= order_qty > 0:
        return S.Filled
    if result is By.KEPT:
        return status
    return S.PartiallyFilled if cum_qty > 0 else S.New


def legal(before: S, happened: E, now: S) -> bool:
    """Whether the table allows ``now`` after ``happened``, whatever the quantities are."""
    result = TABLE.get(before, {}).get(happened)
    if result is By.QUANTITY:
        return now in (S.New, S.PartiallyFilled, S.Filled)
    if result is By.KEPT:
        return now in (before, S.Filled)
    return result is not None and now is result


def over(status: S, time_in_force: TimeInForce) -> bool:
    """Whether nothing of the order works any more, today or on any other day."""
    return status in TERMINAL or (status in DONE and time_in_force not in LASTS)


def shown(status: S, pending: Collection[S]) -> S:
    """What OrdStatus(39) says when ``pending`` requests are under way: the highest precedence."""
    return max((status, *pending), key=PRECEDENCE.__getitem__) if pending else status
