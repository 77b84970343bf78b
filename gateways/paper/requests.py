"""What a client may ask, read from the text of a FIX message.

A value that is legal FIX but not traded here (a stop order) is read as it came, and refused as an
order; only what cannot be understood at all becomes an ``Unreadable``, naming the field.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

SOH = "\x01"

_NUMBER = re.compile(r"-?(?:\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})")

UNSUPPORTED_TYPE = "3"
MISSING_FIELD = "5"
OTHER = "0"


class NewOrder(NamedTuple):
    """NewOrderSingle (D). ``repeat``: PossResend or PossDupFlag is Y."""

    cl_ord_id: str
    account: str
    symbol: str
    side: str
    ord_type: str
    time_in_force: str
    order_qty: Decimal
    price: Decimal | None
    repeat: bool


class Cancel(NamedTuple):
    """OrderCancelRequest (F)."""

    cl_ord_id: str
    orig_cl_ord_id: str
    symbol: str
    side: str
    repeat: bool


class Replace(NamedTuple):
    """OrderCancelReplaceRequest (G): all terms of the order, the changed and the unchanged."""

    orig_cl_ord_id: str
    order: NewOrder


class Status(NamedTuple):
    """OrderStatusRequest (H)."""

    cl_ord_id: str
    symbol: str
    side: str
    request_id: str


class MassStatus(NamedTuple):
    """OrderMassStatusRequest (AF) for all orders, or those of ``symbol`` where it is not empty."""

    request_id: str
    symbol: str


class Unreadable(NamedTuple):
    """To be answered with a BusinessMessageReject; ``reason`` is BusinessRejectReason(380)."""

    number: int
    kind: str
    cl_ord_id: str
    reason: str
    text: str


Request = NewOrder | Cancel | Replace | Status | MassStatus | Unreadable


class _Refused(ValueError):
    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def read(text: str) -> tuple[int, Request]:
    """MsgSeqNum(34) and the request in the text of one message (``tag=value`` SOH ...)."""
    if not text.isascii():
        text = _printable(text)
    fields = dict([part.partition("=")[::2] for part in text.split(SOH)])
    number, kind = int(fields["34"]), fields["35"]
    try:
        return number, _request(kind, fields)
    except _Refused as refused:
        name = fields.get("11") or fields.get("584") or ""
        return number, Unreadable(number, kind, name, refused.reason, str(refused))


def _request(kind: str, fields: Mapping[str, str]) -> Request:
    match kind:
        case "D":
            return _order(fields)
        case "F":
            return Cancel(
                _required(fields, "11", "ClOrdID"),
                _required(fields, "41", "OrigClOrdID"),
                _required(fields, "55", "Symbol"),
                _required(fields, "54", "Side"),
                _repeat(fields),
            )
        case "G":
            return Replace(_required(fields, "41", "OrigClOrdID"), _order(fields))
        case "H":
            return Status(
                _required(fields, "11", "ClOrdID"),
                _required(fields, "55", "Symbol"),
                _required(fields, "54", "Side"),
                fields.get("790", ""),
            )
        case "AF":
            return _mass_status(fields)
        case _:
            raise _Refused(UNSUPPORTED_TYPE, f"MsgType(35)={kind} is not supported here")


def _order(fields: Mapping[str, str]) -> NewOrder:
    ord_type = _required(fields, "40", "OrdType")
    price = _number(_required(fields, "44", "Price"), "44", "Price") if ord_type == "2" else None
    return NewOrder(
        _required(fields, "11", "ClOrdID"),
        fields.get("1", ""),
        _required(fields, "55", "Symbol"),
        _required(fields, "54", "Side"),
        ord_type,
        fields.get("59") or "0",  # absent means Day
        _number(_required(fields, "38", "OrderQty"), "38", "OrderQty"),
        price,
        _repeat(fields),
    )


def _mass_status(fields: Mapping[str, str]) -> MassStatus:
    request_id = _required(fields, "584", "MassStatusReqID")
    match _required(fields, "585", "MassStatusReqType"):
        case "7":
            return MassStatus(request_id, "")
        case "1":
            return MassStatus(request_id, _required(fields, "55", "Symbol"))
        case kind:
            text = f"MassStatusReqType(585)={kind} is not supported here: use 7 (all) or 1 (symbol)"
            raise _Refused(OTHER, text)


def _required(fields: Mapping[str, str], tag: str, name: str) -> str:
    value = fields.get(tag)
    if not value:
        raise _Refused(MISSING_FIELD, f"{name}({tag}) is missing")
    return value


def _number(value: str, tag: str, name: str) -> Decimal:
    if not _NUMBER.fullmatch(value):
        text = f"{name}({tag})={value} is not a decimal of up to 15 and 12 digits"
        raise _Refused(OTHER, text)
    return Decimal(value)


def _repeat(fields: Mapping[str, str]) -> bool:
    return fields.get("97") == "Y" or fields.get("43") == "Y"


def _printable(text: str) -> str:
    """Bytes that are not UTF-8 come from the engine as lone surrogates; read them as Latin-1."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
