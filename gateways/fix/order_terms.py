"""The terms of an order as FIX 4.4 fields, in words that desks and venues share."""

from gateways.fix import codes
from gateways.fix.fields import time_text
from messages.base import decimal_text
from messages.terms import Terms

DECIMALS = (
    ("Price", "44"),
    ("StopPx", "99"),
    ("MinQty", "110"),
    ("DisplayQty", "111"),  # MaxFloor, as FIX 4.4 calls it
    ("PegOffsetValue", "211"),
)
"""Terms that are numbers, with their tags."""


def quantity(terms: Terms) -> list[str]:
    """OrderQty(38), or CashOrderQty(152) as long as only that is known: FIX takes one of them."""
    if terms.OrderQty is not None:
        return [f"38={decimal_text(terms.OrderQty)}"]
    return [] if terms.CashOrderQty is None else [f"152={decimal_text(terms.CashOrderQty)}"]


def parts(terms: Terms, time_digits: int) -> list[str]:
    """Everything but what names the order: Symbol(55) and Side(54)."""
    found = [
        *quantity(terms),
        f"40={codes.ORD_TYPE[terms.OrdType]}",
        f"59={codes.TIME_IN_FORCE[terms.TimeInForce]}",
    ]
    for name, tag in DECIMALS:
        if (value := getattr(terms, name)) is not None:
            found.append(f"{tag}={decimal_text(value)}")
    if terms.ExecInst:
        found.append("18=" + " ".join(codes.EXEC_INST[one] for one in terms.ExecInst))
    if terms.PegOffsetType is not None:
        found.append(f"836={codes.PEG_OFFSET_TYPE[terms.PegOffsetType]}")
    if terms.ExpireDate is not None:
        found.append(f"432={terms.ExpireDate}")
    if terms.ExpireTime is not None:
        found.append(f"126={time_text(terms.ExpireTime, time_digits)}")
    if terms.Currency is not None:
        found.append(f"15={terms.Currency}")
    return found
