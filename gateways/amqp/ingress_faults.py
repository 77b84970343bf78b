"""What is wrong with a desk's request, in words that let the desk put it right.

Each fault names the field, what was given, what is allowed and what to do. What the desk wrote is
quoted short and in printable ASCII, so it can stand in any report, log line or terminal.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, get_args

from pydantic import ValidationError

from messages.base import Identifier, Instant, Message, Name
from messages.lists import ListOrder, OrderLink
from messages.orders import DeskRequest
from messages.refusals import Refusal

LONGEST = 64
"""Characters of what the desk wrote that are quoted back to it."""
MISSING = "missing"

# BusinessRejectReason(380), by FIX's symbolic names.
OTHER = "Other"
UNKNOWN_ID = "UnknownID"
UNSUPPORTED = "UnsupportedMessageType"
NOT_THERE = "ConditionallyRequiredFieldMissing"
NOT_AUTHORIZED = "NotAuthorized"

KINDS: dict[str, type[Message]] = {
    model.model_fields["MsgType"].default: model for model in get_args(get_args(DeskRequest)[0])
}
EXAMPLES = {
    "ClOrdID": "order-000002",
    "OrigClOrdID": "order-000001",
    "MassStatusReqID": "question-000001",
    "OrdStatusReqID": "question-000002",
    "ListID": "list-000001",
    "ClOrdLinkID": "exit",
    "Account": "acme",
    "Symbol": "AAPL",
    "ExDestination": "xnas",
    "OrderQty": "100",
    "Price": "231.25",
    "TransactTime": "2026-11-23T14:30:00.123456789Z",
}
PATTERNS = {
    get_args(Identifier)[1].pattern: "must be 1 to 64 printable ASCII characters without spaces",
    get_args(Name)[1].pattern: (
        "must be 1 to 32 letters, digits, _ . or -, of which the first is a letter or digit"
    ),
}

GROUPS: dict[str, type[Message]] = {"Orders": ListOrder, "Links": OrderLink}
"""Fields of requests that are lists of objects, and what those are."""
TIMES = ("TransactTime", "ExpireTime")
"""Fields of requests that are points in time."""

_ID_FIELDS = {
    "NewOrderList": ("ListID",),
    "ListCancelRequest": ("ListID",),
    "ListStatusRequest": ("ListID",),
    "OrderStatusRequest": ("OrdStatusReqID", "ClOrdID"),
    "OrderMassStatusRequest": ("MassStatusReqID", "ClOrdID"),
}


class Number(str):
    """A JSON number as its digits were written, however many there are; NaN and Infinity too."""


class Pairs(list[tuple[str, object]]):
    """A JSON object as its members were written, repeated ones included."""


class Fault(NamedTuple):
    """``reason`` is what FIX calls it in BusinessRejectReason(380)."""

    reason: str
    refusal: Refusal


def fault(
    rule: str, field: str, given: object, allowed: str, remedy: str, reason: str = OTHER
) -> Fault:
    """A fault with ``given`` as it can be quoted."""
    refusal = Refusal(Rule=rule, Field=field, Given=shown(given), Allowed=allowed, Remedy=remedy)
    return Fault(reason, refusal)


def shown(value: object) -> str:
    """A value from outside as at most ``LONGEST`` characters of printable ASCII."""
    match value:
        case str():
            text = value[: LONGEST + 1].encode("ascii", "backslashreplace").decode()
        case None | True | False:
            text = {None: "null", True: "true", False: "false"}[value]
        case _:
            text = f"({json_kind(value)})"
    if not text.isprintable():
        text = "".join([char if char.isprintable() else repr(char)[1:-1] for char in text])
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def json_kind(value: object) -> str:
    """What JSON calls it."""
    match value:
        case Number():
            return "number"
        case str():
            return "string"
        case Pairs():
            return "object"
        case list():
            return "list"
        case bool():
            return "boolean"
        case _:
            return "null"


def reference(fields: Mapping[str, object]) -> tuple[str | None, str | None]:
    """(RefMsgType, BusinessRejectRefID) of a request, as far as they can be read.

    A question is named by its own id where it has one: its ClOrdID may be that of an order.
    """
    kind = fields.get("MsgType")
    kind = kind if isinstance(kind, str) else ""
    for name in _ID_FIELDS.get(kind, ("ClOrdID", "MassStatusReqID")):
        value = fields.get(name)
        if isinstance(value, str) and value:
            return shown(kind) or None, shown(value)
    return shown(kind) or None, None


def groups(fields: Mapping[str, object]) -> Iterator[tuple[str, Pairs]]:
    """The objects in the lists of a request, each with its place in it: ``Orders[0]``."""
    for name, value in fields.items():
        if isinstance(value, list) and not isinstance(value, Pairs):
            for place, item in enumerate(value):
                if isinstance(item, Pairs):
                    yield f"{shown(name)}[{place}]", item


def within(place: str, wrong: Fault) -> Fault:
    """The fault as one of an object in a list of the request."""
    field = f"{place}.{wrong.refusal.Field}"
    return wrong._replace(refusal=wrong.refusal.model_copy(update={"Field": field}))


def repeated(pairs: Pairs) -> Fault | None:
    """A field stands in an object more than once, and no one can know which is meant."""
    if len(dict(pairs)) == len(pairs):
        for place, item in groups(dict(pairs)):
            if wrong := repeated(item):
                return within(place, wrong)
        return None
    count = Counter([name for name, _ in pairs])
    twice = next(name for name, times in count.items() if times > 1)
    values = " and ".join([shown(value) for name, value in pairs if name == twice])
    return fault(
        "field_once", shown(twice), values, "is given more than once", "send each field once"
    )


def number(fields: Mapping[str, object]) -> Fault | None:
    """A field that came as a JSON number, which no field of a request is."""
    for name, value in fields.items():
        if isinstance(value, Number):
            return _not_a_string(name, value)
    for place, item in groups(fields):
        if wrong := number(dict(item)):
            return within(place, wrong)
    return None


def time_range(
    fields: Mapping[str, object], last: Instant, times: Mapping[str, Instant | None]
) -> Fault:
    """A time that cannot be written down again."""
    name = next(name for name, at in times.items() if at is not None and not 0 <= at <= last)
    remedy = f"send a time that there will be, e.g. {EXAMPLES['TransactTime']}"
    return fault("time_range", name, fields[name], "is not within 1970 to 9999", remedy)


def explain(error: ValidationError, fields: Mapping[str, object], raw: str) -> Fault:
    """The fault to speak of first. An unknown field is: it may be the missing one, misspelt."""
    found = error.errors(include_url=False, include_input=False)
    first: Mapping[str, Any] = next((f for f in found if f["type"] == "extra_forbidden"), found[0])
    kind, *path = first["loc"] or ("",)
    if first["type"] == "json_invalid":
        said = f"is not JSON: {first['ctx']['error']}"
        return number(fields) or fault("json", "body", raw, said, "send valid JSON in UTF-8")
    if first["type"].startswith("union_tag"):
        return _unknown_kind(fields)
    return _at(KINDS[kind], path, first, fields)


def _at(
    model: type[Message], path: list[Any], error: Mapping[str, Any], fields: Mapping[str, object]
) -> Fault:
    """The fault where pydantic found it: in the request, or in an object of one of its lists."""
    if not path:
        return _inconsistent(model, str(error["ctx"]["error"]), fields)
    name, *deeper = path
    part = GROUPS.get(name)
    if part and deeper:
        item = fields[name][deeper[0]]  # type: ignore[index]  # where pydantic found a list
        if isinstance(item, Pairs):
            return within(f"{name}[{deeper[0]}]", _at(part, deeper[1:], error, dict(item)))
    return _wrong_field(model, str(name), error, fields)


def _unknown_kind(fields: Mapping[str, object]) -> Fault:
    allowed = f"must be one of {', '.join(KINDS)}"
    if "MsgType" not in fields:
        return fault("message_kind", "MsgType", MISSING, allowed, "add it", NOT_THERE)
    given = fields["MsgType"]
    remedy = _did_you_mean(given, KINDS) or "send one of these names"
    return fault("message_kind", "MsgType", given, allowed, remedy, UNSUPPORTED)


def _inconsistent(model: type[Message], said: str, fields: Mapping[str, object]) -> Fault:
    """Two fields do not go together; the first field in the model's own words is the one."""
    name = next(word for word in re.findall(r"\w+", said) if word in model.model_fields)
    allowed, _, remedy = said.partition("; ")
    if (given := fields.get(name)) is None:
        remedy = remedy or f"add it, e.g. {_example(model, name)}"
        return fault("consistent", name, MISSING, allowed, remedy, NOT_THERE)
    return fault("consistent", name, given, allowed, remedy or "leave it out")


