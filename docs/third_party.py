"""Prints docs/THIRD_PARTY.md: what the product is built on, in the words of its packages.

Nothing is written by hand: the packages are what pyproject.toml requires, what those require, and
so on; versions and licences are those of the installed packages. `make docs` writes the page.
"""

import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
PREFACE = """\
# Third-party software

Every package that the product needs to run, at its locked version, with the licence that it states.
`make docs` writes this page from the installed packages. Where QuickFIX has no prebuilt package
(`quickfix-py`), the same engine is built from source (`quickfix`) under the same licence. Two of
them bundle more: `quickfix-py` carries OpenSSL 1.1.1 (OpenSSL and SSLeay licences), and `ray`
carries the packages of its agents with their licence texts beside them.

| package | version | licence |
|---|---|---|"""


def runtime() -> dict[str, Distribution]:
    """Name -> package, for all that the project's own dependencies lead to on this platform."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(line), "") for line in _project_dependencies()]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name in found and not requirement.extras:
            continue
        found[name] = distribution(name)
        needs = [Requirement(line) for line in found[name].requires or []]
        waiting += [(need, extra) for need in needs for extra in ("", *requirement.extras)]
    return dict(sorted(found.items()))


def licence(package: Distribution) -> str:
    """The SPDX expression; or the first line of the free text; or the classifiers."""
    said = package.metadata.json
    stated = said.get("license_expression") or str(said.get("license", "")).partition("\n")[0]
    classifiers = [line for line in said.get("classifier", []) if "OSI Approved" in line]
    return str(stated) or ", ".join(line.rpartition(" :: ")[2] for line in classifiers)


def _project_dependencies() -> list[str]:
    lines: list[str] = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    return lines


if __name__ == "__main__":
    print(PREFACE)
    for name, package in runtime().items():
        print(f"| {name} | {package.version} | {licence(package)} |")
