"""Small enough to read: files, functions and names. Line length is ruff's business."""

import ast

import pytest

from tests.architecture.source import PACKAGES, Module, modules, none

FILE_LINES = 400
FUNCTION_LINES = 70
VAGUE_CLASS_WORDS = ("Manager", "Helper", "Utils", "Util", "Service", "Handler")
VAGUE_MODULES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}


def too_long(module: Module) -> list[str]:
    """The file, and the functions in it, that are longer than a reader should have to hold."""
    lines = len(module.text.splitlines())
    found = [f"{module.path}: {lines} lines, at most {FILE_LINES}"] if lines > FILE_LINES else []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                where = f"{module.path}:{node.lineno} {node.name}"
                found.append(f"{where}: {length} lines, at most {FUNCTION_LINES}")
    return found


def vague_names(module: Module) -> list[str]:
    """Names that say nothing, unless a class must bear one because its base class does."""
    found = []
    for part in module.path.removesuffix(".py").split("/"):
        if part in VAGUE_MODULES:
            found.append(f"{module.path}: the module name {part!r} says nothing")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            inherited = " ".join(ast.unparse(base) for base in node.bases)
            for word in VAGUE_CLASS_WORDS:
                if word in node.name and word not in inherited:
                    found.append(f"{module.path}:{node.lineno} class {node.name}: {word} is vague")
                    break
    return found


def test_files_and_functions_are_short() -> None:
    none(line for m in modules(*PACKAGES, "tests", "docs") for line in too_long(m))


def test_names_say_what_a_thing_is() -> None:
    none(line for m in modules(*PACKAGES, "tests", "docs") for line in vague_names(m))


def test_a_long_file_and_a_long_function_are_seen() -> None:
    assert len(too_long(Module.parse("infra/long.py", "x = 1\n" * (FILE_LINES + 1)))) == 1
    body = "    x = 1\n"
    assert too_long(Module.parse("infra/f.py", "def f():\n" + body * (FUNCTION_LINES - 1))) == []
    assert len(too_long(Module.parse("infra/f.py", "def f():\n" + body * FUNCTION_LINES))) == 1


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("infra/utils.py", "", 1),
        ("infra/common/clock.py", "", 1),
        ("infra/orders.py", "class OrderManager: ...", 1),
        (
            "infra/log.py",
            "class Tail(logging.Handler): ...\nclass TailHandler(logging.Handler): ...",
            0,
        ),
    ],
)
def test_a_vague_name_is_seen(path: str, text: str, count: int) -> None:
    assert len(vague_names(Module.parse(path, text))) == count
