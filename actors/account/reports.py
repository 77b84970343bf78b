"""How the account words its reports to a desk. One function a report; no decision here."""

from decimal import Decimal
from typing import Any

from actors.account.state import ZERO, Order
from actors.actor import Send
from messages.base import Instant
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
)
from messages.orders import OrderMassCancelRequest
from messages.refusals import Refusal
from messages.reports import ExecutionReport, OrderCancelReject, OrderMassCancelReport
from messages.terms import Terms

STATUS_EXEC_ID = "0"
"""ExecID(17) of a report that answers a status request (FIX)."""

NO_ORDER = "NONE"
"""OrderID(37) where there is no such order (FIX)."""

_AVG_PX = Decimal("0.00000001")


def rounded_avg_px(order: Order) -> Decimal:
    """AvgPx(6) as desks are told it; 0 before the first fill."""
    return order.avg_px.quantize(_AVG_PX).normalize() if order.cum_qty else ZERO


def of_order(
    account: str,
    order: Order,
    exec_type: ExecType,
    exec_id: str,
    now: Instant,
    *,
    clordid: str | None = None,
    orig: str | None = None,
    exec_ref_id: str | None = None,
    restatement: ExecRestatementReason | None = None,
    last_qty: Decimal | None = None,
    last_px: Decimal | None = None,
    last_mkt: str | None = None,
    reason: OrdRejReason | None = None,
    refusal: Refusal | None = None,
    text: str | None = None,
    poss_resend: bool = False,
    status_req_id: str | None = None,
    mass_req_id: str | None = None,
    total: int | None = None,
    last: bool | None = None,
) -> Send:
    """An ExecutionReport on a known order, with the order's quantities as they are now."""
    terms = order.terms
    report = ExecutionReport(
        OrderID=order.OrderID,
        ClOrdID=clordid or order.ClOrdID or None,
        ListID=order.ListID,
        OrigClOrdID=orig,
        ExecID=exec_id,
        ExecRefID=exec_ref_id,
        ExecType=exec_type,
        OrdStatus=order.shown_status,
        Account=account,
        **terms.__dict__,
        CumQty=order.cum_qty,
        LeavesQty=order.leaves_qty,
        AvgPx=rounded_avg_px(order),
        LastQty=last_qty,
        LastPx=last_px,
        LastMkt=last_mkt,
        DayOrderQty=order.day_order_qty if order.day else None,
        DayCumQty=order.day_cum_qty if order.day else None,
        TradeDate=order.trade_date,
        ExecRestatementReason=restatement,
        OrdRejReason=reason,
        WorkingIndicator=False if order.held and order.status is OrdStatus.PendingNew else None,
        Refusal=refusal,
        Text=refusal.text() if refusal else text,
        OrdStatusReqID=status_req_id,
        MassStatusReqID=mass_req_id,
        TotNumReports=total,
        LastRptRequested=last,
        PossResend=poss_resend,
        TransactTime=now,
    )
    return Send(f"desk/{order.Desk}", report)


def of_refused(
    account: str,
    desk: str,
    clordid: str,
    order_id: str,
    exec_id: str,
    terms: Terms,
    reason: OrdRejReason,
    refusal: Refusal,
    now: Instant,
    *,
    poss_resend: bool = False,
    list_id: str | None = None,
) -> Send:
    """Rejected, by a rule of ours: the order never existed, so every quantity is 0."""
    report = ExecutionReport(
        OrderID=order_id,
        ClOrdID=clordid,
        ListID=list_id,
        ExecID=exec_id,
        ExecType=ExecType.Rejected,
        OrdStatus=OrdStatus.Rejected,
        Account=account,
        **terms.__dict__,
        CumQty=ZERO,
        LeavesQty=ZERO,
        AvgPx=ZERO,
        OrdRejReason=reason,
        Refusal=refusal,
        Text=refusal.text(),
        PossResend=poss_resend,
        TransactTime=now,
    )
    return Send(f"desk/{desk}", report)


def of_parked(
    account: str, desk: str, clordid: str, exec_id: str, refusal: Refusal, now: Instant
) -> Send:
    """Rejected, because it could not be handled: of its terms nothing is said."""
    why = {"OrdRejReason": OrdRejReason.Other, "Refusal": refusal, "Text": refusal.text()}
    return _of_nothing(account, desk, clordid, exec_id, ExecType.Rejected, now, why)


def of_unknown(
    account: str,
    desk: str,
    clordid: str,
    now: Instant,
    *,
    status_req_id: str | None = None,
    mass_req_id: str | None = None,
    text: str,
) -> Send:
    """The answer to a status request that names no order of ours (FIX G.1.a)."""
    why = {
        "OrdRejReason": OrdRejReason.UnknownOrder,
        "Text": text,
        "OrdStatusReqID": status_req_id,
        "MassStatusReqID": mass_req_id,
        "TotNumReports": 0 if mass_req_id else None,
        "LastRptRequested": True if mass_req_id else None,
    }
    return _of_nothing(account, desk, clordid, STATUS_EXEC_ID, ExecType.OrderStatus, now, why)


def _of_nothing(
    account: str,
    desk: str,
    clordid: str,
    exec_id: str,
    exec_type: ExecType,
    now: Instant,
    why: dict[str, Any],
) -> Send:
    """Rejected, of what is no order of ours: there is none, so every quantity is 0."""
    report = ExecutionReport(
        OrderID=NO_ORDER,
        ClOrdID=clordid,
        ExecID=exec_id,
        ExecType=exec_type,
        OrdStatus=OrdStatus.Rejected,
        Account=account,
        OrderQty=ZERO,
        CumQty=ZERO,
        LeavesQty=ZERO,
        AvgPx=ZERO,
        TransactTime=now,
        **why,
    )
    return Send(f"desk/{desk}", report)


def cancel_reject(
    account: str,
    desk: str,
    order: Order | None,
    clordid: str,
    orig: str,
    response_to: CxlRejResponseTo,
    reason: CxlRejReason,
    now: Instant,
    *,
    refusal: Refusal | None = None,
    text: str | None = None,
    poss_resend: bool = False,
) -> Send:
    """OrderCancelReject. OrigClOrdID is the last accepted one where the order is known (D.2)."""
    report = OrderCancelReject(
        OrderID=order.OrderID if order else NO_ORDER,
        ClOrdID=clordid,
        OrigClOrdID=(order.ClOrdID or orig) if order else orig,
        OrdStatus=order.shown_status if order else OrdStatus.Rejected,
        Account=account,
        CxlRejResponseTo=response_to,
        CxlRejReason=reason,
        Refusal=refusal,
        Text=refusal.text() if refusal else text,
        PossResend=poss_resend,
        TransactTime=now,
    )
    return Send(f"desk/{desk}", report)


def mass_cancel(
    account: str,
    desk: str,
    request: OrderMassCancelRequest,
    affected: int,
    now: Instant,
    *,
    refusal: Refusal | None = None,
    poss_resend: bool = False,
) -> Send:
    """OrderMassCancelReport: how many orders are being cancelled, or why none is."""
    kind = request.MassCancelRequestType
    report = OrderMassCancelReport(
        OrderID=f"{account}-{request.ClOrdID}",
        ClOrdID=request.ClOrdID,
        Account=account,
        MassCancelRequestType=kind,
        MassCancelResponse="CancelRequestRejected" if refusal else str(kind),
        TotalAffectedOrders=affected,
        Text=refusal.text() if refusal else None,
        PossResend=poss_resend,
        TransactTime=now,
    )
    return Send(f"desk/{desk}", report)
