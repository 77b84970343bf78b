"""Scenario files (YAML): FIX's order state change matrices as rows, and the ways to play them.

Every scalar is read as the text it is, so no number passes through a binary fraction and no code
such as ``NO`` turns into a truth value. Fields of a row that begin with a capital are FIX fields;
the others say how the row is played, or are words for people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.conformance.words import MSG_NAMES, Names, code

MAIN = "main"

DIRECTIONS = ("in", "out", "event")
NOTHING = ("", "null", "~")
"""How YAML writes that there is no value."""

_NEXT_DAY = re.compile(r"d(\d+)\b")


class ScenariosRefused(Exception):
    """A file cannot be played; the message names the file, the place and what is wrong."""


@dataclass(frozen=True)
class Row:
    """One step. ``number`` counts from 1; of ``fields``, enumerations are FIX's codes."""

    number: int
    t: str
    direction: str
    msg: str
    fields: dict[str, str]
    words: dict[str, str]
    alternative: bool = False
    crosses: bool = False
    conflict: bool = False
    optional: bool = False

    @property
    def day(self) -> int:
        """The trading day, from 1: ``d2.1`` is on the second."""
        found = _NEXT_DAY.match(self.t)
        return int(found.group(1)) if found else 1

    def place(self) -> str:
        """The row for people: ``row 3 (t 2, out ExecutionReport)``."""
        what = self.words.get("event", self.msg)
        return f"row {self.number} (t {self.t}, {self.direction} {what})"


@dataclass(frozen=True)
class Variant:
    """One way through a scenario: the main path, or a rejecting path and the rows before it."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Scenario:
    """One scenario. ``names`` has the file's own names of FIX codes, by field."""

    id: str
    title: str
    file: str
    rows: tuple[Row, ...]
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def variants(self) -> Iterator[Variant]:
        """The main path, its other legal courses, and every alternative in the file's order.

        What crosses reaches us in either order, and what is optional may be left out.
        """
        main = [row for row in self.rows if not row.alternative]
        yield Variant(MAIN, _in_order(main, "out"))
        if any(row.crosses for row in main):
            yield Variant("the request overtakes", _in_order(main, "in"))
        for left in _left_out(main):
            names = ", ".join(str(row.number) for row in left)
            said = [row for row in main if row not in left]
            yield Variant(f"without row {names}", _in_order(said, "out"))
        for row in self.rows:
            if row.alternative:
                before = [r for r in main if r.number < row.number]
                yield Variant(f"row {row.number}", (*_in_order(before, "out"), row))


def _in_order(rows: list[Row], first: str) -> tuple[Row, ...]:
    """What crosses on the wire at the same t, in the order in which it reaches us."""
    played: list[Row] = []
    for row in rows:
        at = len(played)
        while row.crosses and row.direction == first and at and _may_pass(row, played[at - 1]):
            at -= 1
        played.insert(at, row)
    return tuple(played)


def _may_pass(row: Row, other: Row) -> bool:
    return other.crosses and other.t == row.t and other.direction != row.direction


def _left_out(rows: list[Row]) -> list[list[Row]]:
    """What the venue may leave unsaid: each optional row alone, and all of them.

    Only what repeats what is known: a row that moves a quantity, or that a later one names, stays.
    """
    before: dict[str, str] = {}
    named = {row.fields.get("ExecRefID") for row in rows}
    found = []
    for row in rows:
        told = {k: v for k, v in row.fields.items() if k in ("OrderQty", "CumQty")}
        if row.optional and told == before and row.fields.get("ExecID", "") not in named:
            found.append(row)
        if row.direction == "out":
            before |= told
    alone = [[row] for row in found]
    return [*alone, found] if len(found) > 1 else alone


def load(path: Path) -> list[Scenario]:
    """Every scenario of a file, in its order.

    Raises:
        ScenariosRefused: no such file, not YAML, or not this format.
    """
    import yaml  # type: ignore[import-untyped]  # only here: no other command needs it

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        content = yaml.load(path.read_text(), Loader=loader)  # noqa: S506  # builds text alone
    except OSError as error:
        raise ScenariosRefused(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())
        raise ScenariosRefused(f"{path}: not YAML: {words}") from error
    listed = content.get("scenarios") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ScenariosRefused(f"{path}: it has no list 'scenarios'")
    names = _names(content.get("meta"))
    return [_scenario(path, number, item, names) for number, item in enumerate(listed, 1)]


def _names(meta: object) -> dict[str, dict[str, str]]:
    codes = meta.get("codes") if isinstance(meta, dict) else None
    if not isinstance(codes, dict):
        return {}
    return {str(name): dict(table) for name, table in codes.items() if isinstance(table, dict)}


def _scenario(path: Path, number: int, item: object, names: dict[str, dict[str, str]]) -> Scenario:
    if not isinstance(item, dict) or not item.get("id"):
        raise ScenariosRefused(f"{path}: scenario {number} has no id")
    steps = item.get("steps")
    if not isinstance(steps, list) or not steps:
        raise ScenariosRefused(f"{path}: scenario {item['id']} has no steps")
    where = f"{path}: scenario {item['id']}"
    return Scenario(
        id=str(item["id"]),
        title=str(item.get("title", "")),
        file=str(path),
        rows=tuple(_row(where, n, step, names) for n, step in enumerate(steps, 1)),
        names=names,
    )


def _row(where: str, number: int, step: object, names: Names) -> Row:
    if not isinstance(step, dict) or step.get("dir") not in DIRECTIONS:
        raise ScenariosRefused(f"{where}, step {number}: dir must be one of {DIRECTIONS}")
    given = {str(k): _text(v) for k, v in step.items()}
    fields = {
        k: code(k, v, names) for k, v in given.items() if k[:1].isupper() and v not in NOTHING
    }
    words = {k: v for k, v in given.items() if not k[:1].isupper() and k != "dir"}
    msg = words.pop("msg", "") or fields.get("MsgType", "")
    fields.pop("MsgType", None)
    if not msg and given["dir"] != "event":
        raise ScenariosRefused(f"{where}, step {number}: it has neither msg nor MsgType")
    return Row(
        number=number,
        t=words.get("t", ""),
        direction=given["dir"],
        msg=MSG_NAMES.get(msg, msg),
        fields=fields,
        words=words,
        alternative=words.get("branch") == "alternative",
        crosses=words.get("crosses") == "true",
        conflict="rule_conflict" in words,
        optional=words.get("optional") == "true",
    )


def _text(value: object) -> str:
    """A list of values is FIX's own: separated by spaces."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value).strip()
