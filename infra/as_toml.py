"""Data written as TOML: reference data and rule books, in the form that people would write."""

import json
from collections.abc import Callable
from typing import Any

from infra.reference import Reference


def toml(reference: Reference) -> str:
    """What ``infra.reference.load`` reads back."""
    return document(reference.model_dump(mode="json", exclude_none=True))


Remark = Callable[[tuple[str, ...], str], str]
"""What is said behind the value of that key in that table, if anything."""


def document(said: dict[str, Any], remark: Remark = lambda path, key: "") -> str:
    """``said`` as tables, and lists of tables; what is within those is written in one line."""
    return "\n".join(_table((), said, remark)).strip() + "\n"


def _table(path: tuple[str, ...], said: dict[str, Any], remark: Remark) -> list[str]:
    plain = {k: v for k, v in said.items() if not isinstance(v, dict) and not _rows(v)}
    lines = ["", f"[{_name(path)}]"] if path and (plain or not said) else []
    for key, value in plain.items():
        behind = remark(path, key)
        lines.append(f"{_key(key)} = {_value(value)}" + (f"  # {behind}" if behind else ""))
    for key, value in said.items():
        if isinstance(value, dict):
            lines += _table((*path, key), value, remark)
        elif _rows(value):
            for row in value:
                lines += ["", f"[[{_name((*path, key))}]]"]
                lines += [f"{_key(k)} = {_value(v)}" for k, v in row.items()]
    return lines


def _rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _name(path: tuple[str, ...]) -> str:
    return ".".join(map(_key, path))


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isalnum() and bare.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    match value:
        case dict():
            pairs = (f"{_key(key)} = {_value(one)}" for key, one in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            # TOML writes strings, integers and booleans as JSON does
            return json.dumps(value, ensure_ascii=False)
