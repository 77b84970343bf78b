"""Actors and messages are a pure core: same journal in, same decisions out, on any machine.

So they may import only what is listed here, and use nothing that a clock, a hash seed or a binary
fraction could make differ. What import-linter cannot see, this finds in the syntax tree.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import CORE, Module, imports, modules, none, top

PURE = {
    *("messages", "actors", "pydantic", "__future__", "abc", "base64", "bisect", "collections"),
    *("copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib"),
    *("heapq", "itertools", "json", "keyword", "operator", "re", "string", "struct", "types"),
    *("typing", "typing_extensions", "zlib"),
}
IMPURE_CALLS = {
    "float": "is a binary fraction: use Decimal",
    "hash": "differs from process to process",
    "id": "is a memory address",
    "print": "is output: yield an event",
    **dict.fromkeys(("open", "input", "eval", "exec", "__import__"), "reaches outside"),
}
CLOCKS = {"now", "utcnow", "today"}
ORDER_FREE = {"sorted", "set", "frozenset", "sum", "min", "max", "any", "all", "len"}
SETS = {"set", "frozenset", "Set", "AbstractSet", "MutableSet"}


def impurities(module: Module) -> list[str]:
    """Everything in this module that could make a replay differ, as `path:line: what`."""
    foreign = (
        (line, f"imports {name}, which is not in PURE")
        for line, name in imports(module)
        if top(name) not in PURE
    )
    found = [*foreign, *impure_calls(module.tree), *floats(module.tree), *set_orders(module.tree)]
    return [f"{module.path}:{line}: {what}" for line, what in sorted(found)]


def impure_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield node.lineno, f"{name}() {IMPURE_CALLS[name]}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                yield node.lineno, f".{name}() is a clock: take the instant you are given"


def floats(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() as value):
                yield node.lineno, f"{value} is a float: write an int or Decimal"
            case ast.AnnAssign(annotation=kind) | ast.arg(annotation=ast.expr() as kind):
                if any(
                    isinstance(part, ast.Name) and part.id == "float" for part in ast.walk(kind)
                ):
                    yield node.lineno, "is annotated float: use Decimal"


def set_orders(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Loops over a set, whose order hangs on the hash seed; sorted(...) makes them repeatable."""
    names = set(set_names(tree))
    order_free = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in ORDER_FREE
        for argument in node.args
    }
    for node in ast.walk(tree):
        loops: list[ast.expr] = []
        if isinstance(node, ast.For):
            loops = [node.iter]
        elif isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp):
            loops = [] if id(node) in order_free else [part.iter for part in node.generators]
        elif isinstance(node, ast.Call) and called(node) in {"list", "tuple", "iter", "enumerate"}:
            loops = node.args[:1]
        for loop in loops:
            if is_set(loop, names):
                yield loop.lineno, f"loops over a set, in no fixed order: {ast.unparse(loop)}"


def called(node: ast.expr) -> str:
    """The plain name that is called, or nothing."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def named(node: ast.expr | None) -> str:
    """`x` of x, self.x and x[...]."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(value=ast.Name(id=name)):
            return name
        case _:
            return ""


def is_set(node: ast.expr, names: set[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.BinOp(left=left, right=right, op=ast.BitOr() | ast.BitAnd() | ast.Sub()):
            return is_set(left, names) or is_set(right, names)
        case ast.Name() | ast.Attribute():
            return named(node) in names
        case _:
            return called(node) in {"set", "frozenset"}


def set_names(tree: ast.Module) -> Iterator[str]:
    """Names that this file declares as a set or fills with one."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=target, annotation=kind) if named(kind) in SETS:
                yield named(target)
            case ast.arg(arg=name, annotation=kind) if named(kind) in SETS:
                yield name
            case ast.Assign(targets=[target], value=value) if is_set(value, set()):
                yield named(target)


def test_the_core_is_pure() -> None:
    none(line for module in modules(*CORE) for line in impurities(module))


@pytest.mark.parametrize(
    "planted",
    [
        "import time",
        "from ray import remote",
        "def f():\n    import random",
        "import os.path",
        "at = datetime.now(UTC)",
        "at = date.today()",
        "rate = 0.5",
        "price = float(text)",
        "price: float | None",
        "def f(price: float): ...",
        "key = hash(order)",
        "key = id(order)",
        "print(order)",
        "open('journal')",
        "for desk in {'a', 'b'}: ...",
        "desks = [d for d in set(names)]",
        "desks: set[str] = field()\nfor desk in self.desks: ...",
        "def f(desks: frozenset[str]):\n    return tuple(desks)",
        "fresh = {1}\nfor x in fresh - seen: ...",
    ],
)
def test_an_impurity_is_seen(planted: str) -> None:
    assert len(impurities(Module.parse("actors/planted.py", planted))) == 1


@pytest.mark.parametrize(
    "pure",
    [
        "from decimal import Decimal",
        "if isinstance(value, float): raise ValueError",
        "for desk in sorted({'a', 'b'}): ...",
        "desks: set[str]\nshort = any(d < 'b' for d in desks)",
        "for key in orders: ...",
    ],
)
def test_a_pure_line_is_left_alone(pure: str) -> None:
    assert impurities(Module.parse("actors/pure.py", pure)) == []
