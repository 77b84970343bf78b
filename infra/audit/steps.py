"""A trail as an auditor reads it: one step an event, with rule, version, person, message and cause.

Rule, version and persons are looked for by name in whatever the event says, so that a new event
needs no row here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from infra.audit.clock import Spells
from infra.telling import words
from messages.base import Instant
from messages.entry import EntryCopy

RULES = ("Rule",)
VERSIONS = ("RuleVersion", "RuleBookVersion", "RuleBook", "Version")
PERSONS = (
    "Desk", "Trader", "Operator", "ProposedBy", "ConfirmedBy", "ApprovedBy", "RefusedBy",
    "RequestedBy", "ReleasedBy", "Author", "Approver", "Person", "By",
)  # fmt: skip


class Step(NamedTuple):
    """One event. ``message`` caused it; ``cause`` is the entry that sent the message, if known.

    ``clock_bad``: the clock was further from UTC than it may be; None: nobody was watching it.
    """

    at: Instant
    actor: str
    entry: int
    epoch: int
    event: str
    told: str
    rule: str
    version: str
    persons: tuple[str, ...]
    message: str
    cause: str
    clock_bad: bool | None


def steps(entries: Sequence[EntryCopy], spells: Spells | None = None) -> Iterator[Step]:
    """Every event of every entry, in order; an entry without events is a step without one."""
    span_of = {entry.Trace[36:52]: entry for entry in entries if entry.Trace}
    for entry in entries:
        above = span_of.get(entry.Cause)
        cause = f"{above.Actor} {above.Number}" if above and above is not entry else ""
        for event in entry.Events or (None,):
            said = json.loads(event.model_dump_json(exclude_none=True)) if event else {}
            yield Step(
                at=entry.At,
                actor=entry.Actor,
                entry=entry.Number,
                epoch=entry.Epoch,
                event=event.Event if event else "",
                told=words(event) if event else f"{entry.Kind} heard, nothing changed",
                rule=", ".join(_found(said, RULES)),
                version=", ".join(_found(said, VERSIONS)),
                persons=tuple(_found(said, PERSONS)),
                message=f"{entry.Kind} from {entry.Sender}"
                + (f" {entry.Seq}" if entry.Seq else ""),
                cause=cause,
                clock_bad=spells.bad(entry.At) if spells else None,
            )


def _found(said: object, names: Sequence[str]) -> list[str]:
    """The values under these names, wherever they stand; each once."""
    return list(dict.fromkeys(_values(said, names)))


def _values(said: Any, names: Sequence[str]) -> Iterator[str]:
    if isinstance(said, Mapping):
        for name, value in said.items():
            if name in names and isinstance(value, str | int):
                yield str(value)
            else:
                yield from _values(value, names)
    elif isinstance(said, list):
        for value in said:
            yield from _values(value, names)
