"""docs/LIFECYCLE.md is drawn from the table that runs."""

import subprocess
import sys

from actors.lifecycle import TABLE
from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "LIFECYCLE.md"


def test_the_page_is_what_the_table_draws() -> None:
    drawn = subprocess.run(
        [sys.executable, "-m", "docs.lifecycle"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert PAGE.read_text() == drawn, "run `make docs`"


def test_every_row_of_the_table_is_an_arrow_of_the_picture() -> None:
    picture = PAGE.read_text().partition("```mermaid")[2].partition("```")[0]
    for status, row in TABLE.items():
        told = "".join(
            line for line in picture.splitlines() if line.startswith(f"    {status} -->")
        )
        assert all(happened in told for happened in row), status
