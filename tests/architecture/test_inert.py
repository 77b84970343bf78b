"""Nothing that comes from outside is ever run: no pickle, no eval, no YAML that makes objects."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGES, Module, modules, none

REVIVES = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "jsonpickle", "joblib"}
RUNS = {"eval", "exec", "compile", "__import__"}


def dangerous(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        where = f"{module.path}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.Import(names=names):
                yield from (f"{where}: {n.name}" for n in names if n.name.split(".")[0] in REVIVES)
            case ast.ImportFrom(module=str(name)) if name.split(".")[0] in REVIVES:
                yield f"{where}: {name}"
            case ast.Call(func=ast.Name(id=name)) if name in RUNS:
                yield f"{where}: {name}()"
            case ast.Call(func=ast.Attribute(attr="load", value=ast.Name("yaml")), keywords=[]):
                yield f"{where}: yaml.load without a safe loader"


def test_no_module_revives_or_runs_what_it_is_given() -> None:
    none(line for module in modules(*PACKAGES) for line in dangerous(module))


@pytest.mark.parametrize(
    "line",
    ["import pickle", "from cloudpickle import loads", "eval(x)", "yaml.load(x)", "import dill.x"],
)
def test_such_a_line_is_seen(line: str) -> None:
    assert len(list(dangerous(Module.parse("x.py", line)))) == 1
