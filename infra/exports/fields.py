"""Field by field: what a record of a regime must look like, as a table, and what is wrong with one.

A field is a row: its kind with length and allowed values, and when it must be there or must not.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from messages.base import short_text

Checked = Mapping[str, Any]
When = Callable[[Checked], bool]


class Kind(Enum):
    """How a value is written."""

    TEXT = "text"
    CHOICE = "one of"
    NUMBER = "a number"
    INTEGER = "a whole number"
    BOOLEAN = "true or false"
    PAIRS = "pairs of names and values"
    ROWS = "rows of their own"


class Fault(NamedTuple):
    """What is wrong: the field, its value, and what is allowed there."""

    field: str
    value: str
    what: str


def always(record: Checked) -> bool:
    """Required in any case."""
    del record
    return True


def never(record: Checked) -> bool:
    """Required in no case."""
    del record
    return False


class Field(NamedTuple):
    """One row. ``length``: characters of a text, digits before the point of a number.

    ``scale``: digits after the point. ``needed`` and ``barred``: when it must and must not be
    there. ``remedy``: where the value comes from, for one that is missing. ``rows``: of ROWS.
    ``number``: the field's number in its regulation. ``valid``: of its check digits.
    """

    name: str
    kind: Kind = Kind.TEXT
    length: int = 64
    scale: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""
    needed: When = never
    barred: When = never
    remedy: str = ""
    rows: "tuple[Field, ...]" = ()
    number: int = 0
    valid: Callable[[str], bool] | None = None


def check(record: Checked, fields: Sequence[Field]) -> Iterator[Fault]:
    """Everything that is wrong with the record; nothing where it is right."""
    known = {field.name for field in fields}
    for name in record:
        if name not in known:
            yield Fault(name, _shown(record[name]), "there is no such field in this record")
    for field in fields:
        value = record.get(field.name)
        if value is None:
            if field.needed(record):
                yield Fault(field.name, "", f"is missing{_hint(field)}")
        elif field.barred(record):
            yield Fault(field.name, _shown(value), "must be blank here")
        elif what := _wrong(field, value):
            yield Fault(field.name, _shown(value), what)
        elif field.kind is Kind.ROWS:
            yield from _rows(field, value)


def _rows(field: Field, rows: Sequence[Checked]) -> Iterator[Fault]:
    for number, row in enumerate(rows, 1):
        for fault in check(row, field.rows):
            yield fault._replace(field=f"{field.name} {number} {fault.field}")


def _hint(field: Field) -> str:
    return f"; {field.remedy}" if field.remedy else ""


def _wrong(field: Field, value: Any) -> str:
    """What is wrong with a value that is there."""
    match field.kind:
        case Kind.TEXT:
            return _wrong_text(field, value)
        case Kind.CHOICE:
            known = ", ".join(field.choices)
            return "" if value in field.choices else f"must be one of {known}"
        case Kind.NUMBER:
            return _wrong_number(field, value)
        case Kind.INTEGER:
            right = type(value) is int and 0 <= value < 10**field.length
            return "" if right else f"must be a whole number of at most {field.length} digits"
        case Kind.BOOLEAN:
            return "" if type(value) is bool else "must be true or false"
        case Kind.PAIRS:
            return _wrong_pairs(field, value)
        case Kind.ROWS:
            return "" if isinstance(value, list) and value else "must be one row or more"


def _wrong_text(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not value:
        return "must be text"
    if len(value) > field.length:
        return f"has {len(value)} characters, at most {field.length}"
    if field.pattern and not re.fullmatch(field.pattern, value, re.ASCII):
        return f"does not look like {field.pattern}"
    if field.valid and not field.valid(value):
        return f"is no {field.valid.__name__.upper()}: its check digits are wrong"
    return ""


def _wrong_number(field: Field, value: Any) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        return "must be a number"
    whole, _, part = format(abs(value), "f").partition(".")
    if len(whole.lstrip("0")) > field.length or len(part.rstrip("0")) > field.scale:
        return f"must have at most {field.length} digits and {field.scale} decimals"
    return ""


def _wrong_pairs(field: Field, value: Any) -> str:
    if not isinstance(value, dict):
        return "must be pairs of names and values"
    odd = [name for name in value if name not in field.choices]
    return f"{odd[0]} is none of {', '.join(field.choices)}" if odd else ""


def _shown(value: Any) -> str:
    text = to_json(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def to_json(value: Any) -> str:
    """JSON in which a decimal is a number with exactly its digits, never through a float."""
    import json

    match value:
        case Decimal():
            return short_text(value)
        case Mapping():
            inner = (f"{json.dumps(k)}:{to_json(v)}" for k, v in value.items() if v is not None)
            return "{" + ",".join(inner) + "}"
        case list() | tuple():
            return "[" + ",".join(map(to_json, value)) + "]"
        case _:
            return json.dumps(value)
