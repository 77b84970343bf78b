"""What an order asks beyond the ordinary, read from its fields, and said again in reports."""

from collections.abc import Mapping
from decimal import Decimal

from gateways.paper.conditions import BASIS_POINTS, PRICE_OFFSET, ZERO, Conditions
from gateways.paper.fields import (
    MISSING_FIELD,
    OTHER,
    SOH,
    Unusable,
    date,
    number,
    optional_number,
    timestamp,
)

PLAIN_TYPES, PLAIN_TIMES = frozenset("12"), frozenset({"", "0", "1", "3", "4"})
_TAGS = frozenset({"18", "99", "110", "111", "126", "152", "211", "432", "836", "1138"})


def conditions_of(fields: Mapping[str, str], ord_type: str) -> Conditions | None:
    """None: an ordinary order. ``Unusable`` where a field is missing or no legal value."""
    if ord_type in PLAIN_TYPES and fields.get("59", "") in PLAIN_TIMES and _TAGS.isdisjoint(fields):
        return None
    expire_time = fields.get("126", "")
    conditions = Conditions(
        exec_inst=fields.get("18", ""),
        stop_px=optional_number(fields, "99", "StopPx"),
        min_qty=optional_number(fields, "110", "MinQty"),
        display_qty=_displayed(fields),
        cash_order_qty=optional_number(fields, "152", "CashOrderQty"),
        expire_date=date(fields["432"], "432", "ExpireDate") if fields.get("432") else "",
        expire_time=expire_time,
        expires=timestamp(expire_time, "126", "ExpireTime") if expire_time else 0,
        peg_offset=optional_number(fields, "211", "PegOffsetValue") or ZERO,
        peg_offset_type=fields.get("836") or PRICE_OFFSET,
        limit=optional_number(fields, "44", "Price") if ord_type == "P" else None,
    )
    _check(fields, ord_type, conditions)
    return conditions


def _displayed(fields: Mapping[str, str]) -> Decimal | None:
    if fields.get("1138"):
        return number(fields["1138"], "1138", "DisplayQty")
    return optional_number(fields, "111", "MaxFloor")


def _check(fields: Mapping[str, str], ord_type: str, conditions: Conditions) -> None:
    if ord_type == "J" and conditions.stop_px is None:
        conditions.stop_px = optional_number(fields, "44", "Price")
    if ord_type in ("3", "4", "J") and conditions.stop_px is None:
        raise Unusable(MISSING_FIELD, f"StopPx(99) is missing, which OrdType(40)={ord_type} needs")
    if ord_type == "P" and not conditions.peg:
        text = "ExecInst(18) is missing, which OrdType(40)=P needs: M, R, P or a"
        raise Unusable(MISSING_FIELD, text)
    if conditions.peg_offset_type not in (PRICE_OFFSET, BASIS_POINTS):
        text = f"PegOffsetType(836)={conditions.peg_offset_type} is not used here: use 0 or 1"
        raise Unusable(OTHER, text)
    if fields.get("59") == "6" and not (conditions.expire_date or conditions.expires):
        text = "TimeInForce(59)=6 needs ExpireDate(432) or ExpireTime(126)"
        raise Unusable(MISSING_FIELD, text)


def said(conditions: Conditions) -> str:
    """The fields of a report."""
    values = {
        "18": conditions.exec_inst,
        "99": _text(conditions.stop_px),
        "110": _text(conditions.min_qty),
        "111": _text(conditions.display_qty),
        "152": _text(conditions.cash_order_qty),
        "432": conditions.expire_date,
        "126": conditions.expire_time,
        "211": f"{conditions.peg_offset:f}" if conditions.peg else "",
        "836": conditions.peg_offset_type if conditions.peg else "",
    }
    return "".join(f"{tag}={value}{SOH}" for tag, value in values.items() if value)


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
