"""Compliance: hears every entry of every actor, proves that it missed none, keeps the totals.

Each actor's entries come in their own dense numbers, so a gap is a violation and not a guess. The
running totals are part of the journaled state: what must balance is known over any restart. Copies
that came together are audited one by one and written down as one. Each move of an order is checked
against the table of its life once more. What surveillance must see of it goes to the shard of the
same number, through the outbox like anything else that an actor says.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, journaled
from actors.conservation import counts
from actors.surveillance.sight import Sighting, sightings
from actors.transitions import REMEMBERED, illegal, moves
from messages import events as ev
from messages.base import Instant
from messages.entry import EntryCopy
from messages.envelope import Address
from messages.fix import OrdStatus
from messages.surveillance import Sightings


@dataclass(slots=True)
class ComplianceState:
    """The last entry heard of each actor, its epoch, and the sums of ``counts``."""

    audited: dict[str, int] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    orders: dict[str, OrdStatus] = field(default_factory=dict)


class Compliance(Actor[tuple[EntryCopy, ...], ev.ComplianceEvent, ComplianceState]):
    """One shard of the audit, addressed ``compliance/<shard>``; each run is of one actor."""

    RUNS = True
    INBOX = TypeAdapter(tuple[EntryCopy, ...])
    EVENTS = journaled(ev.ComplianceEvent)
    STATE = TypeAdapter(ComplianceState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, ComplianceState())

    def receive(
        self, message: tuple[EntryCopy, ...], now: Instant
    ) -> Iterator[ev.ComplianceEvent | Send | Timer]:
        first, last = message[0], message[-1]
        due = self.state.audited.get(first.Actor, 0) + 1
        epoch = self.state.epochs.get(first.Actor, 0)
        total: Counter[str] = Counter()
        moved: dict[str, OrdStatus | None] = {}
        seen: list[Sighting] = []
        for copy in message:
            if copy.Number != due:
                yield _violation(copy, f"entry {copy.Number} came where {due} was due")
            if copy.Epoch < epoch:
                yield _violation(copy, f"epoch fell to {copy.Epoch}")
            due, epoch = copy.Number + 1, copy.Epoch
            total.update(counts(copy))
            for move in moves(copy):
                before = moved.get(name := move.order_id, self.state.orders.get(name))
                if what := illegal(move, before):
                    yield _violation(copy, what)
                moved[name] = move.now
            seen.extend(sightings(copy))
        yield ev.EntryAudited(
            Actor=last.Actor,
            First=first.Number,
            Number=last.Number,
            Epoch=last.Epoch,
            Counts=dict(total),
            Moved={name: now for name, now in moved.items() if now} or None,
            Unknown=tuple(name for name, now in moved.items() if now is None) or None,
        )
        if seen:  # one message a run, in the same commit as the audit itself
            told = Sightings.model_construct(None, MsgType="Sightings", Rows=tuple(seen))
            yield Send(f"surveillance/{self.name}", told)

    def apply(self, event: ev.ComplianceEvent) -> None:
        match event:
            case ev.EntryAudited():
                self.state.audited[event.Actor] = event.Number
                self.state.epochs[event.Actor] = event.Epoch
                totals = self.state.totals
                for name, count in event.Counts.items():
                    totals[name] = totals.get(name, 0) + count
                for order_id in event.Unknown or ():
                    self.state.orders.pop(order_id, None)
                self._remember(event.Moved or {})
            case ev.ViolationFound():
                self.state.violations.append(f"{event.Actor} {event.Number}: {event.What}")
            case _:
                assert_never(event)

    def _remember(self, moved: Mapping[str, OrdStatus]) -> None:
        """Those that moved last are at the end; the oldest are let go."""
        orders = self.state.orders
        for order_id, status in moved.items():
            orders.pop(order_id, None)
            orders[order_id] = status
        for order_id in list(islice(orders, max(0, len(orders) - REMEMBERED))):
            del orders[order_id]


def _violation(copy: EntryCopy, what: str) -> ev.ViolationFound:
    return ev.ViolationFound(Actor=copy.Actor, Number=copy.Number, What=what)
