"""Every numbered invariant of docs/ARCHITECTURE.md is named by a test, and no test by mistake."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, Module, modules, none

PAGE = ROOT / "docs" / "ARCHITECTURE.md"
CITED = re.compile(r"\bI\d+\b")
STATED = re.compile(r"\*\*(I\d+)\b")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def prose(module: Module) -> Iterator[str]:
    """The module's docstrings and comments."""
    for node in ast.walk(module.tree):
        if isinstance(node, DOCUMENTED):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def cited() -> dict[str, list[str]]:
    """Invariant -> the test files whose prose names it."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules("tests"):
        for number in sorted({n for text in prose(module) for n in CITED.findall(text)}):
            found[number].append(module.path)
    return found


@pytest.fixture
def stated() -> set[str]:
    if not PAGE.exists():
        pytest.skip("docs/ARCHITECTURE.md is not written yet")
    return set(STATED.findall(PAGE.read_text()))


def test_every_invariant_is_cited_by_a_test(stated: set[str]) -> None:
    assert stated, "docs/ARCHITECTURE.md states no invariant: write them as **I1**, **I2**, ..."
    none(f"{number} is cited by no test" for number in sorted(stated - cited().keys()))


def test_no_test_cites_an_unknown_invariant(stated: set[str]) -> None:
    unknown = {number: where for number, where in cited().items() if number not in stated}
    none(f"{number} is cited in {', '.join(where)}" for number, where in unknown.items())


def test_only_prose_cites() -> None:
    text = '"""Proves I{0}1."""\nI{0}2 = "I{0}3"  # and I{0}4\n'.format("")
    assert CITED.findall(" ".join(prose(Module.parse("tests/test_x.py", text)))) == ["I1", "I4"]
