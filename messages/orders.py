"""What desks say: orders, cancels, replaces and questions. FIX names, flat, one model a message.

A replace repeats every term (FIX), so a new order and a replace share
:class:`messages.terms.Terms`, and the actors speak of those wherever identity does not matter.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from messages import fix
from messages.base import Identifier, Instant, Message, Name, Quantity, UTCTimestamp
from messages.lists import ListCancelRequest, ListStatusRequest, NewOrderList
from messages.terms import Terms


def _names_an_order(request: "OrderCancelRequest | OrderCancelReplaceRequest") -> None:
    if request.OrigClOrdID is None and request.OrderID is None:
        raise ValueError("OrigClOrdID is missing; name the order by it, or by OrderID")


class NewOrderSingle(Terms):
    """MsgType D. ``ReportPendingNew`` asks for a PendingNew report once the order is durable."""

    MsgType: Literal["NewOrderSingle"] = "NewOrderSingle"
    ClOrdID: Identifier
    Account: Name
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False
    ReportPendingNew: bool = False
    SenderSubID: Name | None = None
    """Who of the desk sends it: a trader, by the name that the rule book knows."""
    HandlInst: fix.HandlInst | None = None
    """ManualOrder: staged, it waits for compliance and a trader."""


class OrderCancelReplaceRequest(Terms):
    """MsgType G. Repeats every term; OrderQty is the new total, not the open quantity."""

    MsgType: Literal["OrderCancelReplaceRequest"] = "OrderCancelReplaceRequest"
    ClOrdID: Identifier
    OrigClOrdID: Identifier | None = None
    OrderID: Identifier | None = None
    """Names an order that has no ClOrdID, because the venue made it (a telephoned order)."""
    Account: Name
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False
    SenderSubID: Name | None = None
    """Who of the desk sends it."""

    @model_validator(mode="after")
    def _names_an_order(self) -> Self:
        _names_an_order(self)
        return self


class OrderCancelRequest(Message):
    """MsgType F. Cancels all that is left of the order named by OrigClOrdID."""

    MsgType: Literal["OrderCancelRequest"] = "OrderCancelRequest"
    ClOrdID: Identifier
    OrigClOrdID: Identifier | None = None
    OrderID: Identifier | None = None
    """Names an order that has no ClOrdID, because the venue made it (a telephoned order)."""
    Account: Name
    Symbol: Name | None = None
    Side: fix.Side | None = None
    OrderQty: Quantity | None = None
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False

    @model_validator(mode="after")
    def _names_an_order(self) -> Self:
        _names_an_order(self)
        return self


class OrderStatusRequest(Message):
    """MsgType H. Answered by one ExecutionReport with ExecType OrderStatus."""

    MsgType: Literal["OrderStatusRequest"] = "OrderStatusRequest"
    ClOrdID: Identifier
    Account: Name
    Symbol: Name | None = None
    Side: fix.Side | None = None
    OrdStatusReqID: Identifier | None = None


class OrderMassCancelRequest(Message):
    """MsgType q. Cancels every open order of the account, or those in one Symbol.

    Without Account: of every account that the desk may trade, each of which answers by itself.
    """

    MsgType: Literal["OrderMassCancelRequest"] = "OrderMassCancelRequest"
    ClOrdID: Identifier
    Account: Name | None = None
    MassCancelRequestType: fix.MassCancelRequestType
    Symbol: Name | None = None
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False

    @model_validator(mode="after")
    def _symbol_goes_with_the_type(self) -> Self:
        one = self.MassCancelRequestType is fix.MassCancelRequestType.CancelOrdersForASecurity
        if one != (self.Symbol is not None):
            raise ValueError("Symbol goes with CancelOrdersForASecurity, and only with it")
        return self


class OrderMassStatusRequest(Message):
    """MsgType AF. One ExecutionReport with ExecType OrderStatus for each open order."""

    MsgType: Literal["OrderMassStatusRequest"] = "OrderMassStatusRequest"
    MassStatusReqID: Identifier
    Account: Name
    MassStatusReqType: fix.MassStatusReqType
    Symbol: Name | None = None

    @model_validator(mode="after")
    def _symbol_goes_with_the_type(self) -> Self:
        one = self.MassStatusReqType is fix.MassStatusReqType.StatusForOrdersForASecurity
        if one != (self.Symbol is not None):
            raise ValueError("Symbol goes with StatusForOrdersForASecurity, and only with it")
        return self


DeskRequest = Annotated[
    NewOrderSingle
    | OrderCancelRequest
    | OrderCancelReplaceRequest
    | OrderStatusRequest
    | OrderMassCancelRequest
    | OrderMassStatusRequest
    | NewOrderList
    | ListCancelRequest
    | ListStatusRequest,
    Field(discriminator="MsgType"),
]
DESK_REQUEST: TypeAdapter[DeskRequest] = TypeAdapter(DeskRequest)


class FromDesk(Message):
    """A desk's request as the ingress hands it on: the desk is the authenticated AMQP user."""

    MsgType: Literal["FromDesk"] = "FromDesk"
    Desk: Name
    ReceivedAt: Instant
    Request: DeskRequest
