"""What a client may ask, read from the text of a FIX message, or why it cannot be understood.

Values are those of FIX; only what every answer needs is checked here. Whether this exchange trades
such an order is for the venue to say.
"""

import re
from decimal import Decimal
from typing import NamedTuple

SOH = "\x01"

CONDITIONALLY_REQUIRED_FIELD_MISSING = 5
UNSUPPORTED_MESSAGE_TYPE = 3
OTHER = 0

_NUMBER = re.compile(r"-?(?:\d{1,15}(?:\.\d{0,12}0*)?|\.\d{1,12}0*)")
_NAMES = {
    "11": "ClOrdID",
    "38": "OrderQty",
    "40": "OrdType",
    "41": "OrigClOrdID",
    "44": "Price",
    "54": "Side",
    "55": "Symbol",
    "530": "MassCancelRequestType",
    "584": "MassStatusReqID",
    "585": "MassStatusReqType",
}
# To ignore one of these would be to work another order than the one that was sent.
_NOT_TRADED = {
    "99": "StopPx",
    "110": "MinQty",
    "111": "MaxFloor",
    "210": "MaxShow",
    "211": "PegOffsetValue",
    "388": "DiscretionInst",
}


class NewOrder(NamedTuple):
    """NewOrderSingle (D). ``repeat``: PossResend(97) or PossDupFlag(43) was Y."""

    cl_ord_id: str
    account: str
    symbol: str
    side: str
    order_qty: Decimal
    ord_type: str
    price: Decimal | None
    time_in_force: str
    repeat: bool
    not_traded: str
    """An instruction in it that this exchange does not know, by FIX name and tag; else ""."""


class Cancel(NamedTuple):
    """OrderCancelRequest (F)."""

    cl_ord_id: str
    orig_cl_ord_id: str
    symbol: str
    side: str
    repeat: bool


class Replace(NamedTuple):
    """OrderCancelReplaceRequest (G)."""

    orig_cl_ord_id: str
    order: NewOrder


class Status(NamedTuple):
    """OrderStatusRequest (H)."""

    cl_ord_id: str
    symbol: str
    side: str
    request_id: str
    """OrdStatusReqID(790), "" where there is none."""


class MassStatus(NamedTuple):
    """OrderMassStatusRequest (AF). Of ``symbol`` and ``side``, "" asks for all."""

    request_id: str
    symbol: str
    side: str


class MassCancel(NamedTuple):
    """OrderMassCancelRequest (q). Of ``symbol`` and ``side``, "" asks for all."""

    cl_ord_id: str
    kind: str
    """MassCancelRequestType(530) as it came."""
    symbol: str
    side: str


class Unreadable(NamedTuple):
    """Answered with a BusinessMessageReject (j)."""

    msg_type: str
    seq: str
    ref_id: str
    """The ClOrdID or other id of the message, "" where it has none."""
    reason: int
    text: str


Request = NewOrder | Cancel | Replace | Status | MassStatus | MassCancel | Unreadable


class _Refused(Exception):
    """The message cannot be understood: BusinessRejectReason and Text."""

    def __init__(self, reason: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class _Fields(dict[str, str]):
    """Tag to value; every look-up names the field it did not find."""

    def must(self, tag: str) -> str:
        value = self.get(tag)
        if not value:
            raise _Refused(
                CONDITIONALLY_REQUIRED_FIELD_MISSING, f"{_NAMES[tag]}({tag}) is missing"
            )
        if not (value.isascii() and value.isprintable()):
            raise _Refused(OTHER, f"{_NAMES[tag]}({tag}) holds more than printable ASCII")
        return value

    def number(self, tag: str) -> Decimal:
        value = self.must(tag)
        if not _NUMBER.fullmatch(value):
            what = f"{_NAMES[tag]}({tag})={value} is not a decimal of up to 15 and 12 digits"
            raise _Refused(OTHER, what)
        return Decimal(value)

    @property
    def repeat(self) -> bool:
        return self.get("97") == "Y" or self.get("43") == "Y"


def read(text: str) -> tuple[int, Request]:
    """MsgSeqNum(34) and what is asked. ``text`` is one message as the engine prints it."""
    fields = _Fields(part.partition("=")[::2] for part in text.split(SOH))
    seq, kind = fields["34"], fields["35"]
    try:
        return int(seq), _request(kind, fields)
    except _Refused as refused:
        ref_id = fields.get("11") or fields.get("584") or ""
        ref_id = ref_id if ref_id.isascii() and ref_id.isprintable() else ""
        return int(seq), Unreadable(kind, seq, ref_id, refused.reason, str(refused))


def _request(kind: str, fields: _Fields) -> Request:
    match kind:
        case "D":
            return _order(fields)
        case "F":
            must = fields.must
            return Cancel(must("11"), must("41"), must("55"), must("54"), fields.repeat)
        case "G":
            return Replace(fields.must("41"), _order(fields))
        case "H":
            asked = fields.get("790", "")
            if not (asked.isascii() and asked.isprintable()):
                raise _Refused(OTHER, "OrdStatusReqID(790) holds more than printable ASCII")
            return Status(fields.must("11"), fields.must("55"), fields.must("54"), asked)
        case "AF":
            return _mass_status(fields)
        case "q":
            kind = fields.must("530")
            symbol = fields.must("55") if kind == "1" else fields.get("55", "")
            return MassCancel(fields.must("11"), kind, symbol, fields.get("54", ""))
        case _:
            raise _Refused(UNSUPPORTED_MESSAGE_TYPE, f"MsgType(35)={kind} is not understood here")


def _order(fields: _Fields) -> NewOrder:
    ord_type = fields.must("40")
    account = fields.get("1", "")
    if not (account.isascii() and account.isprintable()):
        raise _Refused(OTHER, "Account(1) holds more than printable ASCII")
    strange = ""
    if not _NOT_TRADED.keys().isdisjoint(fields):
        strange = ", ".join(f"{name}({tag})" for tag, name in _NOT_TRADED.items() if tag in fields)
    return NewOrder(
        fields.must("11"),
        account,
        fields.must("55"),
        fields.must("54"),
        fields.number("38"),
        ord_type,
        fields.number("44") if ord_type == "2" or "44" in fields else None,
        fields.get("59", "0"),
        fields.repeat,
        strange,
    )


def _mass_status(fields: _Fields) -> MassStatus:
    request_id, kind = fields.must("584"), fields.must("585")
    if kind not in ("1", "7"):
        what = f"MassStatusReqType(585)={kind} is not understood here, 1 and 7 are"
        raise _Refused(OTHER, what)
    symbol = fields.must("55") if kind == "1" else fields.get("55", "")
    return MassStatus(request_id, symbol, fields.get("54", ""))
