"""How the account words a ListStatus. No decision here."""

from actors.account.linked import OrderList
from actors.account.reports import rounded_avg_px
from actors.account.state import ZERO, AccountState, Order
from actors.actor import Send
from messages.base import Instant
from messages.fix import ListOrderStatus, ListStatusType, OrdStatus
from messages.lists import ListStatus, OrderOfList
from messages.refusals import Refusal


def of_list(
    account: str,
    state: AccountState,
    desk: str,
    known: OrderList,
    kind: ListStatusType,
    now: Instant,
    *,
    poss_resend: bool = False,
) -> Send:
    """Every order of the list as it stands now."""
    orders = [] if known.refusal else [state.orders[order_id] for order_id in known.OrderIDs]
    shown = tuple(map(_order, orders)) or tuple(map(_refused, known.ClOrdIDs, known.OrderIDs))
    status = known.status(
        open_orders=sum(not order.over for order in orders),
        untouched=all(order.held or order.status is OrdStatus.PendingNew for order in orders),
    )
    report = ListStatus(
        ListID=known.ListID,
        Account=account,
        ListStatusType=kind,
        ListOrderStatus=status,
        ContingencyType=known.kind,
        Orders=shown,
        Refusal=known.refusal,
        Text=known.refusal.text() if known.refusal else None,
        PossResend=poss_resend,
        TransactTime=now,
    )
    return Send(f"desk/{desk}", report)


def of_unknown(account: str, desk: str, list_id: str, now: Instant) -> Send:
    """The answer to a cancel or question that names no list of the desk here."""
    refusal = Refusal(
        Rule="known_list",
        Field="ListID",
        Given=list_id,
        Allowed=f"names no list of desk {desk} in {account}",
        Remedy="send the list first, or name the account that it is in",
    )
    report = ListStatus(
        ListID=list_id,
        Account=account,
        ListStatusType=ListStatusType.Response,
        ListOrderStatus=ListOrderStatus.Reject,
        Orders=(),
        Refusal=refusal,
        Text=refusal.text(),
        TransactTime=now,
    )
    return Send(f"desk/{desk}", report)


def _order(order: Order) -> OrderOfList:
    return OrderOfList(
        ClOrdID=order.ClOrdID,
        OrderID=order.OrderID,
        OrdStatus=order.shown_status,
        WorkingIndicator=not order.held and not order.over,
        CumQty=order.cum_qty,
        LeavesQty=order.leaves_qty,
        AvgPx=rounded_avg_px(order),
    )


def _refused(clordid: str, order_id: str) -> OrderOfList:
    return OrderOfList(
        ClOrdID=clordid,
        OrderID=order_id,
        OrdStatus=OrdStatus.Rejected,
        WorkingIndicator=False,
        CumQty=ZERO,
        LeavesQty=ZERO,
        AvgPx=ZERO,
    )
