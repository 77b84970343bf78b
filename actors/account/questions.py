"""Status requests: answered from state, changing nothing."""

from collections.abc import Iterator

from actors.account import reports
from actors.account.state import AccountState
from actors.actor import Send
from messages.base import Instant
from messages.fix import ExecType, MassStatusReqType
from messages.orders import OrderMassStatusRequest, OrderStatusRequest


def status(
    account: str, state: AccountState, desk: str, request: OrderStatusRequest, now: Instant
) -> Send:
    order = state.named(desk, request.ClOrdID)
    if order is None:
        return reports.of_unknown(
            account,
            desk,
            request.ClOrdID,
            now,
            status_req_id=request.OrdStatusReqID,
            text=f"ClOrdID {request.ClOrdID} names no order of desk {desk} in {account}",
        )
    return reports.of_order(
        account,
        order,
        ExecType.OrderStatus,
        reports.STATUS_EXEC_ID,
        now,
        clordid=request.ClOrdID,  # so that the report ties back to the request (FIX G.1.c)
        status_req_id=request.OrdStatusReqID,
    )


def mass_status(
    account: str, state: AccountState, desk: str, request: OrderMassStatusRequest, now: Instant
) -> Iterator[Send]:
    one = request.MassStatusReqType is MassStatusReqType.StatusForOrdersForASecurity
    found = state.open_orders(desk, request.Symbol if one else None)
    for index, order in enumerate(found, start=1):
        yield reports.of_order(
            account,
            order,
            ExecType.OrderStatus,
            reports.STATUS_EXEC_ID,
            now,
            mass_req_id=request.MassStatusReqID,
            total=len(found),
            last=index == len(found),
        )
    if not found:
        yield reports.of_unknown(
            account, desk, "NONE", now, mass_req_id=request.MassStatusReqID, text="no open orders"
        )
