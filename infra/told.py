"""Entries for people: one line of what came, and a line for each thing that followed from it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.text import Text

from infra.replayed import entries
from messages.base import format_time
from messages.entry import Entry

MARGIN = " " * 9
LONG = 200
"""Characters of one value; of a longer one the beginning is shown."""


def select(path: Path, first: int, last: int, order: str | None = None) -> Iterator[Entry]:
    """Entries ``first`` to ``last``; of ``order``: those in which this name occurs as a value.

    Raises:
        CannotRead: the journal cannot be read.
    """
    where, values = "number >= ? AND number <= ?", [first, last]
    if order is None:
        yield from entries(path, where, values)
        return
    word = json.dumps(order).encode()
    where += " AND (instr(events, ?) OR instr(sends, ?))"
    yield from entries(path, where, [*values, word, word])


def as_text(entry: Entry) -> Text:
    """Coloured lines; green is what happened, cyan what was sent, magenta what will wake it."""
    told = Text(f"{entry.number:>7}  ", style="bold")
    told.append(format_time(entry.at), style="dim")
    told.append(f"  {entry.kind}", style="bold yellow")
    told.append(f" from {entry.sender}")
    if entry.seq:
        told.append(f" number {entry.seq}")
    told.append(f", epoch {entry.epoch}", style="dim")
    if entry.trace:
        told.append(f", trace {entry.trace.split('-')[1]}", style="dim")
    for event in json.loads(entry.events):
        name = str(event.pop("Event"))
        told.append(f"\n{MARGIN}{name}", style="green")
        told.append(fields(event))
    for envelope in entry.envelopes():
        body = json.loads(envelope.body)
        body.pop("MsgType", None)
        told.append(f"\n{MARGIN}to {envelope.recipient} number {envelope.seq}: ", style="cyan")
        told.append(envelope.kind, style="bold cyan")
        told.append(fields(body))
    for key, due, kind, _ in json.loads(entry.timers):
        told.append(f"\n{MARGIN}timer {key}: {kind} at {format_time(due)}", style="magenta")
    return told


def fields(said: Mapping[str, object]) -> str:
    """`` OrderID growth-1, OrderQty 100``: each field with its value."""
    words = [f"{name} {_value(value)}" for name, value in said.items() if value not in ([], {})]
    return f" {', '.join(words)}" if words else ""


def _value(value: object) -> str:
    match value:
        case dict():
            return f"({fields(value).strip()})"
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case str():
            return value if len(value) <= LONG else f"{value[:LONG]}..."
        case _:
            return json.dumps(value)


def as_json_line(entry: Entry) -> str:
    """One line of JSON with everything that the entry holds."""
    sends = [
        {"To": e.recipient, "Seq": e.seq, "Kind": e.kind, "Body": json.loads(e.body)}
        for e in entry.envelopes()
    ]
    return json.dumps(
        {
            "Number": entry.number,
            "Epoch": entry.epoch,
            "At": format_time(entry.at),
            "Sender": entry.sender,
            "Seq": entry.seq,
            "Kind": entry.kind,
            "CausedAt": format_time(entry.caused_at),
            "Trace": entry.trace,
            "Events": json.loads(entry.events),
            "Sends": sends,
            "Timers": json.loads(entry.timers),
            "Chain": entry.chain.hex(),
        }
    )
