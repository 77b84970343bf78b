"""What came of playing scenarios: the first row of each variant that went differently, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.conformance.scenarios import Row, Scenario


@dataclass(frozen=True)
class Difference:
    """One field of one row, as text; a code comes with its name."""

    field: str
    expected: str
    got: str

    def line(self) -> str:
        """For people."""
        return f"{self.field}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Failure:
    """The first row that went differently. ``note``: what happened instead of a report."""

    row: Row | None
    differences: tuple[Difference, ...] = ()
    note: str = ""

    def line(self) -> str:
        """For people, in one line."""
        place = self.row.place() if self.row else "at the end"
        return f"{place}: {'; '.join([self.note] if self.note else []) or self._fields()}"

    def _fields(self) -> str:
        return "; ".join(difference.line() for difference in self.differences)

    def json(self) -> dict[str, Any]:
        """For programs."""
        place = {"row": self.row.number, "t": self.row.t, "dir": self.row.direction,
                 "msg": self.row.msg} if self.row else {"row": None}  # fmt: skip
        return place | {
            "note": self.note,
            "differences": [
                {"field": d.field, "expected": d.expected, "got": d.got} for d in self.differences
            ],
        }


@dataclass(frozen=True)
class Played:
    """One variant. ``rows`` of it went as the file says; ``events`` were only named."""

    name: str
    rows: int
    events: tuple[str, ...]
    failure: Failure | None

    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "variant": self.name,
            "passed": self.failure is None,
            "rows": self.rows,
            "events": list(self.events),
            "failure": self.failure.json() if self.failure else None,
        }


@dataclass(frozen=True)
class Verdict:
    """One scenario: passed when all its variants are."""

    scenario: Scenario
    variants: tuple[Played, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every variant went as the file says."""
        return all(played.failure is None for played in self.variants)

    @property
    def rows(self) -> int:
        """Rows that went as the file says, in all variants."""
        return sum(played.rows for played in self.variants)

    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.scenario.id,
            "title": self.scenario.title,
            "file": self.scenario.file,
            "passed": self.passed,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "variants": [played.json() for played in self.variants],
        }


def summary(mode: str, seconds: float, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The whole run for programs."""
    return {
        "mode": mode,
        "seconds": round(seconds, 3),
        "passed": sum(verdict.passed for verdict in verdicts),
        "total": len(verdicts),
        "scenarios": [verdict.json() for verdict in verdicts],
    }
