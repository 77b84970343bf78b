"""A regime: which record each event becomes, or why none, and how every field is checked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from infra.exports.facts import Fact
from infra.exports.fields import Fault, Field, check
from infra.exports.parties import Reporting
from messages.base import SECOND, Event, Instant

Record = dict[str, Any]


class Nothing(NamedTuple):
    """No record, for this reason."""

    why: str


Made = Record | list[Record] | Nothing
Make = Callable[[Fact, Reporting], Made]


class Row(NamedTuple):
    """What one kind of event becomes: one of ``types``, made by ``make``."""

    types: tuple[str, ...]
    make: Make


class Regime(NamedTuple):
    """One regime. ``zone``: whose days are its days; ``kind`` names the field with the type."""

    title: str
    zone: str
    rows: Mapping[type[Event], Row]
    fields: Callable[[str], Sequence[Field]]
    kind: str


class Rejected(NamedTuple):
    """A record that its field check does not let through."""

    record: Record
    fact: str
    faults: tuple[Fault, ...]


@dataclass
class Export:
    """What came of one day. ``silent``: events without a record, by reason."""

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    silent: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def export(regime: Regime, facts: Iterable[Fact], reporting: Reporting, day: date) -> Export:
    """The records of that day of the regime, by time, each checked field by field."""
    first, last = bounds(day, regime.zone)
    found = Export()
    made: list[tuple[Instant, str, Record]] = []
    for fact in facts:
        row = regime.rows.get(type(fact.event))
        if row is None or not first <= fact.at < last:
            continue
        result = row.make(fact, reporting)
        if isinstance(result, Nothing):
            found.silent[result.why] = found.silent.get(result.why, 0) + 1
            continue
        for record in result if isinstance(result, list) else [result]:
            made.append((fact.at, fact.id, record))
    for _, name, record in sorted(made, key=lambda one: one[0]):
        kind = str(record[regime.kind])
        if faults := tuple(check(record, regime.fields(kind))):
            found.rejected.append(Rejected(record, name, faults))
        else:
            found.records.append(record)
            found.counts[kind] = found.counts.get(kind, 0) + 1
    return found


def bounds(day: date, zone: str) -> tuple[Instant, Instant]:
    """The first instant of that day there, and of the next."""
    return _midnight(day, zone), _midnight(date.fromordinal(day.toordinal() + 1), zone)


def _midnight(day: date, zone: str) -> Instant:
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int(begin.timestamp()) * SECOND


def local(at: Instant, zone: str) -> datetime:
    """The second of that instant, there; its nanoseconds are ``at % SECOND``."""
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone))


def silent(why: str) -> Row:
    """A row for what no record is made of."""
    return Row((), lambda fact, reporting: Nothing(why))