def _wrong_field(
    model: type[Message], name: str, error: Mapping[str, Any], fields: Mapping[str, object]
) -> Fault:
    given, context, example = fields.get(name), error.get("ctx", {}), _example(model, name)
    match error["type"]:
        case "extra_forbidden":
            remedy = _did_you_mean(name, model.model_fields) or "leave it out"
            allowed = f"is no field of {model.__name__}"
            return fault("known_field", shown(name), given, allowed, remedy)
        case "missing":
            allowed, remedy = f"{model.__name__} needs it", f"add it, e.g. {example}"
            return fault("required_field", name, MISSING, allowed, remedy, NOT_THERE)
        case "enum":
            allowed = f"must be {context['expected']}"
            values = re.findall(r"'(\w+)'", allowed)
            remedy = _did_you_mean(given, values) or "send one of these names"
            return fault("known_value", name, given, allowed, remedy)
        case "greater_than":
            remedy = f"send a quantity above {context['gt']}; Side gives the direction"
            return fault("positive", name, given, f"must be above {context['gt']}", remedy)
        case "bool_type":
            remedy = "send true or false without quotes"
            return fault("boolean", name, given, "must be true or false", remedy)
        case "string_pattern_mismatch":
            allowed = PATTERNS.get(context["pattern"], f"must match {context['pattern']}")
            return fault("format", name, given, allowed, f"send e.g. {example}")
        case _ if name in GROUPS:
            allowed = f"must be a list of objects, not a JSON {json_kind(given)}"
            return fault("list", name, given, allowed, f"send e.g. {example}")
        case _ if not isinstance(given, str) or isinstance(given, Number):
            return _not_a_string(name, given)
        case _:  # decimal or time
            said = str(context.get("error", error["msg"]))
            if said.startswith("send "):
                return fault("format", name, given, "cannot be read", said)
            return fault("format", name, given, said, f"send e.g. {example}")


def _not_a_string(name: str, given: object) -> Fault:
    why = ", which loses digits on the way" if isinstance(given, Number) else ""
    allowed = f"must be a string, not a JSON {json_kind(given)}{why}"
    return fault("string", shown(name), given, allowed, f"send a string, e.g. {_quoted(name)}")


def _example(model: type[Message], name: str) -> str:
    field = model.model_fields.get(name)
    if field and isinstance(field.annotation, type) and issubclass(field.annotation, StrEnum):
        return _quoted(name, next(iter(field.annotation)))
    return _quoted(name)


def _quoted(name: str, value: str = "") -> str:
    if name in GROUPS:
        return f'"{name}":[{{...}}]'
    return f'"{shown(name)}":"{value or EXAMPLES.get(name, "...")}"'


def _did_you_mean(given: object, names: Iterable[str]) -> str:
    """A question that names the close ones, whatever their capitals; empty if there are none."""
    if not isinstance(given, str):
        return ""
    folded = {name.lower(): name for name in names}
    close = difflib.get_close_matches(given[:LONGEST].lower(), folded, n=2, cutoff=0.5)
    return f"did you mean {' or '.join([folded[name] for name in close])}?" if close else ""
