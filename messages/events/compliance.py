"""What compliance finds."""

from typing import Literal

from messages import base, fix


class EntryAudited(base.Event):
    """An actor's entries from ``First`` to ``Number`` were heard, each in its place or with a
    violation; ``Counts`` adds to the running totals. ``Epoch``: that of the last one.
    """

    Event: Literal["EntryAudited"] = "EntryAudited"
    Actor: str
    First: int | None = None
    """None: ``Number`` alone."""
    Number: int
    Epoch: int
    Counts: dict[str, int]
    Moved: dict[str, fix.OrdStatus] | None = None
    """Orders that moved, and where to: what the next moves are checked against."""
    Unknown: tuple[str, ...] | None = None
    """Orders that moved in events of an older version, which do not say where to."""


class ViolationFound(base.Event):
    """An entry breaks a rule that no entry may break: an alarm."""

    Event: Literal["ViolationFound"] = "ViolationFound"
    Actor: str
    Number: int
    What: str
