"""FIX words of scenario files, on the wire and in the desks' messages, and how they compare.

A file speaks in codes (``ExecType: F``) or in names (``Trade``), the desks' messages in the
product's names, the wire in codes. Values are compared as codes and as decimals.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from typing import Any

from gateways.fix import codes
from messages import fix
from messages.base import decimal_text
from messages.tags import TAGS as PRODUCT_TAGS

MSG_NAMES = {
    "D": "NewOrderSingle",
    "F": "OrderCancelRequest",
    "G": "OrderCancelReplaceRequest",
    "H": "OrderStatusRequest",
    "q": "OrderMassCancelRequest",
    "AF": "OrderMassStatusRequest",
    "8": "ExecutionReport",
    "9": "OrderCancelReject",
    "r": "OrderMassCancelReport",
    "j": "BusinessMessageReject",
}
"""MsgType(35) and the message's name."""

MSG_TYPES = {name: code for code, name in MSG_NAMES.items()}

TAGS: dict[str, int] = {
    "Currency": 15,
    "ExecInst": 18,
    "ExecRefID": 19,
    "TradeDate": 75,
    "StopPx": 99,
    "CashOrderQty": 152,
    "ExecRestatementReason": 378,
    "DayOrderQty": 424,
    "DayCumQty": 425,
    **PRODUCT_TAGS,
}
"""Tag numbers, also of what only a venue says."""


def _tables() -> dict[str, Mapping[Any, str]]:
    found: dict[str, Mapping[Any, str]] = {}
    for kind in vars(fix).values():
        if isinstance(kind, type) and issubclass(kind, Enum):
            table = getattr(codes, re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).upper(), None)
            if isinstance(table, dict):
                found[kind.__name__] = table
    return found


TABLES = _tables()
"""Field name to the product's table of names and codes: OrdStatus to ``codes.ORD_STATUS``."""

Names = Mapping[str, Mapping[str, str]]
"""Field to code to name, as a file gives them."""


def code(field: str, value: str, names: Names) -> str:
    """A value of a file as FIX's code; itself where it is no name."""
    own, theirs = TABLES.get(field, {}), names.get(field, {})
    if value in own.values() or value in theirs:
        return value
    by_name = {name: known for known, name in theirs.items()} | {str(n): c for n, c in own.items()}
    if value in by_name:
        return by_name[value]
    return " ".join(by_name.get(word, word) for word in value.split())  # ExecInst holds several


def product_name(field: str, value: str, names: Names) -> str:
    """A value of a file as the product names it; as the file does where the product does not."""
    found = code(field, value, names)
    own = {known: str(name) for name, known in TABLES.get(field, {}).items()}
    return own.get(found) or names.get(field, {}).get(found, value)


def wire_text(field: str, value: object) -> str:
    """A value of a desk's message as FIX writes it: codes, plain decimals, Y and N."""
    if isinstance(value, tuple | list):
        return " ".join(wire_text(field, one) for one in value)
    if isinstance(value, Enum):
        return TABLES.get(field, {}).get(value, str(value.value))
    if isinstance(value, Decimal):
        return decimal_text(value.normalize())
    if isinstance(value, bool):
        return "Y" if value else "N"
    return "" if value is None else str(value)


def shown(field: str, value: str, names: Names) -> str:
    """A code with its name, for people: ``F (Trade)``."""
    if not value:
        return "nothing"
    name = product_name(field, value, names)
    return value if name == value else f"{value} ({name})"


def number(text: str) -> Decimal | None:
    """The decimal that a text is; None where it is something else."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def same(field: str, expected: str, got: str) -> bool:
    """Whether a report's value is the row's. Of decimals, where the row has decimals, as many."""
    if field in TABLES:
        return set(expected.split()) == set(got.split())
    one, other = number(expected), number(got)
    if one is None or other is None:
        return expected == got
    places = one.as_tuple().exponent
    if isinstance(places, int) and places < 0:
        other = other.quantize(Decimal(1).scaleb(places), ROUND_HALF_UP)
    return one == other
