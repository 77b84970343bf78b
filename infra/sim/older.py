"""An incarnation of the version before: its events lack what newer ones say besides.

Half-way through an upgrade both write to one journal in turn, and each replays the other.
"""

from collections.abc import Iterator
from typing import Any

from actors.actor import Actor
from messages.base import Event, Instant

LATER = frozenset(("OrdStatus",))
"""Optional fields of events that came later, and can be had from what was there before."""


def older(actor: Actor[Any, Any, Any]) -> Actor[Any, Any, Any]:
    """The actor as it was before those fields."""
    right = actor.receive

    def receive(message: Any, now: Instant) -> Iterator[Any]:
        for effect in right(message, now):
            yield _without(effect) if isinstance(effect, Event) else effect

    setattr(actor, "receive", receive)  # noqa: B010  # a method, as far as types go
    return actor


def _without(event: Event) -> Event:
    fields = type(event).model_fields
    given = [
        n for n in LATER if getattr(event, n, None) is not None and not fields[n].is_required()
    ]
    return event.model_copy(update=dict.fromkeys(given)) if given else event
