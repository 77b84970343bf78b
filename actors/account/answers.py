"""What intake and changes share: fresh ExecIDs, and the same answer to the same words."""

from collections.abc import Iterator

from actors.account import reports
from actors.account.state import AccountState, Spoken
from actors.actor import Send, Timer
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejResponseTo, ExecType

Effects = Iterator[ev.AccountEvent | Send | Timer]


def next_exec_id(account: str, state: AccountState, ahead: int = 0) -> str:
    """ExecID(17): unique for ever, because the count is part of the journaled state."""
    return f"{account}-E{state.exec_count + 1 + ahead}"


def again(
    account: str,
    state: AccountState,
    desk: str,
    clordid: str,
    use: Spoken,
    now: Instant,
    *,
    poss_resend: bool = False,
) -> Effects:
    """Answer as the first time; what has no answer yet will get its first one in due course.

    ``poss_resend``: the desk says that it may have asked before, and is told how the order stands
    now (FIX F.1.b).
    """
    yield ev.DuplicateReceived(ClOrdID=clordid, Desk=desk, Kind=use.kind, Same=True)
    order = state.orders.get(use.OrderID)
    if poss_resend and order and use.kind == "NewOrderSingle":
        yield reports.of_order(
            account,
            order,
            ExecType.OrderStatus,
            reports.STATUS_EXEC_ID,
            now,
            clordid=clordid,
            poss_resend=True,
        )
        return
    if use.answer is None and use.cxl_rej_reason is None:
        return
    if use.cxl_rej_reason is not None:
        yield reports.cancel_reject(
            account,
            desk,
            order,
            clordid,
            use.OrigClOrdID or clordid,
            CxlRejResponseTo(use.kind),
            use.cxl_rej_reason,
            now,
            refusal=use.refusal,
            poss_resend=True,
        )
    elif order is None and use.refusal and use.ord_rej_reason and use.ExecID:
        yield reports.of_refused(
            account,
            desk,
            clordid,
            use.OrderID,
            use.ExecID,
            state.refused[use.OrderID],
            use.ord_rej_reason,
            use.refusal,
            now,
            poss_resend=True,
        )
    elif order and use.answer and use.ExecID:
        yield reports.of_order(
            account,
            order,
            use.answer,
            use.ExecID,
            now,
            clordid=clordid,
            orig=use.OrigClOrdID,
            reason=use.ord_rej_reason if use.answer is ExecType.Rejected else None,
            poss_resend=True,
        )
