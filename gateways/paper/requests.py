"""What a client may ask, read from the text of a FIX message.

A value that is legal FIX but not traded here is read as it came, and refused as an
order; only what cannot be understood at all becomes an ``Unreadable``, naming the field.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from gateways.paper.asking import conditions_of
from gateways.paper.conditions import Conditions
from gateways.paper.fields import (
    OTHER,
    SOH,
    UNSUPPORTED_TYPE,
    Unusable,
    number,
    optional_number,
    repeat,
    required,
)


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
    conditions: Conditions | None = None
    order_id: str = ""


class Cancel(NamedTuple):
    """OrderCancelRequest (F); ``order_id`` counts where no ClOrdID names the order."""

    cl_ord_id: str
    orig_cl_ord_id: str
    symbol: str
    side: str
    repeat: bool
    order_id: str = ""


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


class MassCancel(NamedTuple):
    """OrderMassCancelRequest (q); ``kind`` is MassCancelRequestType(530): "1" or "7"."""

    cl_ord_id: str
    kind: str
    symbol: str
    side: str
    repeat: bool


class MarketDataRequest(NamedTuple):
    """MarketDataRequest (V); ``kind`` is SubscriptionRequestType(263), ``entries`` 269s."""

    request_id: str
    kind: str
    depth: str
    entries: tuple[str, ...]
    symbols: tuple[str, ...]


class Unreadable(NamedTuple):
    """To be answered with a BusinessMessageReject; ``reason`` is BusinessRejectReason(380)."""

    number: int
    kind: str
    cl_ord_id: str
    reason: str
    text: str


Request = (
    NewOrder | Cancel | Replace | Status | MassStatus | MassCancel | MarketDataRequest | Unreadable
)


def read(text: str) -> tuple[int, Request]:
    """MsgSeqNum(34) and the request in the text of one message (``tag=value`` SOH ...)."""
    if not text.isascii():
        text = _printable(text)
    fields = dict([part.partition("=")[::2] for part in text.split(SOH)])
    seq, kind = int(fields["34"]), fields["35"]
    try:
        if kind == "V":
            return seq, _market_data(fields, text)
        return seq, _request(kind, fields)
    except Unusable as unusable:
        name = fields.get("11") or fields.get("584") or fields.get("262") or ""
        return seq, Unreadable(seq, kind, name, unusable.reason, str(unusable))


def _request(kind: str, fields: Mapping[str, str]) -> Request:
    match kind:
        case "D":
            return _order(fields)
        case "F":
            return Cancel(
                required(fields, "11", "ClOrdID"),
                required(fields, "41", "OrigClOrdID"),
                required(fields, "55", "Symbol"),
                required(fields, "54", "Side"),
                repeat(fields),
                fields.get("37", ""),
            )
        case "G":
            return Replace(required(fields, "41", "OrigClOrdID"), _order(fields))
        case "H":
            return Status(
                required(fields, "11", "ClOrdID"),
                required(fields, "55", "Symbol"),
                required(fields, "54", "Side"),
                fields.get("790", ""),
            )
        case "AF":
            return _mass_status(fields)
        case "q":
            return _mass_cancel(fields)
        case _:
            raise Unusable(UNSUPPORTED_TYPE, f"MsgType(35)={kind} is not supported here")


def _order(fields: Mapping[str, str]) -> NewOrder:
    ord_type = required(fields, "40", "OrdType")
    price = None
    if ord_type in ("2", "4"):
        price = number(required(fields, "44", "Price"), "44", "Price")
    conditions = conditions_of(fields, ord_type)
    if conditions is not None and conditions.cash_order_qty is not None:
        order_qty = optional_number(fields, "38", "OrderQty") or Decimal(0)
    else:
        order_qty = number(required(fields, "38", "OrderQty"), "38", "OrderQty")
    return NewOrder(
        required(fields, "11", "ClOrdID"),
        fields.get("1", ""),
        required(fields, "55", "Symbol"),
        required(fields, "54", "Side"),
        ord_type,
        fields.get("59") or "0",  # absent means Day
        order_qty,
        price,
        repeat(fields),
        conditions,
        fields.get("37", ""),
    )


def _mass_status(fields: Mapping[str, str]) -> MassStatus:
    request_id = required(fields, "584", "MassStatusReqID")
    match required(fields, "585", "MassStatusReqType"):
        case "7":
            return MassStatus(request_id, "")
        case "1":
            return MassStatus(request_id, required(fields, "55", "Symbol"))
        case kind:
            text = f"MassStatusReqType(585)={kind} is not supported here: use 7 (all) or 1 (symbol)"
            raise Unusable(OTHER, text)


def _mass_cancel(fields: Mapping[str, str]) -> MassCancel:
    kind = required(fields, "530", "MassCancelRequestType")
    return MassCancel(
        required(fields, "11", "ClOrdID"),
        kind,
        required(fields, "55", "Symbol") if kind == "1" else "",
        fields.get("54", ""),
        repeat(fields),
    )


def _market_data(fields: Mapping[str, str], text: str) -> MarketDataRequest:
    """Its groups are read from the text, in which their fields follow each other."""
    pairs = [part.partition("=")[::2] for part in text.split(SOH)]
    return MarketDataRequest(
        required(fields, "262", "MDReqID"),
        required(fields, "263", "SubscriptionRequestType"),
        fields.get("264", "1"),
        tuple(value for tag, value in pairs if tag == "269"),
        tuple(value for tag, value in pairs if tag == "55" and value),
    )


def _printable(text: str) -> str:
    """Bytes that are not UTF-8 come from the engine as lone surrogates; read them as Latin-1."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
