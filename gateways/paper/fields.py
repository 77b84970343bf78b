"""Single fields of a request: what is missing or illegal is named."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

SOH = "\x01"

UNSUPPORTED_TYPE = "3"
MISSING_FIELD = "5"
OTHER = "0"

_NUMBER = re.compile(r"-?(?:\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})")
_DATE = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(r"(\d{8}-\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?", re.ASCII)


class Unusable(ValueError):
    """``reason`` is BusinessRejectReason(380)."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def required(fields: Mapping[str, str], tag: str, name: str) -> str:
    """The value of a field that must be there."""
    value = fields.get(tag)
    if not value:
        raise Unusable(MISSING_FIELD, f"{name}({tag}) is missing")
    return value


def number(value: str, tag: str, name: str) -> Decimal:
    """A decimal of a sensible length."""
    if not _NUMBER.fullmatch(value):
        text = f"{name}({tag})={value} is not a decimal of up to 15 and 12 digits"
        raise Unusable(OTHER, text)
    return Decimal(value)


def optional_number(fields: Mapping[str, str], tag: str, name: str) -> Decimal | None:
    """None where it is not there."""
    value = fields.get(tag)
    return number(value, tag, name) if value else None


def timestamp(value: str, tag: str, name: str) -> int:
    """UTCTimestamp as nanoseconds since 1970."""
    found = _TIME.fullmatch(value)
    try:
        whole = (found[1] if found else "") + "+0000"
        second = datetime.strptime(whole, "%Y%m%d-%H:%M:%S%z")
    except ValueError:
        text = f"{name}({tag})={value} is not a UTC time like 20261231-14:30:00"
        raise Unusable(OTHER, text) from None
    part = (found[2] if found else None) or "0"
    return int(second.timestamp()) * 1_000_000_000 + int(part.ljust(9, "0"))


def date(value: str, tag: str, name: str) -> str:
    """LocalMktDate, YYYYMMDD."""
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        datetime.strptime(value, "%Y%m%d")  # noqa: DTZ007  # only whether it is one
    except ValueError:
        text = f"{name}({tag})={value} is not a date like 20261231"
        raise Unusable(OTHER, text) from None
    return value


def repeat(fields: Mapping[str, str]) -> bool:
    """Whether PossResend(97) or PossDupFlag(43) is Y."""
    return fields.get("97") == "Y" or fields.get("43") == "Y"
