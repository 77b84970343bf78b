"""Who may import whom: infra over gateways and actors over messages; an engine has one home."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, Module, imports, modules, none, top

HOMES = {
    "ray": ("infra/rayhost.py",),
    "aio_pika": ("gateways/amqp/",),
    "aiormq": ("gateways/amqp/",),
    "quickfix": ("gateways/fix/", "gateways/paper/"),
}


def strays(module: Module) -> list[str]:
    """Imports of an engine outside its home."""
    return [
        f"{module.path}:{line} imports {name}, which belongs in {HOMES[top(name)]}"
        for line, name in imports(module)
        if top(name) in HOMES and not module.path.startswith(HOMES[top(name)])
    ]


def test_the_layers_hold() -> None:
    lint = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_each_engine_stays_in_its_home() -> None:
    none(stray for module in modules(*PACKAGES) for stray in strays(module))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("infra/host.py", "import ray.actor"),
        ("infra/cli.py", "def up():\n    import ray"),
        ("gateways/fix/session.py", "from aio_pika import connect"),
        ("actors/venue.py", "from quickfix import Session"),
    ],
)
def test_an_engine_away_from_home_is_seen(path: str, text: str) -> None:
    assert len(strays(Module.parse(path, text))) == 1


def test_an_engine_at_home_is_allowed() -> None:
    assert strays(Module.parse("infra/rayhost.py", "import ray")) == []
