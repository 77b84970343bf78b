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
from messages.terms import Terms
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

DECIMALS = (
    ("Price", "44"),
    ("StopPx", "99"),
    ("CashOrderQty", "152"),
    ("MinQty", "110"),
    ("DisplayQty", "111"),  # MaxFloor, as FIX 4.4 calls it
    ("PegOffsetValue", "211"),
)
"""Terms that are numbers, with their tags."""

LASTS = frozenset((fix.ExecType.Trade, fix.ExecType.TradeCorrect, fix.ExecType.Stopped))
"""What comes with LastQty and LastPx."""

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
                return "G", [*self._orig(message), *self._order(message)]
            case VenueCancel():
                return "F", [
                    *self._orig(message),
                    *self._naming(message.ClOrdID, message.Terms),
                    *_quantity(message.Terms),
                    f"60={time_text(message.TransactTime, self.time_digits)}",
                ]
            case VenueStatusRequest():
                return "H", self._naming(message.ClOrdID, message)
            case _:
                assert_never(message)

    def _orig(self, message: VenueReplace | VenueCancel) -> list[str]:
        """OrigClOrdID(41), and the venue's OrderID(37) where it is known."""
        order_id = [f"37={message.OrderID}"] if message.OrderID else []
        return [f"41={message.OrigClOrdID}", *order_id]

    def _naming(self, cl_ord_id: str, terms: Terms | VenueStatusRequest) -> list[str]:
        return [f"11={cl_ord_id}", f"55={terms.Symbol}", f"54={codes.SIDE[terms.Side]}"]

    def _order(self, message: VenueNewOrder | VenueReplace) -> list[str]:
        terms = message.Terms
        parts = [
            *self._naming(message.ClOrdID, terms),
            f"1={message.Account}",
            *_quantity(terms),
            f"40={codes.ORD_TYPE[terms.OrdType]}",
            f"59={codes.TIME_IN_FORCE[terms.TimeInForce]}",
            f"60={time_text(message.TransactTime, self.time_digits)}",
        ]
        for name, tag in DECIMALS:
            if (value := getattr(terms, name)) is not None:
                parts.append(f"{tag}={decimal_text(value)}")
        if terms.ExecInst or terms.TimeInForce is fix.TimeInForce.GoodTillDate or terms.Currency:
            parts += self._rest(terms)
        return parts

    def _rest(self, terms: Terms) -> list[str]:
        """What few orders have."""
        parts: list[str] = []
        if terms.ExecInst:
            parts.append("18=" + " ".join(codes.EXEC_INST[one] for one in terms.ExecInst))
        if terms.PegOffsetType is not None:
            parts.append(f"836={codes.PEG_OFFSET_TYPE[terms.PegOffsetType]}")
        if terms.ExpireDate is not None:
            parts.append(f"432={terms.ExpireDate}")
        if terms.ExpireTime is not None:
            parts.append(f"126={time_text(terms.ExpireTime, self.time_digits)}")
        if terms.Currency is not None:
            parts.append(f"15={terms.Currency}")
        return parts

    def _execution(self, fields: Fields) -> VenueExecution:
        exec_type = self._exec_type(fields)
        cum_qty = quantity_of(required(fields, "14", "CumQty"), "14", "CumQty")
        leaves_qty = quantity_of(required(fields, "151", "LeavesQty"), "151", "LeavesQty")
        last_qty, last_px = self._last(fields, exec_type)
        reason, text = self._ord_rej_reason(fields)
        side, price = codes.SIDE_OF.get(fields.get("54", "")), fields.get("44")
        return VenueExecution(
            ClOrdID=_name(fields, "11"),
            OrigClOrdID=_name(fields, "41"),
            OrderID=required(fields, "37", "OrderID"),
            ExecID=required(fields, "17", "ExecID"),
            ExecRefID=fields.get("19") or None,
            ExecType=exec_type,
            OrdStatus=_ord_status(fields, cum_qty, leaves_qty),
            Account=fields.get("1") or None,
            Symbol=required(fields, "55", "Symbol"),
            Side=side or _known(codes.SIDE_OF, fields, "54", "Side"),
            OrdType=codes.ORD_TYPE_OF.get(fields.get("40", "")),
            Price=decimal_of(price, "44", "Price") if price else None,
            TimeInForce=codes.TIME_IN_FORCE_OF.get(fields.get("59", "")),
            # Optional in FIX 4.4; the sum is what it must be in every open state.
            OrderQty=quantity_of(fields["38"], "38", "OrderQty")
            if "38" in fields
            else cum_qty + leaves_qty,
            CumQty=cum_qty,
            LeavesQty=leaves_qty,
            LastQty=last_qty,
            LastPx=last_px,
            OrdRejReason=reason,
            ExecRestatementReason=_restatement(fields),
            TradeDate=fields.get("75") or None,
            Text=text,
            # Optional in FIX 4.4, where SendingTime(52) is as near as can be known.
            TransactTime=time_of(fields["60"], "60", "TransactTime")
            if "60" in fields
            else time_of(required(fields, "52", "SendingTime"), "52", "SendingTime"),
        )

    def _exec_type(self, fields: Fields) -> fix.ExecType:
        exec_type = _known(codes.EXEC_TYPE_OF, fields, "150", "ExecType")
        match fields.get("20"):  # FIX 4.2's ExecTransType, which some venues still send
            case "1":
                return fix.ExecType.TradeCancel
            case "2":
                return fix.ExecType.TradeCorrect
            case "3":
                return fix.ExecType.OrderStatus
            case _:
                return exec_type

    def _last(
        self, fields: Fields, exec_type: fix.ExecType
    ) -> tuple[Decimal | None, Decimal | None]:
        """LastQty(32) and LastPx(31) of a fill or a guarantee; else they mean nothing."""
        if exec_type not in LASTS:
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


def _quantity(terms: Terms) -> list[str]:
    """OrderQty(38); without it CashOrderQty(152) stands in its place."""
    return [] if terms.OrderQty is None else [f"38={decimal_text(terms.OrderQty)}"]


def _name(fields: Fields, tag: str) -> str | None:
    """A ClOrdID; FIX's NONE and an empty one are none."""
    name = fields.get(tag)
    return None if not name or name == "NONE" else name


def _restatement(fields: Fields) -> fix.ExecRestatementReason | None:
    code = fields.get("378")
    if not code:
        return None
    return codes.EXEC_RESTATEMENT_REASON_OF.get(code, fix.ExecRestatementReason.Other)


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
