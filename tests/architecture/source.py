"""What the architecture tests read: the files of the project, and the syntax trees of its Python.

Read once, from what git would commit: neither the virtual environment nor local journals.
"""

import ast
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ("actors", "messages")
PACKAGES = ("actors", "gateways", "infra", "messages")
CACHES = {f".{tool}_cache" for tool in ("mypy", "ruff", "pytest", "import_linter")}
NOT_OURS = {".git", ".venv", ".hypothesis", "__pycache__", "build", "dist", "var", *CACHES}


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the project's root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Module":
        return cls(path, text, ast.parse(text, path))


@cache
def files() -> tuple[Path, ...]:
    """Every file that git tracks or would add; outside a clone, every file outside NOT_OURS."""
    if (ROOT / ".git").exists() and (git := shutil.which("git")):
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found = {ROOT / name for name in listed.stdout.split("\0") if name}
    else:
        found = {p for p in ROOT.rglob("*") if not NOT_OURS & set(p.relative_to(ROOT).parts)}
    return tuple(sorted(path for path in found if path.is_file()))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files under these top-level folders."""
    python = (path.relative_to(ROOT) for path in files() if path.suffix == ".py")
    return tuple(
        Module.parse(path.as_posix(), (ROOT / path).read_text())
        for path in python
        if path.parts[0] in folders
    )


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, wherever it stands; `from a import b` is `a.b`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.path.split("/")[:-1]
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def top(dotted: str) -> str:
    """The package that a dotted name begins with."""
    return dotted.partition(".")[0]


def none(offenders: Iterable[str]) -> None:
    """Passes if there are none, else fails with all of them, one a line."""
    found = list(offenders)
    assert not found, "\n".join([f"{len(found)} found:", *found])
