"""Lists for the tests of linked orders, and how an account answers them, as lines."""

from typing import Any

from messages.fix import ContingencyType, ExecType, OrdType, Side
from messages.lists import ListOrder, ListStatus, NewOrderList, OrderLink
from messages.reports import ExecutionReport
from tests.actors.scenes import AccountScene, dec, line, order

OCO = ContingencyType.OneCancelsTheOther
OTO = ContingencyType.OneTriggersTheOther
ABSOLUTE = ContingencyType.OneUpdatesTheOtherAbsolute
PROPORTIONAL = ContingencyType.OneUpdatesTheOtherProportional


def one(clordid: str, link: str | None = None, **fields: Any) -> ListOrder:
    """As ``order``, of a list."""
    return ListOrder(ClOrdID=clordid, ClOrdLinkID=link, **order(**fields).terms().__dict__)


def listed(
    kind: ContingencyType | None, *orders: ListOrder, list_id: str = "L", **fields: Any
) -> NewOrderList:
    return NewOrderList(
        ListID=list_id, Account="acme", ContingencyType=kind, Orders=orders, **fields
    )


def pair(kind: ContingencyType | None, **fields: Any) -> NewOrderList:
    """Orders ``a`` and ``b``, linked."""
    return listed(kind, one("a", **fields), one("b", **fields))


def bracket(**fields: Any) -> NewOrderList:
    """An entry that triggers profit and loss, of which one cancels the other."""
    exits = {"Side": Side.Sell, "link": "exit"}
    return listed(
        OTO,
        one("entry", **fields),
        one("profit", **exits, Price="11.00", **fields),
        one("loss", **exits, OrdType=OrdType.Stop, Price=None, StopPx=dec(9), **fields),
        Links=(OrderLink(ClOrdLinkID="exit", ContingencyType=OCO),),
    )


def said(scene: AccountScene) -> list[str]:
    """What the last message led to, ListStatus as ``L Ack Executing a:New ...``."""
    return [_line(send) for send in scene.sends]


def _line(send: Any) -> str:
    message = send.message
    if not isinstance(message, ListStatus):
        return line(send)
    orders = " ".join(f"{one.ClOrdID}:{one.OrdStatus}" for one in message.Orders)
    words = [message.ListID, message.ListStatusType, message.ListOrderStatus, orders]
    return " ".join([*words, "PossResend"] if message.PossResend else words).strip()


def reports(scene: AccountScene) -> list[ExecutionReport]:
    """The ExecutionReports of the last message."""
    return [s.message for s in scene.sends if isinstance(s.message, ExecutionReport)]


def working(request: NewOrderList, *given: Any) -> AccountScene:
    """The list accepted, and what is not held acknowledged by the venue."""
    scene = AccountScene(*given).desk(request)
    for order_id in [o.OrderID for o in scene.state.orders.values() if not o.held]:
        scene.venue(ExecType.New, order_id)
    return scene


def statuses(scene: AccountScene) -> dict[str, str]:
    """ClOrdID to OrdStatus of every order."""
    return {order.ClOrdID: str(order.status) for order in scene.state.orders.values()}
