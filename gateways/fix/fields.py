"""Single FIX values and the product's: exact both ways, or a Malformed that names the tag.

No value passes through a float: quantities are decimal digits, time is whole seconds plus a
string of digits.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from messages.base import SECOND, Instant

SOH = "\x01"

Fields = Mapping[str, str]
"""Tag to value, both as text. Of a tag that repeats, the last; no order field repeats."""

Entries = Sequence[Fields]
"""The entries of a repeating group."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What messages.base.Number can journal and read back; FIX itself sets no bound.
_DECIMAL = re.compile(r"-?(?:\d{1,15}(?:\.\d{0,12}0*)?|\.\d{1,12}0*)", re.ASCII)
_TIME = re.compile(r"(\d{8})-(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?", re.ASCII)


class Malformed(ValueError):
    """The message cannot be read as what it says it is."""


def fields_of(text: str) -> dict[str, str]:
    """The fields of one message's text (``tag=value`` ended by SOH each); an empty one is none."""
    pairs = [part.partition("=") for part in text.split(SOH)]
    return {tag: value for tag, _, value in pairs if value}


def grouped(text: str, count: str, name: str) -> tuple[Fields, Entries]:
    """The fields before a repeating group, and its entries; ``count``: its NumInGroup tag.

    The engine writes the fields before and within it in a fixed order, and after them only fields
    that nothing here looks at. Malformed where there are not as many entries as it says.
    """
    body, _, group = text.partition(f"{SOH}{count}=")
    said, _, inside = group.partition(SOH)
    fields = fields_of(body)
    if said in ("", "0"):
        return fields, []
    first, _, _ = inside.partition("=")
    _, *entries = f"{SOH}{inside}".split(f"{SOH}{first}=")
    if said != str(len(entries)):
        raise Malformed(f"{name}({count})={said}, but there are {len(entries)} entries")
    return fields, [fields_of(f"{first}={entry}") for entry in entries]


def printable(text: str) -> str:
    """Text with what was not UTF-8 on the wire read as Latin-1, so that it can be stored.

    The engine hands such bytes over as lone surrogates, which no JSON encoder accepts.
    """
    if text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def required(fields: Fields, tag: str, name: str) -> str:
    """The value; Malformed where the tag is missing or empty."""
    value = fields.get(tag)
    if not value:
        raise Malformed(f"{name}({tag}) is missing")
    return value


def decimal_of(value: str, tag: str, name: str) -> Decimal:
    """A FIX float, exactly: ``0100.50``, ``.5`` and ``7.`` are legal, exponents are not."""
    if not _DECIMAL.fullmatch(value):
        raise Malformed(f"{name}({tag})={value} is not a decimal of up to 15 and 12 digits")
    whole, dot, fraction = value.partition(".")
    # Zeros beyond the twelfth decimal mean nothing, yet could not be read back from a journal.
    return Decimal(whole + dot + fraction[:12]) if dot else Decimal(whole)


def quantity_of(value: str, tag: str, name: str) -> Decimal:
    """A decimal that is not negative."""
    quantity = decimal_of(value, tag, name)
    if quantity < 0:
        raise Malformed(f"{name}({tag})={value} is negative")
    return quantity


@lru_cache(maxsize=8)
def _day(day: str) -> int:
    """Seconds from 1970 to the beginning of a day written YYYYMMDD."""
    at = datetime(int(day[:4]), int(day[4:6]), int(day[6:]), tzinfo=UTC)
    return (at - _EPOCH) // timedelta(seconds=1)


def time_of(value: str, tag: str, name: str) -> Instant:
    """UTCTimestamp with up to twelve decimals to nanoseconds; a leap second is the next second."""
    found = _TIME.fullmatch(value)
    if not found:
        raise Malformed(f"{name}({tag})={value} is not YYYYMMDD-HH:MM:SS[.sss]")
    day, hours, minutes, seconds, fraction = found.groups()
    try:
        midnight = _day(day)
    except ValueError as error:
        raise Malformed(f"{name}({tag})={value}: {error}") from None
    of_day = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    if of_day > 86_400:
        raise Malformed(f"{name}({tag})={value} is later than the end of the day")
    nanos = int(fraction[:9].ljust(9, "0")) if fraction else 0
    return (midnight + of_day) * SECOND + nanos


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y%m%d-%H:%M:%S}"


def time_text(at: Instant, digits: int) -> str:
    """Nanoseconds to UTCTimestamp with 3, 6 or 9 decimals, cut off, never rounded up."""
    seconds, nanos = divmod(at, SECOND)
    return f"{_second(seconds)}.{f'{nanos:09d}'[:digits]}"
