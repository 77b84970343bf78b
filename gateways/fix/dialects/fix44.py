"""FIX 4.4 by the book: NewOrderSingle, cancel, replace, status; execution reports and rejects.

Fields are read from the message's text in one pass, and orders are written as text that the
engine parses: one call into the engine per message, where a call per field costs four times as
much. No data dictionary is needed either way, because no message here has repeating groups.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar, assert_never

import quickfix

from gateways.fix import codes
from gateways.fix.dialect import FromVenue, Sent, ToVenue, Unsendable, nothing_sent
from gateways.fix.fields import (
    SOH,
    Fields,
    Malformed,
    decimal_of,
    fields_of,
    printable,
    quantity_of,
    required,
    time_of,
    time_text,
)
from messages import fix
from messages.base import decimal_text
from messages.venue import (
    VenueCancel,
    VenueCancelReject,
    VenueExecution,
    VenueNewOrder,
    VenueReject,
    VenueReplace,
    VenueStatusRequest,
)

REASON_NAMES = {"373": "SessionRejectReason", "380": "BusinessRejectReason"}

Name = TypeVar("Name")


class Fix44:
    """The standard. Subclasses override what their venue does differently."""

    name = "FIX44"
    begin_string = "FIX.4.4"
    time_digits = 3
    """Decimals of TransactTime(60): FIX 4.4 knows milliseconds."""
    knows_poss_resend = False
    """Whether the venue answers PossResend(97)=Y on a known ClOrdID with its state. Without, a
    repeat goes out unmarked, and a venue that knows the ClOrdID refuses it as a duplicate."""

    def to_fix(self, message: ToVenue) -> quickfix.Message:
        """See Dialect."""
        kind, parts = self._layout(message)
        repeat = not isinstance(message, VenueStatusRequest) and message.PossResend
        flag = ["97=Y"] if repeat and self.knows_poss_resend else []
        # BodyLength and CheckSum are placeholders: the engine writes both when it sends.
        parts = [f"8={self.begin_string}", "9=0", f"35={kind}", *flag, *parts, "10=000", ""]
        text = SOH.join(parts)
        if text.count(SOH) != len(parts) - 1:
            raise Unsendable("a value holds FIX's field separator (SOH, 0x01)")
        return quickfix.Message(text, False)

    def from_fix(self, message: quickfix.Message, sent: Sent = nothing_sent) -> FromVenue | None:
        """See Dialect."""
        fields = fields_of(printable(message.toString()))
        match fields.get("35"):
            case "8":
                return self._execution(fields)
            case "9":
                return self._cancel_reject(fields)
            case "3":
                return self._reject(fields, sent, ref_id="", reason="373")
            case "j":
                return self._reject(fields, sent, ref_id="379", reason="380")
            case _:
                return None

    def _layout(self, message: ToVenue) -> tuple[str, list[str]]:
        """MsgType(35) and the body's fields."""
        match message:
            case VenueNewOrder():
                return "D", self._order(message)
            case VenueReplace():
                return "G", [f"41={message.OrigClOrdID}", *self._order(message)]
            case VenueCancel():
                return "F", [
                    f"41={message.OrigClOrdID}",
                    *self._naming(message),
                    f"38={decimal_text(message.OrderQty)}",
                    f"60={time_text(message.TransactTime, self.time_digits)}",
                ]
            case VenueStatusRequest():
                return "H", self._naming(message)
            case _:
                assert_never(message)

    def _naming(self, message: ToVenue) -> list[str]:
        return [
            f"11={message.ClOrdID}",
            f"55={message.Symbol}",
            f"54={codes.SIDE[message.Side]}",
        ]

    def _order(self, message: VenueNewOrder | VenueReplace) -> list[str]:
        parts = [
            *self._naming(message),
            f"1={message.Account}",
            f"38={decimal_text(message.OrderQty)}",
            f"40={codes.ORD_TYPE[message.OrdType]}",
            f"59={codes.TIME_IN_FORCE[message.TimeInForce]}",
            f"60={time_text(message.TransactTime, self.time_digits)}",
        ]
        if message.Price is not None:
            parts.append(f"44={decimal_text(message.Price)}")
        return parts

    def _execution(self, fields: Fields) -> VenueExecution:
        exec_type = self._exec_type(fields)
        cum_qty = quantity_of(required(fields, "14", "CumQty"), "14", "CumQty")
        leaves_qty = quantity_of(required(fields, "151", "LeavesQty"), "151", "LeavesQty")
        last_qty, last_px = self._last(fields, exec_type)
        reason, text = self._ord_rej_reason(fields)
        return VenueExecution(
            ClOrdID=required(fields, "11", "ClOrdID"),
            OrigClOrdID=fields.get("41") or None,
            OrderID=required(fields, "37", "OrderID"),
            ExecID=required(fields, "17", "ExecID"),
            ExecType=exec_type,
            OrdStatus=_ord_status(fields, cum_qty, leaves_qty),
            Symbol=required(fields, "55", "Symbol"),
            Side=_known(codes.SIDE_OF, fields, "54", "Side"),
            # Optional in FIX 4.4; the sum is what it must be in every open state.
            OrderQty=quantity_of(fields["38"], "38", "OrderQty")
            if "38" in fields
            else cum_qty + leaves_qty,
            CumQty=cum_qty,
            LeavesQty=leaves_qty,
            LastQty=last_qty,
            LastPx=last_px,
            OrdRejReason=reason,
            Text=text,
            # Optional in FIX 4.4, where SendingTime(52) is as near as can be known.
            TransactTime=time_of(fields["60"], "60", "TransactTime")
            if "60" in fields
            else time_of(required(fields, "52", "SendingTime"), "52", "SendingTime"),
        )

    def _exec_type(self, fields: Fields) -> fix.ExecType:
        exec_type = _known(codes.EXEC_TYPE_OF, fields, "150", "ExecType")
        match fields.get("20"):  # FIX 4.2's ExecTransType, which some venues still send
            case "1" | "2" as trans:
                raise Malformed(f"ExecTransType(20)={trans} takes back or corrects a fill")
            case "3":
                return fix.ExecType.OrderStatus
            case _:
                return exec_type

    def _last(
        self, fields: Fields, exec_type: fix.ExecType
    ) -> tuple[Decimal | None, Decimal | None]:
        """LastQty(32) and LastPx(31) of a fill; of anything else they mean nothing."""
        if exec_type is not fix.ExecType.Trade:
            return None, None
        quantity = quantity_of(required(fields, "32", "LastQty"), "32", "LastQty")
        if quantity == 0:
            raise Malformed("LastQty(32) of a fill is 0")
        return quantity, decimal_of(required(fields, "31", "LastPx"), "31", "LastPx")

    def _ord_rej_reason(self, fields: Fields) -> tuple[fix.OrdRejReason | None, str | None]:
        code, text = fields.get("103"), fields.get("58") or None
        if code is None:
            return None, text
        if code not in codes.ORD_REJ_REASON_OF and not text:
            text = f"OrdRejReason(103)={code}"
        return codes.ord_rej_reason(code), text

    def _cancel_reject(self, fields: Fields) -> VenueCancelReject:
        code, text = fields.get("102", "99"), fields.get("58") or None
        if code not in codes.CXL_REJ_REASON_OF and not text:
            text = f"CxlRejReason(102)={code}"
        return VenueCancelReject(
            ClOrdID=required(fields, "11", "ClOrdID"),
            OrigClOrdID=required(fields, "41", "OrigClOrdID"),
            OrderID=required(fields, "37", "OrderID"),
            OrdStatus=_ord_status(fields, Decimal(0), Decimal(0)),  # it carries no quantities
            CxlRejReason=codes.cxl_rej_reason(code),
            Text=text,
        )

    def _reject(self, fields: Fields, sent: Sent, ref_id: str, reason: str) -> VenueReject:
        """Reject(3) and BusinessMessageReject(j), with the order they are about.

        ``ref_id`` is the tag that may name the ClOrdID, "" for none; else RefSeqNum(45) tells.
        """
        number = fields.get("45", "")
        known = sent(int(number)) if number.isascii() and number.isdigit() else None
        cl_ord_id = fields.get(ref_id) or (known.ClOrdID if known else "")
        if not cl_ord_id:
            raise Malformed(f"it refuses our message RefSeqNum(45)={number}, which is no order")
        code = f"{REASON_NAMES[reason]}({reason})={fields.get(reason, '')}"
        tag = f", RefTagID(371)={fields['371']}" if "371" in fields else ""
        return VenueReject(
            ClOrdID=cl_ord_id,
            RefMsgType=fields.get("372") or (self._layout(known)[0] if known else ""),
            Text=f"{fields.get('58') or 'no text'} ({code}{tag})",
        )


def _known(table: Mapping[str, Name], fields: Fields, tag: str, name: str) -> Name:
    code = required(fields, tag, name)
    if code not in table:
        raise Malformed(f"{name}({tag})={code} has no meaning here")
    return table[code]


def _ord_status(fields: Fields, cum_qty: Decimal, leaves_qty: Decimal) -> fix.OrdStatus:
    code = required(fields, "39", "OrdStatus")
    if code not in codes.ORD_STATUS_OF and code not in codes.ORD_STATUS_BY_QUANTITY:
        raise Malformed(f"OrdStatus(39)={code} has no meaning here")
    return codes.ord_status(code, cum_qty, leaves_qty)
