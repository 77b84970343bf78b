"""FIX 4.4 by the book: NewOrderSingle, cancel, replace, status; execution reports and rejects.

Fields are read from the message's text in one pass, and orders are written as text that the
engine parses: one call into the engine per message, where a call per field costs four times as
much. Market data has repeating groups and is read and written in gateways/fix/market_data.py.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar, assert_never

import quickfix

from gateways.fix import codes, dictionary, market_data, order_terms
from gateways.fix.dialect import (
    MSG_TYPE,
    FromVenue,
    Sent,
    ToVenue,
    Unsendable,
    name_of,
    nothing_sent,
)
from gateways.fix.fields import (
    SOH,
    Fields,
    Malformed,
    decimal_of,
    fields_of,
    grouped,
    printable,
    quantity_of,
    required,
    time_of,
    time_text,
)
from messages import fix
from messages.terms import PEGS, UNLIMITED, Terms
from messages.venue import (
    VenueCancel,
    VenueCancelReject,
    VenueExecution,
    VenueMarketDataReject,
    VenueMarketDataRequest,
    VenueMassStatusRequest,
    VenueNewOrder,
    VenueReject,
    VenueReplace,
    VenueStatusRequest,
)

REASON_NAMES = {"373": "SessionRejectReason", "380": "BusinessRejectReason"}

LASTS = frozenset((fix.ExecType.Trade, fix.ExecType.TradeCorrect, fix.ExecType.Stopped))
"""What comes with LastQty and LastPx."""

AFTER_THE_FACT = frozenset((fix.ExecType.TradeCancel, fix.ExecType.TradeCorrect))
"""What speaks of an earlier fill and must name it."""

NONE = "NONE"
"""What FIX says for an identifier that there is not."""

ENTRIES, ENTRIES_NAME = "268", "NoMDEntries"

Name = TypeVar("Name")


class Fix44:
    """The standard. Subclasses override what their venue does differently."""

    name = "FIX44"
    begin_string = "FIX.4.4"
    groups: dictionary.Groups = dictionary.FIX44
    ord_types = frozenset(
        (fix.OrdType.Market, fix.OrdType.Limit, fix.OrdType.Stop, fix.OrdType.StopLimit)
    )
    times_in_force = frozenset(fix.TimeInForce) - {fix.TimeInForce.GoodTillCrossing}
    exec_insts = frozenset(fix.ExecInst) - PEGS
    display_qty = True
    min_qty = True
    cash_order_qty = False
    market_data = False
    mass_status = False
    """A session for orders has no quotes, unless the venue says so."""
    time_digits = 3
    """Decimals of TransactTime(60): FIX 4.4 knows milliseconds."""
    knows_poss_resend = False
    """Whether the venue answers PossResend(97)=Y on a known ClOrdID with its state. Without, a
    repeat goes out unmarked, and a venue that knows the ClOrdID refuses it as a duplicate."""

    def to_fix(self, message: ToVenue) -> quickfix.Message:
        """See Dialect."""
        kind, parts = MSG_TYPE[type(message)], self._layout(message)
        repeat = getattr(message, "PossResend", False)
        flag = ["97=Y"] if repeat and self.knows_poss_resend else []
        # BodyLength and CheckSum are placeholders: the engine writes both when it sends.
        parts = [f"8={self.begin_string}", "9=0", f"35={kind}", *flag, *parts, "10=000", ""]
        text = SOH.join(parts)
        if text.count(SOH) != len(parts) - 1:
            raise Unsendable("a value holds FIX's field separator (SOH, 0x01)")
        out = quickfix.Message(text, False)
        if isinstance(message, VenueMarketDataRequest):
            market_data.add_request_groups(out, message)
        return out

    def from_fix(self, message: quickfix.Message, sent: Sent = nothing_sent) -> FromVenue | None:
        """See Dialect."""
        text = printable(message.toString())
        fields = fields_of(text)
        match fields.get("35"):
            case "8":
                return self._execution(fields)
            case "9":
                return self._cancel_reject(fields)
            case "3":
                return self._reject(fields, sent, ref_id="", reason="373")
            case "j":
                return self._reject(fields, sent, ref_id="379", reason="380")
            case "W":
                return market_data.snapshot(*grouped(text, ENTRIES, ENTRIES_NAME))
            case "X":
                return market_data.updates(*grouped(text, ENTRIES, ENTRIES_NAME))
            case "Y":
                return market_data.refused(fields)
            case "f":
                return market_data.security_status(fields)
            case "h":
                return market_data.session_status(fields)
            case _:
                return None

    def _layout(self, message: ToVenue) -> list[str]:
        """The body's fields."""
        match message:
            case VenueNewOrder():
                return self._order(message)
            case VenueReplace():
                return [*self._orig(message), *self._order(message)]
            case VenueCancel():
                return [
                    *self._orig(message),
                    *self._naming(message.ClOrdID, message.Terms),
                    *order_terms.quantity(message.Terms),
                    f"60={time_text(message.TransactTime, self.time_digits)}",
                ]
            case VenueStatusRequest():
                return self._naming(message.ClOrdID, message)
            case VenueMassStatusRequest():
                return [f"584={message.MassStatusReqID}", "585=7"]
            case VenueMarketDataRequest():
                return market_data.request_parts(message)
            case _:
                assert_never(message)

    def _orig(self, message: VenueReplace | VenueCancel) -> list[str]:
        """OrigClOrdID(41), and the venue's OrderID(37) where it is known."""
        order_id = [f"37={message.OrderID}"] if message.OrderID else []
        return [f"41={message.OrigClOrdID}", *order_id]

    def _naming(self, cl_ord_id: str, terms: Terms | VenueStatusRequest) -> list[str]:
        return [f"11={cl_ord_id}", f"55={terms.Symbol}", f"54={codes.SIDE[terms.Side]}"]

    def _order(self, message: VenueNewOrder | VenueReplace) -> list[str]:
        return [
            *self._naming(message.ClOrdID, message.Terms),
            f"1={message.Account}",
            *order_terms.parts(message.Terms, self.time_digits),
            f"60={time_text(message.TransactTime, self.time_digits)}",
        ]

    def _execution(self, fields: Fields) -> VenueExecution:
        exec_type = self._exec_type(fields)
        cum_qty = quantity_of(required(fields, "14", "CumQty"), "14", "CumQty")
        leaves_qty = quantity_of(required(fields, "151", "LeavesQty"), "151", "LeavesQty")
        last_qty, last_px = self._last(fields, exec_type)
        reason, text = self._ord_rej_reason(fields)
        side, price = codes.SIDE_OF.get(fields.get("54", "")), fields.get("44")
        if side is None and fields.get("37") == NONE and "584" in fields:
            side = fix.Side.Buy  # the list of open orders is empty: there is no side to speak of
        ord_type = codes.ORD_TYPE_OF.get(fields.get("40", ""))
        return VenueExecution(
            ClOrdID=_name(fields, "11"),
            OrigClOrdID=_name(fields, "41"),
            OrderID=required(fields, "37", "OrderID"),
            ExecID=required(fields, "17", "ExecID"),
            ExecRefID=_exec_ref_id(fields, exec_type),
            ExecType=exec_type,
            OrdStatus=_ord_status(fields, cum_qty, leaves_qty),
            Account=fields.get("1"),
            Symbol=required(fields, "55", "Symbol"),
            Side=side or _known(codes.SIDE_OF, fields, "54", "Side"),
            OrdType=ord_type,
            # Of an order without a limit some venues say 0.
            Price=decimal_of(price, "44", "Price") if price and ord_type not in UNLIMITED else None,
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
            TradeDate=fields.get("75"),
            MassStatusReqID=fields.get("584") or None,
            LastRptRequested=fields["912"] == "Y" if fields.get("912") else None,
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
        if exec_type not in LASTS or (exec_type is fix.ExecType.Stopped and "32" not in fields):
            return None, None
        quantity = quantity_of(required(fields, "32", "LastQty"), "32", "LastQty")
        if quantity == 0:
            raise Malformed("LastQty(32) of a fill is 0")
        return quantity, decimal_of(required(fields, "31", "LastPx"), "31", "LastPx")

    def _ord_rej_reason(self, fields: Fields) -> tuple[fix.OrdRejReason | None, str | None]:
        code, text = fields.get("103"), fields.get("58")
        if code is None:
            return None, text
        if code not in codes.ORD_REJ_REASON_OF and not text:
            text = f"OrdRejReason(103)={code}"
        return codes.ord_rej_reason(code), text

    def _cancel_reject(self, fields: Fields) -> VenueCancelReject:
        code, text = fields.get("102", "99"), fields.get("58")
        if code not in codes.CXL_REJ_REASON_OF and not text:
            text = f"CxlRejReason(102)={code}"
        return VenueCancelReject(
            ClOrdID=required(fields, "11", "ClOrdID"),
            # Some venues leave these out for an order they do not know.
            OrigClOrdID=fields.get("41", NONE),
            OrderID=fields.get("37", NONE),
            OrdStatus=_ord_status(fields, Decimal(0), Decimal(0)),  # it carries no quantities
            CxlRejReason=codes.cxl_rej_reason(code),
            Text=text,
        )

    def _reject(
        self, fields: Fields, sent: Sent, ref_id: str, reason: str
    ) -> VenueReject | VenueMarketDataReject:
        """Reject(3) and BusinessMessageReject(j), with the order or request they are about.

        ``ref_id`` is the tag that may name the ClOrdID, "" for none; else RefSeqNum(45) tells.
        """
        number = fields.get("45", "")
        known = sent(int(number)) if number.isascii() and number.isdigit() else None
        kind = fields.get("372") or (MSG_TYPE[type(known)] if known else "")
        name = fields.get(ref_id) or (name_of(known) if known else "")
        if not name:
            raise Malformed(f"it refuses our message RefSeqNum(45)={number}, which is no order")
        code = f"{REASON_NAMES[reason]}({reason})={fields.get(reason, '')}"
        tag = f", RefTagID(371)={fields['371']}" if "371" in fields else ""
        text = f"{fields.get('58') or 'no text'} ({code}{tag})"
        if kind == MSG_TYPE[VenueMarketDataRequest]:
            return VenueMarketDataReject(MDReqID=name, Text=text)
        return VenueReject(ClOrdID=name, RefMsgType=kind, Text=text)


def _name(fields: Fields, tag: str) -> str | None:
    """A ClOrdID; FIX's NONE and an empty one are none."""
    name = fields.get(tag)
    return None if name == NONE else name


def _exec_ref_id(fields: Fields, exec_type: fix.ExecType) -> str | None:
    if exec_type in AFTER_THE_FACT and "19" not in fields:
        raise Malformed(
            f"ExecRefID(19) is missing: a {exec_type} must name the fill that it takes back"
        )
    return fields.get("19")


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
