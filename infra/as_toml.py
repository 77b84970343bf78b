"""Reference data written as the file that ``infra.reference.load`` reads."""

import json
from typing import Any

from infra.reference import Reference


def toml(reference: Reference) -> str:
    """``reference`` as TOML: one line for each desk, venue, instrument and account."""
    tables = reference.model_dump(mode="json", exclude_none=True)
    return "".join(f"{name} = {_table(rows)}\n" for name, rows in tables.items())


def _table(rows: Any) -> str:
    if isinstance(rows, dict):
        return _value(rows)
    return f"[\n{''.join(f'    {_value(row)},{chr(10)}' for row in rows)}]"


def _value(value: Any) -> str:
    match value:
        case dict():
            pairs = (f"{json.dumps(key)} = {_value(one)}" for key, one in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return json.dumps(value)  # TOML writes strings, integers and booleans as JSON does
