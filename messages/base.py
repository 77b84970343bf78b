"""What every message and event is made of: strict frozen models, decimals as strings, UTC time.

A number that is money, price or quantity travels as a string, because a JSON number passes
through binary floating point in most languages. Time is an integer of nanoseconds inside and an
RFC 3339 string with nine decimals on the desk's wire.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

Instant = int
"""Nanoseconds since 1970-01-01T00:00:00Z."""

SECOND: Instant = 1_000_000_000

_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)


class Message(BaseModel):
    """One thing said by somebody to somebody. Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Event(BaseModel):
    """One thing that happened to one actor: a journaled fact, so new fields need defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        # 5.72E+3 is written as 5720 and read as that: what is in memory must be the same.
        return Decimal(decimal_text(value)) if "E+" in str(value) else value
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise ValueError(
        'send a decimal as a string of digits, e.g. "231.25" (a JSON number loses precision)'
    )


def decimal_text(value: Decimal) -> str:
    """Plain digits without exponent: ``Decimal("1E+2")`` is ``"100"``."""
    return format(value, "f")


def short_text(value: Decimal) -> str:
    """The same without zeros at the end: ``Decimal("1.50")`` is ``"1.5"``."""
    text = decimal_text(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


_TEXT = PlainSerializer(decimal_text, return_type=str, when_used="json")
_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,12})?$"})

Number = Annotated[Decimal, BeforeValidator(_decimal), _TEXT, _SCHEMA]
"""A decimal of any sign: money, a position, a price (negative prices are legal)."""

Quantity = Annotated[Number, Field(gt=0)]
"""A quantity to trade: greater than zero."""


def parse_time(text: str) -> Instant:
    """RFC 3339 with up to nine decimals to nanoseconds; ValueError where it is anything else."""
    found = _RFC3339.fullmatch(text)
    if not found:
        raise ValueError('send RFC 3339 time, e.g. "2026-11-23T14:30:00.123456789Z"')
    day, clock, fraction, zone = found.groups()
    whole = datetime.fromisoformat(f"{day}T{clock}{zone.upper().replace('Z', '+00:00')}")
    if whole.year < 1970:
        raise ValueError("time before 1970 cannot be told from a mistake; send the current time")
    seconds = (whole - _EPOCH) // timedelta(seconds=1)
    return seconds * SECOND + int((fraction or "0").ljust(9, "0"))


def format_time(at: Instant) -> str:
    """Nanoseconds to RFC 3339 UTC with nine decimals."""
    seconds, nanos = divmod(at, SECOND)
    return f"{_whole_second(seconds)}.{nanos:09d}Z"


@lru_cache(maxsize=64)
def _whole_second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"


def _instant(value: object) -> Instant:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError('send RFC 3339 time, e.g. "2026-11-23T14:30:00.123456789Z"')


UTCTimestamp = Annotated[
    Instant,
    BeforeValidator(_instant),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""Nanoseconds inside, RFC 3339 with nine decimals in JSON (FIX UTCTimestamp)."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
"""An id given by a desk: 1 to 64 printable ASCII characters without spaces."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,31}$")]
"""A name that becomes part of an address or a queue: letters, digits, ``_ . -``."""
