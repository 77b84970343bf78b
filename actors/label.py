"""The label of a message: who asks for what under which name, read without its model.

A message that was parked must not be taken up by what failed on it, yet whoever sent it waits for
an answer. So its JSON is read by another parser, a few texts are looked at, and nothing raises,
whatever the bytes are.
"""

import json
from typing import Any


def fields_of(body: bytes) -> dict[str, Any]:
    """The message as a JSON object; empty where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def text(fields: dict[str, Any], name: str) -> str:
    """One of its fields, where that is text; else ""."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""
