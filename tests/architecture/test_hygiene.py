"""A stranger's clone works: no trace of one machine, no dead link, no error swallowed."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import CORE, PACKAGES, ROOT, Module, files, modules, none

# Pieced together, so that this file does not hold what it looks for.
MACHINE_PATHS = [
    r"(?<![\w.\-/])/" + r"work/",
    "bash" + "_jobs",
    r"(?<![\w.\-/])/" + r"root/",
    r"(?<![\w.\-/])/home/" + r"(?!ray\b)\w",  # /home/ray is the home in Ray's container images
    r"/" + r"Users/\w",
]
REGISTRIES = [
    "pypi" + r"\.org",
    "python" + "hosted",
    "registry" + r"\.(npm|yarn)",
    "deb" + r"(ian)?\.(deb)?ian\.org",
    "deb" + r"\.debian",
    r"https?://\S+/(simple|" + "packages)/",
    "--(extra-)?index" + "-url[ =]",
]
LEAKS = re.compile("|".join(MACHINE_PATHS + REGISTRIES))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
HEAVY = {
    *("numpy", "pandas", "scipy", "pyarrow", "polars", "requests", "rich", "click", "asyncio"),
    *("ray", "aio_pika", "aiormq", "quickfix", "opentelemetry", "prometheus_client", "sqlite3"),
}


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a binary file


def markdown() -> Iterator[tuple[Path, str]]:
    return ((path, text) for path, text in texts() if path.suffix == ".md")


def swallowed(module: Module) -> list[str]:
    """Handlers that catch anything, by having no type, or by doing nothing about Exception."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = ast.unparse(node.type) if node.type else ""
            everything = re.search(r"\b(Base)?Exception\b", kinds)
            silent = all(
                isinstance(line, ast.Pass | ast.Continue)
                or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
                for line in node.body
            )
            if not kinds or (everything and silent):
                found.append(f"{module.path}:{node.lineno}: except {kinds or '<anything>'}")
    return found


def test_no_path_of_one_machine_and_no_registry_is_named() -> None:
    none(
        f"{path}:{number}: {match.group()}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := LEAKS.search(line))
    )


@pytest.mark.parametrize(
    "leak",
    [
        "cd /" + "work/main",
        "HOME=/" + "root/oms",
        "/home/" + "ada/oms",
        "https://pypi" + ".org/simple",
        "--index" + "-url https://example.net/simple",
    ],
)
def test_a_leak_is_seen(leak: str) -> None:
    assert LEAKS.search(leak)


@pytest.mark.parametrize("fine", ["/home/" + "ray/oms", "docs/" + "work/index.md", "/var/lib/oms"])
def test_an_ordinary_path_is_no_leak(fine: str) -> None:
    assert not LEAKS.search(fine)


def test_every_locked_package_has_a_version_and_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    entries = lock.replace("\\\n", " ").splitlines()
    assert len(entries) > 30
    none(e[:60] for e in entries if not re.match(r"[\w.\-]+==\S+ .*--hash=sha256:", e))
    assert "://" not in lock


def test_every_relative_link_leads_to_a_file() -> None:
    none(
        f"{path}: {target}"
        for path, text in markdown()
        for target in LINK.findall(FENCE.sub("", text))
        if not re.match(r"[a-z]+:|#", target)
        and not (ROOT / path.parent / target.partition("#")[0]).exists()
    )


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    none(
        f"{path}: make {target}"
        for path, text in markdown()
        for target in re.findall(r"\bmake ([a-z][a-z-]*)", " ".join(CODE.findall(text)))
        if target not in targets
    )


def test_no_error_is_swallowed() -> None:
    none(line for m in modules(*PACKAGES, "tests", "docs") for line in swallowed(m))


@pytest.mark.parametrize("clause", ["except:", "except Exception:", "except (OSError, Exception):"])
def test_a_swallowed_error_is_seen(clause: str) -> None:
    assert len(swallowed(Module.parse("x.py", f"try:\n    f()\n{clause}\n    pass"))) == 1


def test_the_core_loads_nothing_heavy() -> None:
    names = [
        m.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for m in modules(*CORE)
    ]
    load = f"import sys, {', '.join(names)}; print(*sys.modules)"
    python = subprocess.run([sys.executable, "-c", load], cwd=ROOT, capture_output=True, text=True)
    assert python.returncode == 0, python.stderr
    loaded = set(python.stdout.split())
    assert set(names) <= loaded
    none(sorted(HEAVY & loaded))


def test_the_glossary_is_in_order() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", (ROOT / "docs/GLOSSARY.md").read_text(), re.MULTILINE)
    words = [word.lower() for word in rows if word != "word"]
    assert words == sorted(words)
