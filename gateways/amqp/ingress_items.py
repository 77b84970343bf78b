"""The items of a delivery: one JSON object or a list of them, each with the text it came in.

The text of an item is what is validated, as if it had come alone; the parsed value, with every
digit and every repeated field, is for finding words for what is wrong with it.
"""

import json
import re

from gateways.amqp.ingress_faults import Fault, Number, Pairs, fault
from gateways.amqp.topology import MAX_MESSAGE_BYTES

MAX_ITEMS = 500
"""Requests in one delivery."""

ONE_OR_LIST = f"send one JSON object, or a list of 1 to {MAX_ITEMS} of them"

_SPACE = re.compile(r"[ \t\n\r]*")
_JSON = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=Number
)


def split(body: bytes) -> list[tuple[str, object]] | Fault:
    """The items of a body as (JSON text, parsed value), or why it has none that can be read."""
    if len(body) > MAX_MESSAGE_BYTES:
        remedy = "send fewer requests in one message"
        limit = f"at most {MAX_MESSAGE_BYTES} bytes (64 KiB) are taken"
        return fault("message_size", "body", f"{len(body)} bytes", limit, remedy)
    try:
        text = body.decode()
        items = _split_text(text)
    except UnicodeDecodeError as error:
        given = f"byte {body[error.start]:#04x} at {error.start}"
        return fault("json", "body", given, "is not UTF-8", "send JSON in UTF-8")
    except json.JSONDecodeError as error:
        said = f"is not JSON: {error.msg} at character {error.pos}"
        return fault("json", "body", text[error.pos :] or "end", said, ONE_OR_LIST)
    except RecursionError:
        return fault("json", "body", text, "is nested too deep", ONE_OR_LIST)
    if not 1 <= len(items) <= MAX_ITEMS:
        given = "an empty list" if not items else f"a list of more than {MAX_ITEMS}"
        return fault("list_size", "body", given, f"1 to {MAX_ITEMS} requests go in one message",
                     ONE_OR_LIST)  # fmt: skip
    return items


def _split_text(text: str) -> list[tuple[str, object]]:
    at = _skip(text, 0)
    if not text.startswith("[", at):
        value, end = _JSON.raw_decode(text, at)
        _expect("", text, end)
        return [(text[at:end], value)]
    items: list[tuple[str, object]] = []
    at = _skip(text, at + 1)
    if text.startswith("]", at):
        _expect("", text, at + 1)
        return items
    while len(items) <= MAX_ITEMS:  # one too many is enough to know
        value, end = _JSON.raw_decode(text, at)
        items.append((text[at:end], value))
        at = _skip(text, end)
        if text.startswith("]", at):
            _expect("", text, at + 1)
            break
        at = _expect(",", text, at)
    return items


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None, "it matches nothing, too"
    return found.end()


def _expect(mark: str, text: str, at: int) -> int:
    """Where what follows ``mark`` begins; an empty mark is the end of the text."""
    at = _skip(text, at)
    if mark and text.startswith(mark, at):
        return _skip(text, at + len(mark))
    if mark or at != len(text):
        raise json.JSONDecodeError(f"expected {mark or 'the end'}", text, at)
    return at
