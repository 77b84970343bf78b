"""What desks hear: execution reports, refusals of cancels, and answers to what made no sense."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from messages import fix, refusals
from messages.base import Message, Number, UTCTimestamp
from messages.lists import ListStatus


class ExecutionReport(Message):
    """MsgType 8. ``ReportSeq`` is dense per desk and account, so a gap or a repeat can be seen.

    A repeat carries the same ReportSeq and ExecID. Quantities as in FIX:
    ``OrderQty = CumQty + LeavesQty`` while the order is open.
    """

    MsgType: Literal["ExecutionReport"] = "ExecutionReport"
    OrderID: str
    ClOrdID: str | None = None
    """None: the venue made the order, no desk named it."""
    ListID: str | None = None
    OrigClOrdID: str | None = None
    ExecID: str
    ExecRefID: str | None = None
    """The ExecID of the fill that is taken back or corrected: of its last correction."""
    ExecType: fix.ExecType
    OrdStatus: fix.OrdStatus
    Account: str
    Symbol: str | None = None
    Side: fix.Side | None = None
    OrdType: fix.OrdType | None = None
    Price: Number | None = None
    TimeInForce: fix.TimeInForce | None = None
    ExDestination: str | None = None
    StopPx: Number | None = None
    CashOrderQty: Number | None = None
    Currency: str | None = None
    MinQty: Number | None = None
    DisplayQty: Number | None = None
    ExecInst: tuple[fix.ExecInst, ...] | None = None
    PegOffsetValue: Number | None = None
    PegOffsetType: fix.PegOffsetType | None = None
    ExpireDate: str | None = None
    ExpireTime: UTCTimestamp | None = None
    OrderQty: Number | None = None
    """None: only CashOrderQty is known yet."""
    CumQty: Number
    LeavesQty: Number
    AvgPx: Number
    DayOrderQty: Number | None = None
    """From the second trading day of an order on: OrderQty - (CumQty - DayCumQty)."""
    DayCumQty: Number | None = None
    LastQty: Number | None = None
    LastPx: Number | None = None
    LastMkt: str | None = None
    TradeDate: str | None = None
    ExecRestatementReason: fix.ExecRestatementReason | None = None
    OrdRejReason: fix.OrdRejReason | None = None
    WorkingIndicator: bool | None = None
    """False: the order waits for people."""
    Refusal: refusals.Refusal | None = None
    Text: str | None = None
    OrdStatusReqID: str | None = None
    MassStatusReqID: str | None = None
    TotNumReports: int | None = None
    LastRptRequested: bool | None = None
    PossResend: bool = False
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


class OrderCancelReject(Message):
    """MsgType 9. The cancel or replace was refused; OrdStatus is the order's after the refusal."""

    MsgType: Literal["OrderCancelReject"] = "OrderCancelReject"
    OrderID: str
    ClOrdID: str
    OrigClOrdID: str
    OrdStatus: fix.OrdStatus
    Account: str
    CxlRejResponseTo: fix.CxlRejResponseTo
    CxlRejReason: fix.CxlRejReason
    Refusal: refusals.Refusal | None = None
    Text: str | None = None
    PossResend: bool = False
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


class OrderMassCancelReport(Message):
    """MsgType r. Each affected order gets reports of its own as well."""

    MsgType: Literal["OrderMassCancelReport"] = "OrderMassCancelReport"
    OrderID: str
    ClOrdID: str
    Account: str
    MassCancelRequestType: fix.MassCancelRequestType
    MassCancelResponse: str
    TotalAffectedOrders: int
    Text: str | None = None
    PossResend: bool = False
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


class BusinessMessageReject(Message):
    """MsgType j. It could not be understood, was not allowed, or was parked; nothing changed."""

    MsgType: Literal["BusinessMessageReject"] = "BusinessMessageReject"
    RefMsgType: str | None = None
    BusinessRejectRefID: str | None = None
    BusinessRejectReason: str
    Refusal: refusals.Refusal
    Text: str
    Account: str | None = None
    """Whose answer it is; None: it reached no account, and has no ReportSeq."""
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


DeskReport = Annotated[
    ExecutionReport
    | OrderCancelReject
    | OrderMassCancelReport
    | BusinessMessageReject
    | ListStatus,
    Field(discriminator="MsgType"),
]
DESK_REPORT: TypeAdapter[DeskReport] = TypeAdapter(DeskReport)
