"""A file of real exchange messages as work for the system.

    source = replay.open_source(path)                   # which format it is, by its first line
    definition = source.instrument("AMZN", venues=["PAPER"])
    plan = Plan(source.events(), symbol="AMZN", accounts={"alpha": "desk-a", "beta": "desk-b"})
    for at_ns, desk, request in plan: ...
    plan.skipped                                        # Counter of reasons; nothing is dropped

To add a format: a module with ``events`` and ``recognises``, and its row in FORMATS.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra.replay import bitstamp, lobster
from infra.replay.definitions import account_definitions, instrument
from infra.replay.market import Kind, MarketEvent, UnreadableRow, rows
from infra.replay.plan import Plan, Planned
from messages import fix, reference

__all__ = [
    "FORMATS",
    "Format",
    "Kind",
    "MarketEvent",
    "Plan",
    "Planned",
    "Source",
    "UnreadableRow",
    "account_definitions",
    "instrument",
    "open_source",
]


class Format(NamedTuple):
    """How to read one kind of file, and what it holds the orders of."""

    name: str
    events: Callable[[Iterable[str]], Iterator[MarketEvent]]
    recognises: Callable[[str], bool]
    security_type: fix.SecurityType


FORMATS = (
    Format("lobster", lobster.events, lobster.recognises, fix.SecurityType.CommonStock),
    Format("bitstamp", bitstamp.events, bitstamp.recognises, fix.SecurityType.ForeignExchange),
)


class Source(NamedTuple):
    """A file and its format; it can be read as often as one likes."""

    path: Path
    format: Format

    def events(self) -> Iterator[MarketEvent]:
        """The file's events, read as they are asked for. UnreadableRow names the file too."""
        with rows(self.path) as lines:
            try:
                yield from self.format.events(lines)
            except UnreadableRow as error:
                raise UnreadableRow(f"{self.path}: {error}") from error

    def instrument(self, symbol: str, *, venues: Sequence[str]) -> reference.InstrumentDefinition:
        """The definition that fits the file (reads all of it)."""
        return instrument(
            self.events(), symbol, venues=venues, security_type=self.format.security_type
        )


def open_source(path: Path) -> Source:
    """The file with the format that its first line shows; ValueError where none does."""
    with rows(path) as lines:
        first = lines.readline()
    for form in FORMATS:
        if form.recognises(first):
            return Source(path, form)
    raise ValueError(
        f"{path} begins with {first[:80]!r}, which is none of "
        f"{', '.join(form.name for form in FORMATS)}; see infra/replay to add a format"
    )
