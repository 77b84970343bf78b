"""Compliance: hears every entry of every actor, proves that it missed none, keeps the totals.

Each actor's entries come in their own dense numbers, so a gap is a violation and not a guess. The
running totals are part of the journaled state: what must balance is known over any restart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, journaled
from actors.conservation import counts
from messages import events as ev
from messages.base import Instant
from messages.entry import EntryCopy
from messages.envelope import Address


@dataclass(slots=True)
class ComplianceState:
    """The last entry heard of each actor, its epoch, and the sums of ``counts``."""

    audited: dict[str, int] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


class Compliance(Actor[EntryCopy, ev.ComplianceEvent, ComplianceState]):
    """One shard of the audit, addressed ``compliance/<shard>``."""

    INBOX = TypeAdapter(EntryCopy)
    EVENTS = journaled(ev.ComplianceEvent)
    STATE = TypeAdapter(ComplianceState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, ComplianceState())

    def receive(
        self, message: EntryCopy, now: Instant
    ) -> Iterator[ev.ComplianceEvent | Send | Timer]:
        expected = self.state.audited.get(message.Actor, 0) + 1
        if message.Number != expected:
            yield self._violation(message, f"entry {message.Number} came where {expected} was due")
        if message.Epoch < self.state.epochs.get(message.Actor, 0):
            yield self._violation(message, f"epoch fell to {message.Epoch}")
        yield ev.EntryAudited(
            Actor=message.Actor,
            Number=message.Number,
            Epoch=message.Epoch,
            Counts=counts(message),
        )

    def _violation(self, message: EntryCopy, what: str) -> ev.ViolationFound:
        return ev.ViolationFound(Actor=message.Actor, Number=message.Number, What=what)

    def apply(self, event: ev.ComplianceEvent) -> None:
        match event:
            case ev.EntryAudited():
                self.state.audited[event.Actor] = event.Number
                self.state.epochs[event.Actor] = event.Epoch
                totals = self.state.totals
                for name, count in event.Counts.items():
                    totals[name] = totals.get(name, 0) + count
            case ev.ViolationFound():
                self.state.violations.append(f"{event.Actor} {event.Number}: {event.What}")
            case _:
                assert_never(event)
