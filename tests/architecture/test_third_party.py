"""docs/THIRD_PARTY.md says what is locked and installed: nothing older, nothing invented."""

import re
import subprocess
import sys

from tests.architecture.source import ROOT, none

ROW = re.compile(r"^\| ([\w.\-]+) \| (\d[\w.]*) \| (.+) \|$", re.MULTILINE)
LOCKED = re.compile(r"^([\w.\-]+)==(\S+)( ;)?", re.MULTILINE)


def test_the_page_lists_what_the_installed_packages_say() -> None:
    script = [sys.executable, "docs/third_party.py"]
    printed = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    page = set(ROW.findall((ROOT / "docs" / "THIRD_PARTY.md").read_text()))
    everywhere = {name for name, _, marker in LOCKED.findall(lock()) if not marker}
    fresh = {row for row in ROW.findall(printed) if row[0] in everywhere}
    assert len(fresh) > 20
    none(f"{' '.join(row)} is missing: run `make docs`" for row in sorted(fresh - page))


def test_the_page_lists_locked_versions_only() -> None:
    page = ROW.findall((ROOT / "docs" / "THIRD_PARTY.md").read_text())
    locked = {(name, version) for name, version, _ in LOCKED.findall(lock())}
    none(
        f"{row[0]} {row[1]} is not locked: run `make docs`" for row in page if row[:2] not in locked
    )
    assert all(licence.strip() for _, _, licence in page)


def lock() -> str:
    return (ROOT / "requirements.lock").read_text()
