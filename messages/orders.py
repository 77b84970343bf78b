"""What desks say: orders, cancels, replaces and questions. FIX names, flat, one model a message.

``Terms`` is what a desk wants done. A replace repeats every term (FIX), so a new order and a
replace share them, and the actors speak of ``Terms`` wherever identity does not matter.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from messages import fix
from messages.base import Identifier, Instant, Message, Name, Number, Quantity, UTCTimestamp


class Terms(Message):
    """Security, side, quantity, type, price, time in force and destination of an order."""

    Symbol: Name
    Side: fix.Side
    OrderQty: Quantity
    OrdType: fix.OrdType
    Price: Number | None = None
    TimeInForce: fix.TimeInForce = fix.TimeInForce.Day
    ExDestination: Name | None = None

    @model_validator(mode="after")
    def _price_goes_with_the_type(self) -> Self:
        if self.OrdType is fix.OrdType.Limit and self.Price is None:
            raise ValueError("a Limit order needs Price")
        if self.OrdType is fix.OrdType.Market and self.Price is not None:
            raise ValueError("a Market order takes no Price; send OrdType Limit to cap it")
        return self

    def terms(self) -> "Terms":
        """The terms alone, without the identity of the message that carried them."""
        return Terms.model_construct(
            None,
            Symbol=self.Symbol,
            Side=self.Side,
            OrderQty=self.OrderQty,
            OrdType=self.OrdType,
            Price=self.Price,
            TimeInForce=self.TimeInForce,
            ExDestination=self.ExDestination,
        )


class NewOrderSingle(Terms):
    """MsgType D. ``ReportPendingNew`` asks for a PendingNew report once the order is durable."""

    MsgType: Literal["NewOrderSingle"] = "NewOrderSingle"
    ClOrdID: Identifier
    Account: Name
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False
    ReportPendingNew: bool = False


class OrderCancelReplaceRequest(Terms):
    """MsgType G. Repeats every term; OrderQty is the new total, not the open quantity."""

    MsgType: Literal["OrderCancelReplaceRequest"] = "OrderCancelReplaceRequest"
    ClOrdID: Identifier
    OrigClOrdID: Identifier
    Account: Name
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False


class OrderCancelRequest(Message):
    """MsgType F. Cancels all that is left of the order named by OrigClOrdID."""

    MsgType: Literal["OrderCancelRequest"] = "OrderCancelRequest"
    ClOrdID: Identifier
    OrigClOrdID: Identifier
    Account: Name
    Symbol: Name | None = None
    Side: fix.Side | None = None
    OrderQty: Quantity | None = None
    TransactTime: UTCTimestamp | None = None
    PossResend: bool = False


class OrderStatusRequest(Message):
    """MsgType H. Answered by one ExecutionReport with ExecType OrderStatus."""

    MsgType: Literal["OrderStatusRequest"] = "OrderStatusRequest"
    ClOrdID: Identifier
    Account: Name
    Symbol: Name | None = None
    Side: fix.Side | None = None
    OrdStatusReqID: Identifier | None = None


class OrderMassCancelRequest(Message):
    """MsgType q. Cancels every open order of the account, or those in one Symbol."""

    MsgType: Literal["OrderMassCancelRequest"] = "OrderMassCancelRequest"
    ClOrdID: Identifier
    Account: Name
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
    | OrderMassStatusRequest,
    Field(discriminator="MsgType"),
]
DESK_REQUEST: TypeAdapter[DeskRequest] = TypeAdapter(DeskRequest)


class FromDesk(Message):
    """A desk's request as the ingress hands it on: the desk is the authenticated AMQP user."""

    MsgType: Literal["FromDesk"] = "FromDesk"
    Desk: Name
    ReceivedAt: Instant
    Request: DeskRequest
